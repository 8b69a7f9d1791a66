"""What the page and the files of the four-way answer print, as far as somebody may see; takes no request."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from competency.reference import ANSWERS, NO_SURVEY, Answers, Share, Skill, Staffing
from gaps.coverage import DepartmentCoverage
from gaps.disclosure import banded
from gaps.four_way import FOUR, Answer, SkillAnswer
from gaps.four_way_reads import Override
from gaps.policies import Sight
from lib.charts import Segment, Series, mini_bar

SERIES = (
    Series("ok", ANSWERS["both"]),
    Series("short", ANSWERS["skill_short"]),
    Series("single", ANSWERS["people_short"]),
    Series("none", ANSWERS["both_short"], dark=True),
    Series("other", ANSWERS["other"]),
)
_SHARE = (Series("blue", "行っている", dark=True), Series("other", "そのほか"))
HIDDEN = "表示しません"
# Who may see the numbers behind an answer: those who see the numbers of coverage too.
_WITH_NUMBERS = (Sight.NAMES, Sight.COUNTS)


@dataclass(frozen=True)
class Row:
    """One skill: the answer that stands, the one worked out where it differs, and the survey beside it.

    `slots` are the four columns, true where the answer stands; none of them where nothing is judged, and `word` says
    why. `answer` is None where it is not shown at all.
    """

    skill: Skill
    answer: Answer | None
    word: str
    css: str
    slots: tuple[tuple[str, bool], ...]
    overridden: bool
    worked_out: str
    reason: str
    author: str
    explanation: tuple[str, ...]
    sharing: str
    bar: tuple[Segment, ...]
    bar_label: str
    survey: tuple[int, ...]
    n: int


@dataclass(frozen=True)
class ShareRow:
    """One line of 図表2-1-3, 2-1-5 or 2-1-6 with its bar."""

    share: Share
    bar: tuple[Segment, ...]
    bar_label: str


def rows(
    skills: Sequence[Skill],
    published: Mapping[int, Answers],
    found: Sequence[SkillAnswer],
    overrides: Mapping[int, Override],
    sight: Sight,
) -> list[Row]:
    """Return a line a skill, with the answers published for it.

    Editors and auditors see the survey alone: an answer tells a small number (ADR 16).
    """
    return [
        _row(skill, published[skill.number], each, overrides.get(skill.number), sight)
        for skill, each in zip(skills, found, strict=True)
    ]


def standing(found: Iterable[SkillAnswer], overrides: Mapping[int, str]) -> dict[int, Answer]:
    """Return the answer that stands for each skill: the override where there is one."""
    return {each.number: Answer(overrides.get(each.number, each.answer)) for each in found}


def conclusion(answers: Iterable[Answer]) -> str:
    """Return the sentence over the table: how many of the skills have which of the four answers."""
    answers = list(answers)
    if not answers:
        return f"{NO_SURVEY}スキルの一覧は調査から取るため、判定できません。"
    if Answer.NO_DUTIES in answers and not any(one.judged for one in answers):
        return "事務分掌が未入力のため判定できません。誰がどの業務を担当するかを入れると、判定します。"
    judged = [one for one in answers if one.judged]
    if not judged:
        return "必要人数が未設定か、どの項目も対象外のため、判定するスキルがありません。"
    counts = "、".join(f"{one.label}は{judged.count(one)}" for one in FOUR if judged.count(one))
    rest = len(answers) - len(judged)
    return f"{len(answers)}のスキルのうち、{counts}です。" + (
        f"ほかの{rest}は判定していません。" if rest else ""
    )


def head_count(report: DepartmentCoverage, sight: Sight) -> str:
    """Return how many people the report counts, in a band where small numbers are not shown."""
    return f"{report.size}人" if sight in _WITH_NUMBERS else banded(report.size)


def compared(report: DepartmentCoverage, column: Staffing | None, sight: Sight) -> str:
    """Return the department's head-count beside the average of its like, in one sentence (図表2-1-1)."""
    if column is None:
        return ""
    mine = f"この所属で数えている職員は{head_count(report, sight)}です。"
    return mine + f"{column.name}の{column.municipalities}団体では、平均{column.staff}人です。"


def share_rows(column: Staffing | None) -> list[ShareRow]:
    """Return what municipalities of the same band do, each as a count of n with its bar."""
    if column is None:
        return []
    return [
        ShareRow(
            share,
            mini_bar((share.count, share.n - share.count), _SHARE),
            f"{share.n}団体のうち{share.count}団体",
        )
        for share in column.shares
    ]


def _row(skill: Skill, published: Answers, each: SkillAnswer, override: Override | None, sight: Sight) -> Row:
    counts = tuple(published.counts.values())
    hidden = sight is Sight.BANDS
    answer = None if hidden else Answer(override.answer) if override else each.answer
    told = override if override and not hidden else None
    named = told if sight is Sight.NAMES else None
    return Row(
        skill=skill,
        answer=answer,
        word=HIDDEN if answer is None else answer.label if answer.judged else answer.sentence,
        css="" if answer is None else answer.css,
        slots=tuple((one.label, one is answer) for one in FOUR) if answer and answer.judged else (),
        overridden=told is not None,
        worked_out=each.answer.label if told else "",
        reason=named.reason if named else "",
        author=named.author if named else "",
        explanation=tuple(each.explanation) if sight in _WITH_NUMBERS else (),
        sharing="" if hidden else each.sharing,
        bar=mini_bar(counts, SERIES),
        bar_label=f"{published.n}団体の内訳。"
        + "、".join(f"{one.label}{count}" for one, count in zip(SERIES, counts, strict=True)),
        survey=counts,
        n=published.n,
    )


# --- files

HEADER = (
    "年度", "所属コード", "所属名", "番号", "スキル", "調査の設問", "判定", "計算による判定", "所属長の判断", "理由",
    "計算のもと", "調査：両方確保", "調査：スキル不足", "調査：職員数不足", "調査：両方不足", "調査：その他", "調査：団体数",
)  # fmt: skip


def file_rows(
    department,
    year: int,
    found: Sequence[SkillAnswer],
    overrides: Mapping[int, Override],
    lines: Sequence[Row],
) -> list[list]:
    """Return one row a skill in the order of HEADER: what stands, what was worked out, and what was said instead."""
    return [
        [
            year,
            department.code,
            department.name,
            row.skill.number,
            row.skill.short,
            row.skill.label,
            row.answer.sentence if row.answer else None,
            each.answer.sentence if row.answer else None,
            Answer(overrides[row.skill.number].answer).sentence if row.overridden else None,
            row.reason or None,
            " ".join(row.explanation) or None,
            *row.survey,
            row.n,
        ]
        for row, each in zip(lines, found, strict=True)
    ]
