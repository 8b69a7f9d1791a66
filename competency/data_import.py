"""What a file would change, ready to print: the same page for 業務, 期待像 and surveys (docs/adr/0047). Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from competency.qualifications_page import Figure


@dataclass(frozen=True)
class Change:
    """One thing that a file says something about: its code or kind, its name, and in words what becomes of it."""

    code: str
    name: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """Changes of one sort, 変わる業務, with what that means for people; `warns` marks what is taken away."""

    title: str
    changes: tuple[Change, ...]
    support: str = ""
    warns: bool = False


@dataclass(frozen=True)
class Preview:
    """Everything a file would change, and how many things it says that stand there already."""

    groups: tuple[Group, ...]
    same: int
    notes: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to take in."""
        return not self.notes and not any(group.changes for group in self.groups)

    @property
    def filled(self) -> list[Group]:
        """Return the groups that hold something."""
        return [group for group in self.groups if group.changes]

    def figures(self) -> list[Figure]:
        """Return what the preview counts, at most four figures."""
        counted = [
            Figure("short" if group.warns and group.changes else "key" if group.changes else "", group.title,
                   len(group.changes))
            for group in self.groups
        ]  # fmt: skip
        return [*counted[:3], Figure("", "そのまま", self.same)]


def fingerprint(said: Any) -> str:
    """Return a short text that is another as soon as anything of plain data is."""
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:32]


def numbers_changed(
    before: Mapping[str, int], after: Mapping[str, int], names: Mapping[str, str], unit: str
) -> list[str]:
    """Return in words which numbers by code differ, in the order of `after`; `names` are the codes on the screen."""
    codes = [*after, *(code for code in before if code not in after)]
    return [
        f"{names.get(code, code)}：{_number(before, code, unit)} → {_number(after, code, unit)}"
        for code in codes
        if before.get(code) != after.get(code)
    ]


def _number(numbers: Mapping[str, int], code: str, unit: str) -> str:
    return f"{numbers[code]}{unit}" if code in numbers else "なし"
