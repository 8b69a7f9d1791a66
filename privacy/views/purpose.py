"""利用目的: read by everybody, acknowledged once a wording, written by 人事 (P20p)."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.refusals import Forbidden
from access.table import may
from privacy import purposes
from privacy.forms import PurposeForm
from privacy.workflow.years import acknowledge, set_purpose


@require_http_methods(["GET", "HEAD", "POST"])
def purpose(request):
    """Show the purpose; take down that the person has read it."""
    actor = request.actor
    wording = purposes.wording_of(actor.municipality_id)
    if request.method == "POST":
        acknowledge(staff=request.user, number=wording.number, by=actor, now=timezone.now())
        messages.success(request, "読んだことを記録しました。右上の名前から、いつでも読めます。")
        return redirect("assessments:home")
    ctx = {
        "wording": wording,
        "unread": purposes.unread(actor.staff_id, actor.municipality_id) != "",
        "may_edit": may(actor, "P20p"),
    }
    return render(request, "privacy/purpose.html", ctx)


@require_http_methods(["GET", "HEAD", "POST"])
def purpose_edit(request):
    """Put a new wording in force."""
    actor = request.actor
    if not may(actor, "P20p"):
        raise Forbidden
    now = purposes.wording_of(actor.municipality_id)
    form = PurposeForm(
        request.POST if request.method == "POST" else None, initial={"text": now.text, "line": now.line}
    )
    if not form.is_valid():
        return render(
            request, "privacy/purpose_edit.html", {"form": form}, status=422 if form.is_bound else 200
        )
    set_purpose(municipality=request.user.municipality, **form.cleaned_data, by=actor, now=timezone.now())
    messages.success(request, "利用目的を変えました。職員が次にホームを開いたときに、1回ずつ出ます。")
    return redirect("privacy:purpose")
