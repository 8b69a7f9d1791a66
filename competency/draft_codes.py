"""Codes of a draft: how they look, which one to propose, and what one meant before. Pure.

A code knows a cell through all revisions of a matrix, so one that once meant something else is never given to
another thing: people's records of earlier years would be read as records of it.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

_CODE = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
SHAPE = "英小文字と数字で書いてください。間にハイフンかピリオドを1つずつ入れられます。"


@dataclass(frozen=True)
class Ancestor:
    """One version that a draft came from: what its cells are called, and the cells of its base they came from."""

    name: str
    labels: Mapping[str, str]
    sources: Mapping[str, frozenset[str]]


def is_code(text: str) -> bool:
    """Say whether a text may be a code."""
    return _CODE.fullmatch(text) is not None


def propose(stem: str, taken: Collection[str], *, joint: str = ".") -> str:
    """Return the stem with the first number that is free: `internal-it.2`."""
    number = 1
    while f"{stem}{joint}{number}" in taken:
        number += 1
    return f"{stem}{joint}{number}"


def meant_before(code: str, origins: Iterable[str], ancestors: Sequence[Ancestor]) -> tuple[str, str] | None:
    """Return (version, label) where a code stood for something that a cell with these origins did not come from.

    None where it may be used. `ancestors` are the versions that the draft came from, the nearest first.
    """
    came = frozenset(origins)
    for ancestor in ancestors:
        if code in ancestor.labels and code not in came:
            return ancestor.name, ancestor.labels[code]
        came = frozenset(origin for each in came for origin in ancestor.sources.get(each, ()))
    return None
