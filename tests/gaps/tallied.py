"""A municipality with tallies, small as it is, and what a report says with and without them."""

from django.utils import timezone

from gaps import reports
from gaps.models import Tally, TallyChange
from gaps.workflow import tallies
from lib.paths import LEVEL_DIGITS
from organization.models import Department

TODAY = timezone.localdate()


def count(city, on=None):
    """Count all of a municipality, whatever its size; return how many departments were counted."""
    return tallies.count_all(municipality=city, on=on or TODAY, tallied_from=0)


def figures(city, cycle, on, path="", *, tallies=True, levels=None):
    """Return (size, unrated, [(code, count, needed, status)]) by path of every unit below, and of the whole.

    With `levels` only so many of them below the path.
    """
    picture = reports.snapshot(
        municipality_id=city.pk, cycle=cycle, on=on, path=path, holders_only=True, tallies=tallies,
        levels=levels,
    )  # fmt: skip
    longest = None if levels is None else len(path) + levels * LEVEL_DIGITS
    found = {}
    for place in {path, *(unit.path for unit in picture.units)}:
        if longest is not None and len(place) > longest:
            continue
        report = picture.coverage(place, "", named=False)
        cells = [(cell.cell.code, cell.count, cell.needed, cell.word) for cell in report.cells]
        found[place] = (report.size, report.unrated, cells)
    return found


def assert_same(city, cycle, on, *paths):
    """Compare all ways for the whole municipality, and for these parts of it or all."""
    parts = paths or Department.objects.filter(municipality=city).values_list("path", flat=True)
    for path in ("", *parts):
        one_by_one = figures(city, cycle, on, path, tallies=False)
        assert figures(city, cycle, on, path) == one_by_one
        for levels in (0, 1):
            high = figures(city, cycle, on, path, levels=levels)
            assert path in high
            assert high == {place: one_by_one[place] for place in high}


def holding(cycle, on):
    """Return the names of departments whose tally holds, sorted."""
    return sorted(Tally.objects.holding(cycle, on).values_list("department__name", flat=True))


def noted(city):
    """Return the names of departments noted down to be counted again, and forget them."""
    rows = TallyChange.objects.filter(municipality=city)
    found = sorted(set(rows.values_list("department__name", flat=True)))
    rows.delete()
    return found
