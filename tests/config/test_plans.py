"""Every page at 20,000 people: few queries, and none that goes through a large table from end to end (docs/adr/0074)."""

import importlib
import re

import pytest
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.test import Client
from django.test.utils import CaptureQueriesContext

from access.routes import ROUTES, TOKEN
from assessments.models import Sheet
from audit.models import Event
from bench import pages
from bench.data import build_city, load_lasdec
from organization.models import Posting, Staff
from organization.scope import actor_for
from tests.crowd import add_crowd
from tests.plans import end, look_at_the_tables, no_limit, scans
from tests.standing import make_room

BACKEND = "organization.backends.StaffBackend"
# 人事 and 監査 see everybody, 課長 asks the same of fewer.
VISITORS = ("jinji", "kacho", "kansa", "henshu", "honnin")
# What 部長 sees, whose line is all 20,000.
LISTS = {
    "organization:people", "organization:person", "assessments:home", "assessments:review", "assessments:unsubmitted",
    "assessments:resume", "assessments:sheet", "assessments:training_plan", "assessments:exports", "gaps:departments",
    "gaps:experienced", "gaps:scenarios",
}  # fmt: skip
MOST = 15
# Files hold everything on purpose, and are no pages.
FILE = re.compile(r"_(csv|xlsx|pdf|json|file|template|templates|export)$")
# What differs between two askings of the same question.
SHAPE = re.compile(r"'(?:[^']|'')*'|\b\d+\b")

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def city(django_db_setup, django_db_blocker):
    """A city with everything that pages show, and 20,000 people more."""
    with django_db_blocker.unblock():
        make_room()
    with django_db_blocker.unblock(), transaction.atomic():
        made = build_city(load_lasdec(), number=1, people=48, years=1)
        add_crowd(made)
        look_at_the_tables()
        yield made
        end()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def looked_at():
    """The shapes of queries whose plan was asked for already: pages share most of them."""
    return {}


def tour(city, visitor, looked_at, only=ROUTES):
    """Open every page of the city as somebody; return (pages opened, pages with too many queries, scans by page)."""
    staff = city.persona(visitor)
    actor = actor_for(staff, city.today)
    client = Client()
    client.force_login(staff, backend=BACKEND)
    seen, many, whole = set(), [], {}
    for page in pages.pages_of(city, few=True):
        guard = ROUTES[page.name].get
        if (
            guard == TOKEN
            or page.name not in only
            or page.name in seen
            or FILE.search(page.name)
            or not pages.may_try(actor, guard)
        ):
            continue
        sent, status = queries_of(client, page.path)
        assert status < 500, page
        if status != 200:
            continue
        seen.add(page.name)
        if len(sent) > MOST:
            # A process reads what is published once, and keeps it.
            sent, _ = queries_of(client, page.path)
        if len(sent) > MOST:
            many.append(f"{page.name} as {visitor}: {len(sent)} queries")
        for sql in sent:
            shape = SHAPE.sub("?", sql)
            if shape not in looked_at:
                looked_at[shape] = scans(sql) if sql.startswith(("SELECT", "(SELECT")) else []
            if looked_at[shape]:
                whole[page.name] = (looked_at[shape], sql[:3000])
    return seen, many, whole


def queries_of(client, path):
    """Open an address to its end; return (its queries, status)."""
    no_limit()
    connection.queries_log.clear()
    with CaptureQueriesContext(connection) as sent:
        answer = client.get(path)
        if answer.streaming:
            b"".join(answer.streaming_content)
    return [one["sql"] for one in sent.captured_queries], answer.status_code


def check(found):
    seen, many, whole = found
    assert not many
    assert not whole, "\n".join(f"{name}: {how}\n    {sql}" for name, (how, sql) in whole.items())
    return seen


@pytest.mark.parametrize("visitor", VISITORS)
def test_every_page_finds_its_rows_by_an_index(city, looked_at, visitor):
    assert len(check(tour(city, visitor, looked_at))) > 20


def test_a_line_of_everybody_too(city, looked_at):
    assert check(tour(city, "bucho", looked_at, only=LISTS)) == LISTS


# What people type and choose in the lists, which the bare addresses do not ask.
ASKED = [
    ("jinji", "/people/?q=タカハシ"),
    ("jinji", "/people/?q=0100123&state=all"),
    ("jinji", "/people/?department={place}&position=主事"),
    ("jinji", "/people/?page=300"),
    ("bucho", "/people/?q=高橋&page=2"),
    ("kansa", "/audit/?action=sheet.view&since=2026-04-01"),
    ("kansa", "/audit/?who=0000005"),
    ("kansa", "/audit/?whom=高橋"),
    ("kansa", "/audit/?address=192.0.2.1"),
    ("henshu", "/accounts/?q=高橋"),
    ("bucho", "/review/?page=100"),
    ("jinji", "/cycles/{cycle}/unsubmitted/?department={place}&what=confirm"),
    ("jinji", "/measures/?department={place}&state=all"),
    ("jinji", "/departments/?q=事務所&page=3"),
    ("jinji", "/people/experienced/?cell={cell}&step=3"),
    ("jinji", "/scenarios/new/?department={section}"),
]


@pytest.mark.parametrize(("visitor", "path"), ASKED)
def test_what_is_looked_for_is_found_by_an_index(city, visitor, path):
    client = Client()
    client.force_login(city.persona(visitor), backend=BACKEND)
    place = city.municipality.department_set.get(code="900007").uuid
    names = {
        "place": place, "cycle": city.cycle.uuid, "section": city.sections[0].uuid, "cell": city.cells[0].code,
    }  # fmt: skip
    sent, status = queries_of(client, path.format(**names))
    assert status == 200
    assert len(sent) <= MOST
    assert not [(how, sql) for sql in sent if sql.startswith("SELECT") for how in scans(sql)]


UNINDEXED = [
    Staff.objects.filter(name="高橋"),
    Staff.objects.filter(pk__in=Posting.objects.filter(position="主事").values("staff")),
    # The scope of the line as it once was: asked of everybody in turn.
    Staff.objects.filter(
        pk__in=Staff.objects.filter(Exists(Posting.objects.filter(staff=OuterRef("pk")))).values("pk")
    ),
    Sheet.objects.filter(position="主事").order_by("pk"),
    Event.objects.filter(action="sheet.view").order_by("-pk"),
]


@pytest.mark.parametrize("rows", UNINDEXED, ids=range(len(UNINDEXED)))
def test_a_query_without_an_index_is_noticed(city, rows):
    with CaptureQueriesContext(connection) as sent:
        list(rows[:50])
    assert scans(sent.captured_queries[0]["sql"])


def test_a_page_that_reads_a_whole_table_turns_the_check_red(city, monkeypatch):
    """A real page, whose search forgets that there are other municipalities."""
    view = importlib.import_module("organization.views.people")
    monkeypatch.setattr(view, "found", lambda actor, asked: Staff.objects.order_by("search"))
    _, _, whole = tour(city, "jinji", {}, only={"organization:people"})
    assert "organization_staff" in str(whole)
