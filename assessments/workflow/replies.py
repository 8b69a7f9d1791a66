"""After 確定: the person's 返事 and the one 再確認 they may ask for, and what becomes of it (P12, docs/adr/0078)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from access.actor import Actor
from access.refusals import Conflict, Forbidden, Invalid
from access.table import may
from assessments.line import line_for, may_confirm, reconfirmation_act
from assessments.models import Confirmation, Reconfirmation, Reply, Sheet
from assessments.reply_reads import is_answerable
from assessments.workflow.confirmation import OWN, checked_reason, fresh, locked, move, report, stale
from audit.models import issue_receipt, receipt_for
from lib.text import clean

TEXT_LENGTH = Reply._meta.get_field("text").max_length
REASON_LENGTH = Reconfirmation._meta.get_field("reason").max_length
_State = Reconfirmation.State
NOT_THE_PERSON = "確認に返事をできるのは、本人だけです。"
NOT_CONFIRMED = "確認に返事をできるのは、確定した年度票だけです。"
NOBODY_CONFIRMED = "この年度票を確認した人はいないため、返事や再確認の依頼はできません。"
ASKED_BEFORE = "再確認を頼めるのは、年度票ごとに1回だけです。"
NOTHING_ASKED = "この年度票には、再確認の依頼がありません。"
REFERRED = "この再確認は、人事に訂正を頼んでいます。人事が答えます。"
NOT_THE_CONFIRMER = "再確認に答えるのは、いま本人の確定をする上司です。上司がいない人だけ、人事が答えます。"


@dataclass(frozen=True)
class Words:
    """What the person says about one cell; `again` asks for its 再確認."""

    cell_id: int
    text: str
    again: bool = False


class NothingSaid(Invalid):
    """A form sent without a word leaves nothing behind."""

    default = "返事が書かれていません。返事を書いてから送ってください。"


class Unanswerable(Conflict):
    """A 確定 that nobody made for the person, or none at all: there is nobody to answer."""


@transaction.atomic
def reply(*, sheet: Sheet, words: Sequence[Words], version: int, key, by: Actor, now) -> Sheet:
    """Keep what the person says to their 確定, and ask for 再確認 of the cells with `again`; return the fresh sheet.

    The same key again changes nothing. A cell takes one reply a revision, a sheet one 再確認. Raises Forbidden for
    anyone but the person, Unanswerable for a sheet without a confirmer or before 確定, Conflict for another version,
    a second reply or a second 再確認, NothingSaid, and Invalid for words that are none or too many, for a cell that
    was not confirmed, or for words about a cell without a comment that ask for nothing.
    """
    sheet = locked(sheet)
    if receipt_for(by=by, action="sheet.reply", key=key, target=sheet):
        return sheet
    check_answerable(sheet, by)
    if sheet.version != version:
        raise stale(sheet)
    if not words:
        raise NothingSaid
    said = {one.cell_id: clean(one.text) for one in words}
    _check(sheet, words, said)
    asks = [one for one in words if one.again]
    if asks and Reconfirmation.objects.filter(sheet=sheet).exists():
        raise Conflict(ASKED_BEFORE, detail={"state": sheet.state})
    Reply.objects.bulk_create(
        Reply(
            municipality_id=sheet.municipality_id, revision_id=sheet.current_revision_id, cell_id=one.cell_id,
            text=said[one.cell_id], again=one.again, at=now,
        )
        for one in words
    )  # fmt: skip
    if asks:
        Reconfirmation.objects.create(
            municipality_id=sheet.municipality_id,
            sheet=sheet,
            revision_id=sheet.current_revision_id,
            asked_at=now,
        )
    move(sheet, now=now)
    report("sheet.reply", sheet, by, now, cells=len(words), again=len(asks))
    issue_receipt(by=by, action="sheet.reply", key=key, target=sheet, now=now)
    return fresh(sheet)


@transaction.atomic
def decide(*, sheet: Sheet, keep: bool, reason: str, version: int, key, by: Actor, now) -> Sheet:
    """Answer the 再確認 of a sheet: keep the 確定, or refer it to 人事 to correct; return the fresh sheet.

    The reason is read by the person. The same key again changes nothing. 人事 refer to nobody: they correct
    (workflow/correction.py) or keep. Raises Forbidden for anyone but the 所属長 who makes the person's 確定 today, and
    人事 where there is none or where it was referred to them; ReasonMissing; Conflict for another state or version.
    """
    sheet = locked(sheet)
    if receipt_for(by=by, action="sheet.reconfirm", key=key, target=sheet):
        return sheet
    act = asked_of(by, sheet, reconfirmation_of(sheet))
    if sheet.version != version:
        raise stale(sheet)
    if not keep and act != "again":
        raise Invalid
    reason = checked_reason(reason, REASON_LENGTH)
    if keep:
        columns = {"state": _State.KEPT, "reason": reason, "decided_by_id": by.staff_id, "decided_at": now}
    else:
        columns = {
            "state": _State.REFERRED,
            "referral": reason,
            "referred_by_id": by.staff_id,
            "referred_at": now,
        }
    _go_on(sheet, **columns)
    move(sheet, now=now)
    report("sheet.reconfirm", sheet, by, now, state=columns["state"])
    issue_receipt(by=by, action="sheet.reconfirm", key=key, target=sheet, now=now)
    return fresh(sheet)


def settle_corrected(*, sheet: Sheet, cells: Collection[int], by: Actor, now) -> None:
    """End an open 再確認 with the 訂正 of these cells that is being written, where it asks for one of them.

    Call it in the transaction of the 訂正.
    """
    if Reply.objects.filter(revision__sheet=sheet, again=True, cell__in=cells).exists():
        _go_on(sheet, state=_State.CORRECTED, decided_by_id=by.staff_id, decided_at=now)


def reconfirmation_of(sheet: Sheet) -> Reconfirmation | None:
    """Return the 再確認 of a sheet, None where none was asked for. One query."""
    return Reconfirmation.objects.filter(sheet=sheet).first()


def check_answerable(sheet: Sheet, by: Actor) -> None:
    """Refuse unless this is the actor's own 確定, made by somebody else. One query."""
    if not may(by, "P12r", own=sheet.staff_id == by.staff_id):
        raise Forbidden(NOT_THE_PERSON)
    if sheet.state != Sheet.State.CONFIRMED:
        raise Unanswerable(NOT_CONFIRMED, detail={"state": sheet.state})
    if not is_answerable(sheet):
        raise Unanswerable(NOBODY_CONFIRMED, detail={"state": sheet.state})


def asked_of(by: Actor, sheet: Sheet, asked: Reconfirmation | None) -> str:
    """Return what the 再確認 of a sheet asks of the actor, "again" or "hr"; two queries.

    "hr" may not refer any further. Forbidden where the table gives no such right, Conflict where the right exists but
    another is asked, or nothing is.
    """
    if sheet.staff_id == by.staff_id:
        raise Forbidden(OWN)
    line = line_for(sheet, by.today)
    if not may_confirm(by, "P12d", line, line.final):
        raise Forbidden(NOT_THE_CONFIRMER)
    if asked is None:
        raise Conflict(NOTHING_ASKED, detail={"state": sheet.state})
    if not asked.is_open:
        raise Conflict(f"再確認は終わっています。結果は「{asked.get_state_display()}」です。")
    act = reconfirmation_act(by, sheet.staff_id, asked.state, line)
    if act is None:
        raise Conflict(NOT_THE_CONFIRMER if asked.state == _State.ASKED else REFERRED)
    return act


def _check(sheet: Sheet, words: Iterable[Words], said: dict[int, str]) -> None:
    commented: dict[int, bool] = {}
    given = Confirmation.objects.filter(revision_id=sheet.current_revision_id)
    for cell_id, comment, who in given.values_list("cell_id", "comment", "visibility"):
        visible = bool(comment) and who == Confirmation.Visibility.PERSON
        commented[cell_id] = commented.get(cell_id, False) or visible
    answered = set(
        Reply.objects.filter(revision_id=sheet.current_revision_id).values_list("cell_id", flat=True)
    )
    for one in words:
        if one.cell_id not in commented or not said[one.cell_id] or len(said[one.cell_id]) > TEXT_LENGTH:
            raise Invalid
        if not one.again and not commented[one.cell_id]:
            raise Invalid
        if one.cell_id in answered:
            raise Conflict("この項目には、もう返事を送っています。", detail={"state": sheet.state})


def _go_on(sheet: Sheet, **columns) -> None:
    Reconfirmation.objects.filter(sheet=sheet, state__in=Reconfirmation.OPEN).update(**columns)
