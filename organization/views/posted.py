"""Hidden fields of our own forms, read strictly: a request without them was made by no page of ours."""

import datetime
import uuid
from typing import Any

from django.core import signing

from access.refusals import Conflict, Invalid

EXPIRED = "確かめてから時間がたちました。もう一度ファイルを選んでください。"
# How long a preview that travels signed through the page may be applied.
_KEPT_FOR = datetime.timedelta(hours=2)


def version_of(request) -> int:
    """Return the version that the page was made from; raises Invalid."""
    version = request.POST.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        raise Invalid
    return int(version)


def key_of(request) -> uuid.UUID:
    """Return the key that makes a repeated click one act; raises Invalid."""
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        raise Invalid from None


def signed_of(request, name: str, *, salt: str) -> dict[str, Any]:
    """Return what a page of ours signed into the field `name` for this person (`by` in it) and nobody else.

    Raises Conflict where that was too long ago, Invalid for anything else.
    """
    try:
        told = signing.loads(request.POST.get(name, ""), salt=salt, max_age=_KEPT_FOR)
    except signing.SignatureExpired:
        raise Conflict(EXPIRED) from None
    except signing.BadSignature:
        raise Invalid from None
    if told["by"] != request.actor.staff_uuid.hex:
        raise Invalid
    return told
