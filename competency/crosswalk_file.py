"""Files of crosswalks and tags: YAML or JSON text in, frozen dataclasses out, and back. Pure; knows no database.

The shape is described in competency/data/README.md. As with framework files, everything that is wrong is said at once,
each with its place. Parts of the matrix are named by code; a code that no version has is no fault of the file, for a
crosswalk outlives versions.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from competency.framework_file import (
    MAX_BYTES,
    MAX_CELL_CODE,
    MAX_CODE,
    FrameworkFileError,
    Reader,
    is_code,
    plain_data,
)

TAGS, CROSSWALK = "tags", "crosswalk"
AREA, CELL = "area", "cell"
# In characters; the columns of the models are as wide (a test compares them).
MAX_NAME, MAX_SOURCE, MAX_NOTE, MAX_PART_NOTE = 80, 300, 400, 200
MAX_LINES = 60
MAX_LINKS = 400
FIRST_YEAR, LAST_YEAR = 1950, 2100
_OF_FILE = {"code", "kind", "name", "year", "source", "note", "proposal", "items"}


@dataclass(frozen=True)
class Link:
    """A part of the matrix: its kind, AREA or CELL, and its code."""

    target: str
    code: str
    note: str = ""

    @property
    def key(self) -> str:
        """Return the two as one text, as forms send it."""
        return f"{self.target}:{self.code}"


@dataclass(frozen=True)
class Line:
    """One line of the other list, with the parts of the matrix that belong to it: areas first, then cells."""

    code: str
    name: str
    note: str = ""
    links: tuple[Link, ...] = ()

    def codes(self, target: str) -> tuple[str, ...]:
        """Return the codes of one kind, in order."""
        return tuple(link.code for link in self.links if link.target == target)


@dataclass(frozen=True)
class CrosswalkFile:
    """A whole file, and what is stored of one. `proposal` says that the links are a first proposal."""

    code: str
    kind: str
    name: str
    year: int
    source: str
    note: str = ""
    proposal: bool = False
    lines: tuple[Line, ...] = ()

    def line(self, code: str) -> Line | None:
        """Return one line by its code."""
        return next((line for line in self.lines if line.code == code), None)

    def with_line(self, line: Line) -> "CrosswalkFile":
        """Return it with a line in the place of the one of this code, or at the end."""
        if self.line(line.code) is None:
            return replace(self, lines=(*self.lines, line))
        return replace(self, lines=tuple(line if line.code == one.code else one for one in self.lines))

    def without_line(self, code: str) -> "CrosswalkFile":
        """Return it without the line of this code."""
        return replace(self, lines=tuple(one for one in self.lines if one.code != code))

    def moved(self, code: str, step: int) -> "CrosswalkFile":
        """Return it with a line one place up (-1) or down (1); as it is where there is no such place or line."""
        place = next((place for place, line in enumerate(self.lines) if line.code == code), None)
        if place is None or not 0 <= place + step < len(self.lines):
            return self
        lines = list(self.lines)
        lines[place], lines[place + step] = lines[place + step], lines[place]
        return replace(self, lines=tuple(lines))


class CrosswalkFileError(FrameworkFileError):
    """The file cannot be used. `errors` is the list of Japanese sentences that say why and where."""


def in_order(links: Sequence[Link]) -> tuple[Link, ...]:
    """Return links as a file keeps them: areas first, then cells, each in the order given."""
    return tuple(sorted(links, key=lambda link: link.target != AREA))


def parse_crosswalk(text: str) -> CrosswalkFile:
    """Read a crosswalk or a set of tags from YAML or JSON text; raises CrosswalkFileError with every fault found."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise CrosswalkFileError([f"ファイルが大きすぎます。{MAX_BYTES // 1000:,} KB までにしてください。"])
    try:
        data = plain_data(text)
    except FrameworkFileError as fault:
        raise CrosswalkFileError(fault.errors) from fault
    reader = _Reader()
    found = reader.crosswalk(data)
    if reader.errors or found is None:
        raise CrosswalkFileError(reader.errors)
    return found


def dump(crosswalk: CrosswalkFile) -> dict[str, Any]:
    """Return the crosswalk in the shape of a file; `parse_crosswalk` of it gives it back."""
    return {
        "code": crosswalk.code,
        "kind": crosswalk.kind,
        "name": crosswalk.name,
        "year": crosswalk.year,
        "source": crosswalk.source,
        **({"note": crosswalk.note} if crosswalk.note else {}),
        "proposal": crosswalk.proposal,
        "items": [_dump_line(line) for line in crosswalk.lines],
    }


def dumps(crosswalk: CrosswalkFile) -> str:
    """Return the crosswalk as JSON text, readable by people, ending in a newline."""
    return json.dumps(dump(crosswalk), ensure_ascii=False, indent=2) + "\n"


def _dump_line(line: Line) -> dict[str, Any]:
    shape: dict[str, Any] = {"code": line.code, "name": line.name}
    if line.note:
        shape["note"] = line.note
    for key, target in (("areas", AREA), ("cells", CELL)):
        found = [
            {"code": link.code, "note": link.note} if link.note else link.code
            for link in line.links
            if link.target == target
        ]
        if found:
            shape[key] = found
    return shape


class _Reader(Reader):
    """Turns plain data into a crosswalk and collects what is wrong on the way."""

    def crosswalk(self, data: Any) -> CrosswalkFile | None:
        top = self.mapping(data, "ファイル", _OF_FILE)
        if top is None:
            return None
        kind = self.text(top, "kind", "ファイル", needed=True, limit=MAX_CODE)
        if kind and kind not in (TAGS, CROSSWALK):
            self.errors.append("ファイル：kind は tags（タグ）か crosswalk（対応表）で書いてください。")
        return CrosswalkFile(
            code=self.code(top, "ファイル", "crosswalk"),
            kind=kind,
            name=self.text(top, "name", "ファイル", needed=True, limit=MAX_NAME),
            year=self.year(top),
            source=self.text(top, "source", "ファイル", needed=True, limit=MAX_SOURCE),
            note=self.text(top, "note", "ファイル", limit=MAX_NOTE),
            proposal=self.flag(top, "proposal", "ファイル", default=False),
            lines=self.lines(top),
        )

    def year(self, top: dict[str, Any]) -> int:
        year = top.get("year")
        if isinstance(year, bool) or not isinstance(year, int) or not FIRST_YEAR <= year <= LAST_YEAR:
            self.errors.append(
                f"ファイル：year は{FIRST_YEAR}から{LAST_YEAR}までの西暦の数字で書いてください。"
            )
            return FIRST_YEAR
        return year

    def lines(self, top: dict[str, Any]) -> tuple[Line, ...]:
        found = top.get("items", [])
        if not isinstance(found, list):
            self.errors.append("ファイル：items は行の一覧で書いてください。")
            return ()
        if len(found) > MAX_LINES:
            self.errors.append(f"ファイル：items が多すぎます（{len(found)}件。{MAX_LINES}件まで）。")
            return ()
        return tuple(self.line(item, f"行{position}") for position, item in enumerate(found, start=1))

    def line(self, data: Any, place: str) -> Line:
        row = self.mapping(data, place, {"code", "name", "note", "areas", "cells"}) or {}
        code = self.code(row, place, "item")
        place = f"{place}「{code}」" if code else place
        return Line(
            code=code,
            name=self.text(row, "name", place, needed=True, limit=MAX_NAME),
            note=self.text(row, "note", place, limit=MAX_PART_NOTE),
            links=(
                *self.links(row, "areas", AREA, place, MAX_CODE),
                *self.links(row, "cells", CELL, place, MAX_CELL_CODE),
            ),
        )

    def links(self, row: dict[str, Any], key: str, target: str, place: str, limit: int) -> tuple[Link, ...]:
        found = row.get(key, [])
        if not isinstance(found, list) or len(found) > MAX_LINKS:
            self.errors.append(f"{place}：{key} は符号を{MAX_LINKS}個まで並べて書いてください。")
            return ()
        made: list[Link] = []
        for position, item in enumerate(found, start=1):
            below = f"{place}の {key} の{position}"
            one = item if isinstance(item, dict) else {"code": item}
            one = self.mapping(one, below, {"code", "note"}) or {}
            code = self.text(one, "code", below, needed=True, limit=limit)
            if code and not is_code(code):
                self.errors.append(
                    f"{below}：code「{code}」は英小文字、数字、ハイフン、ピリオドで書いてください。"
                )
            if any(link.code == code for link in made):
                self.errors.append(f"{below}：code「{code}」が重複しています。")
            made.append(Link(target, code, self.text(one, "note", below, limit=MAX_PART_NOTE)))
        return tuple(made)
