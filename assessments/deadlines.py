"""締切 of one person: those of the year, or the later ones of the nearest department that has an extension (ADR 0034).

A person belongs where their 本務 is today; without one, where their sheet says. An extension never shortens: where the
year itself was moved beyond it, the year counts.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import CharField, ExpressionWrapper, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject

from assessments.line import main_postings
from assessments.models import Cycle, Extension, Sheet
from lib.paths import ancestors


@dataclass(frozen=True)
class Deadlines:
    """Until when somebody submits and the line confirms; `extended` says that they are later than the year's."""

    submit_by: datetime.date
    confirm_by: datetime.date
    extended: bool = False


@dataclass(frozen=True)
class YearDeadlines:
    """The deadlines of one year, to ask for many people; `longer` holds the extensions by path of department."""

    year: Deadlines
    longer: Mapping[str, Deadlines] = field(default_factory=dict)

    def at(self, path: str | None) -> Deadlines:
        """Return the deadlines at a department; None is nowhere and has those of the year."""
        found = (
            next((self.longer[one] for one in reversed(ancestors(path)) if one in self.longer), None)
            if path and self.longer
            else None
        )
        return _later(self.year, found) if found else self.year


def deadlines_of(cycle: Cycle) -> YearDeadlines:
    """Return the deadlines of a year with all its extensions. One query."""
    rows = Extension.objects.filter(cycle=cycle).values_list("department__path", "submit_by", "confirm_by")
    return YearDeadlines(
        Deadlines(cycle.submit_by, cycle.confirm_by),
        {path: Deadlines(submit_by, confirm_by) for path, submit_by, confirm_by in rows},
    )


def deadlines_for(cycle: Cycle, path: str | None) -> Deadlines:
    """Return the deadlines of whoever has their 本務 in a department. One query."""
    return deadlines_of(cycle).at(path)


def with_deadlines(sheets: QuerySet[Sheet], on: datetime.date) -> QuerySet[Sheet]:
    """Return the queryset with `main_path` and what `deadlines_on` reads of each sheet; no query more.

    `main_path` is the department of the person's 本務 on a day, None without one.
    """
    mains = main_postings(on).filter(staff=OuterRef("staff"))
    # The two dates come as one value: a subquery each made the page of a sheet half as slow again.
    nearest = (
        Extension.objects.filter(cycle=OuterRef("cycle"))
        .annotate(
            place=ExpressionWrapper(Coalesce(OuterRef("main_path"), OuterRef("department_path")), CharField())
        )
        .filter(place__startswith=F("department__path"))
        .order_by("-department__path")
        .values_list(JSONObject(submit_by="submit_by", confirm_by="confirm_by"))[:1]
    )
    return sheets.annotate(main_path=Subquery(mains.values("department__path")[:1]), longer=Subquery(nearest))


def deadlines_on(sheet: Sheet) -> Deadlines:
    """Return the deadlines of a sheet read by `with_deadlines` together with its `cycle`; no query."""
    year = Deadlines(sheet.cycle.submit_by, sheet.cycle.confirm_by)
    if not sheet.longer:  # type: ignore[attr-defined]
        return year
    dates = (datetime.date.fromisoformat(sheet.longer[name]) for name in ("submit_by", "confirm_by"))  # type: ignore[attr-defined]
    return _later(year, Deadlines(*dates))


def _later(year: Deadlines, other: Deadlines) -> Deadlines:
    submit_by, confirm_by = max(year.submit_by, other.submit_by), max(year.confirm_by, other.confirm_by)
    return Deadlines(submit_by, confirm_by, (submit_by, confirm_by) != (year.submit_by, year.confirm_by))
