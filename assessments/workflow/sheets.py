"""What the person does with their own sheet: keep drafts, submit, withdraw (P05, P06, P08).

The row of the sheet is taken first by every writer, so that whoever comes second sees what the first one left:
SELECT FOR UPDATE on PostgreSQL, an IMMEDIATE transaction on SQLite.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Case, Count, F, OuterRef, Q, Subquery, When

from access.actor import Actor
from access.refusals import Conflict, Forbidden, Invalid
from access.table import may
from assessments.completeness import problem
from assessments.evidence_reads import counts_as_evidence
from assessments.history import LastYear, last_year
from assessments.merge import Outcome, Stored, Value, merge
from assessments.models import Cycle, Draft, EntryCell, Proxy, Rating, Revision, Sheet
from assessments.sheet_form import THEIRS, Answer
from assessments.workflow.confirmation import (
    CLOSED,
    confirm_without_confirmer,
    fresh,
    locked,
    move,
    report,
    stale,
)
from assessments.workflow.drafts import follow_the_year, was_of_the_year
from assessments.workflow.evidence import freeze_evidence
from audit.models import issue_receipt, object_of_click, receipt_for
from competency.models import HOLDER_STEP, Cell
from organization.models import Posting

_PLACE = ("department_id", "department_path", "position")
EVIDENCE_CHANGED = "別の画面で根拠の記録が変わりました。いまの内容を確かめて、もう一度提出してください。"
CHANGED_ELSEWHERE = "別の画面で記入が変わりました。いまの内容を確かめて、もう一度提出してください。"

MOVED_ON = "体系の版が変わりました。この画面を開き直して、続きを記入してください。"
PROXY_ENDED = "この年度票の代理入力は終わっています。続きは本人が記入します。"


class Unfinished(Invalid):
    """The sheet cannot be submitted yet. `problems` are sentences by cell code."""

    def __init__(self, problems: Mapping[str, str]):
        self.problems = dict(problems)
        super().__init__(f"提出の前に直すところが{len(self.problems)}件あります。")


@dataclass(frozen=True)
class Kept:
    """What saving did: how many cells were written, what is stored now, and which cells need a choice.

    `behind` are cells that were posted as they had been loaded, while something else is stored by now: nothing
    for a whole form, but a choice for a script, which sends only what the person touched.
    """

    changed: int = 0
    stored: dict[str, Stored] = field(default_factory=dict)
    conflicts: frozenset[str] = frozenset()
    behind: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Answer:
    """One cell as it is submitted. `entries` is how many entries of the person show it.

    `carried_from` is the cell of an earlier version it was taken over from; `review` that nobody looked at it since.
    """

    cell_id: int
    code: str
    value: Value
    entries: int
    carried_from: int | None = None
    review: bool = False


def stored_drafts(sheet: Sheet) -> dict[str, Stored]:
    """Return what is kept of each cell that has a draft, by cell code. One query."""
    return {code: stored for code, (_, stored) in _rows(sheet).items()}


@transaction.atomic
def save_drafts(
    *, sheet: Sheet, answers: Mapping[str, Answer], by: Actor, now, same: Iterable[str] = (),
    reviewed: Iterable[str] = (),
) -> Kept:  # fmt: skip
    """Merge posted cells into the drafts and return what became of them; incomplete input is fine.

    A cell that was changed elsewhere in the meantime is left as it is and named in `conflicts`; all others are
    kept. `same` are cells to fill with last year's answer where they are still open, `reviewed` are taken over from
    an earlier version of the matrix and right as they are. Raises Forbidden for
    anyone but the person and 人事, Conflict for a submitted sheet, a closed year or a 代理入力 that has ended,
    Invalid for a foreign cell.
    """
    sheet = _editable(sheet, by)
    # Asked by the year, not by the row: that may be from before a move to another version that the lock waited for.
    rows_of_cells = list(
        Cell.objects.filter(version__cycle=sheet.cycle_id, in_use=True).values_list(
            "code", "pk", "version_id"
        )
    )
    if any(of != sheet.version_in_use_id for *_, of in rows_of_cells):
        raise Conflict(MOVED_ON, detail={"state": sheet.state})
    cells = {code: pk for code, pk, _ in rows_of_cells}
    unknown = answers.keys() - cells.keys()
    if unknown:
        raise (
            Conflict(MOVED_ON, detail={"state": sheet.state}) if was_of_the_year(sheet, unknown) else Invalid
        )
    rows = _rows(sheet)
    wanted: dict[str, Value] = {}
    conflicts, behind = set(), set()
    for code, answer in answers.items():
        _, stored = rows.get(code, (None, Stored()))
        if answer.keep == THEIRS:
            continue
        outcome = merge(answer.base, answer.value, stored)
        undecided = answer.undecided and not answer.keep and answer.value != stored.value
        if outcome is Outcome.CONFLICT or undecided:
            conflicts.add(code)
        elif outcome is Outcome.SAVE:
            wanted[code] = answer.value
        elif answer.value != stored.value:
            behind.add(code)
    marked = _fill_same(wanted, rows, conflicts, set(same), last_year(sheet) if same else None)
    for code in set(reviewed) - conflicts - wanted.keys():
        if code in rows and rows[code][1].review:
            wanted[code] = rows[code][1].value
    _write(sheet, cells, rows, wanted, marked, now)
    if wanted:
        started = sheet.state == Sheet.State.NOT_STARTED
        # The version moves with every draft: a submission names the one that the person saw.
        move(sheet, now=now, state=Sheet.State.DRAFTING if started else sheet.state)
        if sheet.staff_id == by.staff_id:
            # From the person's first word on it is theirs alone.
            _close_proxy(sheet, now)
        if started:
            report("sheet.start", sheet, by, now)
    after = {code: stored for code, (_, stored) in rows.items()}
    after |= {code: Stored(value, after.get(code, Stored()).version + 1) for code, value in wanted.items()}
    return Kept(len(wanted), after, frozenset(conflicts), frozenset(behind))


@transaction.atomic
def submit(*, sheet: Sheet, version: int, key, by: Actor, now) -> Sheet:
    """Submit the drafts as a new revision and return the sheet; the same key again changes nothing.

    Department, 職位 and 職員区分 are taken anew from today's 本務. `version` is that of the sheet whose answers
    the person saw. Raises Forbidden, Conflict for another state, version or a closed year, Unfinished while a
    cell has no step or a newly raised step of 3 or 4 has neither a written evidence nor an entry that shows it.
    """
    clicked = object_of_click(by=by, action="sheet.submit", key=key)
    sheet = locked(sheet, clicked=Subquery(clicked))
    if sheet.clicked is not None:  # type: ignore[attr-defined]
        if sheet.clicked != sheet.uuid:  # type: ignore[attr-defined]
            raise Invalid
        # Withdrawn or sent back since: an old page sent again must not read as submitted.
        if sheet.can_edit:
            raise stale(sheet)
        return sheet
    _check_editable(sheet, by)
    if sheet.version != version:
        raise Conflict(CHANGED_ELSEWHERE, detail={"version": sheet.version})
    answers, place = _answers(sheet, by)
    last = last_year(sheet)
    problems = _problems(answers, last)
    if problems:
        raise Unfinished(problems)
    revision = Revision.objects.create(
        municipality_id=sheet.municipality_id, sheet=sheet, submitted_at=now, submitted_by_id=by.staff_id,
        number=sheet.current_revision.number + 1 if sheet.current_revision else 1,
    )  # fmt: skip
    Rating.objects.bulk_create(
        Rating(
            municipality_id=sheet.municipality_id, revision=revision, cell_id=one.cell_id,
            step=one.value.step, evidence=one.value.evidence, carried_from_id=one.carried_from,
            review=one.review,
        )
        for one in answers
    )  # fmt: skip
    # What was counted when the answers were checked is what is written, or nothing is.
    resting = sum(one.entries for one in answers if (one.value.step or 0) >= HOLDER_STEP)
    if freeze_evidence(revision=revision, staff_id=sheet.staff_id) != resting:
        raise Conflict(EVIDENCE_CHANGED)
    columns = {
        "state": Sheet.State.SUBMITTED, "current_revision": revision, "submitted_at": now,
        "employment": sheet.staff.employment, **place,
    }  # fmt: skip
    move(sheet, now=now, **columns)
    for name, value in columns.items():
        setattr(sheet, name, value)
    sheet.version += 1
    own = sheet.staff_id == by.staff_id
    _close_proxy(sheet, now, revision=None if own else revision)
    report(
        "sheet.submit" if own else "sheet.proxy_submit", sheet, by, now,
        number=revision.number, cells=len(answers), evidence=resting,
    )  # fmt: skip
    issue_receipt(
        by=by, action="sheet.submit", key=key, target=sheet, now=now, result={"number": revision.number}
    )
    if sheet.cycle.final_without_confirmer and confirm_without_confirmer(sheet=sheet, by=by, now=now):
        sheet.refresh_from_db()
    return sheet


@transaction.atomic
def withdraw(*, sheet: Sheet, version: int, key, by: Actor, now) -> Sheet:
    """Take a submission back before 一次確認 and return the fresh sheet; the drafts are still there (P08).

    The revision stays as it is. The same key again changes nothing. Raises Forbidden, Conflict for another
    state or version or a closed year.
    """
    sheet = locked(sheet)
    if receipt_for(by=by, action="sheet.withdraw", key=key, target=sheet):
        if not sheet.can_edit:
            raise stale(sheet)
        return sheet
    if not may(by, "P08w", own=sheet.staff_id == by.staff_id):
        raise Forbidden
    if not sheet.cycle.is_open:
        raise Conflict(CLOSED, detail={"state": sheet.state})
    if not sheet.can_withdraw or sheet.version != version:
        raise Conflict(
            f"取り下げられるのは、提出してから{next_confirmation(sheet.cycle)}までの間です。いまの状態は「{sheet.get_state_display()}」です。",
            detail={"state": sheet.state},
        )
    move(sheet, now=now, state=Sheet.State.DRAFTING, submitted_at=None)
    follow_the_year(sheet=sheet)
    report("sheet.withdraw", sheet, by, now)
    issue_receipt(by=by, action="sheet.withdraw", key=key, target=sheet, now=now)
    return fresh(sheet)


def next_confirmation(cycle: Cycle) -> str:
    """Return the first step that the line takes in this year, in words; until then a submission can be taken back."""
    return "確定" if cycle.steps == Cycle.Steps.ONE else "一次確認"


def closed_to_the_person(sheet: Sheet, today) -> str:
    """Return why the person cannot change the answers now, empty where they can; reads `cycle`, no query."""
    if not sheet.can_edit:
        return f"この年度票は「{sheet.get_state_display()}」になっているため、記入を変えられません。"
    if not sheet.cycle.is_open:
        return CLOSED
    if sheet.cycle.starts_on > today:
        return f"記入は{sheet.cycle.starts_on.month}月{sheet.cycle.starts_on.day}日からです。"
    return ""


def _close_proxy(sheet: Sheet, now, revision: Revision | None = None) -> None:
    """End the 代理入力 that is going on, if one is; `revision` is what came of it."""
    if sheet.open_proxy is not None:  # type: ignore[attr-defined]
        Proxy.objects.filter(pk=sheet.open_proxy).update(  # type: ignore[attr-defined]
            closed_at=now, revision=revision, version=F("version") + 1
        )


def _editable(sheet: Sheet, by: Actor) -> Sheet:
    sheet = locked(sheet)
    _check_editable(sheet, by)
    return sheet


def _check_editable(sheet: Sheet, by: Actor) -> None:
    """Let the person write, and 人事 while a 代理入力 of the sheet is open; the sheet is `locked`."""
    own = sheet.staff_id == by.staff_id
    if not may(by, "P05", own=own) and (own or not may(by, "P05h")):
        raise Forbidden
    if not own and sheet.open_proxy is None:  # type: ignore[attr-defined]
        if not Proxy.objects.filter(sheet=sheet).exists():
            raise Forbidden
        raise Conflict(PROXY_ENDED, detail={"state": sheet.state})
    reason = closed_to_the_person(sheet, by.today)
    if reason:
        raise Conflict(reason, detail={"state": sheet.state})


def _rows(sheet: Sheet) -> dict[str, tuple[int | None, Stored]]:
    """Return (primary key, what is stored) of each draft by cell code. One query."""
    # Those of the version that the sheet answers: what was split or joined since stays where it was.
    drafts = Draft.objects.filter(sheet=sheet, cell__version=sheet.version_in_use_id).values_list(
        "cell__code", "pk", "step", "evidence", "version", "review", "carried_from__label", "carried_from"
    )
    return {
        code: (pk, Stored(Value(step, text), version, review, origin or "", origin_id))
        for code, pk, step, text, version, review, origin, origin_id in drafts
    }


def _fill_same(
    wanted: dict[str, Value], rows, conflicts: set[str], same: set[str], last: LastYear | None
) -> dict[str, int | None]:
    """Add last year's answers for the cells of `same` that are open; evidence already written stays.

    Returns those that are to be looked at again, with the key of the cell they came from.
    """
    marked: dict[str, int | None] = {}
    for code in same - conflicts:
        value = wanted.get(code, rows.get(code, (None, Stored()))[1].value)
        answer = last.answers.get(code) if last else None
        if value.step is None and answer:
            wanted[code] = Value(answer.step, value.evidence or answer.evidence)
            if answer.review:
                marked[code] = answer.cell_id
    return marked


def _write(
    sheet: Sheet, cells: dict[str, int], rows, wanted: dict[str, Value], marked: Mapping[str, int | None], now
) -> None:
    """Write the cells in two statements at most. Each row was read under the lock of the sheet's row.

    `marked` are those to be looked at again, with the key of the cell of an earlier version they came from.
    """
    new, old = [], []
    for code, value in wanted.items():
        pk, stored = rows.get(code, (None, Stored()))
        draft = Draft(
            pk=pk, municipality_id=sheet.municipality_id, sheet=sheet, cell_id=cells[code],
            step=value.step, evidence=value.evidence, updated_at=now, version=stored.version + 1,
            review=code in marked, carried_from_id=marked.get(code, stored.origin_id),
        )  # fmt: skip
        (new if pk is None else old).append(draft)
    Draft.objects.bulk_create(new)
    Draft.objects.bulk_update(old, ["step", "evidence", "updated_at", "version", "review", "carried_from"])


def _answers(sheet: Sheet, by: Actor) -> tuple[list[_Answer], dict]:
    """Return the draft of every cell of the version, in the matrix's order, and department and 職位 of the 本務.

    One query for all of it: a submission has twelve. Without a 本務 the columns are left out, so that the old
    ones stay.
    """
    draft = Draft.objects.filter(sheet=sheet, cell=OuterRef("pk"))
    entries = (
        EntryCell.objects.filter(
            counts_as_evidence("entry__"), entry__staff=sheet.staff_id, cell_code=OuterRef("code")
        )
        .order_by()
        .values("cell_code")
        .annotate(count=Count("pk"))
    )
    posting = _posting_of_record(sheet, by)
    rows = list(
        Cell.objects.of_version(sheet.version_in_use_id)
        .annotate(
            step=Subquery(draft.values("step")),
            evidence=Subquery(draft.values("evidence")),
            carried_from=Subquery(draft.values("carried_from")),
            review=Subquery(draft.values("review")),
            entries=Subquery(entries.values("count")),
            department_id=Subquery(posting.values("department_id")[:1]),
            department_path=Subquery(posting.values("department__path")[:1]),
            position=Subquery(posting.values("position")[:1]),
        )
        .values_list("pk", "code", "step", "evidence", "entries", "carried_from", "review", *_PLACE)
    )
    answers = [
        _Answer(pk, code, Value(step, evidence or ""), count or 0, origin, bool(review))
        for pk, code, step, evidence, count, origin, review, *_ in rows
    ]
    place = dict(zip(_PLACE, rows[0][-len(_PLACE) :], strict=True)) if rows else {}
    return answers, place if place.get("department_id") else {}


def _problems(answers: Iterable[_Answer], last: LastYear) -> dict[str, str]:
    found = {
        one.code: problem(one.value.step, one.value.evidence, last.step(one.code), shown=bool(one.entries))
        for one in answers
    }
    return {code: sentence for code, sentence in found.items() if sentence}


def _posting_of_record(sheet: Sheet, by: Actor):
    """Return the queryset of the 本務 that a submission writes down, first: from a 基準日 on that of the day.

    Who had no 本務 on that day has that of today.
    """
    date = sheet.cycle.confirmer_date
    mains = Posting.objects.filter(staff_id=sheet.staff_id, kind=Posting.Kind.MAIN)
    if date is None or date >= by.today:
        return mains.active_on(by.today).order_by("-start", "pk")
    of_date, of_today = (mains.active_on(day).order_by().values("pk") for day in (date, by.today))
    first = Case(When(pk__in=of_date, then=0), default=1)
    return mains.filter(Q(pk__in=of_date) | Q(pk__in=of_today)).order_by(first, "-start", "pk")
