"""The sheet beside last year's, as the line sees it: rows ready to be laid out. Takes no request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import OuterRef, Subquery

from access.actor import Actor
from assessments import models
from assessments.comparison import Steps, change_words
from assessments.evidence_reads import Ref, frozen_with
from assessments.hearing import heard
from assessments.models import Confirmation, Rating, Remark, Reply, Revision, Sheet
from assessments.reply_reads import Exchange
from assessments.targets import gap_cell, gap_of
from competency.lineage_reads import carried_steps
from competency.models import Cell, Step
from competency.targets import Target

# The words of the five keys, in the pieces where a line may break.
KEYS = (
    (0, ("未経験",)),
    (1, ("知識が", "ある")),
    (2, ("支援が", "あれば", "できる")),
    (3, ("独力で", "できる")),
    (4, ("教え", "られる")),
)
VISIBLE = Confirmation.Visibility.PERSON


@dataclass(frozen=True)
class Answer:
    """What stands in the controls of one cell: stored, or posted and not taken yet."""

    step: int | None = None
    comment: str = ""
    visibility: str = VISIBLE
    version: int = 0


@dataclass(frozen=True)
class Row:
    """One cell of the page. `answer` fills the controls, `stored` is what is kept where that is something else.

    `review` says that the person left a step as it was taken over from an earlier version, from the cell `origin`.
    """

    cell: Any
    steps: Steps
    evidence: str
    answer: Answer
    stored: Answer | None
    first: Confirmation | None
    final: Confirmation | None
    problem: str = ""
    target: Target | None = None
    entries: Sequence[Ref] = ()
    review: bool = False
    origin: str = ""
    replies: Sequence[Reply] = ()

    @property
    def carried(self) -> str:
        """Return that the step was taken over from an earlier version and never looked at, "" where it was not."""
        if not self.review:
            return ""
        of = f"前の版の「{self.origin}」から" if self.origin else "前の版から"
        return f"{of}引き継いだ記入です。見直しの印が付いたまま提出されました。"

    @property
    def gap(self) -> str:
        """Return how far the confirmed step, else the person's own, is from the target, as HTML."""
        return gap_cell(gap_of(self.target, self.final.step if self.final else self.steps.own))

    @property
    def change(self) -> str:
        """Return the tag for the change since last year."""
        return change_words(self.steps.change)

    @property
    def far_apart(self) -> list[str]:
        """Return the differences of two steps or more, in words."""
        return self.steps.far_apart()

    @property
    def keys(self) -> list[tuple[int, tuple[str, ...], bool, list[str]]]:
        """Return the five keys: step, words in pieces, whether chosen, and whose step it is."""
        whose = {"昨年": self.steps.last, "本人": self.steps.own, "一次": self.steps.first}
        return [
            (step, words, step == self.answer.step, [who for who, at in whose.items() if at == step])
            for step, words in KEYS
        ]

    @property
    def own_words(self) -> str:
        """Return the person's step in words."""
        return step_words(self.steps.own)

    @property
    def last_words(self) -> str:
        """Return last year's confirmed step in words."""
        return step_words(self.steps.last)

    @property
    def first_words(self) -> str:
        """Return the step of the 一次確認 in words."""
        return step_words(self.steps.first)

    @property
    def final_words(self) -> str:
        """Return the confirmed step in words."""
        return step_words(self.final.step if self.final else None)

    @property
    def stored_words(self) -> str:
        """Return the stored step in words, where something else stands in the controls."""
        return step_words(self.stored.step if self.stored else None)

    @property
    def comments(self) -> list[tuple[str, Confirmation]]:
        """Return the comments of the acts that are made: (whose, confirmation); a list."""
        made = [("一次確認のコメント", self.first), ("確定のコメント", self.final)]
        return [(whose, row) for whose, row in made if row is not None and row.comment]

    @property
    def has_comment(self) -> bool:
        """Say whether the comment field starts open."""
        return bool(self.answer.comment or self.problem)


@dataclass(frozen=True)
class Group:
    """One 分類 with its rows."""

    category: Any
    rows: list[Row]

    @property
    def done(self) -> int:
        """Return how many rows have a step."""
        return sum(row.answer.step is not None for row in self.rows)


@dataclass(frozen=True)
class Page:
    """Everything about one sheet that the line sees."""

    groups: list[Group] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    last_year: int | None = None

    @property
    def rows(self) -> list[Row]:
        """Return all rows in the order of the matrix."""
        return [row for group in self.groups for row in group.rows]

    @property
    def done(self) -> int:
        """Return how many cells have the confirmer's step."""
        return sum(group.done for group in self.groups)

    @property
    def changed(self) -> int:
        """Return how many cells differ from last year, or are new."""
        return sum(not row.steps.unchanged for row in self.rows)

    @property
    def has_targets(self) -> bool:
        """Say whether any cell has a target."""
        return any(row.target for row in self.rows)

    @property
    def far_apart(self) -> int:
        """Return how many cells have a difference of two steps or more."""
        return sum(bool(row.far_apart) for row in self.rows)

    def open_and(self, which: str) -> list[Row]:
        """Return the rows without the confirmer's step that are "unchanged" or "agreed"; a list."""
        return [row for row in self.rows if row.answer.step is None and getattr(row.steps, which)]

    @property
    def progress(self) -> list[list[str]]:
        """Return the little cells of the progress, grouped by category."""
        return [["on" if row.answer.step is not None else "" for row in group.rows] for group in self.groups]


def is_readable(sheet: Sheet) -> bool:
    """Say whether what was submitted may be read by others: not while the person works on it (P05)."""
    return sheet.state in (*Sheet.WAITING, Sheet.State.CONFIRMED) and sheet.current_revision_id is not None


def load_page(
    sheet: Sheet,
    level: str | None,
    *,
    reader: Actor,
    posted: Mapping[str, Answer] | None = None,
    problems: Mapping[str, str] | None = None,
    targets: Mapping[str, Target] | None = None,
    exchange: Exchange | None = None,
) -> Page:
    """Return the page of the current revision; `level` is the act of the reader, None for reading only.

    `posted` are answers by cell code that were sent and not taken: they stand in the controls, and where
    something else is stored it is shown beside them. `problems` are sentences by cell code. Comments that are not
    for the `reader` (hearing.py) stand nowhere on the page; `exchange` is what the person replied. `targets` are read for
    a sheet before 確定, by cell code; those that were written down with it come with the cells. Five queries.
    """
    entries = frozen_with(sheet.current_revision_id)
    rating = Rating.objects.filter(revision_id=sheet.current_revision_id, cell=OuterRef("pk"))
    cells = Cell.objects.of_version(sheet.version_in_use_id).annotate(
        own=Subquery(rating.values("step")), said=Subquery(rating.values("evidence")),
        review=Subquery(rating.values("review")), origin=Subquery(rating.values("carried_from__label")),
    )  # fmt: skip
    settled = sheet.state == Sheet.State.CONFIRMED
    if settled:
        written = models.Target.objects.filter(sheet=sheet, cell=OuterRef("pk"))
        cells = cells.annotate(
            target_step=Subquery(written.values("step")), target_reason=Subquery(written.values("reason"))
        )
    revision = sheet.current_revision
    corrected = revision is not None and revision.kind == Revision.Kind.CORRECTION
    confirmations = heard(
        Confirmation.objects.filter(revision_id=sheet.current_revision_id).select_related("confirmer"),
        actor=reader, staff_id=sheet.staff_id, author="confirmer",
        # A correction writes the rows again; what they say is as old as the 確定.
        at=sheet.confirmed_at if corrected and sheet.confirmed_at else "updated_at",
    )  # fmt: skip
    given: dict[tuple[str, int], Confirmation] = {}
    for one in confirmations:
        if not one.heard:
            one.comment, one.visibility = "", VISIBLE
        given[one.level, one.cell_id] = one
    last_year, last = last_confirmed(sheet)
    groups: dict[int, Group] = {}
    for cell in cells.filter(own__isnull=False):
        first, final = given.get(("first", cell.pk)), given.get(("final", cell.pk))
        stored = _answer(given.get((level, cell.pk)) if level else None)
        answer = stored
        if posted is not None and cell.code in posted:
            sent = posted[cell.code]
            answer = Answer(sent.step, sent.comment, sent.visibility, stored.version)
        # A first confirmation in the making is the confirmer's own until it is made.
        shown = first.step if first and (sheet.state != Sheet.State.SUBMITTED) else None
        row = Row(
            cell=cell,
            steps=Steps(cell.own, last.get(cell.code), shown),
            evidence=cell.said,
            answer=answer,
            stored=stored if answer != stored else None,
            first=first if shown is not None else None,
            final=final if settled else None,
            problem=(problems or {}).get(cell.code, ""),
            target=_written_target(cell) if settled else (targets or {}).get(cell.code),
            entries=entries.get(cell.pk, ()),
            review=bool(cell.review),
            origin=cell.origin or "",
            replies=exchange.replies.get(cell.pk, ()) if exchange else (),
        )
        category = cell.area.category
        groups.setdefault(category.pk, Group(category, [])).rows.append(row)
    return Page(list(groups.values()), remarks_on(sheet, reader), last_year)


def remarks_on(sheet: Sheet, reader: Actor) -> list[Remark]:
    """Return what was said about any revision of the sheet and is for the reader, newest first; a list. One query."""
    remarks = Remark.objects.filter(revision__sheet=sheet).select_related("author", "revision")
    mine = heard(remarks, actor=reader, staff_id=sheet.staff_id, author="author", at="at")
    return list(mine.filter(heard=True).order_by("-at", "-pk"))


def last_confirmed(sheet: Sheet) -> tuple[int | None, dict[str, int]]:
    """Return (year, confirmed step by cell code) of the latest 確定 before this sheet; (None, {}) for none. One query.

    The codes are those of the version that this sheet answers.
    """
    latest = (
        Sheet.objects.confirmed()
        .filter(staff_id=OuterRef("revision__sheet__staff_id"), fiscal_year__lt=sheet.fiscal_year)
        .order_by("-fiscal_year")
    )
    rows = list(
        Confirmation.objects.filter(
            revision__sheet__staff_id=sheet.staff_id,
            level=Confirmation.Level.FINAL,
            revision=Subquery(latest.values("current_revision")[:1]),
        ).values_list("revision__sheet__fiscal_year", "cell__version_id", "cell__code", "step")
    )
    if not rows:
        return None, {}
    year, version_id, *_ = rows[0]
    return year, carried_steps(sheet.version_in_use, version_id, {code: step for *_, code, step in rows})


def step_words(step: int | None) -> str:
    """Return 「3 独力でできる」, or 未記入 for none."""
    return "未記入" if step is None else f"{step} {Step(step).label}"


def _written_target(cell: Any) -> Target | None:
    return None if cell.target_step is None else Target(cell.target_step, cell.target_reason)


def _answer(row: Confirmation | None) -> Answer:
    return Answer() if row is None else Answer(row.step, row.comment, row.visibility, row.version)
