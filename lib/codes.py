"""One-time sign-in codes: short enough to type from a printed slip, too many to guess."""

import re
import secrets
import unicodedata

# Without 0 and O, 1, I and L, which a printed slip does not keep apart. 31 ** 12 is about 59 bits.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 12
GROUP = 4

_IGNORED = re.compile(r"[\s\-‐‑‒–—―−ーｰ－_.]+")


def new_code() -> str:
    """Return a fresh random code, twelve characters of `ALPHABET` in groups of four: K7QX-2MRD-9TVB.

    It comes from the operating system's random source. Store a password hash of it, never the code.
    """
    return _grouped("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))


def normalise_code(text: str) -> str:
    """Return what a person typed in the form of `new_code()`, or "" where it cannot be a code.

    Full-width and small letters, spaces and any kind of dash, wherever they stand, are accepted.
    """
    plain = _IGNORED.sub("", unicodedata.normalize("NFKC", text)).upper()
    if len(plain) != LENGTH or any(char not in ALPHABET for char in plain):
        return ""
    return _grouped(plain)


def _grouped(plain: str) -> str:
    return "-".join(plain[at : at + GROUP] for at in range(0, LENGTH, GROUP))
