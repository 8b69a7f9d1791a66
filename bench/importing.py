"""What a roster of a whole city costs: from the bytes to the preview, and from the click to the last row."""

import gc
import time
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bench.names import kana_of, name_of

if TYPE_CHECKING:
    from bench.data import City
    from bench.measures import Bench
    from bench.results import Figure

ROWS, ROWS_SHORT = 20_000, 4_000
HEADER = "職員番号,氏名,フリガナ,職員区分,所属コード,職位,発令種別,発令日"
# A city of its own: no other measure meets these people.
CITY = 99


def importing(bench: "Bench") -> list["Figure"]:
    """Time the first roster of a municipality and the one of a transfer day that moves everybody, the slower of each.

    A short run has a fifth of the rows and gives five times what it measured.
    """
    from django.utils import timezone

    from organization.scope import actor_for
    from organization.workflow import apply_import, upload_import

    rows = ROWS_SHORT if bench.short else ROWS
    city = bench.city(CITY)
    by = actor_for(city.persona("jinji"), city.today)
    checks: dict[str, float] = {}
    applies: dict[str, float] = {}
    for label, content in (("new", newcomers(city, rows)), ("moved", transfers(city, rows))):
        bench.settle()
        gc.collect()
        begun = time.perf_counter()
        batch = upload_import(
            by=by, kind="roster", file_name="meibo.csv", content=content, now=timezone.now()
        )
        checks[label] = time.perf_counter() - begun
        assert (batch.state, batch.rows) == ("previewed", rows), batch.counts
        begun = time.perf_counter()
        apply_import(by=by, batch=batch, key=uuid.uuid4(), version=batch.version, now=timezone.now())
        applies[label] = time.perf_counter() - begun
    scaled = f", times {ROWS // rows} for {ROWS:,} rows" if rows != ROWS else ""
    return [
        bench.figure("import.preview", max(checks.values()) * ROWS / rows, _behind(checks, rows) + scaled),
        bench.figure("import.apply", max(applies.values()) * ROWS / rows, _behind(applies, rows) + scaled),
    ]


def _behind(took: dict[str, float], rows: int) -> str:
    return ", ".join(f"{label} {seconds:.2f} s" for label, seconds in took.items()) + f" for {rows:,} rows"


def newcomers(city: "City", rows: int) -> bytes:
    """Return a roster of people who are all new, spread over the 係 of a city."""
    start = city.today.replace(month=4, day=1, year=city.today.year - 3).isoformat()
    return _file(
        f"{number(place)},{name_of(place)},{kana_of(place)},,{team_of(city, place)},主事,本務,{start}"
        for place in range(rows)
    )


def transfers(city: "City", rows: int) -> bytes:
    """Return a roster that moves all of them to the next 係 on one day, a third with another 職位."""
    start = city.today.isoformat()
    return _file(
        f"{number(place)},{name_of(place)},{kana_of(place)},,{team_of(city, place + 1)},"
        f"{'主査' if place % 3 == 0 else '主事'},本務,{start}"
        for place in range(rows)
    )


def number(place: int) -> str:
    """Return the 職員番号 of somebody whom no other measure knows."""
    return f"8{place:06d}"


def team_of(city: "City", place: int) -> str:
    """Return the 所属コード of a 係."""
    return city.teams[place % len(city.teams)].code


def _file(lines: Iterable[str]) -> bytes:
    return "\r\n".join([HEADER, *lines, ""]).encode("utf-8-sig")
