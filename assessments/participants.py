"""Who takes part in a year: who has a 本務 on a day, less 職員区分, departments and people left out (ADR 0034)."""

import datetime
from dataclasses import dataclass

from django.db.models import (
    CharField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
)

from assessments.models import Cycle, Exclusion, Sheet
from organization.models import Posting, Staff


@dataclass(frozen=True)
class Counts:
    """How many people are posted on the day of a year, how many take part, and how many are left out by what."""

    posted: int
    taking_part: int
    by_employment: int
    by_department: int
    by_person: int


def posted_on(municipality_id: int, day: datetime.date):
    """Return the queryset of 本務 postings in force on a day, of people in service, with person and department."""
    return (
        Posting.objects.active_on(day)
        .filter(
            municipality_id=municipality_id, kind=Posting.Kind.MAIN,
            staff__in=Staff.objects.filter(municipality_id=municipality_id).in_service_on(day),
        )
        .select_related("staff", "department")
        .order_by("department__path", "staff__kana", "staff_id", "-start")
    )  # fmt: skip


def taking_part(cycle: Cycle, day: datetime.date):
    """Return the queryset of the 本務 postings on a day of all who take part in a year."""
    return _marked(cycle, day).filter(
        _of_employments(cycle.employments), left_out_place=False, left_out_person=False
    )


def without_sheet(cycle: Cycle, today: datetime.date):
    """Return the queryset of today's 本務 postings of those who take part and have no sheet in this year."""
    has = Exists(Sheet.objects.filter(cycle=cycle, staff=OuterRef("staff")))
    return taking_part(cycle, today).exclude(has)


def count(cycle: Cycle, day: datetime.date, employments: list[str] | None = None) -> Counts:
    """Count who takes part on a day; `employments` stand in for those of the year, to try them. One query.

    Whoever is left out for two reasons is counted with the first of 職員区分, 所属, 個人.
    """
    chosen = _of_employments(cycle.employments if employments is None else employments)
    placed = Q(left_out_place=False)
    found = _marked(cycle, day).order_by().aggregate(
        posted=Count("staff", distinct=True),
        taking_part=Count("staff", chosen & placed & Q(left_out_person=False), distinct=True),
        by_employment=Count("staff", ~chosen, distinct=True),
        by_department=Count("staff", chosen & ~placed, distinct=True),
        by_person=Count("staff", chosen & placed & Q(left_out_person=True), distinct=True),
    )  # fmt: skip
    return Counts(**found)


def left_out(cycle: Cycle, day: datetime.date):
    """Return the queryset of what is left out of a year, departments first, with `people`: how many are posted there."""
    here = (
        Posting.objects.active_on(day)
        .filter(kind=Posting.Kind.MAIN, municipality_id=OuterRef("municipality_id"))
        .filter(department__path__startswith=OuterRef("department__path"))
        .order_by()
        .values("municipality_id")
        .annotate(people=Count("staff", distinct=True))
    )
    return (
        Exclusion.objects.filter(cycle=cycle)
        .select_related("department", "staff")
        .annotate(people=Subquery(here.values("people"), output_field=IntegerField()))
        .order_by(F("department__path").asc(nulls_last=True), "staff__kana", "pk")
    )


def _of_employments(employments: list[str]) -> Q:
    """Match the people of some 職員区分; none chosen is all of them."""
    return Q(staff__employment__in=employments) if employments else Q(staff__isnull=False)


def _marked(cycle: Cycle, day: datetime.date):
    """Return the postings of a day with `left_out_place` and `left_out_person`."""
    out = Exclusion.objects.filter(cycle=cycle)
    place = ExpressionWrapper(OuterRef("department__path"), CharField())
    above = out.annotate(place=place).filter(place__startswith=F("department__path"))
    return posted_on(cycle.municipality_id, day).annotate(
        left_out_place=Exists(above), left_out_person=Exists(out.filter(staff=OuterRef("staff")))
    )
