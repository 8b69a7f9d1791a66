"""Every URL × method × role × (own, scope, outside, other municipality, nonexistent), generated from the table."""

import uuid
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.actor import Role
from access.routes import OPEN, ROUTES, SIGNED_IN, TOKEN
from access.table import Reach, may, reach
from organization.models import Department, Posting
from tests import builders as b
from tests.assessments import api
from tests.routes import URLS, address, groups

BACKEND = "organization.backends.StaffBackend"
PERSONAS = [
    "honnin",
    "dourei",
    "kakari",
    "kacho",
    "bucho",
    "betsuka",
    "jinji",
    "henshu",
    "kansa",
    "sysadmin",
]
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
# Rows that also open to whoever belongs to the department (P16: own department's coverage without names), and
# to roles that see figures only.
DEPARTMENT_ROWS = {"P16"}


def test_every_url_is_listed_and_every_listed_url_exists():
    assert set(URLS) == set(ROUTES)


def allowed(actor, row: str, target, kind: str | None, world) -> bool:
    """Ask the table whether this person may, for the target of ours."""
    if row == TOKEN:
        # Whoever is signed in: no person is a system.
        return False
    if row in (OPEN, SIGNED_IN):
        return True
    own, path = False, None
    if kind in ("staff", "sheet", "entry", "file", "foreign_record", "training"):
        own, path = actor.staff_id == world.honnin.pk, world.kakari_dept.path
    elif kind in ("department", "cell"):
        path = world.kakari_dept.path
        own = actor.belongs_to(path)
    elif kind in ("job", "saved_export", "passkey"):
        # Nobody sees another's, whatever their role.
        return actor.staff_id == world.honnin.pk
    elif kind == "event":
        # Ours is about a person: システム管理 finds technical ones alone.
        return actor.has(Role.HR) or actor.has(Role.AUDITOR)
    elif kind in ("measure", "scenario"):
        path = world.kakari_dept.path
    elif kind in (
        None,
        "duty",
        "survey",
        "crosswalk",
        "course",
        "cycle",
        "version_change",
        "issuer",
        "rights_request",
        "retention_run",
        "token",
        "alarm",
        "export_kind",
    ):
        # A page without an object asks only whether the role has the function at all; so does one about a year or a
        # duty of the whole municipality, which belong to no department.
        return any(reach(row, role) is not None for role in actor.roles)
    if row in DEPARTMENT_ROWS and any(reach(row, role) is Reach.COUNTS for role in actor.roles):
        return True
    return may(actor, row, own=own, path=path)


def call(client: Client, method: str, url: str):
    # A fixed request number: pages that show it would differ by nothing else.
    return client.generic(
        method,
        url,
        b"",
        content_type="application/x-www-form-urlencoded",
        headers={"X-Request-Id": "0123456789ab"},
    )


NOT_WALKED = {"organization:login", "organization:logout"}


@pytest.mark.parametrize("names", groups(ROUTES))
def test_signed_out(names, world, targets, client):
    wrong = [where for name in names for where in wrong_signed_out(name, targets, client)]
    assert wrong == []


def wrong_signed_out(name, targets, client):
    """Yield the methods of a URL that answer a stranger otherwise than they should."""
    route = ROUTES[name]
    target = targets.get(route.target, (None, None))[0]
    for method, row in (("GET", route.get), ("POST", route.post)):
        response = call(client, method, address(name, target))
        status = response.status_code
        if row is None:
            right = status in (302, 401, 405)
        elif row == OPEN:
            right = status not in (401, 403)
        elif row == TOKEN:
            right = status == 401 and bool({"error", "imsx_codeMajor"} & set(response.json()))
        elif method == "GET":
            right = status == 302 and response["Location"].startswith("/login/?next=")
        else:
            right = status == 401
        if not right:
            yield name, method, status


@contextmanager
def undone():
    """Take back whatever one walk does, so that the next one finds the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Visitors:
    """Everybody signed in once; a walk begins with their cookies, whatever the one before did to its own."""

    def __init__(self, world):
        self.actors = {persona: b.actor_of(getattr(world, persona)) for persona in PERSONAS}
        self._cookies = {}
        for persona in PERSONAS:
            client = Client()
            client.force_login(getattr(world, persona), backend=BACKEND)
            self._cookies[persona] = client.cookies.output(header="", sep=";")

    def client(self, persona):
        """Return a browser of this person."""
        client = Client()
        client.cookies.load(self._cookies[persona])
        return client


@pytest.fixture
def visitors(world, targets):
    """Return the personas with their browsers, in the world of this test."""
    return Visitors(world)


@pytest.mark.parametrize("names", groups(set(ROUTES) - NOT_WALKED))
def test_signed_in(names, world, targets, visitors):
    """What the table allows opens; what it refuses is 403 or 404; a method that is not there is 405.

    Methods that no page has are tried by one persona here, by everybody in the drill `authz`.
    """
    wrong = []
    for name in names:
        for persona in PERSONAS:
            methods = METHODS if persona == PERSONAS[0] else METHODS[:2]
            with undone():
                wrong += wrong_signed_in(name, persona, methods, world, targets, visitors)
    assert wrong == []


def wrong_signed_in(name, persona, methods, world, targets, visitors):
    """Yield the methods of a URL that answer one persona otherwise than the table says."""
    route, actor, client = ROUTES[name], visitors.actors[persona], visitors.client(persona)
    ours = targets.get(route.target, (None, None))[0]
    for method in methods:
        row = {"GET": route.get, "POST": route.post}.get(method)
        status = call(client, method, address(name, ours)).status_code
        if row is None:
            right = status in (403, 404, 405)
        elif allowed(actor, row, ours, route.target, world):
            right = status < 500 and status not in (401, 403, 404, 405)
        elif row == TOKEN:
            right = status == 401
        else:
            right = status in (403, 404)
        if not right:
            yield name, method, persona, status


@pytest.mark.parametrize(
    "names",
    groups(
        name
        for name, route in ROUTES.items()
        if route.target not in (None, "manual", "export_kind") and TOKEN not in (route.get, route.post)
    ),
)
def test_foreign_is_as_nothing(names, world, targets, visitors):
    """Another municipality's object and no object at all are refused alike, to the byte."""
    wrong = []
    for name in names:
        for persona in PERSONAS:
            with undone():
                wrong += told_apart(name, targets, visitors.client(persona), persona)
    assert wrong == []


def told_apart(name, targets, client, persona):
    """Yield the URL where its answers for a foreign object and for none differ, or one is no refusal."""
    route = ROUTES[name]
    foreign = targets[route.target][1]
    method = "GET" if route.get else "POST"
    missing = call(client, method, address(name, None))
    if missing.status_code not in (403, 404):
        yield name, persona, missing.status_code
    if foreign is not None:
        there = call(client, method, address(name, foreign))
        if (there.status_code, there.content) != (missing.status_code, missing.content):
            yield name, persona, there.status_code, missing.status_code


@pytest.mark.parametrize("name", sorted(name for name, route in ROUTES.items() if route.get == TOKEN))
def test_a_token_opens_what_asks_for_one_and_nothing_else(name, world, targets, client, settings):
    settings.EXPORT_KINDS = api.KINDS
    token, secret = b.make_token(world.jinji)
    bearer = {"Authorization": f"Bearer {secret}"}
    url = address(name, targets.get(ROUTES[name].target, (None, None))[0])
    assert client.get(url, headers=bearer).status_code == 200
    for wrong in (
        "",
        secret[:-1],
        secret.upper(),
        f"{secret}.",
        token.hint,
        str(token.uuid),
        token.token_hash,
    ):
        assert client.get(url, headers={"Authorization": f"Bearer {wrong}"}).status_code == 401, wrong
    assert client.get(url, headers={"Authorization": secret}).status_code == 401
    for method in METHODS[1:]:
        assert client.generic(method, url, headers=bearer).status_code == 405, method
    for row in sorted(name for name, route in ROUTES.items() if route.get not in (None, OPEN, TOKEN)):
        answer = client.get(address(row, targets.get(ROUTES[row].target, (None, None))[0]), headers=bearer)
        assert answer.status_code == 302, row


def test_former_head_no_longer_sees_from_the_day(world, client):
    """From 00:00 of the day a transfer takes effect (P15)."""
    today = timezone.localdate()
    Posting.objects.filter(staff=world.honnin).update(end=today)
    b.make_posting(world.honnin, world.jinjika, start=today)
    client.force_login(world.kacho, backend=BACKEND)
    for name in ("organization:person", "assessments:resume"):
        assert client.get(reverse(name, args=[world.honnin.uuid])).status_code == 404, name
    assert client.get(reverse("assessments:sheet", args=[world.sheet.uuid])).status_code == 404


def test_department_outside_the_line_is_as_nothing(world, client):
    client.force_login(world.kacho, backend=BACKEND)
    other = client.get(reverse("gaps:department", args=[world.jinjika.uuid]))
    missing = client.get(reverse("gaps:department", args=[uuid.uuid4()]))
    assert other.status_code == 404
    assert other.content == missing.content
    assert Department.objects.filter(pk=world.jinjika.pk).exists()
