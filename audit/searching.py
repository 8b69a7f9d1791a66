"""What to look for in the trail, and who may find what (P27). Takes no request."""

import datetime

from django import forms
from django.contrib.auth import get_user_model
from django.utils import timezone

from access.actor import Actor, Role
from audit.models import Event
from audit.presenters import READING, SENTENCES
from lib.forms import DadsFormMixin, JapaneseDateField
from lib.text import has_controls

_READS = "reads"


class SearchForm(DadsFormMixin, forms.Form):
    """What to look for; everything may stay empty."""

    show_requirement = False
    action = forms.ChoiceField(
        label="操作", required=False, choices=[("", "すべて"), (_READS, "見たことだけ"), *SENTENCES.items()]
    )
    who = forms.CharField(label="操作した人（氏名か職員番号）", required=False, max_length=60)
    whom = forms.CharField(label="対象の職員（氏名か職員番号）", required=False, max_length=60)
    since = JapaneseDateField(label="この日から", required=False)
    until = JapaneseDateField(label="この日まで", required=False)
    address = forms.CharField(label="接続元（IPアドレス）", required=False, max_length=45)
    number = forms.CharField(label="番号", required=False, max_length=64)


def kinds_for(actor: Actor) -> list[str]:
    """Return which kinds of events the actor's roles may search: 監査 all, 人事 people, システム管理 technical ones."""
    kinds = set()
    if actor.has(Role.AUDITOR):
        kinds |= {Event.Kind.PEOPLE, Event.Kind.TECHNICAL}
    if actor.has(Role.HR):
        kinds.add(Event.Kind.PEOPLE)
    if actor.has(Role.SYSADMIN):
        kinds.add(Event.Kind.TECHNICAL)
    return sorted(kinds)


def visible_to(actor: Actor):
    """Return the queryset of events that the actor may search, in their municipality alone."""
    return Event.objects.of_municipality(actor.municipality_id).filter(kind__in=kinds_for(actor))


def narrowed(found, wanted: dict, actor: Actor):
    """Return the queryset with what a valid form asks for. People are found by name, reading or number."""
    if wanted["action"] == _READS:
        found = found.filter(action__regex=READING)
    elif wanted["action"]:
        found = found.filter(action=wanted["action"])
    for field, column in (("who", "actor_uuid"), ("whom", "subject_uuid")):
        if wanted[field]:
            people = get_user_model().objects.of(actor).found_by(wanted[field])
            found = found.filter(**{f"{column}__in": people.values("uuid")})
    zone = timezone.get_current_timezone()
    if wanted["since"]:
        found = found.filter(at__gte=datetime.datetime.combine(wanted["since"], datetime.time(), zone))
    if wanted["until"]:
        next_day = wanted["until"] + datetime.timedelta(days=1)
        found = found.filter(at__lt=datetime.datetime.combine(next_day, datetime.time(), zone))
    for field, column in (("address", "address"), ("number", "request_id")):
        if wanted[field] and not has_controls(wanted[field]):
            found = found.filter(**{column: wanted[field].strip()})
    return found


def conditions(wanted: dict) -> dict:
    """Return what an export was narrowed by, for the event about it: not the names that were looked for."""
    return {name: True if name in ("who", "whom") else str(value) for name, value in wanted.items() if value}
