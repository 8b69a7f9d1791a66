"""What is measured in a database of one size: how it is filled and counted, and what the largest municipality's pages cost."""

import datetime
import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Sum
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from access.actor import Role
from assessments.models import Confirmation, Cycle, Sheet
from bench.browser import Browser
from bench.data import load_lasdec
from bench.sizes.bounds import Size
from bench.timing import compare, median_ms
from bench.urls import EMPTY
from competency.models.matrix import HOLDER_STEP
from config.generating import Generated, generate
from gaps.models import CellTally, Tally
from gaps.reports import Snapshot, snapshot
from gaps.views.overview import LEVELS
from gaps.workflow.tallies import count_all
from organization.models import Department, Municipality, Posting, Staff
from organization.models.position import LineRole

SEED = 2026
_MILLION = 1_000_000
# (name, value, what lies behind it)
Measured = tuple[str, float, str]


@dataclass
class World:
    """A database of one size, and in it the largest municipality."""

    size: Size
    generated: Generated
    largest: Municipality
    cycle: Cycle
    today: datetime.date
    handler: WSGIHandler

    def browser(self) -> Browser:
        """Return the browser of somebody of 人事 in the largest municipality."""
        staff = Staff.objects.filter(municipality=self.largest, grants__role=Role.HR.value).order_by("pk")
        person = staff.filter(grants__withdrawn_at__isnull=True).first()
        assert person is not None, "nobody of 人事 was generated"
        return Browser(self.handler, person)

    def yardstick(self) -> Callable[[], object]:
        """Return the empty page of somebody who leads nobody: the menu of 人事 counts what waits in the whole municipality."""
        leading = Posting.objects.filter(staff=OuterRef("pk")).exclude(line_role=LineRole.NONE)
        people = Staff.objects.filter(municipality=self.largest, grants__isnull=True).in_service_on(
            self.today
        )
        person = people.exclude(Exists(leading)).order_by("pk").first()
        assert person is not None, "everybody leads somebody"
        browser = Browser(self.handler, person)
        environ = browser.environ(EMPTY)
        assert browser.send(environ).status == 200, "the empty page does not open"
        return lambda: browser.send(environ)

    def people(self) -> int:
        """Return how many people are in service in the largest municipality."""
        return Staff.objects.filter(municipality=self.largest).in_service_on(self.today).count()


def measured(size: Size, say: Callable[[str], None]) -> Iterator[Measured]:
    """Fill the database of the settings to a size, and yield everything that is measured there."""
    load_lasdec()
    generated = generate(
        municipalities=size.municipalities, staff=size.staff, years=size.years, seed=SEED, say=say
    )
    ratings = generated.rows["assessments_rating"]
    yield (
        "generate.rate",
        ratings / generated.seconds,
        f"{generated.total:,} rows in {generated.seconds:.0f} s",
    )
    settle()
    yield (
        "disk.per_million",
        _bytes() / 1e6 / (ratings / _MILLION),
        f"{_bytes() / 1e6:,.0f} MB, {ratings:,} ratings",
    )
    today = timezone.localdate()
    began = time.monotonic()
    counted = 0
    for one in Municipality.objects.order_by("code"):
        # All of them, so that the nation can be summed; the product counts large ones alone.
        counted += count_all(municipality=one, on=today, tallied_from=0)
    took = time.monotonic() - began
    yield "tallies.rate", counted / took, f"{counted:,} departments in {took:.0f} s"
    settle()
    largest = Municipality.objects.annotate(people=Count("staff")).order_by("-people").first()
    assert largest is not None
    cycle = Cycle.objects.reported(largest.pk)
    assert cycle is not None
    world = World(size, generated, largest, cycle, today, WSGIHandler())
    for measure in (_department, _prefecture, _nation, _pages):
        say(measure.__doc__ or "")
        yield from measure(world)


def settle() -> None:
    """Let the database look at what was written, as it would by itself before long."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _bytes() -> int:
    if connection.vendor == "sqlite":
        return Path(connection.settings_dict["NAME"]).stat().st_size
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return cursor.fetchone()[0]


def _department(world: World) -> Iterator[Measured]:
    """Coverage of a department of about ten people, over the empty page of the same process."""
    main = Posting.objects.active_on(world.today).filter(municipality=world.largest, kind=Posting.Kind.MAIN)
    sizes = main.values("department").annotate(people=Count("pk")).filter(people__gte=8, people__lte=12)
    place = Department.objects.get(pk=sizes.order_by("people", "department").last()["department"])
    asked = {"municipality_id": world.largest.pk, "cycle": world.cycle, "on": world.today, "path": place.path}

    def cover() -> None:
        snapshot(**asked).coverage(place.path, place.name)

    browser, empty = world.browser(), world.yardstick()
    ratio = compare(cover, empty, rounds=60)
    # Both are held against size S by whoever started the two (bench.sizes.__main__).
    yield "report.growth", ratio.value, str(ratio)
    page = browser.environ(reverse("gaps:department", args=[place.uuid]))
    assert browser.send(page).status == 200, "the report does not open"
    ratio = compare(lambda: browser.send(page), empty, rounds=40)
    yield "page.department.growth", ratio.value, str(ratio)


def _prefecture(world: World) -> Iterator[Measured]:
    """Coverage of the largest municipality from its tallies, as 全庁のようす reads them, over the same person by person."""

    def cover(*, tallies: bool) -> tuple[Any, ...]:
        picture: Snapshot = snapshot(
            municipality_id=world.largest.pk,
            cycle=world.cycle,
            on=world.today,
            holders_only=True,
            tallies=tallies,
            levels=LEVELS,
        )
        report = picture.coverage("", "全庁", named=False)
        return (
            report.size,
            report.unrated,
            [(cell.cell.code, cell.count, cell.needed) for cell in report.cells],
        )

    assert cover(tallies=True) == cover(tallies=False), "tallies say something else"
    ratio = compare(lambda: cover(tallies=True), lambda: cover(tallies=False), rounds=9)
    yield "report.prefecture.ratio", ratio.value, f"{world.people():,} people: {ratio}"


def _nation(world: World) -> Iterator[Measured]:
    """Holders of each cell over all municipalities from their tallies, over numpy on the same confirmed steps in memory."""
    ours = CellTally.objects.filter(tally__in=Tally.objects.all()).values("cell").order_by("cell")

    def from_tallies() -> dict[int, int]:
        return {
            row["cell"]: row["held"]
            for row in ours.annotate(held=Sum(F("step3") + F("step4") + F("apart3") + F("apart4")))
        }

    found = from_tallies()
    newest = Sheet.objects.latest_confirmed(world.cycle.fiscal_year)
    rows = Confirmation.objects.filter(
        level=Confirmation.Level.FINAL, revision__in=newest.values("current_revision")
    ).values_list("cell", "step")
    steps = np.fromiter(rows.iterator(chunk_size=50_000), dtype=np.dtype("i4,i1"))
    cells, held = steps["f0"].copy(), steps["f1"] >= HOLDER_STEP
    count = max(found) + 1

    def by_numpy() -> Any:
        return np.bincount(cells[held], minlength=count)

    # Tallies leave out whoever is on leave or has left; they are few.
    theirs = by_numpy()
    assert all(0.8 * theirs[cell] <= number <= theirs[cell] for cell, number in found.items()), (
        "not the same people"
    )
    ratio = compare(from_tallies, by_numpy, rounds=9)
    yield "report.nation", ratio.value, f"{len(cells):,} steps: {ratio}"


def _pages(world: World) -> Iterator[Measured]:
    """全庁のようす and the search of people in the largest municipality, over the empty page."""
    browser = world.browser()
    # As a worker of the server does (config/gunicorn.py), which besides never filled a database.
    gc.collect()
    gc.freeze()
    base = median_ms(world.yardstick(), rounds=30)
    pages = {
        "page.overview.ratio": reverse("gaps:overview"),
        "page.people.ratio": f"{reverse('organization:people')}?q=田",
    }
    for name, path in pages.items():
        environ = browser.environ(path)
        assert browser.send(environ).status == 200, f"{path} does not open"
        took = median_ms(lambda environ=environ: browser.send(environ), rounds=9)
        yield name, took / base, f"{took:.0f} ms / {base:.1f} ms, {world.people():,} people"
    with CaptureQueriesContext(connection) as asked:
        browser.send(browser.environ(pages["page.people.ratio"]))
    yield "page.people.queries", len(asked), f"{world.people():,} people"
