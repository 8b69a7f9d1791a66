"""What every page of imports, people and departments has in common: who gets in, and at what cost."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from organization.models import HeaderMapping, Position
from tests import builders as b
from tests.organization.files import checked, row

BACKEND = "organization.backends.StaffBackend"
LISTS = [
    "/imports/",
    "/imports/templates/",
    "/people/",
    "/organization/",
    "/organization/new/",
    "/organization/positions/",
]
CHANGES = ["apply/", "discard/"]


def sign_in(client, staff):
    client.force_login(staff, backend=BACKEND)
    return client


@pytest.fixture
def pages(world):
    """Return {kind: (ours, foreign or None, nothing there)} addresses for HR."""
    ours = checked(world, row("0009001", "森 一", "010101"))
    foreign = checked(world, row("1", "外 一", world.foreign_department.code), by=b.actor_of(world.yoso))
    return {
        "/imports/{}/": (ours.uuid, foreign.uuid),
        "/imports/{}/map/": (ours.uuid, foreign.uuid),
        "/people/{}/": (world.honnin.uuid, world.yoso.uuid),
        "/people/{}/edit/": (world.honnin.uuid, world.yoso.uuid),
        "/people/{}/posting/": (world.honnin.uuid, world.yoso.uuid),
        "/organization/{}/edit/": (world.ka.uuid, world.foreign_department.uuid),
    }


def test_hr_opens_everything(client, world, pages):
    sign_in(client, world.jinji)
    for url in LISTS + [page.format(ours) for page, (ours, _) in pages.items()]:
        assert client.get(url).status_code == 200, url


@pytest.mark.parametrize("who", ["honnin", "kakari", "kacho", "henshu", "kansa", "sysadmin"])
def test_what_is_for_hr_alone_is_403(client, world, pages, who):
    sign_in(client, getattr(world, who))
    for url in LISTS + [page.format(ours) for page, (ours, _) in pages.items()]:
        if url == "/people/" or url == f"/people/{world.honnin.uuid}/":
            continue
        assert client.get(url).status_code == 403, url
    assert client.get("/imports/template/roster.csv").status_code == 403
    ours = pages["/imports/{}/"][0]
    for change in CHANGES:
        assert client.post(f"/imports/{ours}/{change}").status_code == 403


def test_foreign_and_missing_are_the_same_404(client, world, pages):
    sign_in(client, world.jinji)
    for page, (_, foreign) in pages.items():
        there, missing = client.get(page.format(foreign)), client.get(page.format(uuid.uuid4()))
        assert there.status_code == missing.status_code == 404, page
        if not page.startswith("/imports"):
            assert len(there.content) == len(missing.content), page
        assert client.get(page.format("nothing")).status_code == 404, page


def test_wrong_methods_are_405(client, world, pages):
    sign_in(client, world.jinji)
    ours = next(iter(pages.values()))[0]
    for change in CHANGES:
        assert client.get(f"/imports/{ours}/{change}").status_code == 405
    for url in ("/people/", "/organization/", f"/imports/{ours}/", f"/people/{world.honnin.uuid}/"):
        assert client.post(url).status_code == 405, url
    for url in ("/imports/", "/organization/positions/"):
        assert client.put(url).status_code == 405, url


def queries(client, url):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_queries_do_not_grow(client, world, pages):
    """At two sizes of everything that these pages list: as many queries, and at most fifteen."""
    sign_in(client, world.jinji)
    urls = LISTS + [page.format(ours) for page, (ours, _) in pages.items()]
    client.get("/people/")
    small = [queries(client, url) for url in urls]
    for n in range(30):
        department = b.make_department(world.city, f"第{n}課", parent=world.bu)
        b.make_posting(b.make_staff(world.city, f"見本 {n}"), department)
        b.make_posting(world.honnin, department, kind="additional")
        Position.objects.create(municipality=world.city, name=f"職{n}")
        HeaderMapping.objects.create(municipality=world.city, kind="roster", name=f"ひな形{n}")
    for _ in range(12):
        checked(world, *(row(f"70{n:03d}", f"見本 {n}", "010101") for n in range(20)))
    large = [queries(client, url) for url in urls]
    assert small == large
    assert max(large) <= 15
