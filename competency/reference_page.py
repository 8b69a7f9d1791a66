"""What the pages of surveys and statistics print, made without a request."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from competency.exports import survey_file_of
from competency.models import ReferenceSurvey
from competency.reference import Answers, Share, Skill, StaffingTables, Survey, of_row
from competency.survey_checks import remarks

TONES = {"draft": "check", "in_use": "done", "retired": "todo"}


@dataclass(frozen=True)
class Line:
    """One survey in the list. `standing` says that pages use it now."""

    row: ReferenceSurvey
    tone: str
    n: str
    standing: bool


@dataclass(frozen=True)
class ShareLine:
    """One line of the statistic, a share for every column that has any, None where it has not this one."""

    label: str
    figure: str
    shares: tuple[Share | None, ...]


@dataclass(frozen=True)
class Shown:
    """One survey or statistic, ready to print."""

    row: ReferenceSurvey
    survey: Survey | None
    tables: StaffingTables | None
    skills: tuple[tuple[Skill, Answers], ...]
    columns: tuple[Any, ...]
    share_columns: tuple[Any, ...]
    share_lines: tuple[ShareLine, ...]
    remarks: tuple[str, ...]


def lines(rows: Iterable[ReferenceSurvey], in_use: set[int]) -> list[Line]:
    """Return the list of surveys; `in_use` are those that pages use."""
    return [Line(row, TONES[row.state], _n(row), row.pk in in_use) for row in rows]


def shown(row: ReferenceSurvey) -> Shown:
    """Return a stored survey with its tables laid out."""
    found = of_row(row)
    content = survey_file_of(row).content
    if isinstance(found, Survey):
        pairs = tuple((skill, found.answers[skill.number]) for skill in found.skills)
        return Shown(row, found, None, pairs, (), (), (), ())
    columns = tuple(found.columns.values())
    with_shares = tuple(column for column in columns if column.shares)
    by_code = [{share.code: share for share in column.shares} for column in with_shares]
    return Shown(
        row,
        None,
        found,
        (),
        columns,
        with_shares,
        tuple(
            ShareLine(one["label"], one["figure"], tuple(of.get(one["code"]) for of in by_code))
            for one in content["shares"]
        ),
        tuple(remarks(row.kind, content)),
    )


def _n(row: ReferenceSurvey) -> str:
    """Return how many municipalities it is of, and of how many that were asked."""
    return f"{row.asked}団体に聞き、{row.answered}団体" if row.asked is not None else f"{row.answered}団体"
