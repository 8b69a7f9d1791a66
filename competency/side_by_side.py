"""Two versions side by side: which 項目 became which, and what differs in each, word by word."""

import difflib
import re
from dataclasses import dataclass

from competency.draft_reads import hops_of
from competency.draft_summary import FATE_WORDS
from competency.lineage import Fate, Revision, Source, fates
from competency.models import Cell, FrameworkVersion, Step

_WORD = re.compile(r"[一-龯々〆ヶ]+|[ぁ-ん]+|[ァ-ヺー]+|[A-Za-z0-9.]+|\s+|.", re.DOTALL)
_ICONS = {
    Fate.KEPT: "check", Fate.RENAMED: "arrow", Fate.SPLIT: "grid", Fate.JOINED: "grid", Fate.DROPPED: "none",
    Fate.NEW: "info",
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One thing that differs: its name, and the pieces as (same, gone or added; text)."""

    label: str
    pieces: list[tuple[str, str]]

    @property
    def before(self) -> list[tuple[str, str]]:
        """Return the pieces that stand on the left."""
        return [piece for piece in self.pieces if piece[0] != "added"]

    @property
    def after(self) -> list[tuple[str, str]]:
        """Return the pieces that stand on the right."""
        return [piece for piece in self.pieces if piece[0] != "gone"]


@dataclass(frozen=True)
class Pair:
    """What stands on the left and on the right of one line; either may be empty."""

    left: list[Cell]
    right: Cell | None
    fate: str
    icon: str
    changes: list[Change]

    @property
    def differs(self) -> bool:
        """Say whether anything is not the same."""
        return bool(self.changes) or self.fate != FATE_WORDS[Fate.KEPT]


def words_of(before: str, after: str) -> list[tuple[str, str]]:
    """Return how one text becomes the other, as a list of (same, gone or added; text), word by word."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    found: list[tuple[str, str]] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            found.append(("same", "".join(old[a:b])))
            continue
        if b > a:
            found.append(("gone", "".join(old[a:b])))
        if d > c:
            found.append(("added", "".join(new[c:d])))
    return found


def pairs_of(left: FrameworkVersion, right: FrameworkVersion) -> list[Pair]:
    """Return the lines of the comparison: the 項目 of the right in order, then what only the left has.

    What came from what is read from the origins where the right came from the left, else from the codes.
    """
    before, after = _cells(left), _cells(right)
    sources = _sources(left, right, set(before), list(after))
    found = fates(
        Revision(frozenset(before), None, {code: cell.label for code, cell in before.items()}),
        Revision(
            frozenset(after),
            {code: Source(tuple(sorted(codes))) for code, codes in sources.items()},
            {code: cell.label for code, cell in after.items()},
        ),
    )
    lines = []
    for code, cell in after.items():
        mine = [before[origin] for origin in sorted(sources[code], key=lambda each: before[each].rank)]
        fate = found[mine[0].code] if mine else Fate.NEW
        if len(mine) > 1:
            fate = Fate.JOINED
        lines.append(Pair(mine, cell, FATE_WORDS[fate], _ICONS[fate], _changes(mine, cell)))
    for code, cell in before.items():
        if found[code] is Fate.DROPPED:
            lines.append(Pair([cell], None, FATE_WORDS[Fate.DROPPED], _ICONS[Fate.DROPPED], []))
    return lines


def _cells(version: FrameworkVersion) -> dict[str, Cell]:
    found = Cell.objects.in_order().filter(version=version).prefetch_related("wordings")
    return {cell.code: cell for cell in found}


def _sources(
    left: FrameworkVersion, right: FrameworkVersion, known: set[str], codes: list[str]
) -> dict[str, set[str]]:
    """Return the codes of the left that each of the right came from; by the same code where it did not come from it."""
    came = {code: frozenset({code}) for code in codes}
    for key, _, origins in hops_of(right):
        if key == left.pk:
            return {code: set(found & known) for code, found in came.items()}
        came = {
            code: frozenset(one for each in found for one in origins.get(each, ()))
            for code, found in came.items()
        }
    return {code: {code} & known for code in codes}


def _changes(left: list[Cell], right: Cell) -> list[Change]:
    """Return what differs between a 項目 and the one it came from; of several, nothing is compared."""
    if len(left) != 1:
        return []
    old, new = _facts(left[0]), _facts(right)
    return [Change(label, words_of(old[label], new[label])) for label in new if old[label] != new[label]]


def _facts(cell: Cell) -> dict[str, str]:
    texts = {wording.step: wording.text for wording in cell.wordings.all()}
    return {
        "分類": cell.area.category.name,
        "区分": cell.area.name,
        "項目": cell.task,
        "項目コード": cell.code,
        "段階": cell.stage.name,
        "段階の位置": "確認済み" if cell.placement_confirmed else "要確認",
        "年度票": "使う" if cell.in_use else "使わない",
        "例": cell.example,
        "出典": cell.source,
        **{f"到達度{step.value}": texts.get(step.value, "") for step in Step},
    }
