"""A municipality with tallies, small as it is, and what a report says with and without them."""

from django.utils import timezone

from gaps import reports
from gaps.models import Tally, TallyChange
from gaps.workflow import tallies
from organization.models import Department

TODAY = timezone.localdate()


def count(city, on=None):
    """Count all of a municipality, whatever its size; return how many departments were counted."""
    return tallies.count_all(municipality=city, on=on or TODAY, tallied_from=0)


def figures(city, cycle, on, path="", *, tallies=True):
    """Return (size, unrated, [(code, count, needed, status)]) by path of every unit below, and of the whole."""
    picture = reports.snapshot(
        municipality_id=city.pk, cycle=cycle, on=on, path=path, holders_only=True, tallies=tallies
    )
    found = {}
    for place in {path, *(unit.path for unit in picture.units)}:
        report = picture.coverage(place, "", named=False)
        cells = [(cell.cell.code, cell.count, cell.needed, cell.word) for cell in report.cells]
        found[place] = (report.size, report.unrated, cells)
    return found


def assert_same(city, cycle, on, *paths):
    """Compare both ways for the whole municipality, and for these parts of it or all."""
    parts = paths or Department.objects.filter(municipality=city).values_list("path", flat=True)
    for path in ("", *parts):
        assert figures(city, cycle, on, path) == figures(city, cycle, on, path, tallies=False)


def holding(cycle, on):
    """Return the names of departments whose tally holds, sorted."""
    return sorted(Tally.objects.holding(cycle, on).values_list("department__name", flat=True))


def noted(city):
    """Return the names of departments noted down to be counted again, and forget them."""
    rows = TallyChange.objects.filter(municipality=city)
    found = sorted(set(rows.values_list("department__name", flat=True)))
    rows.delete()
    return found
