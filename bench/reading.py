"""How what is read grows: years of a trend, people of a heatmap, and what the trail and the tallies cost a submission."""

import uuid
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from assessments.models import Cycle, Sheet
from assessments.workflow import confirmation as confirmation_module
from assessments.workflow import sheets as sheets_module
from assessments.workflow.confirmation import Entry, confirm_final
from assessments.workflow.sheets import submit
from bench import bare
from bench.bare import bare_connection
from bench.browser import Browser
from bench.data import City
from bench.results import Figure
from bench.timing import compare
from gaps.counting import counts
from gaps.workflow.tallies import count_all
from organization.scope import actor_for

if TYPE_CHECKING:
    from bench.measures import Bench

YEARS = 3


def trends(bench: "Bench", city: City) -> list[Figure]:
    """Time the holders of a city of 1,000 over three years through the product against one year by the bare driver."""
    bench.settle()
    years = list(
        Cycle.objects.filter(municipality=city.municipality, fiscal_year__lt=city.cycle.fiscal_year)
        .select_related("framework_version")
        .order_by("-fiscal_year")
    )
    assert len(years) == YEARS - 1
    asked = {"municipality_id": city.municipality.pk, "path": city.root.path, "on": city.today}
    queries = [
        counts(**asked, year=year.fiscal_year, fiscal_year_staff=False) for year in (city.cycle, *years)
    ]

    def three() -> list[tuple[int, str, int]]:
        first, *others = queries
        return list(first.union(*others, all=True))

    assert len({year for year, _, holders in three() if holders}) == YEARS, "a year without anybody"
    with bare_connection() as driver:
        ratio = compare(
            three,
            lambda: bare.holder_counts(driver, **asked, year=city.cycle.fiscal_year),
            rounds=bench.rounds(60, 15),
        )
    return [bench.figure("report.trend", ratio.value, ratio)]


def heatmaps(bench: "Bench", small: City, large: City) -> list[Figure]:
    """Time the heatmap of a 部 of 1,000 people against that of fifty."""
    bench.settle()
    sent = []
    for city in (large, small):
        browser = Browser(bench.handler, city.persona("bucho"))
        environ = browser.environ(reverse("gaps:heatmap", args=[city.root.uuid]))
        assert browser.send(environ).status == 200, "the heatmap does not open"
        sent.append(lambda browser=browser, environ=environ: browser.send(environ))
    ratio = compare(*sent, rounds=bench.rounds(40, 8))
    return [bench.figure("page.heatmap.growth", ratio.value, ratio)]


def submissions(bench: "Bench", city: City) -> list[Figure]:
    """Time a submission and a 確定 as they are against the same without trail, receipt and tally; all taken back.

    The larger of the two ratios is what the trail and the tallies cost whoever waits.
    """
    count_all(municipality=city.municipality, on=city.today, tallied_from=0)
    sheets = Sheet.objects.filter(cycle=city.cycle).order_by("-pk").select_related("cycle")
    people = {person.pk: person for person in city.people}
    drafted = sheets.filter(state=Sheet.State.DRAFTING)[0]
    first = sheets.filter(state=Sheet.State.FIRST_CONFIRMED)[0]
    head = actor_for(city.persona("kacho"), city.today)
    person, now = actor_for(people[drafted.staff_id], city.today), timezone.now()
    entries = [Entry(cell.pk, 3) for cell in city.cells]

    def submitted() -> Sheet:
        return submit(sheet=drafted, version=drafted.version, key=uuid.uuid4(), by=person, now=now)

    def confirmed() -> Sheet:
        return confirm_final(
            sheet=first, version=first.version, key=uuid.uuid4(), by=head, now=now, entries=entries
        )

    ratios = {
        "submit": compare(
            _taken_back(submitted), _bare(sheets_module, submitted), rounds=bench.rounds(60, 15)
        ),
        "confirm": compare(
            _taken_back(confirmed), _bare(confirmation_module, confirmed), rounds=bench.rounds(60, 15)
        ),
    }
    worst = max(ratios.values(), key=lambda ratio: ratio.value)
    told = "; ".join(f"{name} {ratio}" for name, ratio in ratios.items())
    return [bench.figure("submit.ratio", worst.value, told)]


def _taken_back(act: Callable[[], Sheet]) -> Callable[[], None]:
    """Return the act in a transaction that is taken back."""

    def run() -> None:
        with transaction.atomic():
            assert act().state in (*Sheet.WAITING, Sheet.State.CONFIRMED)
            transaction.set_rollback(True)

    return run


def _bare(module: Any, act: Callable[[], Sheet]) -> Callable[[], None]:
    """Return the act without what is written beside the sheet."""

    def run() -> None:
        with ExitStack() as stack:
            for name in ("report", "issue_receipt", "count_again"):
                if hasattr(module, name):
                    stack.enter_context(patch.object(module, name, lambda *args, **kwargs: None))
            _taken_back(act)()

    return run
