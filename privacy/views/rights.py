"""開示, 訂正, 利用停止: the register of 人事, and the package of one person (P20p)."""

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.actor import Actor
from access.refusals import Conflict, Forbidden, NotVisible
from access.table import may
from privacy.forms import HandlingForm, RequestForm
from privacy.models import RightsRequest
from privacy.workflow.rights import add_request, export_package, handle_request

PAGE = 50
PACKAGE_NAME = "開示のための資料.zip"


@require_safe
def requests(request):
    """List the requests: those without a decision first, by their deadline."""
    actor = _officer(request)
    found = RightsRequest.objects.visible_to(actor).select_related("staff")
    open_first = found.order_by("decided_on", "due_on", "pk")
    waiting = list(open_first.filter(decision=RightsRequest.Decision.OPEN))
    decided = found.exclude(decision=RightsRequest.Decision.OPEN).order_by("-received_on", "-pk")
    ctx = {
        "waiting": [(row, row.is_late(actor.today), (row.due_on - actor.today).days) for row in waiting],
        "page_obj": Paginator(decided, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "privacy/requests.html", ctx)


@require_http_methods(["GET", "HEAD", "POST"])
def request_new(request):
    """Enter a request that came in."""
    actor = _officer(request)
    form = RequestForm(
        request.POST if request.method == "POST" else None, municipality_id=actor.municipality_id,
        initial={"received_on": actor.today},
    )  # fmt: skip
    if not form.is_valid():
        return render(
            request, "privacy/request_new.html", {"form": form}, status=422 if form.is_bound else 200
        )
    values = dict(form.cleaned_data)
    try:
        made = add_request(staff=values.pop("staff_number"), **values, by=actor, now=timezone.now())
    except Conflict as refusal:
        form.add_error("number", refusal.message)
        return render(request, "privacy/request_new.html", {"form": form}, status=409)
    messages.success(request, f"受付番号「{made.number}」を受け付けました。")
    return redirect("privacy:request", made.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def request_page(request, request_uuid: uuid.UUID):
    """Show one request, and take down what was decided."""
    actor = _officer(request)
    row = _row(actor, request_uuid)
    names = ("decision", "decided_on", "due_on", "done_on", "note", "version")
    form = HandlingForm(
        request.POST if request.method == "POST" else None, received_on=row.received_on,
        initial={name: getattr(row, name) for name in names},
    )  # fmt: skip
    ctx = {"row": row, "form": form, "late": row.is_late(actor.today)}
    if not form.is_valid():
        return render(request, "privacy/request.html", ctx, status=422 if form.is_bound else 200)
    values = dict(form.cleaned_data)
    handle_request(asked=row, version=values.pop("version"), values=values, by=actor, now=timezone.now())
    messages.success(request, "処理を書きました。")
    return redirect("privacy:request", row.uuid)


@require_POST
def package(request, request_uuid: uuid.UUID):
    """Hand out everything about the person who asked; the request is the reason, and stands in the trail."""
    actor = _officer(request)
    row = _row(actor, request_uuid)
    made = export_package(staff=row.staff, number=row.number, by=actor, target=row)
    response = HttpResponse(made.content, content_type="application/zip")
    response["Content-Disposition"] = content_disposition_header(True, PACKAGE_NAME)
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _officer(request) -> Actor:
    if not may(request.actor, "P20p"):
        raise Forbidden
    return request.actor


def _row(actor: Actor, request_uuid: uuid.UUID) -> RightsRequest:
    row = RightsRequest.objects.visible_to(actor).select_related("staff").filter(uuid=request_uuid).first()
    if row is None:
        raise NotVisible
    return row
