"""Duty files: YAML or JSON text in, frozen dataclasses out. Pure; knows no database.

The shape is described in competency/data/README.md. As with framework files, everything that is wrong is said at
once, each sentence with the place it is about.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from competency.framework_file import MAX_BYTES, MAX_ITEMS, FrameworkFileError, Reader, plain_data

# In characters; the columns of the model are as wide (a test compares them).
MAX_NAME, MAX_EXAMPLES, MAX_SOURCE = 80, 400, 200
MAX_HOLDERS = 99
GROUPS = ("common", "role", "single")
# In a municipality's own file there are its own duties too.
OWN_GROUPS = (*GROUPS, "own")
SUITED = ("staff", "outsource")
EXAMPLES_JOINT = "、"


@dataclass(frozen=True)
class FileDuty:
    """One duty of a file: what it is, and how many holders of which cell it asks for."""

    code: str
    group: str
    name: str
    suited: str
    examples: str
    source: str
    cells: Mapping[str, int]


class DutyFileError(FrameworkFileError):
    """The file cannot be used. `errors` is the list of Japanese sentences that say why and where."""


def parse_duties(text: str, known: Collection[str], *, own: bool = False) -> list[FileDuty]:
    """Read the list of duties, in the order of the file. `known` are the cell codes a duty may ask for.

    `own` reads a municipality's file: duties of its own are in it, and one may ask for no cell.

    Raises DutyFileError with every fault found: unreadable text, a missing or unknown key, a code used twice, a
    cell that is not known, a number of holders outside 1 to 99.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise DutyFileError([f"ファイルが大きすぎます。{MAX_BYTES // 1000:,} KB までにしてください。"])
    try:
        data = plain_data(text)
    except FrameworkFileError as fault:
        raise DutyFileError(fault.errors) from fault
    reader = _DutyReader(own=own)
    duties = reader.duties(data, frozenset(known))
    if reader.errors:
        raise DutyFileError(reader.errors)
    return duties


def dump_duties(duties: Sequence[FileDuty]) -> dict[str, Any]:
    """Return duties in the shape of a municipality's file; `parse_duties` of it, with `own`, gives them back."""
    sources = {duty.group: duty.source for duty in reversed(duties) if duty.source}
    return {
        "sources": {group: sources[group] for group in OWN_GROUPS if group in sources},
        "duties": [_dump_duty(duty, sources.get(duty.group, "")) for duty in duties],
    }


def _dump_duty(duty: FileDuty, source: str) -> dict[str, Any]:
    shape: dict[str, Any] = {"code": duty.code, "group": duty.group, "name": duty.name}
    if duty.suited:
        shape["suited"] = duty.suited
    if duty.source != source:
        shape["source"] = duty.source
    if duty.examples:
        parts = duty.examples.split(EXAMPLES_JOINT)
        listed = all(part and part == part.strip() and len(part) <= MAX_NAME for part in parts)
        shape["examples"] = parts if listed and len(parts) <= MAX_ITEMS else duty.examples
    return {**shape, "cells": dict(duty.cells)}


@dataclass
class _DutyReader(Reader):
    """Turns plain data into duties and collects what is wrong on the way."""

    own: bool = False

    def duties(self, data: Any, known: frozenset[str]) -> list[FileDuty]:
        top = self.mapping(data, "ファイル", {"sources", "duties"})
        if top is None:
            return []
        groups = OWN_GROUPS if self.own else GROUPS
        sources = self.mapping(top.get("sources", {}), "ファイルの sources", set(groups)) or {}
        cited = {group: self.text(sources, group, "ファイルの sources", limit=MAX_SOURCE) for group in groups}
        return [
            self.duty(item, place, cited, known)
            for _, place, item in self.items(top, "duties", "ファイル", "業務")
        ]

    def duty(self, data: Any, place: str, cited: Mapping[str, str], known: frozenset[str]) -> FileDuty:
        keys = {"code", "group", "name", "suited", "examples", "source", "cells"}
        row = self.mapping(data, place, keys) or {}
        code = self.code(row, place, "duty")
        place = f"{place}「{code}」"
        group = self.choice(row, "group", place, OWN_GROUPS if self.own else GROUPS, needed=True)
        source = self.text(row, "source", place, limit=MAX_SOURCE) if "source" in row else None
        return FileDuty(
            code=code,
            group=group,
            name=self.text(row, "name", place, needed=True, limit=MAX_NAME),
            suited=self.choice(row, "suited", place, SUITED),
            examples=self.examples(row, place),
            source=cited.get(group, "") if source is None else source,
            cells=self.cells(row.get("cells"), place, known),
        )

    def choice(
        self, row: dict[str, Any], key: str, place: str, known: tuple[str, ...], *, needed: bool = False
    ) -> str:
        found = self.text(row, key, place, needed=needed, limit=MAX_NAME)
        if found and found not in known:
            self.errors.append(f"{place}：{key} は {'、'.join(known)} のどれかで書いてください。")
        return found

    def examples(self, row: dict[str, Any], place: str) -> str:
        if isinstance(row.get("examples", ""), str):
            return self.text(row, "examples", place, limit=MAX_EXAMPLES)
        found = EXAMPLES_JOINT.join(
            self.text({"examples": item}, "examples", below, needed=True, limit=MAX_NAME)
            for _, below, item in self.items(row, "examples", place, "例")
        )
        if len(found) > MAX_EXAMPLES:
            self.errors.append(f"{place}：examples は合わせて{MAX_EXAMPLES}字までにしてください。")
        return found

    def cells(self, data: Any, place: str, known: frozenset[str]) -> dict[str, int]:
        """Return holders by cell code; a common duty that asks for no cell would never propose anything."""
        if self.own and data in ({}, None):
            return {}
        if not isinstance(data, dict) or not data:
            self.errors.append(f"{place}：cells に項目コードと人数の組を1つ以上書いてください。")
            return {}
        for code, holders in data.items():
            if code not in known:
                self.errors.append(f"{place}：項目コード「{code}」は、読み込まれている体系にありません。")
            if isinstance(holders, bool) or not isinstance(holders, int) or not 1 <= holders <= MAX_HOLDERS:
                self.errors.append(
                    f"{place}：項目「{code}」の人数は1から{MAX_HOLDERS}までの数で書いてください。"
                )
        return {str(code): holders for code, holders in data.items()}
