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
from tests.routes import URLS, address

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


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_signed_out(name, world, targets, client):
    route = ROUTES[name]
    target = targets.get(route.target, (None, None))[0]
    for method, row in (("GET", route.get), ("POST", route.post)):
        response = call(client, method, address(name, target))
        if row is None:
            assert response.status_code in (302, 401, 405), (name, method)
        elif row == OPEN:
            assert response.status_code not in (401, 403), (name, method)
        elif row == TOKEN:
            assert response.status_code == 401, (name, method)
            assert {"error", "imsx_codeMajor"} & set(response.json()), (name, method)
        elif method == "GET":
            assert response.status_code == 302, (name, method)
            assert response["Location"].startswith("/login/?next="), (name, method)
        else:
            assert response.status_code == 401, (name, method)


@contextmanager
def undone():
    """Take back whatever one persona does, so that the next one finds the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", sorted(set(ROUTES) - {"organization:login", "organization:logout"}))
def test_signed_in(name, world, targets):
    """What the table allows opens; what it refuses is 403 or 404; a method that is not there is 405."""
    for persona in PERSONAS:
        with undone():
            walk(name, persona, world, targets, Client())


def walk(name, persona, world, targets, client):
    """Call one URL by every method as one persona."""
    route, staff = ROUTES[name], getattr(world, persona)
    client.force_login(staff, backend=BACKEND)
    actor = b.actor_of(staff)
    ours = targets.get(route.target, (None, None))[0]
    for method in METHODS:
        row = {"GET": route.get, "POST": route.post}.get(method)
        url = address(name, ours)
        response = call(client, method, url)
        where = (name, method, persona, response.status_code)
        assert response.status_code < 500, where
        if row is None:
            assert response.status_code in (403, 404, 405), where
            continue
        if allowed(actor, row, ours, route.target, world):
            assert response.status_code not in (401, 403, 404, 405), where
        elif row == TOKEN:
            assert response.status_code == 401, where
        else:
            assert response.status_code in (403, 404), where


@pytest.mark.parametrize(
    "name",
    sorted(
        name
        for name, route in ROUTES.items()
        if route.target not in (None, "manual", "export_kind") and TOKEN not in (route.get, route.post)
    ),
)
def test_foreign_is_as_nothing(name, world, targets):
    """Another municipality's object and no object at all are refused alike, to the byte."""
    for persona in PERSONAS:
        with undone():
            compare(name, persona, world, targets, Client())


def compare(name, persona, world, targets, client):
    """Ask for a foreign object and for none as one persona."""
    route = ROUTES[name]
    client.force_login(getattr(world, persona), backend=BACKEND)
    foreign = targets[route.target][1]
    method = "GET" if route.get else "POST"
    missing = call(client, method, address(name, None))
    assert missing.status_code in (403, 404), (name, persona, missing.status_code)
    if foreign is not None:
        there = call(client, method, address(name, foreign))
        assert there.status_code == missing.status_code, (name, persona)
        assert there.content == missing.content, (name, persona)


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
