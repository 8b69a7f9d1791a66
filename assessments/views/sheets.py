"""One sheet: fill in, save, check and submit, withdraw, read (P05, P06, P07, P08); for 代理入力 as well (P05h)."""

import uuid
from collections.abc import Sequence

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.refusals import Conflict, Forbidden, Invalid
from access.table import may
from assessments.confirm_page import step_words
from assessments.deadlines import deadlines_on
from assessments.line import line_for
from assessments.lookups import coming_cycle, my_open_sheet, sheet_for, sheet_to_fill
from assessments.merge import Stored
from assessments.models import Sheet
from assessments.own_page import load_own_page, reason_sent_back, waits_for
from assessments.proxy_reads import on_behalf
from assessments.reply_form import takes_replies
from assessments.reply_reads import exchange_of
from assessments.sheet_form import EVIDENCE_LENGTH, Reading, colliding, follow, read
from assessments.sheet_page import SheetPage, load_sheet_page
from assessments.targets import targets_of_sheet
from assessments.views.confirming import show_for_confirmer
from assessments.workflow.closing import leftover_of
from assessments.workflow.proxies import WORDS_LENGTH
from assessments.workflow.sheets import (
    Kept,
    Unfinished,
    closed_to_the_person,
    next_confirmation,
    save_drafts,
    submit,
    withdraw,
)
from audit.models import record
from competency.lineage_reads import lineage_of, reopened_since
from competency.models import Cell
from competency.models import Step as CellStep
from organization.views.posted import key_of, version_of

SAME, SUBMIT, EVIDENCE, REVIEWED = "same:", "submit", "evidence:", "reviewed:"
MOVED_ON = "体系の版が変わりました。書いた内容は、新しい版の項目に保存しました。この画面を開き直して、続きを記入してください。"
MOVED_BACK = (
    "体系の版が変わったため、保存していません。書いた内容を控えてから、この画面を開き直してください。"
)
MOVED_UNKEPT = "体系の版が変わり、保存できていない項目があります。「下書きを保存」を押して、新しい版の画面で確かめてください。"


@require_safe
def my_sheet(request):
    """Go to the sheet of the newest open year, or say that there is none."""
    sheet = my_open_sheet(request.actor)
    if sheet and sheet.cycle.starts_on <= request.actor.today:
        return redirect("assessments:sheet", sheet.uuid)
    ctx = {"sheet": sheet, "coming": sheet.cycle if sheet else coming_cycle(request.actor)}
    return render(request, "assessments/sheet_none.html", ctx)


@require_safe
def sheet(request, sheet_uuid):
    """Show one sheet: to the person as their own, to the line and 人事 as confirmers."""
    actor = request.actor
    shown = sheet_for(actor, sheet_uuid)
    if shown.staff_id != actor.staff_id:
        return show_for_confirmer(request, shown)
    if not closed_to_the_person(shown, actor.today):
        return redirect("assessments:sheet_edit", shown.uuid)
    return show_own(request, shown)


@require_http_methods(["GET", "HEAD", "POST"])
def sheet_edit(request, sheet_uuid):
    """Fill in the sheet; a POST keeps the whole form, and fills a 分類 as last year or goes on from there."""
    shown = sheet_to_fill(request.actor, sheet_uuid)
    if request.method != "POST":
        if closed_to_the_person(shown, request.actor.today):
            return redirect("assessments:sheet", shown.uuid)
        _leave_trace(request, shown)
        page = load_sheet_page(shown, check="check" in request.GET, targets=_targets(request, shown))
        return _form(request, shown, page)
    action = request.POST.get("action", "save")
    cells = _cells(shown)
    posted, moved = _followed(shown, request.POST, set(cells))
    reading = read(posted, set(cells))
    category = action.removeprefix(SAME) if action.startswith(SAME) else None
    same = [code for code, of in cells.items() if of == category]
    resting = action.removeprefix(EVIDENCE) if action.startswith(EVIDENCE) else None
    looked_at = action.removeprefix(REVIEWED) if action.startswith(REVIEWED) else None
    if action not in ("save", SUBMIT) and not same and resting not in cells and looked_at not in cells:
        raise Invalid
    try:
        kept = _keep(request, shown, reading, same, [looked_at] if looked_at else [])
    except Conflict as refusal:
        if not _is_own(request, shown):
            raise
        return show_own(
            request, sheet_for(request.actor, sheet_uuid), refusal=refusal.message, reading=reading
        )
    conflicts = kept.conflicts | colliding(reading, kept.stored)
    page = load_sheet_page(
        shown,
        reading=reading,
        conflicts=conflicts,
        check=action == SUBMIT,
        targets=_targets(request, shown),
    )
    if conflicts or any(row.error for row in page.rows):
        return _form(request, shown, page, status=409 if conflicts else 422)
    if moved:
        messages.warning(request, MOVED_ON)
        return redirect("assessments:sheet_edit", shown.uuid)
    if action == SUBMIT:
        return redirect("assessments:sheet_submit", shown.uuid)
    if resting:
        return redirect("assessments:sheet_evidence", shown.uuid, resting)
    messages.success(request, "下書きを保存しました。" if kept.changed else "前に保存したままです。")
    target = f"#group-{category}" if category else f"#cell-{looked_at}" if looked_at else ""
    return redirect(reverse("assessments:sheet_edit", args=[shown.uuid]) + target)


@require_POST
def sheet_save(request, sheet_uuid):
    """Keep the cells that changed, for the script of the sheet; answers JSON.

    200 with the new bases; 409 with both texts of each cell that needs a choice (the others are kept); 422
    with sentences for texts that cannot be kept. A refusal has `error` alone; so has what was kept in the cells of
    another version than the page shows.
    """
    shown = sheet_to_fill(request.actor, sheet_uuid)
    codes = set(_cells(shown))
    posted, moved = _followed(shown, request.POST, codes)
    reading = read(posted, codes)
    kept = _keep(request, shown, reading, [])
    if moved:
        unkept = kept.conflicts or kept.behind or reading.problems
        return JsonResponse({"error": MOVED_UNKEPT if unkept else MOVED_ON}, status=409)
    undecided = kept.conflicts | kept.behind
    bases = {
        code: kept.stored.get(code, Stored()).token
        for code in reading.answers
        if code not in undecided and code not in reading.problems
    }
    now = timezone.localtime()
    answer = {"bases": bases, "saved_at": f"{now.hour}時{now.minute}分"}
    if undecided:
        answer["error"] = "別の画面で同じ項目が保存されています。どちらを残すか選んでください。"
        answer["conflicts"] = {code: _both(reading, kept, code) for code in sorted(undecided)}
    if reading.problems:
        answer["problems"] = reading.problems
    return JsonResponse(answer, status=409 if undecided else 422 if reading.problems else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def sheet_submit(request, sheet_uuid):
    """Show everything once more beside last year, and submit it."""
    shown = sheet_to_fill(request.actor, sheet_uuid, "P06")
    if request.method != "POST":
        if closed_to_the_person(shown, request.actor.today):
            return redirect("assessments:sheet", shown.uuid)
        _leave_trace(request, shown)
        return _check(request, shown)
    try:
        done = submit(
            sheet=shown,
            version=version_of(request),
            key=key_of(request),
            by=request.actor,
            now=timezone.now(),
        )
    except Unfinished:
        return _check(request, shown, status=422)
    except Conflict as refusal:
        fresh = sheet_for(request.actor, sheet_uuid)
        proxy = on_behalf(fresh)
        if not _is_own(request, shown) and (proxy is None or not proxy.is_open):
            raise
        if closed_to_the_person(fresh, request.actor.today):
            return show_own(request, fresh, refusal=refusal.message)
        return _check(request, fresh, refusal=refusal.message, status=409)
    told = f"提出しました。{waits_for(done, line_for(done, request.actor.today))}"
    if not _is_own(request, shown):
        told = f"{shown.staff.name}さんに代わって{told}本人に、内容の確認を頼んでください。"
    messages.success(request, told)
    return redirect("assessments:sheet", shown.uuid)


@require_POST
def sheet_withdraw(request, sheet_uuid):
    """Take a submission back before 一次確認."""
    shown = sheet_for(request.actor, sheet_uuid)
    if not may(request.actor, "P08w", own=shown.staff_id == request.actor.staff_id):
        raise Forbidden("取り下げられるのは、本人だけです。")
    try:
        withdraw(
            sheet=shown,
            version=version_of(request),
            key=key_of(request),
            by=request.actor,
            now=timezone.now(),
        )
    except Conflict as refusal:
        return show_own(request, sheet_for(request.actor, sheet_uuid), refusal=refusal.message)
    messages.success(request, "提出を取り下げました。書いた内容はそのまま残っています。")
    return redirect("assessments:sheet_edit", shown.uuid)


def _is_own(request, shown: Sheet) -> bool:
    return shown.staff_id == request.actor.staff_id


def _leave_trace(request, shown: Sheet) -> None:
    """Write down that 人事 opened somebody's sheet to fill it in."""
    if not _is_own(request, shown):
        record(
            by=request.actor, action="sheet.view", now=timezone.now(), subject_uuid=shown.staff.uuid, target=shown,
            data={"fiscal_year": shown.fiscal_year, "state": shown.state},
        )  # fmt: skip


def _start(request, shown: Sheet) -> dict[str, str]:
    """Return where the trail of a sheet begins: at home, or at the list of 代理入力."""
    if _is_own(request, shown):
        return {"label": "ホーム", "url": reverse("assessments:home")}
    return {"label": "代理入力", "url": reverse("assessments:proxies")}


def _targets(request, shown: Sheet):
    return targets_of_sheet(shown, request.actor.today)


def _cells(shown: Sheet) -> dict[str, str]:
    """Return the code of the 分類 by cell code. One query."""
    cells = Cell.objects.filter(version_id=shown.version_in_use_id, in_use=True)
    return dict(cells.values_list("code", "area__category__code"))


def _followed(shown: Sheet, posted, codes: set[str]):
    """Return what was sent for the version that the sheet answers now, and whether the page showed another.

    Raises Conflict for a page of a version that is not one of those it came from: the year was given its former one back.
    """
    version, seen = shown.version_in_use, posted.get("matrix", str(shown.version_in_use.uuid))
    lineage = lineage_of(version)
    if seen == str(version.uuid):
        fields, moved = follow(posted, codes, lineage)
        return fields, bool(moved)
    reopened = reopened_since(version, seen)
    if reopened is None:
        raise Conflict(MOVED_BACK, detail={"state": shown.state})
    fields, _ = follow(posted, codes, lineage, reopened=reopened)
    return fields, True


def _keep(request, shown: Sheet, reading: Reading, same: list[str], reviewed: Sequence[str] = ()) -> Kept:
    answers = {code: answer for code, answer in reading.answers.items() if code not in reading.problems}
    return save_drafts(
        sheet=shown, answers=answers, same=same, reviewed=reviewed, by=request.actor, now=timezone.now()
    )


def _both(reading: Reading, kept: Kept, code: str) -> dict:
    """Return both texts of a cell for the script; `base` is what a choice is made against."""
    mine, stored = reading.answers[code].value, kept.stored.get(code, Stored())
    theirs = stored.value
    return {
        "base": stored.token,
        "mine": {"step": mine.step, "words": step_words(mine.step), "evidence": mine.evidence},
        "theirs": {"step": theirs.step, "words": step_words(theirs.step), "evidence": theirs.evidence},
    }


def _form(request, shown: Sheet, page: SheetPage, *, status: int = 200):
    conflicts = [row for row in page.rows if row.conflict]
    due = deadlines_on(shown)
    problems = [
        {
            "target": f"conflict-{row.code}",
            "text": f"{row.cell.full_name}：どちらの内容を残すか選んでください",
        }
        for row in conflicts
    ] + [
        {"target": _control(row), "text": f"{row.cell.full_name}：{row.error}"}
        for row in page.rows
        if row.error
    ]
    ctx = {
        "sheet": shown,
        "page": page,
        "steps": _steps(shown, page),
        "problems": problems,
        "conflicts": conflicts,
        "meanings": list(CellStep),
        "sent_back": reason_sent_back(shown),
        "evidence_length": EVIDENCE_LENGTH,
        "deadlines": due,
        "days_left": (due.submit_by - request.actor.today).days,
        "proxy": on_behalf(shown),
        "is_own": _is_own(request, shown),
        "trail": [_start(request, shown)],
    }
    return render(request, "assessments/sheet_edit.html", ctx, status=status)


def _control(row) -> str:
    return f"evidence-{row.code}" if row.answered else f"step-{row.code}-0"


def _steps(shown: Sheet, page: SheetPage, current: str = "") -> list[dict]:
    """Return the steps through the sheet: the 分類 and the submission."""
    # Inside the form the steps are jumps, which leave what is written where it is.
    form = reverse("assessments:sheet_edit", args=[shown.uuid]) if current else ""
    first_open = next((group for group in page.groups if group.done < len(group.rows)), None)
    steps = []
    for group in page.groups:
        bad = any(row.error or row.conflict for row in group.rows)
        state = "error" if bad else "done" if group.done == len(group.rows) else ""
        if not current and group is first_open and not bad:
            state = "current"
        steps.append(
            {
                "label": group.category.name,
                "url": f"{form}#group-{group.category.code}",
                "state": state,
                "words": f"{group.state} {group.done}／{len(group.rows)}",
            }
        )
    last = "current" if current or first_open is None else ""
    url = "" if current else reverse("assessments:sheet_submit", args=[shown.uuid])
    return [*steps, {"label": "確認して提出", "url": url, "state": last, "words": "提出前"}]


def _check(request, shown: Sheet, *, refusal: str = "", status: int = 200):
    page = load_sheet_page(shown, targets=_targets(request, shown))
    missing = [row for row in page.rows if row.problem]
    ctx = {
        "sheet": shown,
        "page": page,
        "deadlines": deadlines_on(shown),
        "steps": _steps(shown, page, current="submit"),
        "missing": missing,
        "next_confirmation": next_confirmation(shown.cycle),
        "is_own": _is_own(request, shown),
        "raised": sum(row.change.startswith("昨年から＋") for row in page.rows),
        "lowered": sum(row.change.startswith("昨年から−") for row in page.rows),
        "refusal": refusal,
        "key": uuid.uuid4(),
        "trail": [
            _start(request, shown),
            {"label": "記入", "url": reverse("assessments:sheet_edit", args=[shown.uuid])},
        ],
    }
    return render(request, "assessments/sheet_submit.html", ctx, status=status)


def show_own(
    request, shown: Sheet, *, refusal: str = "", reading: Reading | None = None, words: str = "", problem: str = "",
    status: int = 200,
):  # fmt: skip
    """Show the person's own sheet to read; with `refusal` as the answer 409, and with what could not be kept.

    `words` and `problem` are an answer about a 代理入力 that was not taken (`views.proxies`).
    """
    today, exchange = request.actor.today, exchange_of(shown)
    page = load_own_page(shown, targets=_targets(request, shown), exchange=exchange)
    ctx = {
        "sheet": shown,
        "page": page,
        "reconfirmation": exchange.reconfirmation,
        "can_reply": takes_replies(shown, page, exchange),
        "state_words": page.state_words,
        "waits_for": waits_for(shown, line_for(shown, today)) if shown.state in Sheet.WAITING else "",
        "can_withdraw": shown.can_withdraw and shown.cycle.is_open,
        "next_confirmation": next_confirmation(shown.cycle),
        "leftover": leftover_of(shown),
        "proxy": on_behalf(shown),
        "words": words,
        "problem": problem,
        "words_length": WORDS_LENGTH,
        "refusal": refusal,
        "unsent": _unsent(page, reading),
        "key": uuid.uuid4(),
        "trail": [{"label": "ホーム", "url": reverse("assessments:home")}],
    }
    return render(request, "assessments/sheet.html", ctx, status=409 if refusal else status)


def _unsent(page, reading: Reading | None) -> list[dict]:
    """Return what was sent and is kept nowhere, so that no text is lost with the page; a list."""
    if reading is None:
        return []
    return [
        {"name": row.cell.full_name, "step": step_words(sent.value.step), "evidence": sent.value.evidence}
        for row in page.rows
        if (sent := reading.answers.get(row.cell.code)) and not sent.base.is_of(sent.value)
    ]
