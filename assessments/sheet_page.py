"""The person's sheet laid out: rows ready to be printed, for filling in, checking and reading. Takes no request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

from django.utils.html import format_html, format_html_join

from assessments.comparison import change_words
from assessments.completeness import evidence_problem, problem
from assessments.confirm_page import KEYS, step_words
from assessments.evidence_reads import Ref, showing, titles
from assessments.history import LastYear, last_year
from assessments.merge import Stored, Value
from assessments.models import Sheet
from assessments.sheet_form import Reading
from assessments.targets import aim_line, gap_cell, gap_of
from assessments.workflow.sheets import stored_drafts
from competency.lineage_reads import lineage_of
from competency.models import HOLDER_STEP, FrameworkVersion
from competency.published import cells_of, meanings_of
from competency.targets import Target

# With the places where a line may break.
LABELS = {step: format_html("<wbr>".join(["{}"] * len(words)), *words) for step, words in KEYS}
CHECKED, LAST = format_html(" {}", "checked"), format_html('<span class="last">{}</span>', "昨年")


# The page has 85 keys, and printing costs more than asking the database: what many sheets have alike is put together once.
@lru_cache(8192)
def _scale(code: str, chosen: int | None, last: int | None, *, error: bool) -> str:
    """Return the five keys of a cell as HTML, with the chosen one and that of last year."""
    also = f" error-{code}" if error else ""
    return format_html_join(
        "",
        '<label><input type="radio" id="step-{}-{}" name="step-{}" value="{}"{} aria-describedby="m-{}-{}{}">'
        '<span class="mark">{}</span><span>{}</span>{}</label>',
        (
            (
                code, step, code, step, CHECKED if step == chosen else "", code, step, also, step, label,
                LAST if step == last else "",
            )
            for step, label in LABELS.items()
        ),
    )  # fmt: skip


@lru_cache(2048)
def _meanings(code: str, texts: tuple[str, ...]) -> str:
    """Return what the five keys of a cell mean as HTML."""
    return format_html_join(
        "",
        '<li id="m-{}-{}"><b>{}</b><span>{}</span></li>',
        ((code, step, step, text) for step, text in zip(LABELS, texts, strict=True)),
    )


def _called(version: FrameworkVersion, codes: Sequence[str]) -> str:
    """Return what cells of earlier versions were called."""
    lineage = lineage_of(version)
    return "、".join(lineage.name(code) for code in codes)


@dataclass(frozen=True)
class Row:
    """One cell. `value` stands in the controls; `stored` is what is kept; `conflict` says that these two need a choice.

    `last_origin` are the cells of an earlier version that last year's answer was given to and that asks for a second look.
    """

    cell: Any
    value: Value
    stored: Stored
    last_step: int | None
    last_evidence: str = ""
    conflict: bool = False
    error: str = ""
    wordings: Mapping[int, str] = field(default_factory=dict)
    target: Target | None = None
    entries: Sequence[Ref] = ()
    last_origin: str = ""

    @property
    def code(self) -> str:
        """Return the cell's code, from which the names of the controls are made."""
        return self.cell.code

    @property
    def scale(self) -> str:
        """Return the five keys as HTML."""
        return _scale(self.code, self.value.step, self.last_step, error=bool(self.error))

    @property
    def meanings(self) -> str:
        """Return what the five keys mean as HTML."""
        return _meanings(self.code, tuple(self.wordings.get(step, "") for step in LABELS))

    @property
    def aim(self) -> str:
        """Return the target with its reason as HTML, empty where there is none."""
        return aim_line(self.target)

    @property
    def gap(self) -> str:
        """Return how far the step in the controls is from the target, as HTML."""
        return gap_cell(gap_of(self.target, self.value.step))

    @property
    def answered(self) -> bool:
        """Say whether a step is chosen."""
        return self.value.step is not None

    @property
    def is_new(self) -> bool:
        """Say whether the person meets this cell for the first time: then its meanings start open."""
        return self.value.step is None and self.last_step is None

    @property
    def lacks_evidence(self) -> bool:
        """Say whether a newly raised step of 3 or 4 still has no evidence."""
        return bool(
            evidence_problem(self.value.step, self.value.evidence, self.last_step, shown=bool(self.entries))
        )

    @property
    def progress(self) -> str:
        """Return the little cell of the progress: "on", "bad" or ""."""
        return "bad" if self.lacks_evidence else "on" if self.answered else ""

    @property
    def review(self) -> bool:
        """Say whether the step in the controls was taken over from an earlier version and not looked at since."""
        return self.stored.review and self.value == self.stored.value

    @property
    def revised(self) -> bool:
        """Say whether nothing is chosen yet, and last year's answer was given to what the cell was before."""
        return self.value.step is None and bool(self.last_origin)

    @property
    def origin(self) -> str:
        """Return what the cell was called before, where it is to be looked at again."""
        return self.stored.origin if self.review else self.last_origin

    @property
    def change(self) -> str:
        """Return the change since last year in words, empty where there is nothing to compare."""
        if self.value.step is None or self.last_step is None:
            return ""
        return change_words(self.value.step - self.last_step) or "昨年から変更なし"

    @property
    def problem(self) -> str:
        """Return what keeps this cell from being submitted, empty where nothing does."""
        return problem(self.value.step, self.value.evidence, self.last_step, shown=bool(self.entries))

    @property
    def resting(self) -> Sequence[Ref]:
        """Return the entries that are frozen with the step in the controls: for 3 and 4 only."""
        return self.entries if (self.value.step or 0) >= HOLDER_STEP else ()

    @property
    def entry_words(self) -> str:
        """Return the titles of the entries that show this cell, the rest of many by their number."""
        return titles(self.entries)

    @property
    def own_words(self) -> str:
        """Return the step in the controls in words."""
        return step_words(self.value.step)

    @property
    def stored_words(self) -> str:
        """Return the stored step in words."""
        return step_words(self.stored.value.step)

    @property
    def last_words(self) -> str:
        """Return last year's step in words."""
        return "なし" if self.last_step is None else step_words(self.last_step)


@dataclass(frozen=True)
class Group:
    """One 分類 with its rows."""

    category: Any
    rows: list[Row] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Return how many cells have a step."""
        return sum(row.answered for row in self.rows)

    @property
    def sames(self) -> int:
        """Return how many open cells could take last year's answer."""
        return sum(not row.answered and row.last_step is not None for row in self.rows)

    @property
    def state(self) -> str:
        """Return 完了, 記入中 or 未記入."""
        return "完了" if self.done == len(self.rows) else "記入中" if self.done else "未記入"


@dataclass(frozen=True)
class SheetPage:
    """All cells of a sheet with what the person says about them, and last year's 年度 (None without)."""

    groups: list[Group]
    last_fiscal_year: int | None

    @cached_property
    def rows(self) -> list[Row]:
        """Return all rows in the order of the matrix."""
        return [row for group in self.groups for row in group.rows]

    @property
    def done(self) -> int:
        """Return how many cells have a step."""
        return sum(row.answered for row in self.rows)

    @property
    def total(self) -> int:
        """Return how many cells there are."""
        return len(self.rows)

    @property
    def left(self) -> int:
        """Return how many cells are open."""
        return self.total - self.done

    @property
    def next_open(self) -> Row | None:
        """Return the first open cell, None where all are answered."""
        return next((row for row in self.rows if not row.answered), None)

    @property
    def to_mend(self) -> list[Row]:
        """Return the rows that lack evidence; a list."""
        return [row for row in self.rows if row.lacks_evidence]

    @property
    def to_review(self) -> list[Row]:
        """Return the rows whose answer of this year, or else of last year, was given to an earlier cell; a list."""
        return [row for row in self.rows if row.review or row.revised]

    @property
    def has_targets(self) -> bool:
        """Say whether any cell has a target."""
        return any(row.target for row in self.rows)

    @property
    def unconfirmed(self) -> bool:
        """Say whether the place of any cell in the three stages is still to be confirmed."""
        return any(not row.cell.placement_confirmed for row in self.rows)

    @property
    def progress(self) -> list[list[str]]:
        """Return the little cells, grouped as the matrix is."""
        return [[row.progress for row in group.rows] for group in self.groups]


def load_sheet_page(
    sheet: Sheet,
    *,
    reading: Reading | None = None,
    conflicts: frozenset[str] = frozenset(),
    check: bool = False,
    targets: Mapping[str, Target] | None = None,
) -> SheetPage:
    """Return the page of a sheet from its drafts. Five queries at most.

    Of `reading` only what could not be kept stands in the controls: the cells of `conflicts` and those with a
    text too long. `check` prints at the controls what keeps the sheet from being submitted.
    """
    drafts = stored_drafts(sheet)
    last = last_year(sheet)
    reading = reading or Reading()
    values = {code: reading.answers[code].value for code in conflicts | set(reading.problems)}
    return lay_out(
        sheet, drafts, last, values=values, conflicts=conflicts, errors=reading.problems, check=check,
        targets=targets, entries=showing(sheet.staff_id),
    )  # fmt: skip


def lay_out(
    sheet: Sheet,
    drafts: Mapping[str, Stored],
    last: LastYear,
    *,
    values: Mapping[str, Value] | None = None,
    conflicts: frozenset[str] = frozenset(),
    errors: Mapping[str, str] | None = None,
    check: bool = False,
    targets: Mapping[str, Target] | None = None,
    entries: Mapping[str, Sequence[Ref]] | None = None,
    meanings: Mapping[str, Mapping[int, str]] | None = None,
) -> SheetPage:
    """Return the page from drafts, last year's answers, targets and entries that show a cell, by cell code.

    Two queries at most, of cells and wordings, which a process keeps; `meanings` by cell code stand in for the latter.
    """
    values, errors, targets, entries = values or {}, errors or {}, targets or {}, entries or {}
    groups: dict[int, Group] = {}
    version = sheet.version_in_use
    if meanings is None:
        meanings = meanings_of(version)
    for cell in cells_of(version):
        stored = drafts.get(cell.code, Stored())
        answer = last.answers.get(cell.code)
        row = Row(
            cell=cell,
            wordings=meanings.get(cell.code, {}),
            value=values.get(cell.code, stored.value),
            stored=stored,
            last_step=answer.step if answer else None,
            last_evidence=answer.evidence if answer else "",
            conflict=cell.code in conflicts,
            error=errors.get(cell.code, ""),
            target=targets.get(cell.code),
            entries=entries.get(cell.code, ()),
            last_origin=_called(version, answer.origins) if answer and answer.review else "",
        )
        if check and not row.error:
            row = replace(row, error=row.problem)
        category = cell.area.category
        groups.setdefault(category.pk, Group(category)).rows.append(row)
    return SheetPage(list(groups.values()), last.fiscal_year)
