"""What 経験者さがし prints: people in scope by state, and the six facts of those who moved. Asks nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from assessments.models import Experience
from competency.models import Step
from gaps.finder import HERE, LEFT, ON_LEAVE, Match, Question
from gaps.past_reads import Fact
from lib import fiscal
from lib.dates import format_wareki
from organization.models import Staff

# More of one person stands in their record.
SHOWN = 3
_HEADINGS = {HERE: "在籍している人", ON_LEAVE: "休職・育休中の人", LEFT: "退職した人"}


@dataclass(frozen=True)
class Line:
    """One person, ready to print: what matched, one sentence each, and how many more there are."""

    staff: Staff
    place: str
    note: str
    found: tuple[str, ...]
    more: int = 0


@dataclass(frozen=True)
class Section:
    """The people of one state on this page."""

    key: str
    heading: str
    lines: list[Line]


def sections(matches: Iterable[Match]) -> list[Section]:
    """Return the people of the page by state: who is here, who is on leave, who has left; a list."""
    return [
        Section(f"state-{state}", _HEADINGS[state], [_line(match) for match in people])
        for state, people in groupby(matches, key=lambda match: match.state)
    ]


def asked(question: Question, cell_name: str, qualification: str) -> str:
    """Return what was looked for, in words."""
    parts = []
    if question.cell:
        own = "、自己のみを含む" if question.include_self else ""
        parts.append(f"{cell_name}が「{question.step} {Step(question.step).label}」以上（確定{own}）")
    if question.by_certificate:
        words = f"「{question.certificate}」" if question.certificate else ""
        parts.append(f"資格 {qualification}{words}")
    if question.by_experience:
        category = Experience.Category(question.category).label if question.category else ""
        words = f"「{question.words}」" if question.words else ""
        parts.append(f"業務経験 {category}{words}")
    return "、".join(parts)


def _line(match: Match) -> Line:
    found = []
    if match.step is not None and match.step_year is not None:
        own = "（自己のみ、確認待ち）" if match.is_self else ""
        year = f"{fiscal.short_label(match.step_year)}年度"
        found.append(f"{match.step} {Step(match.step).label}{own}　{year}")
    entries = [*map(_certificate, match.certificates), *map(_experience, match.experiences)]
    found += entries[:SHOWN]
    return Line(match.staff, match.place, match.leave, tuple(found), max(len(entries) - SHOWN, 0))


def _certificate(fact: Fact) -> str:
    until = f"、更新期限 {format_wareki(fact.until)}" if fact.until else ""
    return f"{fact.said}{_since(fact, until)}"


def _experience(fact: Fact) -> str:
    role = f"、{fact.ref}" if fact.ref else ""
    return f"{Experience.Category(fact.note).label}：{fact.said}{_since(fact, role)}"


def _since(fact: Fact, more: str) -> str:
    when = format_wareki(fact.since) if fact.since else ""
    inner = f"{when}{more}" if when else more.lstrip("、")
    return f"（{inner}）" if inner else ""


def moved_note(question: Question, moved: Sequence[object], *, sees_all: bool) -> str:
    """Return the sentence above those who moved, "" where the list speaks for itself."""
    if sees_all:
        return "人事は、全庁の職員をさがしています。異動した人も上に入っています。"
    if not question.cell:
        return "異動した人は、項目と段階でだけさがせます。項目を選んで、もう一度さがしてください。"
    if not moved:
        return "あなたの所属にいたことがあり、そこでこの段階に届いた人は、ほかの所属にいません。"
    if question.by_certificate or question.by_experience:
        return "異動した人の資格と業務経験は見られないため、項目と段階だけでさがしています。"
    return ""
