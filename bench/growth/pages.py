"""The pages of the curves, opened in one generated municipality that holds so many people and three 年度."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from assessments.models import Cycle, Sheet
from bench.browser import Browser
from bench.data import load_lasdec
from bench.growth.curves import EMPTY, PAGES
from bench.sizes.bounds import Size
from bench.sizes.measures import SEED, World, settle
from config.generating import generate
from gaps.workflow.tallies import count_all
from organization.models import Municipality, Posting, Staff
from organization.models.position import LineRole

YEARS = 3


@dataclass(frozen=True)
class Timed:
    """One page: median, least and most in milliseconds."""

    page: str
    ms: float
    least: float
    most: float


def filled(people: int) -> World:
    """Fill the database of the settings with one municipality, tallied where the product would, and return it."""
    load_lasdec()
    generated = generate(municipalities=1, staff=people, years=YEARS, seed=SEED)
    today = timezone.localdate()
    municipality = Municipality.objects.get()
    count_all(municipality=municipality, on=today)
    settle()
    cycle = Cycle.objects.reported(municipality.pk)
    assert cycle is not None
    return World(Size(f"{people}", 1, people, YEARS), generated, municipality, cycle, today, WSGIHandler())


def timed(world: World, rounds: int) -> list[Timed]:
    """Open every page `rounds` times, all of them in turn, after one round that does not count."""
    acts = opened(world)
    # A server that only serves has nothing of what filling the database left in memory.
    gc.collect()
    gc.freeze()
    assert set(acts) == {*PAGES, EMPTY}
    took: dict[str, list[float]] = {name: [] for name in acts}
    for number in range(-1, rounds):
        for name, act in acts.items():
            began = time.perf_counter()
            act()
            if number >= 0:
                took[name].append((time.perf_counter() - began) * 1000)
    return [Timed(name, median(each), min(each), max(each)) for name, each in took.items()]


def opened(world: World) -> dict[str, Callable[[], object]]:
    """Return what opens each page, by its name; each was opened once and answered."""
    personnel = world.browser()
    sheet = _sheet(world)
    head = _head(world)
    addresses = {
        "sheet": (Browser(world.handler, sheet.staff), reverse("assessments:sheet_edit", args=[sheet.uuid])),
        "department": (
            Browser(world.handler, head.staff), reverse("gaps:department", args=[head.department.uuid]),
        ),
        "overview": (personnel, reverse("gaps:overview")),
        "people": (personnel, f"{reverse('organization:people')}?q=田"),
        "progress": (personnel, reverse("assessments:cycle_progress", args=[world.cycle.uuid])),
    }  # fmt: skip
    acts: dict[str, Callable[[], object]] = {EMPTY: world.yardstick()}
    for name, (browser, address) in addresses.items():
        environ = browser.environ(address)
        assert browser.send(environ).status == 200, f"{address} does not open"
        acts[name] = lambda browser=browser, environ=environ: browser.send(environ)
    return acts


def _sheet(world: World) -> Sheet:
    """Return a sheet of this year that its person is filling in, of somebody who leads nobody where there is one."""
    leads = Count("staff__postings", filter=~Q(staff__postings__line_role=LineRole.NONE))
    sheets = Sheet.objects.filter(cycle=world.cycle, state__in=Sheet.EDITABLE).select_related("staff")
    sheet = sheets.filter(staff__in=Staff.objects.in_service_on(world.today)).annotate(leads=leads)
    found = sheet.order_by("leads", "pk").first()
    assert found is not None, "nobody is filling in"
    return found


def _head(world: World) -> Posting:
    """Return the posting of the head of a department with about ten people of its own."""
    active = Posting.objects.active_on(world.today).filter(municipality=world.largest)
    main = active.filter(kind=Posting.Kind.MAIN).values("department").annotate(people=Count("pk"))
    near = {row["department"]: abs(row["people"] - 10) for row in main.filter(people__lte=20)}
    heads = active.filter(line_role=LineRole.HEAD, department__in=near).select_related("staff", "department")
    return min(heads, key=lambda one: (near[one.department_id], one.pk))


def engine() -> str:
    """Return the name and number of the database."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT sqlite_version()")
            return f"SQLite {cursor.fetchone()[0]}"
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0].split()[0]}"
