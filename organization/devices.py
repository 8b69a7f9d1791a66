"""The browser on which somebody has signed in before, by a signed cookie: strangers' failures do not hold it up.

It is no way in and no factor. It carries a random number and, for each name that signed in here, a hash; a device
counts as known for those names alone, for otherwise anybody's own sign-in would open new tries at everybody's name.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpResponse

from organization.attempts import name_tag

NAME = f"{settings.COOKIE_PREFIX}device"
_SALT = "organization.devices"
_AGE = 400 * 24 * 60 * 60
# A shared PC; whoever signed in there longest ago is forgotten.
_MOST_NAMES = 12
_TAG = 16


def device_of(request, name: str) -> str:
    """Return the number of this browser where the name has signed in on it before, else ""."""
    number, tags = _read(request)
    return number if set(tags) & set(_tags(name)) else ""


def remember_device(request, response: HttpResponse, *names: str) -> None:
    """Let the browser carry that these names, one person's, have signed in on it."""
    number, tags = _read(request)
    new = [_tags(name)[0] for name in names]
    tags = list(dict.fromkeys([*new, *tags]))[:_MOST_NAMES]
    response.set_cookie(
        NAME,
        signing.dumps([number or secrets.token_hex(8), tags], salt=_SALT),
        max_age=_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request) -> tuple[str, list[str]]:
    try:
        number, tags = signing.loads(request.COOKIES.get(NAME, ""), salt=_SALT, max_age=_AGE)
    except (signing.BadSignature, ValueError, TypeError):
        return "", []
    return number, tags


def _tags(name: str) -> list[str]:
    """Return the mark of a name under today's SECRET_KEY, then under the former ones: a browser is known through a change."""
    secrets_known = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [name_tag(name, secret=secret)[:_TAG] for secret in secrets_known]
