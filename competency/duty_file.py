"""Duty files: YAML or JSON text in, frozen dataclasses out. Pure; knows no database.

The shape is described in competency/data/README.md. As with framework files, everything that is wrong is said at
once, each sentence with the place it is about.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from competency.framework_file import MAX_BYTES, FrameworkFileError, Reader, plain_data

# In characters; the columns of the model are as wide (a test compares them).
MAX_NAME, MAX_EXAMPLES, MAX_SOURCE = 80, 400, 200
MAX_HOLDERS = 99
GROUPS = ("common", "role", "single")
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


def parse_duties(text: str, known: Collection[str]) -> list[FileDuty]:
    """Read the list of duties, in the order of the file. `known` are the cell codes a duty may ask for.

    Raises DutyFileError with every fault found: unreadable text, a missing or unknown key, a code used twice, a
    cell that is not known, a number of holders outside 1 to 99.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise DutyFileError([f"ファイルが大きすぎます。{MAX_BYTES // 1000:,} KB までにしてください。"])
    try:
        data = plain_data(text)
    except FrameworkFileError as fault:
        raise DutyFileError(fault.errors) from fault
    reader = _DutyReader()
    duties = reader.duties(data, frozenset(known))
    if reader.errors:
        raise DutyFileError(reader.errors)
    return duties


class _DutyReader(Reader):
    """Turns plain data into duties and collects what is wrong on the way."""

    def duties(self, data: Any, known: frozenset[str]) -> list[FileDuty]:
        top = self.mapping(data, "ファイル", {"sources", "duties"})
        if top is None:
            return []
        sources = self.mapping(top.get("sources", {}), "ファイルの sources", set(GROUPS)) or {}
        cited = {group: self.text(sources, group, "ファイルの sources", limit=MAX_SOURCE) for group in GROUPS}
        return [
            self.duty(item, place, cited, known)
            for _, place, item in self.items(top, "duties", "ファイル", "業務")
        ]

    def duty(self, data: Any, place: str, cited: Mapping[str, str], known: frozenset[str]) -> FileDuty:
        row = self.mapping(data, place, {"code", "group", "name", "suited", "examples", "cells"}) or {}
        code = self.code(row, place, "duty")
        place = f"{place}「{code}」"
        group = self.choice(row, "group", place, GROUPS, needed=True)
        return FileDuty(
            code=code,
            group=group,
            name=self.text(row, "name", place, needed=True, limit=MAX_NAME),
            suited=self.choice(row, "suited", place, SUITED),
            examples=self.examples(row, place),
            source=cited.get(group, ""),
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
        if "examples" not in row:
            return ""
        found = EXAMPLES_JOINT.join(
            self.text({"examples": item}, "examples", below, needed=True, limit=MAX_NAME)
            for _, below, item in self.items(row, "examples", place, "例")
        )
        if len(found) > MAX_EXAMPLES:
            self.errors.append(f"{place}：examples は合わせて{MAX_EXAMPLES}字までにしてください。")
        return found

    def cells(self, data: Any, place: str, known: frozenset[str]) -> dict[str, int]:
        """Return holders by cell code; a duty that asks for no cell would never propose anything."""
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
