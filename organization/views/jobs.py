"""作成の依頼: one's own long work, how far it is, and the file (docs/adr/0027). Nobody sees another's."""

import logging

from django.conf import settings
from django.core.paginator import Paginator
from django.http import FileResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from access.refusals import Forbidden, Gone
from audit.models import record
from organization.jobs import SILENCE, give_up_silent, is_silent, kind_of, path_of
from organization.lookups import job_for
from organization.models import Job

log = logging.getLogger(__name__)
PAGE = 20
REFRESH = "3"
EXPIRED = "受取りの期限が過ぎたため、ファイルは消しました。必要なときは、もう一度作成を頼んでください。"
CHANGED = (
    "このファイルに入っている人か所属を、いまは見ることができません。異動があったときは、"
    "もう一度作成を頼むと、いま見ることのできる人だけのファイルができます。"
)


@require_safe
def jobs(request):
    """List one's own orders, the newest first."""
    now = timezone.now()
    page = Paginator(Job.objects.of(request.actor), PAGE).get_page(request.GET.get("page"))
    if any(is_silent(each, now) for each in page.object_list):
        give_up_silent(now)
        page = Paginator(Job.objects.of(request.actor), PAGE).get_page(request.GET.get("page"))
    return render(request, "organization/jobs.html", {"page_obj": page, "now": now})


@require_safe
def job(request, job_uuid):
    """Show how far one order is; while it runs the page asks again by itself, without JavaScript."""
    now = timezone.now()
    order = job_for(request.actor, job_uuid)
    if is_silent(order, now):
        give_up_silent(now)
        order = job_for(request.actor, job_uuid)
    kind = kind_of(order.kind) if order.kind in settings.JOB_KINDS else None
    ctx = {
        "order": order,
        "trail": [{"label": "作成の依頼", "url": reverse("organization:jobs")}],
        "expired": order.expires_at is not None and order.expires_at <= now,
        # What came of an order that makes no file, or why nothing came of it.
        "result": kind.page(order.params) if kind and kind.page else "",
        **progress_of(request, order, now),
    }
    response = render(request, "organization/job.html", ctx)
    if ctx["moving"] and not ctx["still"]:
        response["Refresh"] = REFRESH
    return response


def progress_of(request, order: Job, now) -> dict[str, object]:
    """Return what partials/_job_progress.html says of an order; a page that shows it is asked again by `Refresh`."""
    return {
        "moving": order.state not in Job.ENDED,
        "still": request.GET.get("still") == "1",
        "percent": order.done * 100 // order.total if order.total else 0,
        "unit": kind_of(order.kind).unit if order.kind in settings.JOB_KINDS else "件",
        "no_worker": order.state == Job.State.WAITING and order.created_at < now - SILENCE,
    }


@require_safe
def job_file(request, job_uuid):
    """Hand out the file to whoever ordered it, if they may still see what is in it."""
    actor, now = request.actor, timezone.now()
    order = job_for(actor, job_uuid)
    if order.state != Job.State.DONE or not order.file_name:
        return redirect("organization:job", order.uuid)
    if order.expires_at <= now:
        raise Gone(EXPIRED)
    if not kind_of(order.kind).allowed(actor, order.params):
        raise Forbidden(CHANGED)
    try:
        file = path_of(order.uuid).open("rb")
    except FileNotFoundError:
        log.error("job %s has no file", order.uuid)
        raise Gone(EXPIRED) from None
    record(by=actor, action="job.fetch", now=now, target=order, data={"kind": order.kind})
    response = FileResponse(file, content_type=order.content_type)
    response["Content-Disposition"] = content_disposition_header(True, order.file_name)
    response["X-Content-Type-Options"] = "nosniff"
    return response
