"""The parts of the page for 議会 and the 部長: no name, and nothing that needs a second sheet. Takes no request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from competency.matrix import Group, groups
from competency.reference import Skill
from gaps.coverage import DepartmentCoverage
from gaps.disclosure import tile
from gaps.four_way import Answer
from gaps.four_way_reads import Decided
from gaps.models import Measure
from gaps.policies import Sight


@dataclass(frozen=True)
class SkillLine:
    """One of the 13 skills with the answer that stands; `overridden` where the 所属長 gave it."""

    number: int
    short: str
    word: str
    css: str
    overridden: bool


@dataclass(frozen=True)
class Measures:
    """対応方針 by kind, what they cost together, and how many gaps have none.

    `kinds` are (word, number, cost) of the kinds that occur. Costs are text, "" where none is known; `priced` says of how
    many it is.
    """

    kinds: tuple[tuple[str, int, str], ...]
    total: int
    cost: str
    priced: int
    gaps: int
    undecided: int


def matrix(report: DepartmentCoverage, sight: Sight) -> list[Group]:
    """Return the coverage map with counts and status alone; `sight` must not be one that names people."""
    if sight is Sight.NAMES:
        raise ValueError("this page names nobody")
    tiles = {
        cell.cell.code: replace(tile(cell, report, sight), pips=(), lead="", names=(), tail="", apart=())
        for cell in report.cells
    }
    return groups([cell.cell for cell in report.cells], lambda cell: tiles[cell.code])


def skill_lines(
    skills: Sequence[Skill], standing: Mapping[int, Answer], overrides: Mapping[int, str]
) -> list[SkillLine]:
    """Return the 13 skills, a line each."""
    return [
        SkillLine(
            one.number,
            one.short,
            standing[one.number].label,
            standing[one.number].css,
            one.number in overrides,
        )
        for one in skills
    ]


def measures(report: DepartmentCoverage, decided: Sequence[Decided]) -> Measures:
    """Return what was decided about the gaps of a report, counted."""
    by_kind = {kind: [one for one in decided if one.kind == kind] for kind in Measure.Kind}
    answered = {one.cell for one in decided}
    gaps = report.priority()
    return Measures(
        kinds=tuple((kind.label, len(found), _yen(found)) for kind, found in by_kind.items() if found),
        total=len(decided),
        cost=_yen(decided),
        priced=sum(one.cost is not None for one in decided),
        gaps=len(gaps),
        undecided=sum(gap.cell.code not in answered for gap in gaps),
    )


def _yen(decided: Sequence[Decided]) -> str:
    """Return what they cost together, in yen; one without a cost adds nothing, "" where none has one."""
    costs = [one.cost for one in decided if one.cost is not None]
    return f"{sum(costs):,}" if costs else ""
