"""What a person says about themselves: 得意・学びたいこと, and the 異動希望 that only they and 人事 see."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.refusals import Conflict, Forbidden
from access.table import may
from assessments.confirm_form import number
from assessments.lookups import record_owner_for
from assessments.models import Statement, TransferWish
from assessments.statement_forms import StatementForm, WishForm
from assessments.workflow.statements import Stale, save_statement, save_wish
from audit.models import record
from lib import fiscal
from organization.models import Staff


@require_http_methods(["GET", "HEAD", "POST"])
def statement(request, staff_uuid):
    """Write one's own 得意・学びたいこと."""
    actor = request.actor
    staff = record_owner_for(actor, staff_uuid)
    if not may(actor, "P03s", own=staff.pk == actor.staff_id):
        raise Forbidden("得意・学びたいことは、本人だけが書けます。")
    stored = Statement.objects.filter(staff=staff).first()
    form, refusal, status = StatementForm(initial=_texts(stored, StatementForm)), "", 200
    if request.method == "POST":
        form, version = StatementForm(request.POST), number(request.POST.get("version", ""))
        try:
            if form.is_valid():
                save_statement(**form.cleaned_data, version=version, by=actor, now=timezone.now())
                messages.success(request, "得意・学びたいことを保存しました。")
                return redirect("assessments:my_resume")
            status = 422
        except Stale as conflict:
            refusal, stored, status = conflict.message, conflict.stored, 409
    ctx = {
        "form": form,
        "staff": staff,
        "stored": stored if refusal else None,
        "version": stored.version if stored else 0,
        "refusal": refusal,
    }
    return render(request, "assessments/statement.html", ctx, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def wish(request, staff_uuid):
    """Write one's own 異動希望 of the year; 人事 reads those of others, which is logged (P32, P32e)."""
    actor = request.actor
    staff = record_owner_for(actor, staff_uuid)
    own = staff.pk == actor.staff_id
    if not may(actor, "P32", own=own):
        raise Forbidden("異動希望は、本人と人事だけが見られます。")
    if request.method == "POST" and not may(actor, "P32e", own=own):
        raise Forbidden("異動希望は、本人だけが書けます。")
    year = fiscal.fiscal_year(actor.today)
    if not own:
        record(by=actor, action="wish.view", now=timezone.now(), subject_uuid=staff.uuid, target=staff)
        return _wish_page(request, staff, year)
    if request.method != "POST":
        return _wish_page(request, staff, year, write=True)
    form, version = WishForm(request.POST), number(request.POST.get("version", ""))
    if not form.is_valid():
        return _wish_page(request, staff, year, write=True, form=form, status=422)
    try:
        save_wish(
            year=number(request.POST.get("year", "")), **form.cleaned_data, version=version, by=actor,
            now=timezone.now(),
        )  # fmt: skip
    except Conflict as conflict:
        return _wish_page(request, staff, year, write=True, form=form, refusal=conflict.message, status=409)
    messages.success(request, "異動希望を保存しました。あなたと人事だけが見られます。")
    return redirect("assessments:wish", staff.uuid)


def _wish_page(
    request, staff: Staff, year: int, *, write: bool = False, form: WishForm | None = None, refusal: str = "",
    status: int = 200,
):  # fmt: skip
    wishes = list(TransferWish.objects.filter(staff=staff).order_by("-fiscal_year"))
    current = next((one for one in wishes if one.fiscal_year == year), None)
    # 人事 reads all years in one list; the person has this year's in the form.
    listed = [one for one in wishes if not write or one.fiscal_year != year]
    ctx = {
        "staff": staff,
        "year": year,
        "year_label": fiscal.label(year),
        "form": (form or WishForm(initial=_texts(current, WishForm))) if write else None,
        "version": current.version if current else 0,
        "stored": current if refusal else None,
        "refusal": refusal,
        "wishes": [(fiscal.label(one.fiscal_year), one) for one in listed],
    }
    return render(request, "assessments/wish.html", ctx, status=status)


def _texts(row, form: type) -> dict[str, str]:
    return {name: getattr(row, name) for name in form.base_fields} if row else {}
