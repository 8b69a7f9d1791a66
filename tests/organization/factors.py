"""What the tests of 「2段階認証」 share: signing in by a password, codes of an app, questions in a page."""

import html
import re
import time

import pyotp
from django.utils import timezone

from lib.sealing import seal
from organization.models import AuthenticatorApp
from organization.second_factor import session as kept
from organization.second_factor.totp import SEALED_FOR
from organization.workflow.factors import new_codes
from tests import builders as b
from tests.authenticator import Device

STEP, PROOF = "/login/step/", "/factors/proof/"


def with_password(staff):
    """Give somebody the password of the builders."""
    staff.set_password(b.PASSWORD)
    staff.save(update_fields=["password"])
    return staff


def give_app(staff, *, secret: str = "") -> str:
    """Register an app for somebody; return its secret."""
    secret = secret or pyotp.random_base32()
    AuthenticatorApp.objects.create(
        municipality=staff.municipality, staff=staff, sealed=seal(secret.encode(), SEALED_FOR), added_at=timezone.now(),
        last_used_at=timezone.now(),
    )  # fmt: skip
    return secret


def give_codes(staff) -> list[str]:
    """Make ten codes on paper for somebody."""
    return new_codes(staff=staff, by=b.actor_of(staff), now=timezone.now())


def code_of(secret: str, *, steps: int = 0) -> str:
    """Return the code of now, or of so many steps later."""
    return pyotp.TOTP(secret).at(int(time.time()) + 30 * steps)


def first_step(client, staff, password: str = b.PASSWORD, **extra):
    """Send the name and the password."""
    return client.post("/login/", {"username": staff.username, "password": password, **extra}, secure=True)


def send(client, way: str, given: str, path: str = STEP, **extra):
    """Send one answer."""
    return client.post(path, {"way": way, "given": given, **extra}, secure=True)


def options_in(response) -> str:
    """Return what a page asks the device."""
    return html.unescape(re.search(r'data-options="([^"]*)"', response.content.decode())[1])


def prove_now(client):
    """Make a session one that has proven a second factor just now."""
    session = client.session
    session[kept.PROVEN_AT], session[kept.SECOND_FACTOR] = int(time.time()), "app"
    session.save()


def enrol(client, name: str = "職場のパソコン", **device) -> Device:
    """Register a passkey of a new device for whoever is signed in; return the device."""
    made = Device(**device)
    answer = made.make(options_in(client.get("/factors/passkeys/", secure=True)))
    response = client.post("/factors/passkeys/", {"name": name, "given": answer}, secure=True)
    assert response.status_code in (200, 302), response.content.decode()
    return made


def shown_secret(client) -> str:
    """Return the secret that the page shows to be read by an app."""
    return client.get("/factors/app/", secure=True).context["secret"].replace(" ", "")
