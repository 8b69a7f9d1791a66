"""What is measured, one function per group of figures; each builds its city and returns Figures."""

import gc
import uuid
from collections.abc import Callable
from functools import cached_property

from django.contrib.auth.hashers import check_password, make_password
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from access.routes import ROUTES
from assessments.models import Sheet
from assessments.workflow.sheets import submit
from bench import bare, pages, reading
from bench.bare import bare_connection
from bench.browser import Browser
from bench.data import PERSONAS, STATES, City, build_city, load_lasdec
from bench.exporting import exporting
from bench.importing import importing
from bench.loading import loading
from bench.results import Figure
from bench.timing import compare, median_ms
from bench.urls import EMPTY
from bench.weight import Scales
from bench.writers import PEOPLE as WRITING
from bench.writers import SECTION as WRITING_SECTION
from bench.writers import writing
from gaps.counting import holder_counts
from gaps.scenario_form import next_first_of_april
from gaps.training import Limits, Trainee, TrainingCell, propose
from organization.scope import actor_for

# The city of the department page is a 部長 and fifty people in one 課; that of reports has 62 課.
SMALL, LARGE, DEPARTMENT, REPORT = 8, 800, 51, 1000
# More than a page of any list shows; a statement that goes with the number of people shows as well.
SHORT_LARGE = 160
SECTION_SIZES = {DEPARTMENT: DEPARTMENT, REPORT: 16, WRITING: WRITING_SECTION}


class Bench:
    """One database with its cities, each made when first asked for."""

    def __init__(self, database: str, *, short: bool):
        self.database = database
        self.short = short
        self._cities: dict[int, City] = {}

    def rounds(self, full: int, short: int) -> int:
        """Return how often to repeat something."""
        return short if self.short else full

    @cached_property
    def version(self):
        """Return LASDEC 2012, stored and published."""
        with transaction.atomic():
            return load_lasdec()

    @cached_property
    def handler(self) -> WSGIHandler:
        """Return the application as a server would call it; made after the static files are collected."""
        return WSGIHandler()

    def city(self, people: int) -> City:
        """Return the city of so many people."""
        if people not in self._cities:
            with transaction.atomic():
                self._cities[people] = build_city(
                    self.version,
                    number=1 + len(self._cities),
                    people=people,
                    section_size=SECTION_SIZES.get(people, 40),
                    years=reading.YEARS if people == REPORT else 2,
                )
        return self._cities[people]

    def settle(self) -> None:
        """Let PostgreSQL look at what was written, as its autovacuum soon would; SQLite is left as the product leaves it."""
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")

    def figure(self, name: str, value: float, behind: object = "", *, everywhere: bool = False) -> Figure:
        """Return a figure under its printed name; `everywhere` is one that no database changes."""
        return Figure(name if everywhere else f"{name}.{self.database}", float(value), str(behind))


def queries(bench: Bench) -> list[Figure]:
    """Count the queries of every page at 8 and at 800 people (in a short run 160)."""
    many = bench.rounds(LARGE, SHORT_LARGE)
    pages.warm_up(bench.city(SMALL), bench.handler)
    for size in (SMALL, many):
        pages.warm_systems(bench.city(size), bench.handler)
    small = pages.tour(bench.city(SMALL), bench.handler, few=bench.short)
    large = pages.tour(bench.city(many), bench.handler, few=bench.short)
    most = pages.heaviest(small.opened + large.opened)
    apart = pages.differences(small.opened, large.opened)
    closed = large.unopened()
    return [
        bench.figure("queries.page.max", len(most.queries), most),
        bench.figure(
            "queries.page.difference", apart[0][0] if apart else 0, "; ".join(text for _, text in apart[:5])
        ),
        bench.figure("queries.page.unopened", len(closed), ", ".join(closed)),
    ]


def weight(bench: Bench) -> list[Figure]:
    """Weigh every page of a city of 50 as everybody who may open it."""
    city = bench.city(DEPARTMENT)
    scales = Scales()
    signed_out = scales.weigh(Browser(bench.handler), "organization:login", "/login/")
    assert signed_out is not None, "the sign-in page does not open"
    weights = [signed_out]
    for persona, actor in pages.actors_of(city, few=bench.short).items():
        browser = Browser(bench.handler, city.persona(persona))
        weights += [
            found
            for page in pages.pages_of(city, few=bench.short)
            if pages.may_try(actor, ROUTES[page.name].get)
            for found in [scales.weigh(browser, f"{page.name} as {persona}", page.path)]
            if found is not None
        ]
    first = max(weights, key=lambda one: one.first)
    later = max(weights, key=lambda one: one.later(signed_out.files))
    return [
        bench.figure("page.weight.first", first.first / 1000, first.name, everywhere=True),
        bench.figure("page.weight.later", later.later(signed_out.files) / 1000, later.name, everywhere=True),
    ]


def signin(bench: Bench) -> list[Figure]:
    """Time one password check with the product's own hash."""
    password = "mihon-shi-2026-demo"
    encoded = make_password(password)
    took = median_ms(lambda: check_password(password, encoded), rounds=bench.rounds(50, 15))
    return [bench.figure("signin.hash", took, encoded.split("$")[0], everywhere=True)]


def page_ratios(bench: Bench) -> list[Figure]:
    """Time the heavy pages against the empty page of the same person."""
    city = bench.city(DEPARTMENT)
    bench.settle()
    department = {
        "department": ("kacho", reverse("gaps:department", args=[city.sections[0].uuid])),
        "heatmap": ("kacho", reverse("gaps:heatmap", args=[city.sections[0].uuid])),
    }
    own, others = city.sheet_of(PERSONAS["honnin"]), city.sheet_of(6)
    sheet = {
        "filling in": ("honnin", reverse("assessments:sheet_edit", args=[own.uuid])),
        "confirming": ("kakari", reverse("assessments:sheet", args=[others.uuid])),
    }
    _forget_the_building()
    return [_worst(bench, "page.department.ratio", department), _worst(bench, "page.sheet.ratio", sheet)]


def _worst(bench: Bench, name: str, subjects: dict[str, tuple[str, str]]) -> Figure:
    """Return the largest ratio of several pages, each given as (persona, address)."""
    ratios = {}
    for label, (persona, path) in subjects.items():
        browser = Browser(bench.handler, bench.city(DEPARTMENT).persona(persona))
        page, empty = browser.environ(path), browser.environ(EMPTY)
        for environ in (page, empty):
            status = browser.send(environ).status
            assert status == 200, f"{environ['PATH_INFO']} as {persona} answers {status}"
        ratios[label] = compare(
            lambda browser=browser, page=page: browser.send(page),
            lambda browser=browser, empty=empty: browser.send(empty),
            rounds=bench.rounds(150, 25),
        )
    label = max(ratios, key=lambda one: ratios[one].value)
    behind = "; ".join(f"{one} {ratio}" for one, ratio in ratios.items())
    return bench.figure(name, ratios[label].value, behind)


def report(bench: Bench) -> list[Figure]:
    """Time coverage of 1,000 people through the report against the same aggregate by the bare driver."""
    city = bench.city(REPORT)
    bench.settle()
    asked = {
        "municipality_id": city.municipality.pk,
        "path": city.root.path,
        "on": city.today,
        "year": city.cycle.fiscal_year,
    }
    connection.ensure_connection()
    with bare_connection() as driver:
        version = city.cycle.framework_version
        ours, theirs = holder_counts(**asked, version=version), bare.holder_counts(driver, **asked)
        assert ours == theirs, f"the report says {ours}, the driver {theirs}"
        assert sum(ours.values()) > REPORT, "hardly anybody was counted"
        ratio = compare(
            lambda: holder_counts(**asked, version=version),
            lambda: bare.holder_counts(driver, **asked),
            rounds=bench.rounds(300, 75),
        )
    return [bench.figure("report.sql.ratio", ratio.value, ratio)]


def overview(bench: Bench) -> list[Figure]:
    """Time HR's whole view over a city of 1,000 people and 62 課, from the request to the last byte of the answer."""
    city = bench.city(REPORT)
    bench.settle()
    browser = Browser(bench.handler, city.persona("jinji"))
    environ = browser.environ(reverse("gaps:overview"))
    assert browser.send(environ).status == 200, "the overview does not open"
    _forget_the_building()
    took = median_ms(lambda: browser.send(environ), rounds=bench.rounds(40, 10))
    return [bench.figure("overview.ms", took, f"{len(city.sections)} departments, {REPORT} people")]


def growing(bench: Bench) -> list[Figure]:
    """Time what grows with years and people, and what a submission writes beside the sheet."""
    return [
        *reading.trends(bench, bench.city(REPORT)),
        *reading.heatmaps(bench, bench.city(DEPARTMENT), bench.city(REPORT)),
        *reading.submissions(bench, bench.city(DEPARTMENT)),
    ]


def scenario(bench: Bench) -> list[Figure]:
    """Time 「この内容で試す」 for a 課 of fifty: ten leave, somebody nameless comes."""
    city = bench.city(DEPARTMENT)
    bench.settle()
    browser = Browser(bench.handler, city.persona("kacho"))
    path = f"{reverse('gaps:scenario_new')}?department={city.sections[0].uuid}"
    fields = {
        "on": next_first_of_april(city.today).isoformat(),
        "leave": [str(person.uuid) for person in city.people[10:20]],
        "new-1": "on",
        "do": "try",
    }
    answer = browser.post(path, fields)
    assert answer.status == 200, f"trying moves answers {answer.status}"
    took = median_ms(lambda: browser.post(path, fields), rounds=bench.rounds(40, 10))
    return [bench.figure("scenario.ms", took, f"{DEPARTMENT - 1} people, 11 moves")]


def training(bench: Bench) -> list[Figure]:
    """Time the training proposal of 40 people × 17 cells, at the number of places that takes longest."""
    cells = [TrainingCell(f"c{n}", 1 + n * 7 % 6, n * 5 % 4, f"area{n // 2}", n % 3) for n in range(17)]
    people = [
        Trainee(place, {cell.code: (place * (7 + n) + n * 3) % 5 for n, cell in enumerate(cells)})
        for place in range(40)
    ]
    took = {
        places: median_ms(
            lambda places=places: propose(cells, people, Limits(places=places)), rounds=bench.rounds(10, 3)
        )
        for places in (3, 8, 20, 40)
    }
    worst = max(took, key=lambda places: took[places])
    return [bench.figure("training.ms", took[worst], f"{worst} places", everywhere=True)]


def _forget_the_building() -> None:
    """Keep what the cities left behind out of the garbage collector's way: a server that only serves has none of it."""
    gc.collect()
    gc.freeze()


def submitting(bench: Bench) -> list[Figure]:
    """Count the statements of a submission of 17 cells, the first one of a sheet and one after a 差戻し."""
    city = bench.city(DEPARTMENT)
    drafting, sent_back = STATES.index(Sheet.State.DRAFTING), STATES.index(Sheet.State.SENT_BACK)
    counts = {}
    # The persona at the first such place keeps the sheet that other figures look at.
    for label, place in (("first", drafting + len(STATES)), ("again", sent_back + len(STATES))):
        sheet = city.sheet_of(place)
        by = actor_for(city.people[place], city.today)
        connection.queries_log.clear()
        with CaptureQueriesContext(connection) as sent:
            done = submit(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=by, now=timezone.now())
        assert done.state == Sheet.State.SUBMITTED, done.state
        counts[label] = [query["sql"] for query in sent.captured_queries]
    most = max(counts, key=lambda label: len(counts[label]))
    heads = "; ".join(" ".join(sql.split()[:3]) for sql in counts[most])
    return [bench.figure("submit.queries", len(counts[most]), f"{most}: {heads}")]


MEASURES: dict[str, Callable[[Bench], list[Figure]]] = {
    "signin": signin,
    "weight": weight,
    "training": training,
    "page ratios": page_ratios,
    "report": report,
    "overview": overview,
    "growing": growing,
    "scenario": scenario,
    "submit": submitting,
    "writers": writing,
    "export": exporting,
    "queries": queries,
    "import": importing,
    "load": loading,
}
# Figures that no database changes are measured once.
ONCE = (signin, weight, training)
