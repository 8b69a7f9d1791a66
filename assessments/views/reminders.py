"""お願い: who is asked to submit or to confirm, by mail or on paper, and what went out so far (P33r)."""

from django.contrib import messages
from django.core import signing
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.actor import Actor
from access.refusals import Conflict, Forbidden, Invalid
from access.table import may
from assessments.models import Cycle
from assessments.progress_forms import AskForm
from assessments.reminders import Asked, Recipient, asked_by, failed, history, mail_is_set, mail_of
from assessments.views.cycles import cycle_for, trail_of
from assessments.workflow.reminders import NOT_OPEN, note_paper, order_mails
from organization.models import Department
from organization.views.posted import signed_of

_SALT = "assessments.reminders_paper"
# More than this nobody cuts apart in one go; the department narrows it.
MOST_SLIPS = 500


@require_http_methods(["GET", "HEAD", "POST"])
def reminders(request, cycle_uuid):
    """Show how many a wish reaches and what the mail says; a POST orders the mails."""
    actor = request.actor
    year = _open_year(actor, cycle_uuid)
    form = _form(actor, request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        return _page(request, year, form, None, status=422)
    ask = form.ask()
    asked = asked_by(actor, year, ask)
    if request.method != "POST":
        return _page(request, year, form, asked)
    if not asked.mail:
        return _page(request, year, form, asked, problem="メールでお願いする人がいません。", status=422)
    job = order_mails(cycle=year, ask=ask, count=len(asked.mail), by=actor, now=timezone.now())
    return redirect("organization:job", job.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def reminders_paper(request, cycle_uuid):
    """Show the slips to print and cut; a POST notes that they were handed out. `everybody` takes those with mail too."""
    actor = request.actor
    year = _open_year(actor, cycle_uuid)
    sent = request.POST if request.method == "POST" else request.GET
    form = _form(actor, sent)
    if not form.is_valid():
        raise Invalid
    if request.method == "POST":
        # Those whose slips were on the page, not those who would be on it now.
        printed = signed_of(request, "printed", salt=_SALT)
        done = note_paper(
            cycle=year, ask=form.ask(), staff_ids=printed["people"], by=actor, now=timezone.now()
        )
        messages.success(request, f"{done}人に渡したことを記録しました。")
        return redirect("assessments:reminders", year.uuid)
    asked = asked_by(actor, year, form.ask())
    people = _everybody(asked) if sent.get("everybody") == "1" else asked.slips
    shown = people[:MOST_SLIPS]
    told = {"by": actor.staff_uuid.hex, "people": [one.staff_id for one in shown]}
    ctx = {
        "cycle": year,
        "kind": form.cleaned_data["kind"],
        "people": shown,
        "more": len(people) - len(shown),
        "posted": [*_query(form).items(), ("printed", signing.dumps(told, salt=_SALT, compress=True))],
        "contact": request.user.municipality.contact,
        "trail": [
            *trail_of(year),
            {"label": "お願い", "url": reverse("assessments:reminders", args=[year.uuid])},
        ],
    }
    return render(request, "assessments/reminders_paper.html", ctx)


def _open_year(actor: Actor, cycle_uuid) -> Cycle:
    if not may(actor, "P33r"):
        raise Forbidden
    year = cycle_for(actor, cycle_uuid)
    if not year.is_open:
        raise Conflict(NOT_OPEN)
    return year


def _form(actor: Actor, sent: QueryDict) -> AskForm:
    departments = Department.objects.of(actor).valid_on(actor.today).order_by("path", "pk")
    plain = AskForm(departments=departments)
    # An address that says nothing asks for what the form shows first.
    data = {name: sent.get(name, plain.fields[name].initial or "") for name in plain.fields}
    return AskForm(data, departments=departments)


def _query(form: AskForm) -> dict[str, str]:
    """Return the fields of a valid form as they stand in an address."""
    place = form.cleaned_data["department"]
    return {
        "kind": form.cleaned_data["kind"], "department": str(place.uuid) if place else "",
        "again_after": str(form.cleaned_data["again_after"]),
    }  # fmt: skip


def _everybody(asked: Asked) -> list[Recipient]:
    return sorted((*asked.mail, *asked.paper), key=lambda one: one.path)


def _page(request, year: Cycle, form: AskForm, asked: Asked | None, *, problem: str = "", status: int = 200):
    actor = request.actor
    sample = next(iter((*asked.mail, *asked.paper)), None) if asked else None
    subject, text = ("", "")
    if sample is not None:
        contact = request.user.municipality.contact
        subject, text = mail_of(form.cleaned_data["kind"], year, sample.deadlines, actor.today, contact)
    query = QueryDict(mutable=True)
    if asked:
        query.update(_query(form))
    ctx = {
        "cycle": year,
        "form": form,
        "asked": asked,
        "mail_is_set": mail_is_set(),
        "subject": subject,
        "text": text,
        "posted": list(query.items()),
        "query": query.urlencode(),
        "history": history(year),
        "failed": failed(year, actor.today),
        "problems": [{"target": "", "text": problem}] if problem else [],
        "trail": trail_of(year),
    }
    return render(request, "assessments/reminders.html", ctx, status=status)
