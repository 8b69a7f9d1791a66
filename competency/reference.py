"""Published figures that a department is compared with: the survey of 2019 and the staffing tables of 2018.

Read from `data/survey-2019.yaml` and `data/staffing-2018.yaml`, once a process. Both are the counts of
日本都市センター（2020）; the wording of answers and of the short names is ours. Nothing here is about a municipality of ours.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from organization.models import Municipality

_DATA = Path(__file__).parent / "data"
CITIES_ONLY = "市区のみの統計"
# The answers to Q3-1 in the survey's order, in the words of the screens; `other` is その他.
ANSWERS = MappingProxyType(
    {
        "both": "両方確保",
        "skill_short": "スキル不足",
        "people_short": "職員数不足",
        "both_short": "両方不足",
        "other": "その他",
    }
)


@dataclass(frozen=True)
class Skill:
    """One of the 13 skills of Q3-1: the label as published, a short one of ours, and the 区分 behind it (ours)."""

    number: int
    label: str
    short: str
    areas: tuple[str, ...]


@dataclass(frozen=True)
class Answers:
    """How many municipalities gave each answer, in the survey's order, and how many answered at all."""

    counts: Mapping[str, int]
    n: int
    note: str = ""


@dataclass(frozen=True)
class QuestionRow:
    """One line of a question: its number, the label as published, and the answers."""

    number: int
    label: str
    answers: Answers


@dataclass(frozen=True)
class Question:
    """One question of the survey. `multiple` says that several answers could be given."""

    code: str
    question: str
    label: str
    subject: str
    multiple: bool
    choices: tuple[str, ...]
    rows: tuple[QuestionRow, ...]


@dataclass(frozen=True)
class Survey:
    """The whole survey of 2019."""

    source: str
    asked: int
    answered: int
    kinds: Mapping[str, int]
    skills: tuple[Skill, ...]
    answers: Mapping[int, Answers]
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Correction:
    """A value that the source prints wrong: what it prints, what is used, and why."""

    figure: str
    code: str
    band: str
    printed: str
    used: int
    reason: str

    @property
    def sentence(self) -> str:
        """Return it for the screen."""
        return (
            f"{self.band}の値は、出典の「{self.printed}」を誤植とみて{self.used}にしました（{self.reason}）。"
        )


@dataclass(frozen=True)
class Share:
    """How many of `n` municipalities do something."""

    code: str
    figure: str
    label: str
    count: int
    n: int
    correction: Correction | None = None

    @property
    def percent(self) -> float:
        """Return the share in per cent with one place, as the source prints it."""
        return round(100 * self.count / self.n, 1)


@dataclass(frozen=True)
class Staffing:
    """One column of the staffing tables: a population band, 特別区, 政令指定都市 or a total.

    `staff` is the average number of people in the department, 図表2-1-1, over `municipalities`.
    """

    name: str
    municipalities: int
    staff: float
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class StaffingTables:
    """All columns, with where they come from."""

    source: str
    surveyed: str
    figure: str
    bands: tuple[str, ...]
    columns: Mapping[str, Staffing]
    corrections: tuple[Correction, ...]


@functools.cache
def survey() -> Survey:
    """Return the survey of 2019: 16 municipalities asked, 15 answered."""
    raw = _read("survey-2019.yaml")
    return Survey(
        source=raw["source"],
        asked=raw["asked"],
        answered=raw["answered"],
        kinds=MappingProxyType(raw["answered_kind"]),
        skills=tuple(
            Skill(one["number"], one["label"], one["short"], tuple(one["areas"])) for one in raw["skills"]
        ),
        answers=MappingProxyType({one["number"]: _answers(one["counts"]) for one in raw["skills"]}),
        questions=tuple(_question(one, raw["answered"]) for one in raw["questions"]),
    )


def skills() -> tuple[Skill, ...]:
    """Return the 13 skills of Q3-1 in the survey's order."""
    return survey().skills


def survey_answers(number: int) -> Answers:
    """Return how the municipalities of 2019 answered Q3-1 for a skill; `n` is the sum of the counts.

    Raises KeyError for a number that the survey does not have.
    """
    return survey().answers[number]


@functools.cache
def staffing_tables() -> StaffingTables:
    """Return 図表2-1-1, 2-1-3, 2-1-5 and 2-1-6, misprints corrected."""
    raw = _read("staffing-2018.yaml")
    corrections = tuple(Correction(**one) for one in raw["corrections"])
    corrected = {(one.code, one.band): one for one in corrections}
    people, totals = raw["staff_per_department"]["people"], raw["municipalities"]
    columns = {
        name: Staffing(
            name=name,
            municipalities=totals[name],
            staff=people[name],
            shares=tuple(
                Share(
                    one["code"],
                    one["figure"],
                    one["label"],
                    one["counts"][name],
                    totals[name],
                    corrected.get((one["code"], name)),
                )
                for one in raw["shares"]
                if name in one["counts"]
            ),
        )
        for name in people
    }
    return StaffingTables(
        source=raw["source"],
        surveyed=raw["surveyed"],
        figure=raw["staff_per_department"]["figure"],
        bands=tuple(raw["bands"]),
        columns=MappingProxyType(columns),
        corrections=corrections,
    )


def staffing(kind: str, band: str) -> Staffing | None:
    """Return the column a municipality belongs to: 市 by its population band, 特別区 and 政令指定都市 their own.

    `kind` and `band` are values of `Municipality.Kind` and `Band`. None for 町村 and 都道府県, of which the tables
    say nothing (`CITIES_ONLY`), and for a 市 without a band.
    """
    columns = staffing_tables().columns
    if kind in (Municipality.Kind.WARD, Municipality.Kind.DESIGNATED_CITY):
        return columns[Municipality.Kind(kind).label]
    if kind == Municipality.Kind.CITY and band in Municipality.Band.values:
        return columns[Municipality.Band(band).label]
    return None


def _answers(counts: dict[str, int], n: int | None = None, note: str = "") -> Answers:
    return Answers(MappingProxyType(counts), sum(counts.values()) if n is None else n, note)


def _question(raw: dict[str, Any], answered: int) -> Question:
    """Return a question; where several answers could be given their sum says nothing, and n is who answered."""
    choices = tuple(raw["answers"])
    n = answered if raw["multiple"] else None
    return Question(
        code=raw["code"],
        question=raw["question"],
        label=raw["label"],
        subject=raw["subject"],
        multiple=raw["multiple"],
        choices=choices,
        rows=tuple(
            QuestionRow(
                one["number"],
                one["label"],
                _answers(dict(zip(choices, one["counts"], strict=True)), n, one.get("note", "")),
            )
            for one in raw["rows"]
        ),
    )


def _read(name: str) -> dict[str, Any]:
    return yaml.safe_load((_DATA / name).read_text(encoding="utf-8"))
