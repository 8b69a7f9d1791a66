"""What the product asks about ratings and confirmations, in its own statements, and the same with the 年度 said."""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count

from assessments.models import Cycle, Sheet
from assessments.own_page import load_own_page
from bench.partitions.tables import PLAIN, STEPS, YEAR, Asked, look_at, run
from gaps.counting import counts
from gaps.step_reads import steps_of
from gaps.tally_reads import counted_departments
from lib.batches import batched
from lib.prepared import driver_rows
from organization.models import Department, Municipality, Posting

TREND_YEARS = 5
# As many as `count_tallies` counts at once, and so many times.
AT_ONCE, PARTS = 50, 10
# Where a revision, or a sheet by the one that stands, is joined with its ratings or confirmations; where these come
# first and the sheet after; where one revision is asked for; where a step is looked up beside another of the same revision.
_STEP = "(assessments_rating|assessments_confirmation)"
_REVISION = r'"assessments_(?:revision"\."id|sheet"\."current_revision_id)"'
_JOIN = re.compile(rf'\({_REVISION} = "{_STEP}"\."revision_id"\)')
_AFTER = re.compile(
    rf'\("{_STEP}"\."revision_id" = "assessments_revision"\."id"\).*?'
    r'\("assessments_revision"\."sheet_id" = "assessments_sheet"\."id"\)'
)
_ONE = re.compile(rf'"{_STEP}"\."revision_id" = %s')
_BESIDE = re.compile(rf'(U\d)\."revision_id" = \("{_STEP}"\."revision_id"\)')

Statement = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Question:
    """Statements as the product sends them, and the same with the partition key (`pruned`)."""

    name: str
    plain: tuple[Statement, ...]
    pruned: tuple[Statement, ...]


def questions(asked: Asked, today: datetime.date) -> list[Question]:
    """Return what is asked in the largest municipality: a sheet, a department, all of it, a recount, a trend."""
    look_at(PLAIN)
    largest = Municipality.objects.annotate(people=Count("staff")).order_by("-people", "pk").first()
    assert largest is not None
    cycle = Cycle.objects.get(municipality=largest, fiscal_year=asked.newest)
    postings = Posting.objects.active_on(today).filter(municipality=largest)
    sizes = postings.values("department").annotate(people=Count("pk")).filter(people__lte=12)
    place = Department.objects.get(pk=sizes.order_by("people", "department").last()["department"])
    middle = asked.newest - asked.count // 2
    sheet = Sheet.objects.confirmed().filter(municipality=largest, fiscal_year=middle).order_by("pk")[0]
    departments = list(
        Department.objects.filter(municipality=largest).order_by("pk").values_list("pk", flat=True)
    )
    trend = [
        counts(largest.pk, place.path, today, year, False) for year in reversed(asked.all[-TREND_YEARS:])
    ]

    def recount() -> None:
        for part in batched(departments[: AT_ONCE * PARTS], AT_ONCE):
            counted_departments(part, cycle, today)

    def grown() -> list[tuple[Any, ...]]:
        first, *others = trend
        return driver_rows(first.union(*others, all=True) if others else first)

    acts: dict[str, tuple[int, Callable[[], Any]]] = {
        "sheet": (middle, lambda: load_own_page(sheet)),
        "department": (0, lambda: steps_of(postings.filter(department=place), cycle)),
        "municipality": (0, lambda: driver_rows(counts(largest.pk, "", today, asked.newest, False))),
        "recount": (0, recount),
        "trend": (0, grown),
    }
    found = []
    for name, (year, act) in acts.items():
        said = sent(act)
        found.append(Question(name, said, tuple(with_year(one, year) for one in said)))
    return found


def sent(act: Callable[[], Any]) -> tuple[Statement, ...]:
    """Return the statements about ratings and confirmations that the product sends in an act."""
    found: list[Statement] = []

    def note(execute: Callable[..., Any], sql: str, values: Any, many: bool, context: Any) -> Any:
        if any(f'"{table}"' in sql for table in STEPS):
            found.append((sql, tuple(values or ())))
        return execute(sql, values, many, context)

    with connection.execute_wrapper(note):
        act()
    assert found, "the product asked nothing"
    return tuple(found)


def with_year(statement: Statement, year: int = 0) -> Statement:
    """Return the statement with the partition key: that of the sheet beside, or `year` where none is read.

    Raises AssertionError where neither place is there: such a statement would be timed as if it had the key.
    """
    sql, values = statement
    same = f'"{{}}"."{YEAR}" = "assessments_sheet"."{YEAR}")'
    said, joins = _JOIN.subn(lambda found: f"{found[0][:-1]} AND {same.format(found[1])}", sql)
    said, after = _AFTER.subn(lambda found: f"{found[0][:-1]} AND {same.format(found[1])}", said)
    said, ones = _ONE.subn(lambda found: f'{found[0]} AND "{found[1]}"."{YEAR}" = {year}', said)
    said = _BESIDE.sub(rf'\g<0> AND \1."{YEAR}" = "\2"."{YEAR}"', said)
    assert joins or after or (ones and year), sql
    return said, values


def answers(statements: tuple[Statement, ...]) -> list[list[tuple[Any, ...]]]:
    """Return all rows of some statements."""
    return [run(sql, values) for sql, values in statements]
