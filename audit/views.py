"""Searching the trail (P27): 監査 sees events about people, システム管理 technical ones; each its municipality."""

import datetime

from django import forms
from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from access.actor import Role
from access.refusals import Forbidden
from access.table import may
from audit.models import Event
from audit.presenters import SENTENCES, describe
from lib.forms import DadsFormMixin, JapaneseDateField

PAGE = 100


class SearchForm(DadsFormMixin, forms.Form):
    """What to look for; everything may stay empty."""

    show_requirement = False
    action = forms.ChoiceField(label="操作", required=False, choices=[("", "すべて"), *SENTENCES.items()])
    since = JapaneseDateField(label="この日から", required=False)
    until = JapaneseDateField(label="この日まで", required=False)


@require_safe
def events(request):
    """List the events that the actor's roles may search, newest first."""
    actor = request.actor
    if not may(actor, "P27"):
        raise Forbidden
    kinds = []
    if actor.has(Role.AUDITOR):
        kinds.append(Event.Kind.PEOPLE)
    if actor.has(Role.SYSADMIN):
        kinds.append(Event.Kind.TECHNICAL)
    form = SearchForm(request.GET or None)
    found = Event.objects.of_municipality(actor.municipality_id).filter(kind__in=kinds)
    if form.is_bound and form.is_valid():
        found = _narrowed(found, form.cleaned_data)
    page = Paginator(found.order_by("-at", "-pk"), PAGE).get_page(request.GET.get("page"))
    names = Event.names_of(
        {uuid for event in page for uuid in (event.actor_uuid, event.subject_uuid) if uuid}
    )
    ctx = {
        "form": form,
        "page": page,
        "rows": [
            (event, describe(event), names.get(event.actor_uuid, ""), names.get(event.subject_uuid, ""))
            for event in page
        ],
    }
    return render(request, "audit/events.html", ctx, status=422 if form.errors else 200)


def _narrowed(found, wanted: dict):
    if wanted["action"]:
        found = found.filter(action=wanted["action"])
    zone = timezone.get_current_timezone()
    if wanted["since"]:
        found = found.filter(at__gte=datetime.datetime.combine(wanted["since"], datetime.time(), zone))
    if wanted["until"]:
        next_day = wanted["until"] + datetime.timedelta(days=1)
        found = found.filter(at__lt=datetime.datetime.combine(next_day, datetime.time(), zone))
    return found
