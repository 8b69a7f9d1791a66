"""What the pages of crosswalks and tags print, made without a request."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from competency.crosswalk_file import AREA, CELL, CrosswalkFile, Line, Link
from competency.data_import import Change, Group, Preview


@dataclass(frozen=True)
class Named:
    """The areas and cells of the version in use, by code, in the order of the matrix."""

    areas: Mapping[str, Any]
    cells: Mapping[str, Any]

    def name(self, link: Link) -> str:
        """Return what a linked part is called, its code where the version does not have it."""
        if link.target == AREA:
            return self.areas[link.code].name if link.code in self.areas else link.code
        return f"項目「{self.cells[link.code].full_name}」" if link.code in self.cells else link.code

    def has(self, link: Link) -> bool:
        """Say whether the version has the part."""
        return link.code in (self.areas if link.target == AREA else self.cells)

    def area_of(self, link: Link) -> str:
        """Return the code of the area of a part that the version has."""
        return link.code if link.target == AREA else self.cells[link.code].area.code


@dataclass(frozen=True)
class Slot:
    """Where a line and an area meet: the whole area, some of its cells by name, or nothing."""

    area: Any
    whole: bool
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """One line of the table, with the notes of its links and the codes that the version does not have."""

    line: Line
    slots: tuple[Slot, ...]
    notes: tuple[str, ...]
    strange: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Say whether nothing of the version belongs to it."""
        return not any(slot.whole or slot.cells for slot in self.slots)


@dataclass(frozen=True)
class Table:
    """Lines by areas, with what is missing on either side."""

    areas: tuple[Any, ...]
    rows: tuple[Row, ...]
    lonely_areas: tuple[str, ...]
    lonely_lines: tuple[str, ...]
    strange: tuple[str, ...]


def named(cells: Iterable[Any]) -> Named:
    """Return the parts of the version that these cells make up."""
    cells = list(cells)
    return Named({cell.area.code: cell.area for cell in cells}, {cell.code: cell for cell in cells})


def table(crosswalk: CrosswalkFile, parts: Named) -> Table:
    """Return the lines by the areas of a version."""
    rows = tuple(_row(line, parts) for line in crosswalk.lines)
    met = {slot.area.code for row in rows for slot in row.slots if slot.whole or slot.cells}
    return Table(
        areas=tuple(parts.areas.values()),
        rows=rows,
        lonely_areas=tuple(area.name for code, area in parts.areas.items() if code not in met),
        lonely_lines=tuple(row.line.name for row in rows if row.is_empty),
        strange=tuple(f"{row.line.name}：{'、'.join(row.strange)}" for row in rows if row.strange),
    )


def differences(before: CrosswalkFile | None, after: CrosswalkFile, parts: Named) -> Preview:
    """Return what would become of what is stored, in the words of an import."""
    had = {line.code: line for line in before.lines} if before else {}
    codes = {line.code for line in after.lines}
    new = [Change(line.code, line.name, _parts(line, parts)) for line in after.lines if line.code not in had]
    changed = [
        Change(line.code, line.name, _line_changes(had[line.code], line, parts))
        for line in after.lines
        if line.code in had and had[line.code] != line
    ]
    gone = [Change(line.code, line.name) for line in had.values() if line.code not in codes]
    return Preview(
        (
            Group("加わる行", tuple(new)),
            Group("変わる行", tuple(changed)),
            Group("なくなる行", tuple(gone), "ファイルにない行は、なくなります。", warns=True),
        ),
        same=sum(had.get(line.code) == line for line in after.lines),
        notes=tuple(_head_changes(before, after)),
    )


def _row(line: Line, parts: Named) -> Row:
    known = [link for link in line.links if parts.has(link)]
    slots = tuple(
        Slot(
            area,
            any(link.target == AREA and link.code == code for link in known),
            tuple(
                parts.cells[link.code].label
                for link in known
                if link.target == CELL and parts.area_of(link) == code
            ),
        )
        for code, area in parts.areas.items()
    )
    notes = tuple(f"{parts.name(link)}：{link.note}" for link in known if link.note)
    return Row(line, slots, notes, tuple(link.code for link in line.links if not parts.has(link)))


def _parts(line: Line, parts: Named) -> tuple[str, ...]:
    return ("、".join(parts.name(link) for link in line.links) or "対応する区分はありません",)


def _line_changes(before: Line, after: Line, parts: Named) -> tuple[str, ...]:
    told = [
        f"{label}：{was or 'なし'} → {now or 'なし'}"
        for label, was, now in (("名前", before.name, after.name), ("説明", before.note, after.note))
        if was != now
    ]
    was, now = {link.key: link for link in before.links}, {link.key: link for link in after.links}
    told += [f"加わる：{parts.name(link)}" for key, link in now.items() if key not in was]
    told += [f"外れる：{parts.name(link)}" for key, link in was.items() if key not in now]
    told += [
        f"{parts.name(link)}の説明：{was[key].note or 'なし'} → {link.note or 'なし'}"
        for key, link in now.items()
        if key in was and was[key].note != link.note
    ]
    return tuple(told) or ("対応の並び順が変わります",)


def _head_changes(before: CrosswalkFile | None, after: CrosswalkFile) -> list[str]:
    if before is None:
        return [f"新しい対応表かタグ「{after.name}」（出典：{after.source}）を加えます。"]
    pairs = (
        ("名前", before.name, after.name),
        ("出典の年", str(before.year), str(after.year)),
        ("出典", before.source, after.source),
        ("説明", before.note, after.note),
        ("対応", _settled(before), _settled(after)),
    )
    told = [f"{label}：{was or 'なし'} → {now or 'なし'}" for label, was, now in pairs if was != now]
    kept = [line.code for line in after.lines if before.line(line.code)]
    if kept != [line.code for line in before.lines if after.line(line.code)]:
        told.append("行の並び順が変わります。")
    return told


def _settled(file: CrosswalkFile) -> str:
    return "案" if file.proposal else "確かめたもの"


@dataclass(frozen=True)
class Tag:
    """One tag: of which set, what it is called, and what names it in an address."""

    key: str
    name: str
    set_name: str


@dataclass(frozen=True)
class TagLine:
    """One tag of the legend with how many cells have it."""

    tag: Tag
    note: str
    cells: int
    chosen: bool


@dataclass(frozen=True)
class TagSet:
    """One set of the legend."""

    name: str
    source: str
    proposal: bool
    lines: tuple[TagLine, ...]


@dataclass(frozen=True)
class Tags:
    """The legend, the tag that is chosen, and the tags of each cell by its code."""

    sets: tuple[TagSet, ...]
    chosen: Tag | None
    by_cell: Mapping[str, tuple[Tag, ...]]


def tags_of(found: Sequence[CrosswalkFile], cells: Iterable[Any], wanted: str) -> Tags:
    """Return the tags of a version's cells; those of the area count for each of its cells.

    `wanted` is the key of a tag, set:line; cells then show that tag alone. A key that is no tag chooses none.
    """
    cells = list(cells)
    by_cell: dict[str, list[Tag]] = {cell.code: [] for cell in cells}
    sets, chosen = [], None
    for each in found:
        lines = []
        for line in each.lines:
            tag = Tag(f"{each.code}:{line.code}", line.name, each.name)
            keys = {link.key for link in line.links}
            mine = [c.code for c in cells if f"{AREA}:{c.area.code}" in keys or f"{CELL}:{c.code}" in keys]
            chosen = tag if tag.key == wanted else chosen
            lines.append(TagLine(tag, line.note, len(mine), tag.key == wanted))
            for code in mine:
                by_cell[code].append(tag)
        sets.append(TagSet(each.name, each.source, each.proposal, tuple(lines)))
    return Tags(
        tuple(sets),
        chosen,
        {code: tuple(tag for tag in tags if chosen in (None, tag)) for code, tags in by_cell.items()},
    )
