"""Published figures that a department is compared with: the survey and the staffing tables in use.

They are data (docs/adr/0047). `published` asks with one query which ones a municipality uses; what stands in them is
read once a process. The wording of answers and of the short names is ours. Nothing here is about a municipality of ours.
"""

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from django.db.models import Case, CharField, F, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from competency import survey_file
from competency.crosswalk_file import AREA, Line
from competency.crosswalk_reads import lines_of
from competency.models import Crosswalk, ReferenceSurvey
from competency.survey_checks import SKILLS
from organization.models import Municipality

CITIES_ONLY = "市区のみの統計"
NO_SURVEY = "調査がありません。"
# The crosswalk that says which 区分 stand behind a skill; its lines are q3-1.1 to q3-1.13 (docs/adr/0046).
RULE = "q3-1"
# In the survey's order, in the words of the screens.
ANSWERS = survey_file.ANSWERS


# One row of KEYS.
Key = tuple[str, int, int, str, int, str]


@dataclass(frozen=True)
class Skill:
    """One of the 13 skills of Q3-1: the label as published, a short one of ours, and the 区分 behind it.

    These are the crosswalk's; those of the survey's own file count only where there is no crosswalk (`with_areas`).
    """

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
    corrections: tuple["Correction", ...] = ()


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
    """One whole survey. `name` is what screens call it, 2019年の調査."""

    name: str
    year: int
    source: str
    note: str
    asked: int
    answered: int
    kinds: Mapping[str, int]
    skills: tuple[Skill, ...]
    answers: Mapping[int, Answers]
    questions: tuple[Question, ...]
    corrections: tuple["Correction", ...]


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
        place = ANSWERS.get(self.band, self.band)
        return f"{place}の値は、出典の「{self.printed}」を誤植とみて{self.used}にしました（{self.reason}）。"


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
        return round(100 * self.count / self.n, 1) if self.n else 0.0


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

    name: str
    year: int
    source: str
    note: str
    surveyed: str
    figure: str
    bands: tuple[str, ...]
    columns: Mapping[str, Staffing]
    corrections: tuple[Correction, ...]


@dataclass(frozen=True)
class Published:
    """What is in use in one municipality; None where there is none of a kind."""

    survey: Survey | None = None
    tables: StaffingTables | None = None

    @property
    def skills(self) -> tuple[Skill, ...]:
        """Return the skills of Q3-1 in the survey's order; none without a survey."""
        return self.survey.skills if self.survey else ()

    @property
    def answers(self) -> Mapping[int, Answers]:
        """Return how municipalities answered Q3-1, by the number of the skill."""
        return self.survey.answers if self.survey else {}

    @property
    def sources(self) -> list[str]:
        """Return the list of 出典 of what is in use."""
        return [each.source for each in (self.survey, self.tables) if each is not None]

    def staffing(self, kind: str, band: str) -> Staffing | None:
        """Return the column a municipality belongs to: 市 by its population band, 特別区 and 政令指定都市 their own.

        `kind` and `band` are values of `Municipality.Kind` and `Band`. None for 町村 and 都道府県, of which the tables
        say nothing (`CITIES_ONLY`), for a 市 without a band, and without tables or without that column.
        """
        columns = self.tables.columns if self.tables else {}
        if kind in (Municipality.Kind.WARD, Municipality.Kind.DESIGNATED_CITY):
            return columns.get(str(Municipality.Kind(kind).label))
        if kind == Municipality.Kind.CITY and band in Municipality.Band.values:
            return columns.get(str(Municipality.Band(band).label))
        return None


def standing(municipality_id: int):
    """Return the queryset of what is in use in a municipality, with the columns of `KEYS`, for `from_keys`.

    It has no order, so that a page may read it together with something else of its own.
    """
    rows = ReferenceSurvey.objects.in_use_of(municipality_id).order_by()
    own = Case(When(municipality__isnull=False, then=Value(1)), default=Value(0))
    rule = Coalesce(Subquery(_rule_of(municipality_id)), Value(""), output_field=CharField())
    return rows.annotate(own=own, known=Cast("uuid", CharField()), rule=rule).values_list(*KEYS)


def newest(rows: Iterable[Key]) -> dict[str, tuple[str, int, str]]:
    """Return (uuid as text, version, rule) of the newest of each kind among rows of KEYS.

    Of one year, a municipality's own goes before the common one.
    """
    first: dict[str, tuple[str, int, str]] = {}
    for kind, _, _, known, version, rule in sorted(rows, key=lambda row: row[1:4], reverse=True):
        first.setdefault(kind, (known, version, rule))
    return first


def from_keys(rows: Iterable[Key]) -> Published:
    """Return what rows of KEYS stand for; a query or two for each that this process has not read yet."""
    return Published(**{_FIELDS[kind]: _read(*key) for kind, key in newest(rows).items()})


def published(municipality_id: int) -> Published:
    """Return the survey and the tables in use in a municipality: the newest of each kind, its own before the common.

    One query; one more for each that this process has not read yet.
    """
    return from_keys(standing(municipality_id))


def of_row(row: ReferenceSurvey) -> Survey | StaffingTables:
    """Return what a stored survey or statistic says, without the crosswalk."""
    return _survey(row) if row.kind == ReferenceSurvey.Kind.SURVEY else _tables(row)


def with_areas(survey: Survey, lines: Sequence[Line]) -> Survey:
    """Return the survey with the 区分 that the lines of the crosswalk name for its skills.

    A skill that has no line keeps those of the survey's own file. 項目 that a line names are not asked: the rule is
    about 区分.
    """
    by_code = {line.code: line.codes(AREA) for line in lines}
    skills = tuple(
        replace(skill, areas=by_code.get(f"{RULE}.{skill.number}", skill.areas)) for skill in survey.skills
    )
    return replace(survey, skills=skills)


# `rule` is uuid and version of the crosswalk behind the skills, "" where there is none.
KEYS = ("kind", "year", "own", "known", "version", "rule")
_FIELDS = {ReferenceSurvey.Kind.SURVEY.value: "survey", ReferenceSurvey.Kind.STAFFING.value: "tables"}


@functools.lru_cache(maxsize=64)
def _read(known: str, version: int, rule: str) -> Survey | StaffingTables:
    """Return what stands in the row; `version` and `rule` say that it is another by now."""
    found = of_row(ReferenceSurvey.objects.get(uuid=known))
    if not rule or not isinstance(found, Survey):
        return found
    crosswalk, _, its_version = rule.partition(" ")
    return with_areas(found, lines_of(crosswalk, int(its_version)))


def _rule_of(municipality_id: int):
    """Return the queryset of the one crosswalk of RULE: the municipality's own, else the common one."""
    rows = Crosswalk.objects.visible_in(municipality_id).filter(code=RULE, retired=False)
    key = Concat(Cast("uuid", CharField()), Value(" "), Cast("version", CharField()))
    return rows.annotate(key=key).order_by(F("municipality").asc(nulls_last=True)).values("key")[:1]


def _survey(row: ReferenceSurvey) -> Survey:
    content = json.loads(row.content)
    corrections = tuple(Correction(**one) for one in content["corrections"])
    by_row: dict[str, list[Correction]] = {}
    for one in corrections:
        by_row.setdefault(one.code, []).append(one)
    return Survey(
        name=row.name,
        year=row.year,
        source=row.source,
        note=content.get("note", ""),
        asked=row.asked or row.answered,
        answered=row.answered,
        kinds=MappingProxyType(content["answered_kind"]),
        skills=tuple(
            Skill(one["number"], one["label"], one["short"], tuple(one["areas"])) for one in content["skills"]
        ),
        answers=MappingProxyType(
            {one["number"]: _answers(SKILLS, one, one["counts"], None, by_row) for one in content["skills"]}
        ),
        questions=tuple(_question(one, row.answered, by_row) for one in content["questions"]),
        corrections=corrections,
    )


def _tables(row: ReferenceSurvey) -> StaffingTables:
    content = json.loads(row.content)
    corrections = tuple(Correction(**one) for one in content["corrections"])
    corrected = {(one.code, one.band): one for one in corrections}
    people, totals = content["staff_per_department"]["people"], content["municipalities"]
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
                for one in content["shares"]
                if name in one["counts"]
            ),
        )
        for name in people
    }
    return StaffingTables(
        name=row.name,
        year=row.year,
        source=row.source,
        note=content.get("note", ""),
        surveyed=content["surveyed"],
        figure=content["staff_per_department"]["figure"],
        bands=tuple(content["bands"]),
        columns=MappingProxyType(columns),
        corrections=corrections,
    )


def _answers(
    code: str,
    row: Mapping[str, Any],
    counts: dict[str, int],
    n: int | None,
    corrections: Mapping[str, list[Correction]],
) -> Answers:
    """Return the answers of a row; without `n` it is the sum of its counts."""
    corrected = tuple(corrections.get(f"{code}.{row['number']}", ()))
    n = sum(counts.values()) if n is None else n
    return Answers(MappingProxyType(counts), n, row.get("note", ""), corrected)


def _question(raw: dict[str, Any], answered: int, corrections: Mapping[str, list[Correction]]) -> Question:
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
                _answers(raw["code"], one, dict(zip(choices, one["counts"], strict=True)), n, corrections),
            )
            for one in raw["rows"]
        ),
    )
