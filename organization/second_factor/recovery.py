"""予備コード: ten codes on paper. One slow hash answers for a whole set, whose salt is one. Pure but for randomness."""

from collections.abc import Sequence

from django.contrib.auth.hashers import get_hasher, identify_hasher, make_password
from django.utils.crypto import constant_time_compare

from lib.codes import new_code, normalise_code

COUNT = 10


def new_set() -> tuple[list[str], list[str]]:
    """Return ten codes to show once, and their hashes in the same order."""
    codes = [new_code() for _ in range(COUNT)]
    salt = get_hasher().salt()
    return codes, [make_password(code, salt=salt) for code in codes]


def matching(given: str, hashes: Sequence[str]) -> str | None:
    """Return the hash of the code that was given, None for none; costs one hash however many there are."""
    code = normalise_code(given)
    if not hashes or not code:
        return None
    hasher = identify_hasher(hashes[0])
    encoded = hasher.encode(code, hasher.decode(hashes[0])["salt"])
    found = None
    for each in hashes:
        if constant_time_compare(each, encoded):
            found = each
    return found
