"""Quick add: one line into one's own record from anywhere, detail later (P03)."""

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.refusals import Forbidden, Invalid, NotVisible
from access.table import may
from assessments.entry_options import cell_groups, options_for
from assessments.lookups import entry_for
from assessments.models import Entry
from assessments.quick_form import QuickForm
from assessments.workflow.entries import add_entry


@require_http_methods(["GET", "HEAD", "POST"])
def quick_add(request):
    """Show the one line and write it; `?kind=&title=&cell=` fill it in, `?saved=` names what was just written."""
    actor, staff = request.actor, request.user
    if not may(actor, "P03", own=True):
        raise Forbidden
    cells = tuple(cell_groups(actor))
    if request.method != "POST":
        form = QuickForm(cells, initial=QuickForm.prefilled(request.GET))
        return _page(request, form, saved=_saved(request))
    form = QuickForm(cells, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    options = options_for(actor, staff, form.cleaned_data["kind"])
    whole = form.whole(options)
    if not form.is_valid():
        return _page(request, form, status=422)
    if form.cleaned_data["key"] is None:
        raise Invalid
    made = add_entry(
        staff=staff, values=whole.values(), by=actor, now=timezone.now(), key=form.cleaned_data["key"]
    )
    if (sheet := form.cleaned_data["sheet"]) and (cell := form.cleaned_data["cell"]):
        messages.success(request, f"「{made.title}」を記録しました。この項目の根拠になります。")
        return redirect("assessments:sheet_evidence", sheet, cell)
    query = urlencode({"saved": made.uuid, "kind": made.kind})
    return redirect(f"{reverse('assessments:quick_add')}?{query}")


def _saved(request) -> Entry | None:
    """Return one's own entry that the address names, None for any other."""
    try:
        entry = entry_for(request.actor, uuid.UUID(request.GET.get("saved", "")))
    except (ValueError, NotVisible):
        return None
    return entry if entry.staff_id == request.actor.staff_id else None


def _page(request, form: QuickForm, *, saved: Entry | None = None, status: int = 200):
    ctx = {
        "form": form,
        "saved": saved,
        "trail": [
            {"label": "ホーム", "url": reverse("assessments:home")},
            {"label": "スキル履歴書", "url": reverse("assessments:my_resume")},
        ],
    }
    return render(request, "assessments/quick_add.html", ctx, status=status)
