"""The person's own sheet to read: what they wrote, where it stands, and after 確定 what the line said. Takes no request."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assessments.comparison import change_words
from assessments.confirm_page import step_words
from assessments.evidence_reads import Ref, frozen_with, showing
from assessments.history import STANDING, LastYear, last_year
from assessments.line_rule import FIRST, HEAD, Line
from assessments.models import Confirmation, Cycle, Rating, Remark, Reply, Revision, Sheet
from assessments.reply_reads import Exchange
from assessments.targets import gap_cell, gap_of
from assessments.workflow.sheets import stored_drafts
from competency.models import HOLDER_STEP, Cell
from competency.published import cells_of
from competency.targets import Target
from lib.dates import format_wareki

VISIBLE = Confirmation.Visibility.PERSON


@dataclass(frozen=True)
class OwnRow:
    """One cell: the person's step, last year's, and after 確定 the confirmed one with the comments and the replies."""

    cell: Any
    own: int | None
    evidence: str
    last: int | None
    final: int | None = None
    comments: tuple[str, ...] = ()
    target: Target | None = None
    entries: Sequence[Ref] = ()
    replies: Sequence[Reply] = ()

    @property
    def step(self) -> int | None:
        """Return the step that counts: the confirmed one, else the person's own."""
        return self.own if self.final is None else self.final

    @property
    def gap(self) -> str:
        """Return how far the step that counts is from the target, as HTML."""
        return gap_cell(gap_of(self.target, self.step))

    @property
    def own_words(self) -> str:
        """Return the person's step in words."""
        return step_words(self.own)

    @property
    def final_words(self) -> str:
        """Return the confirmed step in words."""
        return step_words(self.final)

    @property
    def differs(self) -> bool:
        """Say whether the line came to another step than the person."""
        return self.final is not None and self.final != self.own

    @property
    def change(self) -> str:
        """Return the change since last year in words, of the confirmed step where there is one."""
        if self.step is None or self.last is None:
            return ""
        return change_words(self.step - self.last) or "昨年から変更なし"


@dataclass(frozen=True)
class OwnGroup:
    """One 分類 with its rows."""

    category: Any
    rows: list[OwnRow]


@dataclass(frozen=True)
class OwnPage:
    """Everything of one's own sheet. `submitted` is false while the rows are drafts."""

    groups: list[OwnGroup]
    submitted: bool
    last_fiscal_year: int | None
    state_words: str
    sent_back: Remark | None
    said: list[Remark]
    correction: Revision | None

    @property
    def rows(self) -> list[OwnRow]:
        """Return all rows in the order of the matrix."""
        return [row for group in self.groups for row in group.rows]

    @property
    def has_targets(self) -> bool:
        """Say whether any cell has a target."""
        return any(row.target for row in self.rows)

    @property
    def differing(self) -> int:
        """Return how many cells the line confirmed at another step."""
        return sum(row.differs for row in self.rows)


def load_own_page(
    sheet: Sheet, *, targets: Mapping[str, Target] | None = None, exchange: Exchange | None = None
) -> OwnPage:
    """Return the page of the revision that stands, else of the drafts, with what was replied. At most six queries."""
    submitted = sheet.state in STANDING
    confirmed = sheet.state == Sheet.State.CONFIRMED
    answers: dict[str, tuple[int | None, str]] = {}
    if submitted:
        ratings = Rating.objects.filter(revision_id=sheet.current_revision_id)
        answers = {
            code: (step, text) for code, step, text in ratings.values_list("cell__code", "step", "evidence")
        }
    else:
        answers = {
            code: (kept.value.step, kept.value.evidence) for code, kept in stored_drafts(sheet).items()
        }
    finals: dict[int, int] = {}
    comments: dict[int, list[str]] = {}
    if confirmed:
        # The 係長's comments stand first, as they were given first: "first" comes after "final" by letter.
        given = Confirmation.objects.filter(revision_id=sheet.current_revision_id).order_by("-level", "pk")
        for level, cell_id, step, comment, who in given.values_list(
            "level", "cell_id", "step", "comment", "visibility"
        ):
            if level == Confirmation.Level.FINAL:
                finals[cell_id] = step
            if comment and who == VISIBLE and comment not in comments.setdefault(cell_id, []):
                comments[cell_id].append(comment)
    frozen = frozen_with(sheet.current_revision_id) if submitted else {}
    able = {} if submitted else showing(sheet.staff_id)
    last = last_year(sheet)
    cells = cells_of(sheet.version_in_use)
    remarks = remarks_for_the_person(sheet)
    revision = sheet.current_revision
    correction = revision if confirmed and revision.kind == Revision.Kind.CORRECTION else None
    return OwnPage(
        groups=_groups(
            cells, answers, finals, comments, last, targets or {}, frozen, able, exchange or Exchange()
        ),
        submitted=submitted,
        last_fiscal_year=last.fiscal_year,
        state_words=state_words(sheet),
        sent_back=next((one for one in remarks if is_the_reason(one, sheet)), None),
        said=[one for one in remarks if not is_the_reason(one, sheet)],
        correction=correction,
    )


def remarks_for_the_person(sheet: Sheet) -> list[Remark]:
    """Return what the line said to the person about the sheet, newest first; a list. One query.

    Reasons of a 差戻し are read at once, comments with the confirmation after 確定 (P08, P12).
    """
    remarks = Remark.objects.filter(revision__sheet=sheet, visibility=VISIBLE).select_related("author")
    if sheet.state != Sheet.State.CONFIRMED:
        remarks = remarks.filter(kind=Remark.Kind.SENT_BACK)
    return list(remarks.order_by("-at", "-pk"))


def is_the_reason(remark: Remark, sheet: Sheet) -> bool:
    """Say whether this is why the sheet lies with the person now."""
    return (
        sheet.state == Sheet.State.SENT_BACK
        and remark.kind == Remark.Kind.SENT_BACK
        and remark.revision_id == sheet.current_revision_id
    )


def reason_sent_back(sheet: Sheet) -> Remark | None:
    """Return why the line gave the sheet back, None where it did not. One query for a sheet sent back, else none."""
    if sheet.state != Sheet.State.SENT_BACK:
        return None
    return next((one for one in remarks_for_the_person(sheet) if is_the_reason(one, sheet)), None)


def state_words(sheet: Sheet) -> str:
    """Return the state in the words of the person's screens."""
    if sheet.state == Sheet.State.CONFIRMED:
        return "確定（確認者なし：自己記入で確定）" if sheet.without_confirmer else "確定"
    return {
        Sheet.State.SUBMITTED: "提出しました",
        Sheet.State.FIRST_CONFIRMED: "一次確認が済みました",
        Sheet.State.SENT_BACK: "差し戻されました",
        Sheet.State.DRAFTING: "記入中",
    }.get(sheet.state, "まだ記入していません")


def waits_for(sheet: Sheet, line: Line) -> str:
    """Return whom a submitted sheet waits for, by role and in a sentence; empty where it waits for nobody."""
    if sheet.state in Sheet.WAITING and sheet.cycle.state == Cycle.State.CLOSED:
        return "年度が終わったため、確認は行われません。"
    if sheet.state == Sheet.State.SUBMITTED and line.first:
        return f"係長級の一次確認を待っています。{by_record(line, FIRST)}"
    if sheet.state in Sheet.WAITING:
        who = "所属長" if line.final else "人事"
        return f"{who}の確定を待っています。{by_record(line, HEAD)}"
    return ""


def by_record(line: Line, role: str) -> str:
    """Return what a 基準日 changes about who makes a step, FIRST or HEAD; a sentence, empty where it changes nothing."""
    record = line.record
    replaced = record is not None and role in record.replaced
    if record is None or not (record.moved or replaced):
        return ""
    date = f"確認者の基準日（{format_wareki(record.date)}）の"
    who = "いまの所属の上司" if role == FIRST or line.final else "人事"
    if not record.moved:
        return f"{date}上司が、異動などで確認できないため、{who}が確認します。"
    if replaced:
        return f"{date}所属は{record.place}です。異動のため、{who}が確認します。"
    return f"{date}所属は{record.place}です。その日の上司が確認します。"


def _groups(
    cells: Iterable[Cell],
    answers: dict[str, tuple[int | None, str]],
    finals: dict[int, int],
    comments: dict[int, list[str]],
    last: LastYear,
    targets: Mapping[str, Target],
    frozen: Mapping[int, Sequence[Ref]],
    able: Mapping[str, Sequence[Ref]],
    exchange: Exchange,
) -> list[OwnGroup]:
    groups: dict[int, OwnGroup] = {}
    for cell in cells:
        own, evidence = answers.get(cell.code, (None, ""))
        category = cell.area.category
        groups.setdefault(category.pk, OwnGroup(category, [])).rows.append(
            OwnRow(
                cell,
                own,
                evidence,
                last.step(cell.code),
                finals.get(cell.pk),
                tuple(comments.get(cell.pk, ())),
                targets.get(cell.code),
                frozen.get(cell.pk) or (able.get(cell.code, ()) if (own or 0) >= HOLDER_STEP else ()),
                exchange.replies.get(cell.pk, ()),
            )
        )
    return list(groups.values())
