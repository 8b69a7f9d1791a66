"""The trail: searched, opened, taken out, and what looks unusual in it (P27)."""

import uuid
from io import BytesIO
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from access.actor import Role
from access.refusals import Forbidden, Invalid, NotVisible
from access.table import may
from audit.forms import SettleForm
from audit.models import Alarm, Event, EventPayload, Seal, record
from audit.presenters import changes_of, describe, details_of, is_output, may_see_values
from audit.searching import SearchForm, conditions, narrowed, visible_to
from audit.workflow import settle
from lib.paging import NewestPages
from lib.tabular_write import Sheet, write_csv, write_xlsx

PAGE = 100
ALARMS_A_PAGE = 50
# Excel's own limit is a million; beyond this people take the CSV.
XLSX_ROWS = 100_000
HEADER = ("日時", "操作", "操作の符号", "操作した人", "対象の職員", "接続元", "番号", "封")
TOO_MANY = "10万件を超えています。条件でしぼるか、CSVで出力してください。"


@require_safe
def events(request):
    """List the events that the actor's roles may search, newest first."""
    actor = request.actor
    if not may(actor, "P27"):
        raise Forbidden
    form = SearchForm(request.GET or None)
    found = visible_to(actor)
    if form.is_bound and form.is_valid():
        found = narrowed(found, form.cleaned_data, actor)
    page = NewestPages(found.order_by("-at", "-pk"), PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    ctx = {
        "form": form,
        "page": page,
        "rows": _rows(page),
        "query": query.urlencode(),
        "alarms": Alarm.objects.of_municipality(actor.municipality_id).unseen().count()
        if may(actor, "P27a")
        else None,
    }
    return render(request, "audit/events.html", ctx, status=422 if form.errors else 200)


@require_safe
def event(request, event_uuid: uuid.UUID):
    """Show one event: who, whom, from where, before and after, and whether it is sealed."""
    actor = request.actor
    if not may(actor, "P27"):
        raise Forbidden
    found = visible_to(actor).filter(uuid=event_uuid).first()
    if found is None:
        raise NotVisible
    payload = EventPayload.objects.filter(pk=found.pk).first()
    open_values = may_see_values(
        found, hr=actor.has(Role.HR), auditor=actor.has(Role.AUDITOR), sysadmin=actor.has(Role.SYSADMIN)
    )
    names = Event.names_of({one for one in (found.actor_uuid, found.subject_uuid) if one})
    ctx = {
        "event": found,
        "sentence": describe(found),
        "actor_name": names.get(found.actor_uuid, ""),
        "subject_name": names.get(found.subject_uuid, ""),
        "details": details_of(found.data),
        "payload": payload,
        "erased": bool(found.payload_digest) and payload is None,
        "open_values": open_values,
        "changes": changes_of(payload.before, payload.after) if payload and open_values else [],
        "seal": Seal.objects.filter(pk=found.pk).first(),
        "leaks": _leaks(found) if may(actor, "P27l") else [],
        "trail": [{"label": "操作の記録", "url": reverse("audit:events")}],
    }
    return render(request, "audit/event.html", ctx)


def _leaks(found: Event) -> list[tuple[str, str]]:
    """Return (words, address) of the reports that start from this event: the file it made, the machine it came from."""
    asked = [("file", str(found.uuid), "このファイルに載った人を出す")] if is_output(found.action) else []
    if found.address:
        asked.append(("address", found.address, "この接続元から見られた人を出す"))
    day = timezone.localdate(found.at).isoformat()
    return [
        (words, f"{reverse('privacy:leak')}?{urlencode({'how': how, 'what': what, 'since': day})}")
        for how, what, words in asked
    ]


@require_safe
def events_csv(request):
    """Send what was found as CSV, streamed."""
    found, wanted = _asked(request)
    rows = (_line(*row) for row in _in_parts(found))
    answer = StreamingHttpResponse(write_csv(HEADER, rows), content_type="text/csv; charset=utf-8")
    return _sent(request, answer, found.count(), wanted, "csv")


@require_safe
def events_xlsx(request):
    """Send what was found as Excel."""
    found, wanted = _asked(request)
    count = found.count()
    if count > XLSX_ROWS:
        raise Invalid(TOO_MANY)
    file = BytesIO()
    write_xlsx(file, [Sheet("操作の記録", HEADER, (_line(*row) for row in _in_parts(found)))])
    answer = HttpResponse(
        file.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    return _sent(request, answer, count, wanted, "xlsx")


@require_safe
def alarms(request):
    """List what looked unusual, newest first."""
    actor = request.actor
    if not may(actor, "P27a"):
        raise Forbidden
    found = Alarm.objects.of_municipality(actor.municipality_id)
    page = Paginator(found, ALARMS_A_PAGE).get_page(request.GET.get("page"))
    names = Event.names_of({one for alarm in page for one in (alarm.actor_uuid, alarm.settled_by) if one})
    ctx = {
        "page": page,
        "rows": [(alarm, names.get(alarm.actor_uuid, ""), names.get(alarm.settled_by, "")) for alarm in page],
        "trail": [{"label": "操作の記録", "url": reverse("audit:events")}],
    }
    return render(request, "audit/alarms.html", ctx)


@require_http_methods(["GET", "HEAD", "POST"])
def alarm(request, alarm_uuid: uuid.UUID):
    """Show one alarm with the events behind it, and write down what came of it."""
    actor = request.actor
    if not may(actor, "P27a"):
        raise Forbidden
    found = Alarm.objects.of_municipality(actor.municipality_id).filter(uuid=alarm_uuid).first()
    if found is None:
        raise NotVisible
    form = SettleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        settle(alarm=found, note=form.cleaned_data["note"], by=actor, now=timezone.now())
        return redirect("audit:alarms")
    behind = visible_to(actor).filter(actor_uuid=found.actor_uuid, at__gte=found.since, at__lte=found.at)
    names = Event.names_of({one for one in (found.actor_uuid, found.settled_by) if one})
    ctx = {
        "alarm": found,
        "form": form,
        "name": names.get(found.actor_uuid, ""),
        "settled_name": names.get(found.settled_by, ""),
        "rows": _rows(behind.order_by("-at", "-pk")[:PAGE]),
        "trail": [
            {"label": "操作の記録", "url": reverse("audit:events")},
            {"label": "知らせ", "url": reverse("audit:alarms")},
        ],
    }
    return render(request, "audit/alarm.html", ctx, status=422 if form.errors else 200)


def _rows(found) -> list[tuple[Event, str, str, str]]:
    """Return (event, sentence, who, whom) of each event. One query for the names, two where systems are among them."""
    found = list(found)
    names = Event.names_of({one for event in found for one in (event.actor_uuid, event.subject_uuid) if one})
    return [
        (event, describe(event), names.get(event.actor_uuid, ""), names.get(event.subject_uuid, ""))
        for event in found
    ]


def _asked(request):
    """Return the events that the address asks for, and the conditions. Raises Forbidden, Invalid for a bad condition."""
    if not may(request.actor, "P27"):
        raise Forbidden
    form = SearchForm(request.GET)
    if not form.is_valid():
        raise Invalid("条件に誤りがあります。「操作の記録」の画面で条件を直してから、出力してください。")
    found = narrowed(visible_to(request.actor), form.cleaned_data, request.actor)
    return found.order_by("at", "pk"), form.cleaned_data


def _in_parts(found):
    """Yield rows with their seals, a thousand events at a time: the trail of years does not fit in memory."""
    last = None
    while True:
        part = found if last is None else found.filter(at__gte=last.at).exclude(at=last.at, pk__lte=last.pk)
        rows = _rows(part[:1000])
        if not rows:
            return
        seals = dict(
            Seal.objects.filter(pk__in=[row[0].pk for row in rows]).values_list("event_id", "number")
        )
        for row in rows:
            yield (*row, seals.get(row[0].pk))
        last = rows[-1][0]


def _line(event: Event, sentence: str, who: str, whom: str, seal: int | None) -> tuple:
    return (event.at, sentence, event.action, who, whom, event.address, event.request_id, seal)


def _sent(request, answer, count: int, wanted: dict, kind: str):
    """Name the file and write down that it was taken out."""
    now = timezone.now()
    record(
        by=request.actor, action="export.audit", now=now,
        data={"rows": count, "format": kind, **conditions(wanted)},
    )  # fmt: skip
    name = f"操作の記録_{timezone.localdate(now):%Y%m%d}.{kind}"
    answer["Content-Disposition"] = content_disposition_header(True, name)
    return answer
