"""What is past its period on a day, by class and person. Reads alone; workflow/erasure.py deletes."""

import datetime
from collections import Counter

from django.db.models import Count, F, Field, IntegerField, Q, QuerySet
from django.utils import timezone

from lib import fiscal
from lib.personal import Gone, Keep, Table
from organization.models import Municipality, Staff
from privacy import inventory
from privacy.models import Hold, RetentionYears
from privacy.models.retention import KeepClass

# Years, where a municipality chose nothing else. Each counts from the end of a 年度: at least one is always kept.
DEFAULTS = {
    Keep.SHEET: 5,
    Keep.ENTRY: 3,
    Keep.WISH: 3,
    Keep.WORK: 1,
    Keep.FILE: 1,
    Keep.SIGNIN: 1,
    Keep.STAFF: 5,
}
STUB = "（消去済み）"


def years_of(municipality: Municipality) -> dict[str, int]:
    """Return the years of each class in a municipality. One query."""
    chosen = RetentionYears.objects.filter(municipality=municipality).values_list("keep", "years")
    return {keep.value: years for keep, years in DEFAULTS.items()} | dict(chosen)


def limit_of(years: int, day: datetime.date) -> int:
    """Return the last 年度 whose data is past a period of `years` on `day`."""
    return fiscal.fiscal_year(day) - years - 1


def gone_by(municipality: Municipality, limit: int) -> QuerySet[Staff]:
    """Return the queryset of people whose last day in service lay in the 年度 `limit` or before, stubs left out."""
    return Staff.objects.filter(municipality=municipality, left_on__lte=fiscal.first_day(limit + 1)).exclude(
        name=STUB, username__startswith="erased-"
    )


def past(line: Table, limit: int) -> Q:
    """Return the condition that a row of a table with `since` is past its period."""
    field = _since(line)
    if isinstance(field, IntegerField):
        return Q(**{f"{line.since}__lte": limit})
    end = datetime.datetime.combine(fiscal.first_day(limit + 1), datetime.time.min)
    return Q(**{f"{line.since}__lt": timezone.make_aware(end)})


def lines_of(keep: str) -> list[Table]:
    """Return the tables that an item of a class deletes rows of; with STAFF whatever is left of the person."""
    # The trail has a period of its own (audit/retention.py).
    lines = [
        line
        for line in inventory.about_people()
        if line.gone is not Gone.STAYS and line.keep is not Keep.AUDIT
    ]
    return lines if keep == Keep.STAFF else [line for line in lines if line.keep == keep]


def due_rows(line: Table, keep: str, people: QuerySet[Staff], limit: int) -> QuerySet:
    """Return the queryset of a table's rows of some people that an item of a class takes."""
    rows = inventory.rows_of(line, people)
    return rows.filter(past(line, limit)) if line.since and keep != Keep.STAFF else rows


def due(municipality: Municipality, day: datetime.date) -> dict[tuple[int | None, str], tuple[int, int]]:
    """Return (limit, rows) by (staff pk, class): what is past its period. A query per table and way to its person.

    Files that name many people stand under None. People whose data is held back are left out.
    """
    found: dict[tuple[int | None, str], tuple[int, int]] = {}
    held = set(Hold.objects.filter(municipality=municipality, ended_at=None).values_list("staff", flat=True))
    for keep, years in years_of(municipality).items():
        limit, rows = limit_of(years, day), Counter()
        for line in lines_of(keep):
            people = _people(municipality, line, keep, limit)
            for way in line.people:
                of_them = due_rows(line, keep, people, limit).filter(**{f"{way}__in": people})
                counted = of_them.order_by().values(person=F(way)).annotate(n=Count("pk", distinct=True))
                for one in counted:
                    rows[one["person"]] += one["n"]
        if keep == Keep.FILE:
            rows[None] = files_past(municipality, limit).count()
        for person, count in rows.items():
            if count and person not in held:
                found[person, keep] = (limit, count)
    return found


def files_past(municipality: Municipality, limit: int) -> QuerySet:
    """Return the queryset of uploaded files past their period whose bytes are still there."""
    line = next(line for line in inventory.tables() if line.keep == Keep.FILE)
    return (
        inventory.model_of(line)
        .objects.filter(past(line, limit), municipality=municipality)
        .filter(Q(content__isnull=False) | Q(undo__isnull=False) | Q(preview__isnull=False))
    )


def label_of(keep: str) -> str:
    """Return what a class is called."""
    return KeepClass(keep).label


def _people(municipality: Municipality, line: Table, keep: str, limit: int) -> QuerySet[Staff]:
    """Return whose rows are asked for: leavers where the period counts from the day somebody left."""
    if keep == Keep.STAFF or not line.since:
        return gone_by(municipality, limit)
    return Staff.objects.filter(municipality=municipality)


def _since(line: Table) -> Field:
    model = inventory.model_of(line)
    *way, last = line.since.split("__")
    for step in way:
        model = model._meta.get_field(step).related_model
    return model._meta.get_field(last)
