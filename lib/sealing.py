"""Secrets that are kept or handed over and must be read again: encrypted under SECRET_KEY, read under former ones too.

Each purpose derives a key of its own, so that what was sealed for one cannot be opened for another (docs/adr/0058).
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db.models import Model
from django.db.transaction import atomic


class Unreadable(Exception):
    """What was sealed cannot be opened: SECRET_KEY is another than when it was made, and not among the former ones."""


def seal(data: bytes, purpose: str) -> bytes:
    """Return the data, encrypted and signed under today's SECRET_KEY."""
    return _boxes(purpose)[0].encrypt(data)


def unseal(sealed: bytes, purpose: str, *, seconds: int | None = None) -> bytes:
    """Return what `seal` hid for this purpose, within the last `seconds` where they are given; raises Unreadable."""
    try:
        return MultiFernet(_boxes(purpose)).decrypt(bytes(sealed), ttl=seconds)
    except InvalidToken:
        raise Unreadable from None


def is_current(sealed: bytes, purpose: str) -> bool:
    """Say whether today's SECRET_KEY opens it, without a former one."""
    try:
        _boxes(purpose)[0].decrypt(bytes(sealed))
    except InvalidToken:
        return False
    return True


def seal_rows_anew(model: type[Model], field: str, purpose: str) -> tuple[int, int]:
    """Seal a column under today's SECRET_KEY, row by row; return (sealed anew, unreadable). Done twice it changes nothing."""
    rows = model._default_manager
    done = unreadable = 0
    for pk in list(rows.order_by("pk").values_list("pk", flat=True)):
        with atomic():
            sealed = rows.select_for_update().filter(pk=pk).values_list(field, flat=True).first()
            if sealed is None or is_current(sealed, purpose):
                continue
            try:
                anew = seal(unseal(sealed, purpose), purpose)
            except Unreadable:
                unreadable += 1
                continue
            rows.filter(pk=pk).update(**{field: anew})
            done += 1
    return done, unreadable


def _boxes(purpose: str) -> list[Fernet]:
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [Fernet(base64.urlsafe_b64encode(_derived(secret, purpose))) for secret in secrets]


def _derived(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())
