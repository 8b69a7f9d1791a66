"""`generate` from its arguments to the committed rows: one transaction, so that a half-generated database does not exist."""

import datetime
import random
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from audit.models import Event, record
from competency.models import Cell, FrameworkVersion
from config.generating.calendar import years_until
from config.generating.levels import Patterns
from config.generating.loading import Loader, loading, untied
from config.generating.municipalities import LEAST_PEOPLE, MOST, Place, places
from config.generating.rows import COLUMNS, Rows
from config.generating.sheets import Ids
from config.generating.town import Town, World
from lib.wall_install import sees_everything
from organization.models import Municipality, Staff

# Rows in one batch: some 20 MB of text. Two are in memory at a time.
_BATCH = 200_000
# Seconds between two lines about how far it came.
_SPEAK = 5.0
_MOST_YEARS = 20

Say = Callable[[str], None]


class Refused(Exception):
    """Why nothing was generated, in a sentence for the operator."""


@dataclass(frozen=True)
class Generated:
    """What was written: rows by table, and the seconds it took; `loading` of them without what follows the rows."""

    rows: dict[str, int]
    seconds: float
    loading: float

    @property
    def total(self) -> int:
        """Return the number of rows."""
        return sum(self.rows.values())


def generate(
    *,
    municipalities: int,
    staff: int,
    years: int,
    seed: int,
    today: datetime.date | None = None,
    password: str = "",
    say: Say | None = None,
    loader: Callable[[], Loader] | None = None,
) -> Generated:
    """Fill an empty database with `staff` people over `municipalities`, and `years` 年度 of which the last one is open.

    `today` (the day itself by default) says which 年度 is the last. `password` is a hash that everybody gets, "" for none that
    can be used. `say` hears how far it came. `loader` replaces the way in which rows get in, for tests. The same arguments
    write the same rows, their keys and the event in the trail apart; nothing is written where it fails. Raises Refused.
    """
    began = time.monotonic()
    today = today or timezone.localdate()
    _check(municipalities, staff, years)
    with untied(connection), transaction.atomic():
        version = _version_to_use()
        chance = random.Random(f"{seed}")  # invented, nobody's secret # noqa: S311 # nosec B311
        # In this order: what is left of chance depends on what was taken before.
        where = places(municipalities, staff, chance)
        cells = list(
            Cell.objects.filter(version=version, in_use=True).order_by("rank").values_list("pk", flat=True)
        )
        ids = Ids(_following())
        world = World(
            seed,
            years_until(today, years, chance),
            version.pk,
            cells,
            Patterns(chance, cells, years),
            ids,
            password,
        )
        counts = dict.fromkeys(COLUMNS, 0)
        with nullcontext(loader()) if loader else loading(connection) as way:
            for batch in _batches(world, where, say or _silent):
                for table, text in batch.items():
                    counts[table] += text.count("\n")
                way.load(batch)
            way.finish()
            loaded = time.monotonic() - began
            (say or _silent)("行を書き終えました。索引、外部キー、書き換えを止めるしかけを元に戻しています。")
        _move_on(ids)
        record(
            by=None, action="system.generate", now=timezone.now(), kind=Event.Kind.TECHNICAL,
            data={"municipalities": municipalities, "staff": staff, "years": years, "seed": seed},
        )  # fmt: skip
        if connection.vendor == "sqlite":
            connection.check_constraints()
    return Generated(counts, time.monotonic() - began, loaded)


def _silent(sentence: str) -> None:
    """Hear nothing."""


def _check(municipalities: int, staff: int, years: int) -> None:
    if not 1 <= municipalities <= MOST:
        raise Refused(f"団体の数は、1から{MOST}までで指定してください。")
    if staff < LEAST_PEOPLE * municipalities:
        raise Refused(
            f"職員の数は全団体の合計です。1団体に{LEAST_PEOPLE}人以上、{LEAST_PEOPLE * municipalities}人以上を指定してください。"
        )
    if not 1 <= years <= _MOST_YEARS:
        raise Refused(f"年度の数は、1から{_MOST_YEARS}までで指定してください。")
    if not sees_everything(connection):
        raise Refused("データベースの所有者の役割で実行してください。")


def _version_to_use() -> FrameworkVersion:
    """Return the published common LASDEC; Refused without one, and where anything but what comes with the product is there."""
    if Municipality.objects.exists() or Staff.objects.exists():
        raise Refused(
            "このデータベースには、すでに団体か職員があります。generate は、製品に付いているものだけが入った"
            "空のデータベースにだけ書き込めます。"
        )
    version = FrameworkVersion.objects.published().filter(
        framework__code="lasdec", framework__municipality__isnull=True
    ).order_by("-published_at").first()  # fmt: skip
    if version is None:
        raise Refused("先に load_framework competency/data/lasdec-2012.yaml を実行してください。")
    return version


def _batches(world: World, where: list[Place], say: Say) -> Iterator[dict[str, str]]:
    rows = Rows()
    people, spoken = 0, time.monotonic()
    whole = sum(place.people for place in where)
    for number, place in enumerate(where, 1):
        for written in Town(world, place).write(rows):
            if rows.count >= _BATCH:
                yield rows.take()
            if time.monotonic() - spoken >= _SPEAK:
                spoken = time.monotonic()
                say(f"{number}/{len(where)}団体、{people + written:,}/{whole:,}人")
        people += place.people
    yield rows.take()


def _following() -> dict[str, int]:
    """Return the key that comes next in each table whose keys are given here."""
    found = {}
    with connection.cursor() as cursor:
        for table in _keyed():
            cursor.execute(f'SELECT COALESCE(MAX(id), 0) FROM "{table}"')  # our own names # noqa: S608 # nosec B608
            (largest,) = cursor.fetchone()
            if connection.vendor == "postgresql":
                cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [f'"{table}"'])
                (sequence,) = cursor.fetchone()
                last = "CASE WHEN is_called THEN last_value ELSE last_value - 1 END"
                cursor.execute(f"SELECT {last} FROM {sequence}")  # our own names # noqa: S608 # nosec B608
            else:
                cursor.execute("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = %s", [table])
            found[table] = max(largest, cursor.fetchone()[0]) + 1
    return found


def _move_on(ids: Ids) -> None:
    """Let PostgreSQL go on after the keys that were given; SQLite does so by itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for table, following in ids.following.items():
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, false)", [f'"{table}"', following]
                )


def _keyed() -> list[str]:
    return [table for table, columns in COLUMNS.items() if columns[0] == "id"]
