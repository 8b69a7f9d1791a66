"""A condition as the words it is made of, so that ours can be compared with what a database writes down of it."""

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"'(?:[^']|'')*'|\"[^\"]+\"|::|[<>!=]+|-?\d+(?:\.\d+)?|\w+|\S")
_NUMBER = re.compile(r"'(-?\d+)'")
_NOISE = frozenset("()[],")
# What follows `::`; PostgreSQL names the type of every constant.
_TYPE_WORDS = frozenset({"varying", "precision", "time", "zone", "with", "without"})


def words_of(condition: str) -> str:
    """Return the words of an SQL condition, parentheses, casts and quotes left out, IN and = ANY (ARRAY …) alike.

    Without parentheses two conditions of one row of words read the same: enough to tell one that was changed by a
    fault or emptied, and no proof against somebody who looks for such a pair.
    """
    found: list[str] = []
    tokens = [_NUMBER.sub(r"\1", token) for token in _without_casts(_TOKEN.findall(condition))]
    at = 0
    while at < len(tokens):
        token, step = tokens[at], 1
        low = [each.lower() for each in tokens[at : at + 4]]
        if low[:3] == ["=", "any", "array"]:
            found.append("in")
            step = 3
        elif low[0] == "between" and low[2:3] == ["and"]:
            found += [">=", tokens[at + 1], "and", found[-1], "<="]
            step = 3
        elif low[1:2] == ["."]:
            # The table before a column.
            step = 2
        else:
            found.append(_plain(token))
        at += step
    return " ".join(found)


def _plain(word: str) -> str:
    return {"!=": "<>"}.get(word, word if word.startswith("'") else word.strip('"').lower())


def conditions_in(statement: str) -> list[str]:
    """Return the words of every CHECK in a CREATE TABLE, in the order of the statement."""
    begun = re.finditer(r"\bCHECK\s*\(", statement, re.IGNORECASE)
    return [words_of(statement[one.end() : _end(statement, one.end())]) for one in begun]


def _end(statement: str, at: int) -> int:
    """Return where the parenthesis that is open at a place closes; a quoted one is no parenthesis."""
    depth = 1
    for match in re.finditer(r"'(?:[^']|'')*'|[()]", statement[at:]):
        depth += {"(": 1, ")": -1}.get(match.group(), 0)
        if not depth:
            return at + match.start()
    return len(statement)


def _without_casts(tokens: list[str]) -> Iterator[str]:
    at = 0
    while at < len(tokens):
        if tokens[at] == "::":
            at += 2
            while at < len(tokens) and (tokens[at].lower() in _TYPE_WORDS or tokens[at] in "[]"):
                at += 1
            continue
        if tokens[at] not in _NOISE:
            yield tokens[at]
        at += 1
