"""What bringing in ratings by the thousand costs, beside the bare driver that writes the same rows into the same table."""

import datetime
import io
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

from assessments.models import Cycle, Rating, Revision, Sheet
from bench.exporting import PEOPLE, PEOPLE_SHORT
from bench.timing import compare
from lib import fiscal
from lib.bulk_load import load

if TYPE_CHECKING:
    from bench.data import City
    from bench.measures import Bench
    from bench.results import Figure

# Sheets of 17 ratings, of the city whose records are taken out.
SHEETS, SHEETS_SHORT = 3000, 600
# Before every year that a city has.
YEAR = 2001
COLUMNS = "municipality_id, revision_id, cell_id, step, evidence, review"
TABLE = "assessments_rating"
EVIDENCE = "担当として更新しました。"


class _EnoughError(Exception):
    """Takes back what was measured."""


def loading(bench: "Bench") -> list["Figure"]:
    """Time ratings of a past year by `load` against COPY FROM on PostgreSQL, one prepared statement on SQLite.

    Each side ends when every guard and key was asked, and is taken back.
    """
    city = bench.city(bench.rounds(PEOPLE, PEOPLE_SHORT))
    bench.settle()
    try:
        with transaction.atomic():
            revisions = _revisions(city, bench.rounds(SHEETS, SHEETS_SHORT))
            rows = [
                (revision, cell.pk, (revision + cell.rank) % 5, EVIDENCE if cell.rank % 3 == 0 else "")
                for revision in revisions
                for cell in city.cells
            ]
            same = {"municipality": city.municipality.pk}
            ratio = compare(
                _taken_back(lambda: load(Rating, ["revision", "cell", "step", "evidence"], rows, same)),
                _taken_back(_bare(city.municipality.pk, rows)),
                rounds=bench.rounds(7, 3),
                warm_up=1,
            )
            raise _EnoughError
    except _EnoughError:
        return [bench.figure("import.rate", 1 / ratio.value, f"{len(rows)} rows, {ratio}")]


def _revisions(city: "City", count: int) -> list[int]:
    """Make a year with so many sheets that take ratings; return their revisions."""
    now, first = timezone.now(), fiscal.first_day(YEAR)
    cycle = Cycle.objects.create(
        municipality=city.municipality, fiscal_year=YEAR, framework_version=city.cycle.framework_version,
        state=Cycle.State.CLOSED, reference_date=first, starts_on=first, submit_by=first,
        confirm_by=first + datetime.timedelta(30), opened_at=now, closed_at=now,
    )  # fmt: skip
    sheets = Sheet.objects.bulk_create(
        Sheet(
            municipality=city.municipality, staff=person, cycle=cycle, fiscal_year=YEAR, department=city.root,
            department_path=city.root.path, employment=person.employment, updated_at=now,
        )
        for person in city.people[:count]
    )  # fmt: skip
    revisions = Revision.objects.bulk_create(
        Revision(
            municipality=city.municipality, sheet=sheet, number=1, kind=Revision.Kind.IMPORT, submitted_at=now,
            submitted_by_id=sheet.staff_id,
        )
        for sheet in sheets
    )  # fmt: skip
    return [revision.pk for revision in revisions]


def _taken_back(act: Callable[[], object]) -> Callable[[], None]:
    def measured() -> None:
        try:
            with transaction.atomic():
                act()
                if connection.vendor == "postgresql":
                    with connection.cursor() as cursor:
                        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                raise _EnoughError
        except _EnoughError:
            pass

    return measured


def _bare(municipality: int, rows: list[tuple[int, int, int, str]]) -> Callable[[], None]:
    """Return what writes the rows by the driver alone; on PostgreSQL the text of COPY is there already."""
    if connection.vendor == "postgresql":
        text = "".join("\t".join(map(str, (municipality, *row, "f"))) + "\n" for row in rows)

        def copy() -> None:
            with connection.cursor() as cursor:
                cursor.copy_expert(f"COPY {TABLE} ({COLUMNS}) FROM STDIN", io.StringIO(text))

        return copy
    whole = [(municipality, *row, 0) for row in rows]
    statement = f"INSERT INTO {TABLE} ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"  # our own names # nosec B608
    return lambda: connection.connection.executemany(statement, whole)
