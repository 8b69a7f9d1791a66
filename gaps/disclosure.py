"""What of a cell's coverage somebody is shown: the words and numbers of a tile and of a row in a file. Pure.

Templates and files print what stands here and nothing else, so that a name or a small number cannot slip through.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from gaps.coverage import AreaCoverage, CellCoverage, DepartmentCoverage, Person, Status, worst
from gaps.policies import SMALL, Sight
from lib.charts import pips

# More names than these make a tile unreadable; the heatmap has them all.
_NAMED = 6
# The bands in which editors and auditors see numbers of people. Single numbers would give away a small unit by
# taking its neighbours from the unit above.
_BANDS = (SMALL, 10, 20, 50)
_FEW = f"{SMALL}人未満"
_HIDDEN = "非表示"


@dataclass(frozen=True)
class Tile:
    """One tile of the coverage map, ready to print. Empty text is left out; `url` leads to the cell's own page."""

    code: str
    name: str
    task: str
    css: str
    icon: str
    word: str
    word_note: str = ""
    count: str = ""
    of: str = ""
    pips: tuple[bool, ...] = ()
    lead: str = ""
    names: tuple[str, ...] = ()
    tail: str = ""
    apart: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True)
class AreaMark:
    """One field of the tree: class, icon and word of the worst status, and the count of covered cells."""

    css: str
    icon: str
    word: str
    text: str


@dataclass(frozen=True)
class Shown:
    """The coverage values of one cell for a file: None is an empty field."""

    needed: int | None
    count: int | str | None
    self_only: int | str | None
    nearest: int | str | None
    status: str


def banded(count: int) -> str:
    """Return the band a number of people lies in: 5人未満, 5〜9人, … 50人以上."""
    if count < SMALL:
        return _FEW
    for low, above in itertools.pairwise(_BANDS):
        if count < above:
            return f"{low}〜{above - 1}人"
    return f"{_BANDS[-1]}人以上"


def banded_status(needed: int | None, count: int) -> Status | None:
    """Return the status as far as the band alone tells it, None where it does not.

    Below five nothing is told, for 不在 is a count of none and 一人依存 a count of one.
    """
    if needed is None:
        return Status.UNSET
    if needed == 0:
        return Status.OUT
    if count < SMALL:
        return None
    low = max(edge for edge in _BANDS if edge <= count)
    high = min((edge - 1 for edge in _BANDS if edge > count), default=None)
    if low >= needed:
        return Status.OK
    return Status.SHORT if high is not None and high < needed else None


def tile(cell: CellCoverage, report: DepartmentCoverage, sight: Sight, url: str = "") -> Tile:
    """Return the tile of a cell as somebody with this sight may see it.

    `url` is the cell's own page, which is all names: the tile leads there only for those who see names.
    """
    if sight is Sight.BANDS:
        return _banded_tile(cell)
    one = cell.status
    base = {
        "code": cell.cell.code,
        "name": cell.cell.full_name,
        "task": cell.cell.task,
        "css": "plain" if one is Status.UNSET else one.value,
        "icon": "" if one is Status.UNSET else one.value,
        "word": cell.word,
    }
    if sight is Sight.WORDS:
        return Tile(**base)
    needed = "人" if cell.needed in (None, 0) else f"／ {cell.needed}人"
    lead, names, tail = _who(cell, report, sight)
    return Tile(
        **base,
        word_note=cell.word_note,
        count=str(cell.count),
        of=needed,
        pips=tuple(pips(cell.count, cell.needed)) if cell.needed else (),
        lead=lead,
        names=names,
        tail=tail,
        apart=_apart(cell, sight),
        url=url if sight is Sight.NAMES else "",
    )


def area_mark(area: AreaCoverage, cells: Sequence[CellCoverage], sight: Sight) -> AreaMark:
    """Return the field of the tree for the cells of one 区分."""
    if area.worst is Status.UNSET:
        return AreaMark("out", "", "", "未設定")
    if not area.needed:
        return AreaMark("out", "", "対象外", "―")
    if sight is Sight.BANDS:
        known = [one for one in (banded_status(c.needed, c.count) for c in cells) if one and one.severity > 1]
        if len(known) < area.needed:
            return AreaMark("out", "", "", _HIDDEN)
        one = worst(known)
        return AreaMark(one.value, one.value, one.label, f"{known.count(Status.OK)}／{area.needed}")
    text = f"{area.covered}／{area.needed}"
    if area.unrated:
        return AreaMark("unknown", "unrated", "未評価", text)
    return AreaMark(area.worst.value, area.worst.value, area.worst.label, text)


def shown(cell: CellCoverage, sight: Sight) -> Shown:
    """Return the values of a cell for a file."""
    if sight is Sight.NAMES or sight is Sight.COUNTS:
        return Shown(
            cell.needed, cell.count, len(cell.self_only), len(cell.nearest), cell.word + cell.word_note
        )
    if sight is Sight.WORDS:
        return Shown(None, None, None, None, cell.word)
    told = banded_status(cell.needed, cell.count)
    bands = [banded(count) for count in (cell.count, len(cell.self_only), len(cell.nearest))]
    # The wave that CP932 has; the other one would come back changed.
    count, self_only, nearest = (band.replace("〜", "\uff5e") for band in bands)
    return Shown(cell.needed, count, self_only, nearest, told.label if told else "")


def banded_answer(report: DepartmentCoverage) -> str:
    """Return the answer for editors and auditors: only what at least five people carry."""
    judged = report.judged
    if not judged:
        return "必要人数が未設定か、どの項目も対象外です。"
    covered = sum(banded_status(cell.needed, cell.count) is Status.OK for cell in judged)
    told = f"必要な{len(judged)}項目のうち、{covered}項目は、できる人が{SMALL}人以上いて足りています。"
    return told + f"{SMALL}人未満の人数と、そこから決まる状態は表示しません。"


def listed(people: Sequence[Person]) -> tuple[tuple[str, ...], str]:
    """Return the first short names with their commas, and what stands behind them (ほか3人)."""
    first = [person.short for person in people[:_NAMED]]
    names = tuple(f"{name}、" for name in first[:-1]) + tuple(first[-1:])
    rest = len(people) - len(first)
    return names, f"ほか{rest}人" if rest else ""


def _who(cell: CellCoverage, report: DepartmentCoverage, sight: Sight) -> tuple[str, tuple[str, ...], str]:
    """Return lead, names and tail of the line that says who: あと一歩 髙橋、佐藤 / 𠮷田 だけ."""
    if cell.status is Status.OUT:
        return "", (), ""
    nobody = not cell.holders
    if sight is not Sight.NAMES:
        return (f"あと一歩 {len(cell.nearest)}人" if nobody and cell.nearest else ""), (), ""
    if nobody and not cell.count:
        names, tail = listed(cell.nearest)
        return ("あと一歩" if names else ""), names, tail
    if report.size > 1 and len(cell.holders) == report.size:
        return "全員", (), ""
    names, tail = listed(cell.holders)
    return "", names, tail or ("だけ" if cell.count == 1 and names else "")


def _apart(cell: CellCoverage, sight: Sight) -> tuple[str, ...]:
    """Return the lines of what stands apart: self-only levels, 会計年度任用, people on leave, 委託常駐."""
    lines = []
    for label, people in (
        ("自己のみ", cell.self_only),
        ("会計年度任用", cell.fiscal_year),
        ("休職・育休", cell.on_leave),
    ):
        if people and sight is Sight.NAMES:
            names, tail = listed(people)
            lines.append(f"{label} {''.join(names)}{tail}")
        elif people:
            lines.append(f"{label} {len(people)}人")
    if cell.external:
        lines.append(f"委託常駐 {cell.external}人" + ("（数に含む）" if cell.external_counts else ""))
    return tuple(lines)


def _banded_tile(cell: CellCoverage) -> Tile:
    told = banded_status(cell.needed, cell.count)
    hidden = told is None or told is Status.UNSET
    return Tile(
        code=cell.cell.code,
        name=cell.cell.full_name,
        task=cell.cell.task,
        css="plain" if hidden else told.value,  # type: ignore[union-attr]  # None is hidden
        icon="" if hidden else told.value,  # type: ignore[union-attr]
        word=told.label if told else "",
        count=banded(cell.count) if cell.needed else "",
        of=f"／ {cell.needed}人" if cell.needed else "",
    )
