"""Whether the database still has everything that keeps rows right, and is whole itself: asked by `verify`."""

from collections.abc import Iterator

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils.module_loading import import_string

from lib import guards, wall_install
from lib.soundness import Checks, Scope
from lib.structure.standing import standing
from lib.structure.tables import Shape, models, wanted

CHECKS = Checks()


def _pairs(scope: Scope) -> Iterator[tuple[str, Shape, Shape]]:
    """Yield (table, what it has to be, what it is) of every table that is there."""
    there = shapes(scope)
    for model in models():
        if model._meta.db_table in there:
            yield model._meta.db_table, wanted(model, connection), there[model._meta.db_table]


@CHECKS.add("base.storage", "データベースのファイルと索引が壊れていない", "storage", whole=True)
def storage(scope: Scope) -> Iterator[str]:
    """Ask the engine itself: SQLite reads every page; PostgreSQL its checksums, and the trees where amcheck is there."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA integrity_check(100)")
            yield from (f"データベースの検査の答え：{said}" for (said,) in cursor.fetchall() if said != "ok")
            return
        cursor.execute("SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()")
        if failures := cursor.fetchone()[0]:
            yield f"データベースのページの検査数字が、{failures}回合いませんでした。"
        cursor.execute("SELECT count(*) FROM pg_extension WHERE extname = 'amcheck'")
        if cursor.fetchone()[0]:
            cursor.execute(_TREES)
            yield from (
                f"{name}: 索引が壊れています。" for name in _broken([row[0] for row in cursor.fetchall()])
            )


_TREES = (
    "SELECT c.oid::regclass::text FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_am a ON a.oid = c.relam "
    "WHERE a.amname = 'btree' AND x.indisvalid AND c.relnamespace = current_schema()::regnamespace ORDER BY 1"
)


def _broken(names: list[str]) -> Iterator[str]:
    from django.db import DatabaseError, transaction

    for name in names:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT bt_index_check(%s::regclass, true)", [name])
        except DatabaseError:
            yield name


@CHECKS.add(
    "base.migrations", "移行（migrate）が残らず当ててあり、知らないものがない", "structure", whole=True
)
def migrations(scope: Scope) -> Iterator[str]:
    """Compare the migrations of this release with those that the database says it had."""
    loader = MigrationLoader(connection)
    there = set(loader.applied_migrations)
    for app, name in sorted(loader.graph.nodes.keys() - there):
        yield f"移行 {app}.{name} が当たっていません。"
    known = loader.graph.nodes.keys() | loader.disk_migrations.keys()
    for app, name in sorted(there - known):
        if app in loader.migrated_apps:
            yield f"移行 {app}.{name} は、このプログラムにありません。"


@CHECKS.add("base.columns", "表と列がそろい、空にできない列は空にできない", "structure", whole=True)
def columns(scope: Scope) -> Iterator[str]:
    """Compare tables and columns with the models."""
    there = shapes(scope)
    for model in models():
        table = model._meta.db_table
        if table not in there:
            yield f"{table}: 表がありません。"
            continue
        for name, null in wanted(model, connection).columns.items():
            if name not in there[table].columns:
                yield f"{table}: 列 {name} がありません。"
            elif there[table].columns[name] and not null:
                yield f"{table}: 列 {name} を空にできるようになっています。"


@CHECKS.add("base.conditions", "行の値の条件（CHECK）がそろっている", "structure", whole=True)
def conditions_stand(scope: Scope) -> Iterator[str]:
    """Compare the conditions with the models', word by word."""
    for table, want, there in _pairs(scope):
        for words in sorted(want.checks - there.checks):
            yield f"{table}: 条件「{words}」がないか、働いていないか、変えられています。"


@CHECKS.add("base.uniques", "同じ値を2行に書かせない索引がそろっている", "structure", whole=True)
def uniques_stand(scope: Scope) -> Iterator[str]:
    """Compare what may be there once with the models'."""
    for table, want, there in _pairs(scope):
        for one in sorted(want.uniques - there.uniques, key=lambda each: each.columns):
            where = f"（{one.condition} のとき）" if one.condition else ""
            yield f"{table}: {'・'.join(one.columns)} の重なりを止める索引がないか、変えられています{where}。"


@CHECKS.add("base.references", "外部キーがそろっている", "structure", whole=True)
def references_stand(scope: Scope) -> Iterator[str]:
    """Compare foreign keys with the models'."""
    for table, want, there in _pairs(scope):
        for one in sorted(want.references - there.references, key=lambda each: each.column):
            yield f"{table}: {one.column} から {one.table} への外部キーがないか、働いていません。"


@CHECKS.add("base.indexes", "索引がそろい、使える", "structure", whole=True)
def indexes_stand(scope: Scope) -> Iterator[str]:
    """Compare named indexes with the models', and name every one that PostgreSQL gave up building."""
    for table, want, there in _pairs(scope):
        for name in sorted(want.indexes - there.indexes):
            yield f"{table}: 索引 {name} がないか、使えません。"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT c.relname FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid WHERE c.relnamespace = "
                "current_schema()::regnamespace AND NOT (x.indisvalid AND x.indisready) ORDER BY 1"
            )
            yield from (f"索引 {name} は作りかけで、使えません。" for (name,) in cursor.fetchall())


@CHECKS.add("base.guards", "履歴の書き換えを止めるしかけ（トリガー）がそろっている", "structure", whole=True)
def guards_stand(scope: Scope) -> Iterator[str]:
    """Ask for every trigger: there, switched on, on its table, with our words."""
    ours = every_guard()
    gone = guards.missing(connection, ours)
    for name in gone:
        yield f"書き換えを止めるしかけ {name} がないか、切られています。"
    for name in guards.altered(connection, ours):
        if name not in gone:
            yield f"書き換えを止めるしかけ {name} が変えられています。"


@CHECKS.add("base.triggers", "知らないトリガーと規則がない", "structure", whole=True)
def no_other_triggers(scope: Scope) -> Iterator[str]:
    """Name what would change or swallow a write, and is not ours."""
    for name in guards.unknown(connection, every_guard()):
        yield f"知らないトリガー {name} があります。"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tablename, rulename FROM pg_rules WHERE schemaname = current_schema() ORDER BY 1, 2"
            )
            yield from (f"{table}: 知らない規則 {name} があります。" for table, name in cursor.fetchall())


@CHECKS.add("base.wall", "団体どうしを分けるしかけ（行の分離）がそろっている", "structure", whole=True)
def wall_stands(scope: Scope) -> Iterator[str]:
    """Ask for the second wall (docs/adr/0052); SQLite has none."""
    yield from wall_install.faults(connection)


@CHECKS.add("base.sequences", "番号を配るしかけが、いちばん大きい番号より先にある", "structure", whole=True)
def sequences(scope: Scope) -> Iterator[str]:
    """A sequence behind the ids gives out one that is taken: every new row is refused."""
    with connection.cursor() as cursor:
        for model in models():
            key, table = model._meta.pk, model._meta.db_table
            if key is None or not hasattr(key, "db_returning") or not key.db_returning:
                continue
            if connection.vendor == "sqlite":
                cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
                given = (cursor.fetchone() or (0,))[0]
            else:
                cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{table}"', key.column])
                (name,) = cursor.fetchone()
                if name is None:
                    yield f"{table}: 番号を配るしかけがありません。"
                    continue
                last = "CASE WHEN is_called THEN last_value ELSE last_value - 1 END"
                cursor.execute(f"SELECT {last} FROM {name}")  # our own names # noqa: S608 # nosec B608
                (given,) = cursor.fetchone()
            cursor.execute(f'SELECT COALESCE(MAX("{key.column}"), 0) FROM "{table}"')  # our own names # noqa: S608 # nosec B608
            (largest,) = cursor.fetchone()
            if largest > given:
                yield f"{table}: 次に配る番号（{given + 1}）は、もう使われています。"


def shapes(scope: Scope) -> dict[str, Shape]:
    """Return the shape of every table, read once for all the checks of a run."""
    return scope.once("shapes", lambda: standing(connection))


def every_guard() -> list[guards.Guard]:
    """Return the guards of every app (settings.GUARDS)."""
    return [guard for name in settings.GUARDS for guard in import_string(name)]
