"""代理入力: the list of a year, one sheet's, and what the person says about it (P05h, P05c)."""

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.refusals import Conflict, Forbidden, Invalid
from access.table import may
from assessments.lookups import sheet_for
from assessments.models import Cycle, Proxy, Sheet
from assessments.proxy_forms import GroundForm
from assessments.proxy_reads import on_behalf, standing, why_not
from assessments.views.sheets import show_own
from assessments.workflow.proxies import WordsMissing, answer_proxy, end_proxy, open_proxy, record_paper
from organization.models import Staff
from organization.views.posted import key_of, version_of

PAGE, FOUND = 50, 20


@require_safe
def proxies(request):
    """List the 代理入力 of a year with what the people said, and find somebody to fill in for."""
    actor = request.actor
    if not may(actor, "P05h"):
        raise Forbidden
    cycles = list(Cycle.objects.visible_to(actor).order_by("-fiscal_year"))
    asked = request.GET.get("year", "")
    cycle = next((one for one in cycles if str(one.fiscal_year) == asked), _current(cycles))
    rows = Proxy.objects.filter(municipality_id=actor.municipality_id, sheet__cycle=cycle)
    rows = rows.select_related("sheet__staff", "sheet__department", "opened_by").order_by("-opened_at", "-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    counting = set(standing().filter(pk__in=[one.pk for one in page]).values_list("pk", flat=True))
    words = request.GET.get("q", "")[:60]
    ctx = {
        "cycle": cycle,
        "cycles": cycles,
        "page": page,
        "rows": [(one, _standing_words(one, counting)) for one in page],
        "q": words,
        "found": _found(actor, cycle, words) if cycle and words.strip() else None,
        "limit": FOUND,
    }
    return render(request, "assessments/proxies.html", ctx)


@require_http_methods(["GET", "HEAD", "POST"])
def sheet_proxy(request, sheet_uuid):
    """Begin, go on with or give up the 代理入力 of one sheet, and keep what the person said on paper."""
    actor = request.actor
    sheet = sheet_for(actor, sheet_uuid)
    if not may(actor, "P05h"):
        raise Forbidden
    form = GroundForm(request.POST if request.POST.get("action") == "open" else None)
    if request.method == "POST":
        action, now = request.POST.get("action", ""), timezone.now()
        try:
            if action == "open" and form.is_valid():
                open_proxy(
                    sheet=sheet, ground=form.cleaned_data["ground"], key=key_of(request), by=actor, now=now
                )
                return redirect("assessments:sheet_edit", sheet.uuid)
            if action == "end":
                end_proxy(sheet=sheet, version=version_of(request), by=actor, now=now)
                messages.success(request, "代理入力を終えました。書いた内容は本人の下書きに残っています。")
                return redirect("assessments:sheet_proxy", sheet.uuid)
            if action == "paper":
                record_paper(sheet=sheet, version=version_of(request), by=actor, now=now)
                messages.success(request, "書面での本人の確認を記録しました。書面は人事で保管してください。")
                return redirect("assessments:sheet_proxy", sheet.uuid)
        except Conflict as refusal:
            return _sheet_proxy(
                request, sheet_for(actor, sheet_uuid), form, refusal=refusal.message, status=409
            )
        if not form.errors:
            raise Invalid
    return _sheet_proxy(request, sheet, form, status=422 if form.errors else 200)


@require_POST
def proxy_consent(request, sheet_uuid):
    """Keep the person's answer: the contents are right, or what is to be put right."""
    actor = request.actor
    sheet = sheet_for(actor, sheet_uuid)
    if not may(actor, "P05c", own=sheet.staff_id == actor.staff_id):
        raise Forbidden("確認できるのは、本人だけです。")
    answer, words = request.POST.get("answer", ""), request.POST.get("words", "")
    if on_behalf(sheet) is not None and answer not in ("agree", "disagree"):
        raise Invalid
    try:
        answer_proxy(
            sheet=sheet, agreed=answer == "agree", words=words, by=actor, now=timezone.now(),
            version=version_of(request) if on_behalf(sheet) else 0,
        )  # fmt: skip
    except WordsMissing as missing:
        return show_own(request, sheet, words=words, problem=missing.message, status=422)
    except Conflict as refusal:
        return show_own(
            request, sheet_for(actor, sheet_uuid), words=words, refusal=refusal.message, status=409
        )
    messages.success(
        request, "確認を記録しました。" if answer == "agree" else "直してほしいところを人事に伝えました。"
    )
    return redirect("assessments:sheet", sheet.uuid)


def _current(cycles: list[Cycle]) -> Cycle | None:
    """Return the newest open year, else the newest."""
    return next(iter([*(one for one in cycles if one.is_open), *cycles]), None)


def _standing_words(proxy: Proxy, counting: set[int]) -> str:
    """Return how far one is, in words; what the person said is its own column."""
    if proxy.closed_at is None:
        return "記入中"
    if proxy.revision_id is None:
        return "提出しないで終了"
    return "提出済み" if proxy.pk in counting else "その後に再提出"


def _found(actor, cycle: Cycle, words: str) -> list[Sheet]:
    """Return sheets of the year by number, name or reading of the person; a list. One query."""
    people = Staff.objects.of(actor).found_by(words).exclude(pk=actor.staff_id)
    sheets = Sheet.objects.filter(cycle=cycle, staff__in=people.values("pk"))
    return list(
        sheets.select_related("staff", "department").order_by("staff__kana", "staff__staff_number")[
            : FOUND + 1
        ]
    )


def _sheet_proxy(request, sheet: Sheet, form: GroundForm, *, refusal: str = "", status: int = 200):
    proxy = on_behalf(sheet)
    ctx = {
        "sheet": sheet,
        "proxy": proxy,
        "form": form,
        "why_not": "" if proxy else why_not(sheet, request.actor),
        "history": Proxy.objects.filter(sheet=sheet)
        .select_related("opened_by")
        .order_by("-opened_at", "-pk"),
        "refusal": refusal,
        "key": uuid.uuid4(),
        "trail": [{"label": "代理入力", "url": reverse("assessments:proxies")}],
    }
    return render(request, "assessments/sheet_proxy.html", ctx, status=status)
