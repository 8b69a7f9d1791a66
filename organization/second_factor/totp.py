"""Codes of an authenticator app (RFC 6238, by pyotp): the secret, what the app reads, and which code is right. Pure."""

import datetime
import hmac
import unicodedata
from urllib.parse import unquote

import pyotp
import segno

DIGITS = 6
# The purpose under which secrets are sealed (lib/sealing.py).
SEALED_FOR = "skill-rirekisho authenticator app 1"
# Seconds a code lives; clocks of telephones and servers differ by less than one such step.
STEP = 30
_AROUND = (0, -1, 1)
# White margin around a QR code, in modules, as the standard asks.
_BORDER = 4


def new_secret() -> str:
    """Return a fresh secret of 160 bits as an app takes it, in base32."""
    return pyotp.random_base32()


def uri_of(secret: str, *, account: str, issuer: str) -> str:
    """Return the otpauth:// address that an app reads from the QR code."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP).provisioning_uri(name=account, issuer_name=issuer)


def plain_code(text: str) -> str:
    """Return the digits of what somebody typed: full-width ones and blanks are taken; "" for anything else."""
    plain = "".join(unicodedata.normalize("NFKC", text).split()).replace("-", "")
    return plain if len(plain) == DIGITS and plain.isascii() and plain.isdigit() else ""


def step_of(secret: str, code: str, *, now: datetime.datetime, after: int) -> int | None:
    """Return the step whose code was given, None for a wrong code and for one at or before the step `after`."""
    generator = pyotp.TOTP(secret, digits=DIGITS, interval=STEP)
    current, found = int(now.timestamp()) // STEP, None
    # Every code is compared, so that the time does not say which one was near.
    for offset in _AROUND:
        step = current + offset
        if hmac.compare_digest(generator.at(step * STEP), code) and step > after:
            found = step
    return found


def grouped(secret: str) -> str:
    """Return the secret in groups of four, for typing into an app that cannot read the picture."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def picture(uri: str) -> tuple[int, str]:
    """Return (modules a side, path) of the QR code: the `d` of one SVG path of unit squares, without any style."""
    rows = list(segno.make(uri, error="m", micro=False).matrix_iter(border=_BORDER))
    path = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, module in enumerate(row) if module
    )
    return len(rows), path


def account_of(uri: str) -> str:
    """Return the label in an otpauth:// address, as an app shows it."""
    return unquote(uri.split("?")[0].rpartition("/")[2])
