"""The database backend: Django's own, whose cursors say for whom they ask.

`SET LOCAL` stands in the same message as the statement. Outside a transaction PostgreSQL takes a message of several
statements as one transaction, so that the setting ends with the statement; inside one it ends with the
transaction. It never outlives either, and a pooler that hands connections on between transactions does no harm.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2.extensions  # type: ignore[import-untyped]
from django.db.backends.postgresql import base, operations

from lib import tenant
from lib.postgres import APP_ROLE, SETTING

# Refused in a failed transaction, and read no row: said as they are.
_CONTROL = re.compile(r"\s*(?:SAVEPOINT|RELEASE|ROLLBACK)\b", re.IGNORECASE)


class _Cursor(psycopg2.extensions.cursor):
    """Puts before each statement for whom it is."""

    wrapper: "DatabaseWrapper"
    prefix = ""

    def execute(self, query: Any, vars: Any = None) -> None:
        """Execute one statement; the description, the count and the rows are the statement's own."""
        text = _text(query, self)
        self.prefix = "" if _CONTROL.match(text) else self.wrapper.narrowing() + self.wrapper.planning()
        super().execute(self.prefix + text, vars)

    def executemany(self, query: Any, vars_list: Any) -> None:
        """Execute a statement for each set of values, one message each; the count is the last one's."""
        for each in vars_list:
            self.execute(query, each)

    def copy_expert(self, sql: Any, file: Any, size: int = 8192) -> None:
        """Copy for whom it is. COPY takes no other statement beside it, so that inside a transaction this is said before it.

        Outside of one it would be forgotten at once: there the operator alone copies.
        """
        said = self.wrapper.narrowing()
        if said and self.wrapper.autocommit:
            raise psycopg2.NotSupportedError("not for a municipality outside a transaction: use atomic")
        if said:
            super().execute(said)
        super().copy_expert(sql, file, size)

    def callproc(self, procname: Any, parameters: Any = None) -> Any:
        """Call for the operator alone; everybody else selects from the function."""
        if self.wrapper.narrowing():
            raise psycopg2.NotSupportedError("not for a municipality: use execute")
        return super().callproc(procname, parameters)


class _NamedCursor(psycopg2.extensions.cursor):
    """A cursor on the server, declared by an ordinary one in the message that says for whom it is."""

    wrapper: "DatabaseWrapper"

    def execute(self, query: Any, vars: Any = None) -> None:
        """Declare the cursor; the driver fetches from one of that name, whoever declared it."""
        if not self.wrapper.narrowing():
            super().execute(query, vars)
            return
        hold = "WITH HOLD" if self.withhold else "WITHOUT HOLD"
        with self.wrapper.ordinary_cursor() as ordinary:
            ordinary.execute(
                f'DECLARE "{self.name}" NO SCROLL CURSOR {hold} FOR {_text(query, ordinary)}', vars
            )


class DatabaseOperations(operations.DatabaseOperations):
    """Shows a statement without what was put before it."""

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> Any:
        """Return the statement as it was sent, for whoever counts and reads queries."""
        said = super().last_executed_query(cursor, sql, params)
        return str(sql) if said is None else said.removeprefix(getattr(cursor, "prefix", ""))


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that works for whoever `lib.tenant` names."""

    ops_class = DatabaseOperations
    # Whether the running transaction may still be somebody's.
    _narrowed = False
    # Whether the next statement joins its tables in the order in which it names them (`as_written`).
    _in_order = False
    # A superuser passes every policy, so that it has to become somebody else for a municipality.
    _by_role = False

    def get_connection_params(self) -> dict[str, Any]:
        """Return what Django would connect with, how statements are planned, and for the web how long one may take."""
        params = super().get_connection_params()
        wanted = dict(self.settings_dict.get("PLANNER") or {})
        if tenant.serves_the_web():
            wanted |= self.settings_dict.get("WEB_LIMITS") or {}
        if wanted:
            # Settings of the session from its first moment on, without a statement of their own.
            said = [f"-c {name}={value}" for name, value in wanted.items()]
            params["options"] = " ".join([*filter(None, [params.get("options")]), *said])
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect, and keep whether this role would pass the wall."""
        connection = super().get_new_connection(conn_params)
        self._by_role = connection.info.parameter_status("is_superuser") == "on"
        self._narrowed = False
        return connection

    def narrowing(self) -> str:
        """Return what stands before a statement: "" for the operator, who was nobody else in this transaction."""
        whose = tenant.current()
        if whose is tenant.OPERATOR:
            if self.autocommit or not self._narrowed:
                return ""
            return f"{'SET LOCAL ROLE NONE; ' if self._by_role else ''}SET LOCAL {SETTING} = ''; "
        self._narrowed = self._narrowed or not self.autocommit
        role = f"SET LOCAL ROLE {APP_ROLE}; " if self._by_role else ""
        return f"{role}SET LOCAL {SETTING} = '{whose:d}'; "

    @contextmanager
    def as_written(self) -> Iterator[None]:
        """Let the planner join tables in the order in which statements name them.

        For one row with all that belongs to it: there is one good order, and trying the others of twelve tables takes
        six times as long as the answer. In a transaction nothing changes: the setting would outlive the statement.
        """
        before, self._in_order = self._in_order, True
        try:
            yield
        finally:
            self._in_order = before

    def planning(self) -> str:
        """Return what stands before a statement whose tables are joined as it names them, else ""."""
        return "SET LOCAL join_collapse_limit = 1; " if self._in_order and self.autocommit else ""

    def ordinary_cursor(self) -> Any:
        """Return a cursor of the driver that says for whom it asks."""
        cursor = self.connection.cursor(cursor_factory=_Cursor)
        cursor.wrapper = self
        return cursor

    def create_cursor(self, name: str | None = None) -> Any:
        """Return a cursor as Django's own backend does, of our kinds."""
        if name:
            cursor = self.connection.cursor(
                name, cursor_factory=_NamedCursor, scrollable=False, withhold=self.connection.autocommit
            )
            cursor.wrapper = self
        else:
            cursor = self.ordinary_cursor()
        cursor.tzinfo_factory = self.tzinfo_factory if self._uses_time_zones() else None
        return cursor

    def _uses_time_zones(self) -> bool:
        from django.conf import settings

        return settings.USE_TZ

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)  # type: ignore[misc]  # the stubs leave it out
        if autocommit:
            self._narrowed = False


def _text(query: Any, cursor: Any) -> str:
    if isinstance(query, str):
        return query
    return query.decode() if isinstance(query, bytes) else query.as_string(cursor)
