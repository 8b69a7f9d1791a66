"""Reads own and confirmed steps of a department's confirmed sheets of one year: two queries, counted in the database."""

import datetime

from django.db.models import Count, F, Q

from assessments.models import Confirmation, Sheet
from gaps.calibration import Answers
from organization.models import Posting


def confirmed_people(*, municipality_id: int, path: str, year: int, on: datetime.date) -> int:
    """Return how many people's sheets the answers come from."""
    return _sheets(municipality_id, path, year, on).count()


def answers(*, municipality_id: int, path: str, year: int, on: datetime.date) -> list[Answers]:
    """Return how often each pair of own and confirmed step was given, by 分類 in the order of the matrix."""
    rows = (
        Confirmation.objects.filter(
            level=Confirmation.Level.FINAL,
            revision__in=_sheets(municipality_id, path, year, on).values("current_revision"),
            revision__ratings__cell=F("cell"),
        )
        .values("cell__area__category__rank", "cell__area__category__name", "revision__ratings__step", "step")
        .annotate(times=Count("*"))
        .order_by("cell__area__category__rank", "cell__area__category__name")
        .values_list("cell__area__category__name", "revision__ratings__step", "step", "times")
    )
    return [Answers(*row) for row in rows]


def _sheets(municipality_id: int, path: str, year: int, on: datetime.date):
    """Return the confirmed sheets of the year, made in the department or below, of people who are posted there today.

    Who has moved away is left out: their record is no longer the line's to see (P15). Sheets that nobody but the
    person confirmed have nothing to compare.
    """
    here = Posting.objects.active_on(on).in_or_below(path).values("staff")
    return (
        Sheet.objects.confirmed()
        .below(path)
        .filter(
            Q(staff__left_on__isnull=True) | Q(staff__left_on__gt=on),
            municipality_id=municipality_id,
            fiscal_year=year,
            without_confirmer=False,
            staff__in=here,
        )
    )
