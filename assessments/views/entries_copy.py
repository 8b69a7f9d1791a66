"""Copy last 年度's entries that go on, and end those that are over (P03)."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.actor import Actor
from assessments.copy_page import candidates, copy_rows, renewed
from assessments.lookups import check_keeper, record_owner_for
from assessments.workflow.entries import StaleEntry, copied_before, copy_entries
from audit.models import record
from lib import fiscal
from organization.models import Staff
from organization.views.posted import key_of


@require_http_methods(["GET", "HEAD", "POST"])
def entries_copy(request, staff_uuid: uuid.UUID):
    """Show last year's experiences and trainings, and copy the ticked ones with new months; opening another's is logged."""
    actor = request.actor
    staff = record_owner_for(actor, staff_uuid)
    check_keeper(actor, staff)
    found = candidates(staff.pk, actor.today)
    if request.method != "POST":
        if staff.pk != actor.staff_id:
            record(by=actor, action="entry.view", now=timezone.now(), subject_uuid=staff.uuid, target=staff)
        return _page(request, staff, copy_rows(found, actor.today), uuid.uuid4())
    key = key_of(request)
    if copied_before(staff=staff, by=actor, key=key):
        return _done(actor, staff)
    rows = copy_rows(found, actor.today, request.POST)
    if not rows.is_valid():
        return _page(request, staff, rows, key, status=422)
    copies = [values for row in rows if (values := row.copied()) is not None]
    ended = [one for row in rows if (one := row.ending()) is not None]
    try:
        copy_entries(staff=staff, copies=copies, ended=ended, by=actor, now=timezone.now(), key=key)
    except StaleEntry as refusal:
        fresh = candidates(staff.pk, actor.today)
        rows = copy_rows(fresh, actor.today, renewed(request.POST, fresh))
        return _page(request, staff, rows, uuid.uuid4(), refusal=refusal.message, status=409)
    told = "、".join(
        words
        for count, words in (
            (len(copies), f"{len(copies)}件を写しました"),
            (len(ended), f"{len(ended)}件に終わりを入れました"),
        )
        if count
    )
    messages.success(request, f"{told}。")
    return _done(actor, staff)


def _done(actor: Actor, staff: Staff):
    if staff.pk == actor.staff_id:
        return redirect("assessments:my_resume")
    return redirect("assessments:resume", staff.uuid)


def _page(request, staff, rows, key, *, refusal: str = "", status: int = 200):
    is_own = staff.pk == request.actor.staff_id
    home = reverse("assessments:my_resume") if is_own else reverse("assessments:resume", args=[staff.uuid])
    this = fiscal.fiscal_year(request.actor.today)
    ctx = {
        "staff": staff,
        "formset": rows,
        "key": key,
        "refusal": refusal,
        "is_own": is_own,
        "last_year": fiscal.short_label(this - 1),
        "this_year": fiscal.short_label(this),
        "back": home,
        "trail": [
            {"label": "ホーム", "url": reverse("assessments:home")},
            {"label": "スキル履歴書", "url": home},
        ],
    }
    return render(request, "assessments/entries_copy.html", ctx, status=status)
