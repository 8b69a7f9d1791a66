"""Passwords as people type them: one form for the ways in which a keyboard writes the same letters."""

import unicodedata


def normalised(password: str) -> str:
    """Return the form that is hashed: NFKC, so that ａ and a, ｶﾞ and ガ are one, whatever the input method was set to."""
    return unicodedata.normalize("NFKC", password)


def spellings(password: str) -> list[str]:
    """Return what to compare with a hash: the form above, and what was typed where a hash from before may have it."""
    form = normalised(password)
    return [form] if form == password else [form, password]
