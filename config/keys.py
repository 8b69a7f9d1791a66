"""Whether a SECRET_KEY is one that nobody guesses. Pure; the settings ask it before anything else starts."""

import re

SHORTEST = 50
_FEWEST_CHARACTERS = 16
_LONGEST_REPEAT = 8
_RUNS = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_RUN = 6
# What stands in examples, in half-filled files and in passwords.
_WORDS = re.compile(
    r"django-insecure|change|replace|insert|your[-_ ]|secret|password|passwort|example|sample|dummy|default|himitsu|"
    r"skill-?rirekisho|mihon-shi",
    re.IGNORECASE,
)
HOW = 'python3 -c "import secrets; print(secrets.token_urlsafe(50))"'


def weakness_of(key: str) -> str:
    """Return in a clause why a key is too weak, "" for a good one.

    Judged by what chance hardly ever does: of a hundred thousand keys of `secrets.token_urlsafe(50)` about one has such a
    word, run or repeat, while typed, repeated and copied ones do.
    """
    if not key:
        return "it is missing"
    if len(key) < SHORTEST:
        return f"it has {len(key)} characters and needs at least {SHORTEST}"
    if len(set(key)) < _FEWEST_CHARACTERS:
        return f"it is made of {len(set(key))} different characters only"
    if found := _WORDS.search(key):
        return f"“{found.group().lower()}” stands in it, as in an example"
    if any(key[at : at + _LONGEST_REPEAT] in key[at + 1 :] for at in range(len(key) - _LONGEST_REPEAT)):
        return "a part of it is repeated"
    lower = key.lower()
    for run in _RUNS:
        for way in (run, run[::-1]):
            if any(way[at : at + _RUN] in lower for at in range(len(way) - _RUN + 1)):
                return "characters stand in it in the order of the alphabet, the digits or the keyboard"
    return ""
