"""What the line does with a submitted sheet: draft its confirmations, 一次確認, 確定, 差戻し.

Every change is a step from a known state and version; zero rows means that somebody was first. The order of
writes follows assessments/guards.py: confirmations and targets first, the state of the sheet last.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import F, OuterRef, Subquery

from access.actor import Actor
from access.refusals import Conflict, Forbidden, Invalid
from assessments.line import act_for, line_for, may_confirm, may_send_back, nobody_confirms
from assessments.line_rule import FIRST, HEAD, Line
from assessments.models import Confirmation, Cycle, Proxy, Rating, Remark, Sheet
from assessments.workflow.drafts import follow_the_year
from assessments.workflow.targets import freeze_targets
from audit.models import issue_receipt, receipt_for, record
from competency.models import Step
from lib.text import clean
from organization.counted import count_again

LEVELS = Confirmation.Level
NOT_THE_CONFIRMER = "この年度票を確認する権限がありません。"
FOR_ANOTHER = (
    "この年度票を確認するのは、本務の所属でいちばん近い上司です。上司がいない人だけ、人事が確定します。"
)
OWN = "自分の年度票は、自分では確認できません。"
CLOSED = "この年度は受付を終えています。"
ONE_STEP = "この年度の確認は、確定だけです。一次確認はありません。"
FIRST_COMES_FIRST = "一次確認がまだ済んでいません。一次確認の後で確定できます。"
REASON_LENGTH = Remark._meta.get_field("text").max_length
_COMMENT_LENGTH = Confirmation._meta.get_field("comment").max_length


@dataclass(frozen=True)
class Entry:
    """The confirmer's answer for one cell. `version` is that of the row it replaces, 0 where there was none."""

    cell_id: int
    step: int
    comment: str = ""
    visibility: str = Confirmation.Visibility.PERSON
    version: int = 0


class Incomplete(Conflict):
    """Not every cell has a step. `missing` are the labels of those without, in the order of the matrix."""

    def __init__(self, missing: Sequence[str]):
        self.missing = list(missing)
        super().__init__(
            f"まだ確認していない項目が{len(self.missing)}件あります：{'、'.join(self.missing)}",
            detail={"missing": self.missing},
        )


class ReasonMissing(Invalid):
    """A step that the person must be able to understand was asked for without a reason."""

    default = "理由を入力してください。"


def stale(sheet: Sheet) -> Conflict:
    """Return the refusal for a sheet that has moved on, saying where it stands now. One query."""
    now = Sheet.objects.only("state", "version").get(pk=sheet.pk)
    return Conflict(
        f"ほかの画面で先に変更されました。いまの状態は「{now.get_state_display()}」です。最新の内容を確かめてください。",
        detail={"state": now.state, "version": now.version},
    )


def asked_of(by: Actor, sheet: Sheet, level: str) -> Line:
    """Refuse unless this act, "first" or "final", is the actor's to make and the sheet waits for it. Two queries.

    Returns the line that it follows from.

    Forbidden where the table gives no such right, Conflict where the right exists but another is the confirmer
    of this person (a nearer 所属長; 人事 while a superior exists), or for the confirmer at the wrong moment.
    """
    if sheet.staff_id == by.staff_id:
        raise Forbidden(OWN)
    line = line_for(sheet, by.today)
    number, asked = ("P09", line.first) if level == LEVELS.FIRST else ("P10", line.final)
    if not may_confirm(by, number, line, asked):
        raise Forbidden(NOT_THE_CONFIRMER)
    if level == LEVELS.FIRST and sheet.cycle.steps == Cycle.Steps.ONE:
        raise Conflict(ONE_STEP, detail={"state": sheet.state})
    if not _ever_asks(by, sheet, line, level):
        raise Conflict(FOR_ANOTHER, detail={"state": sheet.state})
    if act_for(by, sheet.staff_id, sheet.state, line) != level:
        if level == LEVELS.FINAL and sheet.state == Sheet.State.SUBMITTED:
            raise Conflict(FIRST_COMES_FIRST, detail={"state": sheet.state})
        raise stale(sheet)
    if not sheet.cycle.is_open:
        raise Conflict(CLOSED, detail={"state": sheet.state})
    return line


@transaction.atomic
def save_confirmations(
    *, sheet: Sheet, level: str, entries: Iterable[Entry], version: int, by: Actor, now
) -> int:
    """Keep the confirmer's answers, to go on later; returns how many rows were new or changed.

    `version` is that of the sheet the answers were given for. Raises Forbidden, Conflict (also where another
    tab saved a cell in the meantime: nothing is kept then) and Invalid for a cell that was not submitted, a
    step that does not exist or a comment that is too long.
    """
    sheet = locked(sheet)
    asked_of(by, sheet, level)
    _expect(sheet, version)
    return _keep(sheet, level, entries, by, now)


@transaction.atomic
def confirm_first(*, sheet: Sheet, version: int, key, by: Actor, now, entries: Iterable[Entry] = ()) -> Sheet:
    """Make the 一次確認 and return the fresh sheet; the same key again changes nothing.

    `entries` are kept in the same transaction, as by `save_confirmations`. Raises Forbidden for anyone but a
    係長級 of the 本務 line, Conflict for another state or version and Incomplete while a cell has no step.
    """
    return _confirm(
        sheet, LEVELS.FIRST, Sheet.State.FIRST_CONFIRMED, "sheet.confirm_first",
        version=version, key=key, by=by, now=now, entries=entries,
    )  # fmt: skip


@transaction.atomic
def confirm_final(*, sheet: Sheet, version: int, key, by: Actor, now, entries: Iterable[Entry] = ()) -> Sheet:
    """Make the 確定 and return the fresh sheet; from here on nothing of it changes (P10, P11).

    `entries` are kept in the same transaction, as by `save_confirmations`. Raises Forbidden for anyone but the
    所属長 of the 本務 line, or 人事 where there is none; Conflict for another state or version, or while a 係長級
    comes first; Incomplete while a cell has no step.
    """
    return _confirm(
        sheet, LEVELS.FINAL, Sheet.State.CONFIRMED, "sheet.confirm",
        version=version, key=key, by=by, now=now, entries=entries, confirmed_at=now,
    )  # fmt: skip


@transaction.atomic
def send_back(*, sheet: Sheet, reason: str, version: int, key, by: Actor, now) -> Sheet:
    """Give a submitted sheet back to the person with a reason that they read, until 確定 (P08).

    The submitted revision and its confirmations stay as they are. Returns the fresh sheet; the same key again
    changes nothing. Raises Forbidden out of scope, ReasonMissing, Conflict for another state or version.
    """
    sheet = locked(sheet)
    if receipt_for(by=by, action="sheet.send_back", key=key, target=sheet):
        return sheet
    if sheet.staff_id == by.staff_id:
        raise Forbidden(OWN)
    line = line_for(sheet, by.today)
    if not may_send_back(by, sheet.staff_id, line):
        raise Forbidden
    reason = checked_reason(reason, REASON_LENGTH)
    if not sheet.can_send_back:
        raise stale(sheet)
    _expect(sheet, version)
    if not sheet.cycle.is_open:
        raise Conflict(CLOSED, detail={"state": sheet.state})
    move(sheet, now=now, state=Sheet.State.SENT_BACK)
    follow_the_year(sheet=sheet)
    Remark.objects.create(
        municipality_id=sheet.municipality_id, revision_id=sheet.current_revision_id, text=reason,
        kind=Remark.Kind.SENT_BACK, visibility=Confirmation.Visibility.PERSON, author_id=by.staff_id, at=now,
    )  # fmt: skip
    report("sheet.send_back", sheet, by, now)
    issue_receipt(by=by, action="sheet.send_back", key=key, target=sheet, now=now)
    return fresh(sheet)


@transaction.atomic
def confirm_without_confirmer(*, sheet: Sheet, by: Actor, now) -> bool:
    """Finalise a sheet just submitted with the person's own steps, where nobody else exists at all (P10).

    Only in a year with 「確認者なし：自己記入で確定」; the sheet is marked for good. Returns whether it was done.
    Call it in the transaction of the submission.
    """
    if not sheet.cycle.final_without_confirmer or not nobody_confirms(
        sheet.staff, by.today, line_for(sheet, by.today)
    ):
        return False
    ratings = Rating.objects.filter(revision_id=sheet.current_revision_id).order_by("pk")
    Confirmation.objects.bulk_create(
        Confirmation(
            municipality_id=sheet.municipality_id, revision_id=sheet.current_revision_id, cell_id=rating.cell_id,
            level=LEVELS.FINAL, step=rating.step, confirmer_id=sheet.staff_id, updated_at=now,
        )
        for rating in ratings
    )  # fmt: skip
    freeze_targets(sheet=sheet, on=by.today)
    move(sheet, now=now, state=Sheet.State.CONFIRMED, confirmed_at=now, without_confirmer=True)
    report("sheet.confirm_without_confirmer", sheet, by, now)
    count_again(sheet.municipality_id, by.today)
    return True


def checked_reason(reason: str, longest: int) -> str:
    """Return a reason as it is kept (lib.text.clean); ReasonMissing where nothing or too much is left."""
    reason = clean(reason)
    if not reason:
        raise ReasonMissing
    if len(reason) > longest:
        raise ReasonMissing(f"理由は{longest}文字までで入力してください。")
    return reason


def _confirm(
    sheet: Sheet,
    level: str,
    state: str,
    action: str,
    *,
    version: int,
    key,
    by: Actor,
    now,
    entries: Iterable[Entry],
    **columns,
) -> Sheet:
    sheet = locked(sheet)
    if receipt_for(by=by, action=action, key=key, target=sheet):
        return sheet
    line = asked_of(by, sheet, level)
    _expect(sheet, version)
    _keep(sheet, level, entries, by, now)
    done = Confirmation.objects.filter(revision_id=sheet.current_revision_id, level=level)
    missing = (
        Rating.objects.filter(revision_id=sheet.current_revision_id)
        .exclude(cell__in=done.values("cell"))
        .order_by("cell__area__category__rank", "cell__area__rank", "cell__rank")
        .values_list("cell__label", flat=True)
    )
    if missing:
        raise Incomplete(missing)
    if level == LEVELS.FINAL:
        freeze_targets(sheet=sheet, on=by.today)
    move(sheet, now=now, state=state, **columns)
    report(action, sheet, by, now, **_basis(line, level))
    issue_receipt(by=by, action=action, key=key, target=sheet, now=now, result={"state": state})
    confirmed = fresh(sheet)
    if level == LEVELS.FINAL:
        count_again(sheet.municipality_id, by.today)
    return confirmed


def _keep(sheet: Sheet, level: str, entries: Iterable[Entry], by: Actor, now) -> int:
    """Write the answers of a sheet that is locked and asked of the actor; return how many rows changed."""
    there = {
        row.cell_id: row
        for row in Confirmation.objects.filter(revision_id=sheet.current_revision_id, level=level)
    }
    submitted = set(
        Rating.objects.filter(revision_id=sheet.current_revision_id).values_list("cell_id", flat=True)
    )
    new: list[Confirmation] = []
    changed = 0
    for entry in entries:
        _check(entry, submitted)
        row = there.get(entry.cell_id)
        if (row.version if row else 0) != entry.version:
            raise stale(sheet)
        if row is None:
            new.append(
                Confirmation(
                    municipality_id=sheet.municipality_id, revision_id=sheet.current_revision_id,
                    cell_id=entry.cell_id, level=level, step=entry.step, comment=entry.comment.strip(),
                    visibility=entry.visibility, confirmer_id=by.staff_id, updated_at=now,
                )
            )  # fmt: skip
        elif (row.step, row.comment, row.visibility, row.confirmer_id) != (
            entry.step, entry.comment.strip(), entry.visibility, by.staff_id,
        ):  # fmt: skip
            changed += Confirmation.objects.filter(pk=row.pk, version=entry.version).update(
                step=entry.step, comment=entry.comment.strip(), visibility=entry.visibility,
                confirmer_id=by.staff_id, updated_at=now, version=F("version") + 1,
            )  # fmt: skip
    Confirmation.objects.bulk_create(new)
    if new or changed:
        report("sheet.confirmations_saved", sheet, by, now, level=level, cells=len(new) + changed)
    return len(new) + changed


def _basis(line: Line, level: str) -> dict[str, str]:
    """Return what the audit keeps of a 基準日: the day, and whose line acted."""
    if line.record is None:
        return {}
    today = (FIRST if level == LEVELS.FIRST else HEAD) in line.record.replaced
    return {"confirmer_date": line.record.date.isoformat(), "line": "today" if today else "date"}


def _ever_asks(by: Actor, sheet: Sheet, line: Line, level: str) -> bool:
    states = (Sheet.State.SUBMITTED, Sheet.State.FIRST_CONFIRMED)
    return level in {act_for(by, sheet.staff_id, state, line) for state in states}


def _check(entry: Entry, submitted: set[int]) -> None:
    if entry.cell_id not in submitted or entry.step not in Step.values:
        raise Invalid
    if entry.visibility not in Confirmation.Visibility.values:
        raise Invalid
    if len(entry.comment.strip()) > _COMMENT_LENGTH:
        raise Invalid(f"コメントは{_COMMENT_LENGTH}文字までで入力してください。")


def locked(sheet: Sheet, **columns) -> Sheet:
    """Take the row for this transaction and return it as it is now, with year, person, department and more `columns`.

    `open_proxy` is the key of the 代理入力 that is going on, None without one.
    """
    if connection.features.has_select_for_update:
        # Alone: whatever is read with it is as it was before the lock was waited for, and a year that ended or a
        # 代理入力 that began meanwhile would be overlooked.
        Sheet.objects.select_for_update().values_list("pk").get(pk=sheet.pk)
    return fresh(sheet, **columns)


def fresh(sheet: Sheet, **columns) -> Sheet:
    """Return the row as it is now, as `locked` does, without taking it."""
    going_on = Proxy.objects.filter(sheet=OuterRef("pk"), closed_at__isnull=True)
    return (
        Sheet.objects.select_related("cycle__framework_version", "staff", "department", "current_revision")
        .annotate(open_proxy=Subquery(going_on.values("pk")[:1]), **columns)
        .get(pk=sheet.pk)
    )


def move(sheet: Sheet, *, now, **columns) -> None:
    """Take the step, if the sheet still is what was read; Conflict otherwise."""
    changed = Sheet.objects.filter(pk=sheet.pk, state=sheet.state, version=sheet.version).update(
        version=F("version") + 1, updated_at=now, **columns
    )
    if not changed:
        raise stale(sheet)


def _expect(sheet: Sheet, version: int) -> None:
    if sheet.version != version:
        raise stale(sheet)


def report(action: str, sheet: Sheet, by: Actor, now, **data) -> None:
    """Write the audit event of a step; ids and counts only."""
    record(
        by=by, action=action, now=now, subject_uuid=sheet.staff.uuid, target=sheet,
        data={"fiscal_year": sheet.fiscal_year, "revision_id": sheet.current_revision_id, **data},
    )  # fmt: skip
