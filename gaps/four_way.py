"""The four-way answer of a skill (Q3-1), as arithmetic alone (design, 2): no query, no clock, no names.

For a skill with cells C: a are the people whose duties contain a cell, n the people needed, h the holders. Cells
with n = 0 are left out. A cell is short of people if a < n, and short of skill if h < min(max(a, 1), n); a skill is
short where any of its cells is. What the design leaves open is decided in docs/adr/0016.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gaps.coverage import DepartmentCoverage


class Answer(StrEnum):
    """What is answered for a skill. The first four are the survey's; the others say why there is no answer."""

    BOTH = "both"
    SKILL_SHORT = "skill_short"
    PEOPLE_SHORT = "people_short"
    BOTH_SHORT = "both_short"
    OUT = "out"
    UNSET = "unset"
    NO_DUTIES = "no_duties"
    UNMAPPED = "unmapped"

    @property
    def label(self) -> str:
        """Return the short word of the screen."""
        return _LABELS[self]

    @property
    def sentence(self) -> str:
        """Return the full word of screen and file."""
        return _SENTENCES[self]

    @property
    def css(self) -> str:
        """Return the class of the status form, "" where nothing is judged."""
        return _CSS.get(self, "")

    @property
    def judged(self) -> bool:
        """Say whether it is one of the survey's four."""
        return self in FOUR


_LABELS = {
    Answer.BOTH: "両方確保",
    Answer.SKILL_SHORT: "スキル不足",
    Answer.PEOPLE_SHORT: "職員数不足",
    Answer.BOTH_SHORT: "両方不足",
    Answer.OUT: "対象外",
    Answer.UNSET: "必要人数が未設定",
    Answer.NO_DUTIES: "判定できません",
    Answer.UNMAPPED: "判定できません",
}
_SENTENCES = {
    Answer.BOTH: "職員数・スキルともに確保",
    Answer.SKILL_SHORT: "職員数は確保・スキルに不足",
    Answer.PEOPLE_SHORT: "スキルは確保・職員数が不足",
    Answer.BOTH_SHORT: "ともに不足",
    Answer.OUT: "対象外",
    Answer.UNSET: "必要人数が未設定",
    Answer.NO_DUTIES: "事務分掌が未入力のため判定できません",
    Answer.UNMAPPED: "この版の体系に、あたる区分がないため判定できません",
}
_CSS = {
    Answer.BOTH: "ok",
    Answer.SKILL_SHORT: "short",
    Answer.PEOPLE_SHORT: "single",
    Answer.BOTH_SHORT: "none",
    Answer.OUT: "out",
}
FOUR = (Answer.BOTH, Answer.SKILL_SHORT, Answer.PEOPLE_SHORT, Answer.BOTH_SHORT)


@dataclass(frozen=True)
class CellCount:
    """One cell of a skill: n `needed` (None: not set), a `assigned`, h `holders`, and how many are 未評価."""

    name: str
    needed: int | None
    assigned: int
    holders: int
    unrated: int = 0

    @property
    def is_judged(self) -> bool:
        """Say whether the cell takes part: somebody said how many, and it is not none."""
        return bool(self.needed)

    @property
    def skilled(self) -> int:
        """Return how many holders it takes: as many as have the duty, one at least, the needed ones at most."""
        return min(max(self.assigned, 1), self.needed or 0)

    @property
    def people_missing(self) -> int:
        """Return how many people more must have the duty."""
        return max((self.needed or 0) - self.assigned, 0)

    @property
    def skill_missing(self) -> int:
        """Return how many holders more it takes."""
        return max(self.skilled - self.holders, 0)

    @property
    def explanation(self) -> str:
        """Return the numbers behind the answer in one sentence."""
        people = f"担当{self.assigned}人" + (
            f"（あと{self.people_missing}人）" if self.people_missing else ""
        )
        skill = f"できる人{self.holders}人" + (
            f"（あと{self.skill_missing}人）" if self.skill_missing else ""
        )
        unrated = f"、未評価{self.unrated}人" if self.skill_missing and self.unrated else ""
        return f"{self.name}：必要{self.needed}人、{people}、{skill}{unrated}。"


@dataclass(frozen=True)
class SkillAnswer:
    """The answer for one skill with what it rests on. `shared` are the other skills with the very same cells."""

    number: int
    answer: Answer
    judged: tuple[CellCount, ...] = ()
    out: tuple[CellCount, ...] = ()
    unset: tuple[CellCount, ...] = ()
    shared: tuple[int, ...] = ()

    @property
    def explanation(self) -> list[str]:
        """Return the list of sentences that explain the answer, with numbers; for those who may see them."""
        if self.answer in (Answer.NO_DUTIES, Answer.UNMAPPED):
            return []
        told = [cell.explanation for cell in self.judged]
        if self.out:
            told.append(f"{_names(self.out)}は対象外のため、入れていません。")
        if self.unset:
            told.append(f"{_names(self.unset)}は必要人数が未設定のため、入れていません。")
        return told

    @property
    def sharing(self) -> str:
        """Return the sentence for skills that rest on the same cells, "" for a skill of its own."""
        if not self.shared:
            return ""
        return f"スキル{'、'.join(str(number) for number in self.shared)}と同じ項目で判定しています。"


def judge(cells: Iterable[CellCount]) -> Answer:
    """Return the answer for the cells of one skill in a department that has 事務分掌.

    Cells without a number are not judged, like those of zero; a skill of such cells alone is UNSET if any of them
    is not set, OUT if all are zero, UNMAPPED if there is none.
    """
    cells = list(cells)
    judged = [cell for cell in cells if cell.is_judged]
    if not cells:
        return Answer.UNMAPPED
    if not judged:
        return Answer.UNSET if any(cell.needed is None for cell in cells) else Answer.OUT
    people = any(cell.people_missing for cell in judged)
    skill = any(cell.skill_missing for cell in judged)
    if people and skill:
        return Answer.BOTH_SHORT
    if people:
        return Answer.PEOPLE_SHORT
    return Answer.SKILL_SHORT if skill else Answer.BOTH


def answers(
    skills: Sequence[Any], report: DepartmentCoverage, duties: Mapping[str, set[int]] | None
) -> tuple[SkillAnswer, ...]:
    """Return the answer for each skill (`number`, `areas`: codes of 区分) in a department.

    `duties` are the ids of those whose duties contain a cell, by its code; None where the department has no 事務分掌.
    Only people whom the report counts are counted here, so that somebody on leave or transferred is not.
    """
    present = {person.id for person in report.people}
    by_area: dict[str, list[CellCount]] = {}
    for cell in report.cells:
        assigned = len((duties or {}).get(cell.cell.code, set()) & present)
        by_area.setdefault(cell.cell.area.code, []).append(
            CellCount(cell.cell.full_name, cell.needed, assigned, cell.count, cell.unrated)
        )
    return tuple(_answer(skill, skills, by_area, has_duties=duties is not None) for skill in skills)


def counted(found: Iterable[Answer]) -> dict[Answer, int]:
    """Return how many skills have each of the survey's four answers."""
    found = list(found)
    return {one: found.count(one) for one in FOUR}


def _answer(
    skill: Any, skills: Sequence[Any], by_area: Mapping[str, list[CellCount]], *, has_duties: bool
) -> SkillAnswer:
    cells = [cell for area in skill.areas for cell in by_area.get(area, ())]
    return SkillAnswer(
        number=skill.number,
        answer=judge(cells) if has_duties else Answer.NO_DUTIES,
        judged=tuple(cell for cell in cells if cell.is_judged),
        out=tuple(cell for cell in cells if cell.needed == 0),
        unset=tuple(cell for cell in cells if cell.needed is None),
        shared=tuple(
            other.number
            for other in skills
            if other.number != skill.number and cells and set(other.areas) == set(skill.areas)
        ),
    )


def _names(cells: Iterable[CellCount]) -> str:
    return "、".join(f"「{cell.name}」" for cell in cells)
