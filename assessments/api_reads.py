"""What another system reads by its token: a page of rows at a time (docs/adr/0038). Takes no request.

A token acts for the municipality as 人事 does (P20), within its kinds, its department and its time. Every page is one
audit event under the token's own uuid.
"""

import datetime
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils.crypto import salted_hmac

from access.actor import Actor, Role
from access.refusals import Conflict, Forbidden, Invalid, NotVisible, Refusal
from assessments.export_kind import ExportKind, Table, Wish, export_kinds
from assessments.models import Cycle
from assessments.workflow.tokens import hash_of
from audit.models import Event, record
from lib.paths import is_within
from lib.replica import from_replica
from lib.text import has_controls
from organization.models import ApiToken, Department

READ = "export.api"
# Pages a token may read in a minute: a city of 2,000 needs 34 for everything, a loop gone wild does not stop by itself.
PAGES_A_MINUTE = 120
MINUTE = datetime.timedelta(minutes=1)
_SALT = "assessments.api.cursor"


class TooMany(Refusal):
    """The token reads faster than it may."""

    status = 429
    default = "1分間に読める回数を超えました。1分待ってから、続きを読んでください。"


@dataclass(frozen=True)
class Asked:
    """What a request asks for. None is the newest year, "" everything."""

    kind: str
    year: int | None = None
    department: str = ""
    state: str = ""
    cursor: str = ""
    limit: int = 1000


@dataclass(frozen=True)
class Page:
    """One page of rows, and the cursor of the next one ("" at the end)."""

    kind: ExportKind
    wish: Wish
    table: Table
    count: int
    rows: list[list[Any]]
    next: str


def usable_token(secret: str, now: datetime.datetime) -> ApiToken | None:
    """Return the token with this text, with its department and municipality, or None. One query."""
    found = ApiToken.objects.usable(now).select_related("department", "municipality")
    return found.filter(token_hash=hash_of(secret)).first()


def actor_of(token: ApiToken, today: datetime.date, *, request_id: str, address: str) -> Actor:
    """Return whom a token acts as: 人事 of its municipality, nobody's own record, under its own uuid."""
    return Actor(
        staff_id=0,
        staff_uuid=token.uuid,
        municipality_id=token.municipality_id,
        today=today,
        roles=frozenset({Role.HR}),
        name=token.name,
        municipality_name=token.municipality.name,
        request_id=request_id,
        address=address,
    )


def readable_kinds(token: ApiToken, actor: Actor) -> dict[str, ExportKind]:
    """Return the kinds that a token may read."""
    return {
        name: kind for name, kind in export_kinds().items() if name in token.scopes and kind.allowed(actor)
    }


def readable_years(actor: Actor) -> list[int]:
    """Return the years that hold something, newest first. One query."""
    years = Cycle.objects.visible_to(actor).exclude(state=Cycle.State.PREPARED)
    return list(years.order_by("-fiscal_year").values_list("fiscal_year", flat=True))


def read_page(*, token: ApiToken, actor: Actor, asked: Asked, now: datetime.datetime) -> Page:
    """Return a page of rows and write its event.

    Raises NotVisible for a kind, a year or a department that is not there or not the token's to see, Forbidden for a
    kind that it may not read, Invalid for a state or a cursor that was not ours to give, Conflict where the rows moved
    since the page before, TooMany for more than PAGES_A_MINUTE.
    """
    if asked.kind not in export_kinds():
        raise NotVisible("この名前の内容はありません。")
    kind = readable_kinds(token, actor).get(asked.kind)
    if kind is None:
        raise Forbidden("このトークンでは、この内容を読めません。人事の担当に相談してください。")
    _keep_pace(token, now)
    wish = _wish(token, actor, kind, asked)
    table = kind.table(actor, wish)
    query = [str(token.uuid), asked.kind, wish.cycle.fiscal_year, asked.department, asked.state]
    start, last = _place(asked.cursor, query)
    given, more, count = _rows_of(table, start, last, asked.limit)
    cursor = signing.dumps([start + len(given), _prints(given[-1])[0], query], salt=_SALT) if more else ""
    with transaction.atomic():
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        _record(token, actor, asked, wish, start=start, rows=len(given), now=now)
    return Page(kind, wish, table, count, given, cursor)


@from_replica
def _rows_of(table: Table, start: int, last: str, limit: int) -> tuple[list[list[Any]], bool, int]:
    """Return the rows of one page, whether others follow, and how many there are in all."""
    rows = table.rows()
    if start and last not in _prints(next(islice(rows, start - 1, None), None)):
        raise Conflict("読んでいる間に内容が変わりました。初めから読み直してください。")
    given = list(islice(rows, limit))
    more = len(given) == limit and next(rows, None) is not None
    return given, more, table.count()


def _wish(token: ApiToken, actor: Actor, kind: ExportKind, asked: Asked) -> Wish:
    years = Cycle.objects.visible_to(actor).exclude(state=Cycle.State.PREPARED)
    if asked.year is not None:
        years = years.filter(fiscal_year=asked.year)
    cycle = (
        years.select_related("municipality", "framework_version__framework").order_by("-fiscal_year").first()
    )
    if cycle is None:
        raise NotVisible("この年度はありません。")
    if asked.state and asked.state not in dict(kind.states):
        raise Invalid("stateは、この内容にある状態から選んでください。")
    return Wish(cycle, _department(token, actor, asked.department), asked.state)


def _department(token: ApiToken, actor: Actor, code: str) -> Department | None:
    """Return the department asked for, else the token's own: nothing outside that one is there."""
    if not code:
        return token.department
    # PostgreSQL takes no NUL, and no code has one.
    found = None if has_controls(code) else Department.objects.of(actor).filter(code=code).first()
    inside = found and (token.department is None or is_within(found.path, token.department.path))
    if not inside:
        raise NotVisible("この所属コードの所属は、ないか、このトークンでは読めません。")
    return found


def _keep_pace(token: ApiToken, now: datetime.datetime) -> None:
    """Raise TooMany where the trail holds enough pages of the last minute. One query on its index of days."""
    recent = Event.objects.filter(
        municipality_id=token.municipality_id, at__gt=now - MINUTE, action=READ, actor_uuid=token.uuid
    )
    if recent.count() >= PAGES_A_MINUTE:
        raise TooMany


def _place(cursor: str, query: list[Any]) -> tuple[int, str]:
    """Return how many rows were read, and the print of the last one."""
    if not cursor:
        return 0, ""
    try:
        start, last, asked = signing.loads(cursor, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise Invalid("cursorが読めません。前の答えのnextを、そのまま送ってください。") from None
    if asked != query:
        raise Invalid("cursorは、年度・所属・状態を変えずに使ってください。")
    return start, last


def _prints(row: list[Any] | None) -> list[str]:
    """Return what tells a row from another and says nothing about it: a cursor stands in addresses.

    By today's SECRET_KEY first, then by the former ones: reading goes on while the key is changed.
    """
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [salted_hmac(_SALT, repr(row), secret=secret).hexdigest()[:16] for secret in secrets]


def _record(token: ApiToken, actor: Actor, asked: Asked, wish: Wish, *, start: int, rows: int, now) -> None:
    # The role says for 「自分の情報を見た人」 that everybody was in sight.
    record(
        by=actor, action=READ, now=now, target=wish.cycle,
        data={
            "token": str(token.uuid), "kind": asked.kind, "fiscal_year": wish.cycle.fiscal_year,
            "department": wish.department.code if wish.department else "", "state": wish.state, "start": start,
            "rows": rows, "role": Role.HR.value,
        },
    )  # fmt: skip
