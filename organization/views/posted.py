"""Hidden fields of our own forms, read strictly: a request without them was made by no page of ours."""

import uuid

from access.refusals import Invalid


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
