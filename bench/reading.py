"""How what is read grows: years of a trend, people of a heatmap, and what a submission costs beside its ratings alone."""

import uuid
from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from assessments.models import Cycle, Rating, Revision, Sheet
from assessments.workflow.sheets import submit
from bench import bare
from bench.bare import bare_connection
from bench.browser import Browser
from bench.data import City
from bench.results import Figure
from bench.timing import Ratio, compare
from gaps.counting import counts
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
    """Time a submission with all that belongs to it against its revision, ratings and state alone; both taken back."""
    sheet = Sheet.objects.filter(cycle=city.cycle, state=Sheet.State.DRAFTING).order_by("-pk").first()
    assert sheet is not None
    person = next(one for one in city.people if one.pk == sheet.staff_id)
    by, now = actor_for(person, city.today), timezone.now()

    def whole() -> None:
        with transaction.atomic():
            done = submit(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=by, now=now)
            assert done.state == Sheet.State.SUBMITTED
            transaction.set_rollback(True)

    def alone() -> None:
        with transaction.atomic():
            revision = Revision.objects.create(
                municipality_id=sheet.municipality_id, sheet=sheet, number=1, submitted_at=now,
                submitted_by_id=person.pk,
            )  # fmt: skip
            Rating.objects.bulk_create(
                Rating(
                    municipality_id=sheet.municipality_id,
                    revision=revision,
                    cell=cell,
                    step=3,
                    evidence="根拠",
                )
                for cell in city.cells
            )
            Sheet.objects.filter(pk=sheet.pk, version=sheet.version).update(
                state=Sheet.State.SUBMITTED,
                current_revision=revision,
                submitted_at=now,
                version=sheet.version + 1,
            )
            transaction.set_rollback(True)

    ratio: Ratio = compare(whole, alone, rounds=bench.rounds(60, 15))
    return [bench.figure("submit.ratio", ratio.value, ratio)]
