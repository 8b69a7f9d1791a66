"""One sheet in the eyes of the line: read beside last year's, confirm, send back (P07 to P14)."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from access.actor import Actor, Role
from access.refusals import Conflict, Forbidden, Invalid
from access.table import may
from assessments.confirm_form import COMMENT_LENGTH, Reading, filled, number, read
from assessments.confirm_page import Page, is_readable, load_page, remarks_on, step_words
from assessments.deadlines import deadlines_on
from assessments.line import line_for, may_confirm, may_send_back, waiting_for
from assessments.line_rule import FIRST, HEAD, Line
from assessments.lookups import sheet_for
from assessments.models import Sheet
from assessments.own_page import by_record
from assessments.proxy_reads import on_behalf
from assessments.reply_reads import exchange_of
from assessments.targets import targets_of_sheet
from assessments.workflow.closing import leftover_of
from assessments.workflow.confirmation import (
    REASON_LENGTH,
    Incomplete,
    ReasonMissing,
    confirm_final,
    confirm_first,
    save_confirmations,
    send_back,
)
from audit.models import record
from lib import fiscal
from organization.views.posted import key_of

_FILLING = ("unchanged", "agreed")
_CONFIRMING = {"first": confirm_first, "final": confirm_final}
_DONE = {"first": "一次確認しました", "final": "確定しました"}


def show_for_confirmer(request, sheet: Sheet):
    """Show another person's sheet to the line or 人事; the view is logged. Called by `assessments:sheet`."""
    actor = request.actor
    record(
        by=actor, action="sheet.view", now=timezone.now(), subject_uuid=sheet.staff.uuid, target=sheet,
        data={"fiscal_year": sheet.fiscal_year, "state": sheet.state},
    )  # fmt: skip
    return _page(request, sheet)


@require_POST
def sheet_confirm(request, sheet_uuid):
    """Keep the confirmer's answers, fill the cells that need no thought, or make the 一次確認 or the 確定."""
    actor = request.actor
    sheet = sheet_for(actor, sheet_uuid)
    line = line_for(sheet, actor.today)
    if sheet.staff_id == actor.staff_id or not may_confirm(actor, "P09c", line, (*line.first, *line.final)):
        raise Forbidden
    action = request.POST.get("action", "")
    level = action if action in _CONFIRMING else request.POST.get("level", "")
    if level not in _CONFIRMING or action not in ("save", *_FILLING, *_CONFIRMING):
        raise Invalid
    version, key = number(request.POST.get("version", "")), key_of(request)
    page = load_page(sheet, level, reader=actor)
    reading = read(request.POST, page)
    if reading.problems:
        return _page(request, sheet, reading=reading, problems=reading.problems, status=422)
    entries = filled(reading, page, action) if action in _FILLING else reading.entries
    common = {"sheet": sheet, "version": version, "entries": entries, "by": actor, "now": timezone.now()}
    try:
        if action in _CONFIRMING:
            _CONFIRMING[action](**common, key=key)
            messages.success(request, f"{sheet.staff.name}さんの年度票を{_DONE[action]}。")
            return redirect("assessments:review")
        kept = save_confirmations(**common, level=level)
    except Incomplete as refusal:
        problems = {
            row.cell.code: "段階を選んでください。" for row in page.rows if row.cell.label in refusal.missing
        }
        return _page(request, sheet, reading=reading, problems=problems, status=409)
    except Conflict as refusal:
        fresh = sheet_for(actor, sheet_uuid)
        return _page(request, fresh, reading=reading, refusal=refusal.message, status=409)
    messages.success(request, f"{kept}項目を保存しました。" if kept else "前に保存したままです。")
    return redirect("assessments:sheet", sheet.uuid)


@require_POST
def sheet_send_back(request, sheet_uuid):
    """Give the sheet back to the person with a reason (P08)."""
    actor = request.actor
    sheet = sheet_for(actor, sheet_uuid)
    reason = request.POST.get("reason", "")
    line = line_for(sheet, actor.today)
    if sheet.staff_id == actor.staff_id or not may_send_back(actor, sheet.staff_id, line):
        raise Forbidden
    version, key = number(request.POST.get("version", "")), key_of(request)
    try:
        send_back(sheet=sheet, reason=reason, version=version, key=key, by=actor, now=timezone.now())
    except ReasonMissing as refusal:
        return _page(request, sheet, reason=reason, reason_problem=refusal.message, status=422)
    except Conflict as refusal:
        fresh = sheet_for(actor, sheet_uuid)
        return _page(request, fresh, reason=reason, refusal=refusal.message, status=409)
    messages.success(request, f"{sheet.staff.name}さんに差し戻しました。理由は本人の画面に出ます。")
    return redirect("assessments:review")


def _page(
    request, sheet: Sheet, *, reading: Reading | None = None, problems: dict[str, str] | None = None,
    refusal: str = "", reason: str = "", reason_problem: str = "", status: int = 200,
):  # fmt: skip
    actor = request.actor
    # The menu counts the same list; it takes this one instead of asking again.
    request.waiting = waiting_for(actor)
    act = request.waiting.acts.get(sheet.pk)
    line = request.waiting.lines.get(sheet.pk)
    readable = is_readable(sheet)
    posted = reading.answers if reading and act else None
    exchange = exchange_of(sheet, actor)
    if readable:
        # Those of a 確定 come with its cells.
        targets = None if sheet.state == Sheet.State.CONFIRMED else targets_of_sheet(sheet, actor.today)
        page = load_page(
            sheet, act, reader=actor, posted=posted, problems=problems, targets=targets, exchange=exchange
        )
    else:
        page = Page(remarks=remarks_on(sheet, actor))
    ctx = {
        "sheet": sheet,
        "staff": sheet.staff,
        "page": page,
        "proxy": on_behalf(sheet),
        "can_fill_in": may(actor, "P05h") and sheet.staff_id != actor.staff_id and sheet.can_edit,
        "act": act,
        "act_label": {"first": "一次確認する", "final": "確定する"}.get(act or "", ""),
        "readable": readable,
        "state_label": sheet.get_state_display(),
        "by_record": by_record(line, FIRST if act == FIRST else HEAD) if line else "",
        "deadlines": deadlines_on(sheet),
        "last_label": fiscal.label(page.last_year)
        if page.last_year not in (None, sheet.fiscal_year - 1)
        else "",
        "leftover": leftover_of(sheet),
        "can_send_back": sheet.can_send_back and sheet.cycle.is_open and _may_send_back(actor, sheet, act),
        "reconfirmation": exchange.reconfirmation,
        "can_reconfirm": request.waiting.again.get(sheet.pk),
        "can_correct": sheet.state == Sheet.State.CONFIRMED and may(actor, "P11"),
        "unchanged": len(page.open_and("unchanged")) if act else 0,
        "agreed": len(page.open_and("agreed")) if act == "final" else 0,
        "problems": _problems(page, problems or {}, reason_problem),
        "refusal": refusal,
        "kept_text": _unsent(page, reading) if reading and not act else [],
        "reason": reason,
        "reason_problem": reason_problem,
        "comment_length": COMMENT_LENGTH,
        "reason_length": REASON_LENGTH,
        "key": uuid.uuid4(),
    }
    return render(request, "assessments/confirm.html", ctx, status=status)


def _may_send_back(actor: Actor, sheet: Sheet, act: str | None) -> bool:
    # Whoever the sheet waits for is of its line; of the others the postings of today decide.
    if act or actor.has(Role.HR):
        return True
    return may_send_back(actor, sheet.staff_id, Line())


def _problems(page: Page, problems: dict[str, str], reason_problem: str) -> list[dict[str, str]]:
    """Return the lines of the error summary, each leading to its control."""
    found = [
        {"target": f"step-{row.cell.code}-0", "text": f"{row.cell.full_name}：{problems[row.cell.code]}"}
        for row in page.rows
        if row.cell.code in problems
    ]
    return found + ([{"target": "reason", "text": reason_problem}] if reason_problem else [])


def _unsent(page: Page, reading: Reading) -> list[str]:
    """Return what was sent and can no longer be kept, so that the text is not lost with the page."""
    return [
        f"{row.cell.full_name}：{step_words(answer.step)}　{answer.comment}".rstrip()
        for row in page.rows
        if (answer := reading.answers.get(row.cell.code)) and answer.step is not None
    ]
