"""One's own record leaves signed, comes in signed, and a level as an Open Badge (P20s). HR cannot do it for anybody."""

import json
import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.actor import Actor
from access.conditional import unpersonal
from access.refusals import Conflict, Forbidden, NotVisible, TooLarge
from access.table import may
from assessments import travel_page
from assessments.lookups import record_owner_for, sheet_for
from assessments.models import ForeignRecord, Sheet
from assessments.travel.badge import Level
from assessments.travel.reading import MAX_BYTES, SCHEMA, Record, Refused, check_issuer, read_record
from assessments.travel.record import VALID_FOR
from assessments.travel_forms import IssueForm, RecordFileForm, TakeInForm
from assessments.travel_reads import badges_of, known_issuers, level_for
from assessments.workflow.travel import (
    ALREADY,
    import_record,
    issue_badge,
    issue_record,
    new_entries,
    remove_record,
)
from lib import fiscal
from organization.views.posted import signed_of

_SALT = "assessments.record.import"
_JSON = "application/json"


@require_http_methods(["GET", "HEAD", "POST"])
def resume_json(request, staff_uuid: uuid.UUID):
    """Say what the file holds and ask; then hand out the signed record."""
    actor = request.actor
    staff = record_owner_for(actor, staff_uuid)
    if not may(actor, "P20s", own=staff.pk == actor.staff_id):
        raise Forbidden
    posted = request.method == "POST"
    form = IssueForm(request.POST if posted else None)
    if not posted or not form.is_valid():
        badges = badges_of(staff.pk)
        ctx = {
            "form": form,
            "staff": staff,
            "days": VALID_FOR.days,
            "badges": badges,
            "badge_year": fiscal.label(badges[0].revision.sheet.fiscal_year) if badges else "",
            "trail": _trail(),
        }
        return render(request, "assessments/resume_json.html", ctx, status=422 if posted else 200)
    file = issue_record(staff=request.user, by=actor, now=timezone.now())
    name = f"スキル履歴書_{actor.today.isoformat()}.json"
    return _download(file, name)


@require_http_methods(["GET", "HEAD", "POST"])
def record_import(request):
    """Take a file and show what it holds; take it in with the person's consent."""
    actor = request.actor
    if not may(actor, "P20s", own=True):
        raise Forbidden
    if request.method != "POST":
        return _choose(request, RecordFileForm())
    if "record" in request.POST:
        return _apply(request)
    if any(file.size > MAX_BYTES for file in request.FILES.values()):
        raise TooLarge(f"{MAX_BYTES // 1024 // 1024}MBまでの記録のファイルを選んでください。")
    form = RecordFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _choose(request, form, status=422)
    data = form.cleaned_data["file"].read()
    try:
        taken = _checked(actor, data)
    except Refused as refusal:
        form.add_error("file", refusal.reason)
        return _choose(request, form, status=422)
    # What was read is UTF-8, so the text gives the same bytes again.
    told = {"by": actor.staff_uuid.hex, "text": data.decode()}
    token = signing.dumps(told, salt=_SALT, compress=True)
    return _preview(request, taken, token)


@require_POST
def record_remove(request, record_uuid: uuid.UUID):
    """Take back a record that came in."""
    actor = request.actor
    foreign = ForeignRecord.objects.filter(uuid=record_uuid, staff_id=actor.staff_id).first()
    if foreign is None:
        raise NotVisible
    gone = remove_record(foreign=foreign, by=actor, now=timezone.now())
    messages.success(
        request,
        f"「{foreign.issuer_name}」の記録の取込みを取り消しました。取り込んだ{gone}件も取り消しました。",
    )
    return redirect("assessments:my_resume")


@require_safe
def badge(request, sheet_uuid: uuid.UUID, cell_code: str):
    """Hand out one confirmed level as an Open Badges 3.0 credential."""
    actor = request.actor
    sheet = sheet_for(actor, sheet_uuid)
    if not may(actor, "P20s", own=sheet.staff_id == actor.staff_id):
        raise Forbidden
    level = _level(sheet, cell_code)
    made = issue_badge(level=level, sheet=sheet, by=actor, now=timezone.now())
    file = (json.dumps(made, ensure_ascii=False, indent=2) + "\n").encode()
    return _download(file, f"{level.name}_{level.fiscal_year}.json", "application/vc")


@login_not_required
@require_safe
@unpersonal
def record_schema(request):
    """Hand out the published schema of records that travel."""
    return HttpResponse(SCHEMA.read_bytes(), content_type="application/schema+json")


def _level(sheet: Sheet, cell_code: str) -> Level:
    level = level_for(sheet, cell_code)
    if level is None:
        raise Conflict(
            "バッジにできるのは、所属長が確定した1以上の到達度だけです。確定のあとに、お試しください。"
        )
    return level


def _checked(actor: Actor, data: bytes) -> Record:
    """Return the record of a file that may come in; Refused with the first reason against it."""
    taken = read_record(data, now=timezone.now())
    check_issuer(taken, known_issuers(actor.municipality_id))
    if ForeignRecord.objects.filter(
        staff=actor.staff_id, record_id=taken.id, removed_at__isnull=True
    ).exists():
        raise Refused("already", ALREADY)
    return taken


def _apply(request):
    """Check once more what was shown, for time has passed, then take it in."""
    actor = request.actor
    told = signed_of(request, "record", salt=_SALT)
    try:
        taken = _checked(actor, told["text"].encode())
    except Refused as refusal:
        raise Conflict(refusal.reason) from None
    same_name = taken.is_of(request.user.name, request.user.kana)
    form = TakeInForm(request.POST, same_name=same_name)
    if not form.is_valid():
        return _preview(request, taken, request.POST["record"], form=form, status=422)
    import_record(
        taken=taken, staff=request.user, confirmed_other_name=not same_name, by=actor, now=timezone.now()
    )
    messages.success(
        request,
        f"「{taken.issuer_name}」の記録を取り込みました。到達度は、この団体で確定したものとは分けて出します。",
    )
    return redirect("assessments:my_resume")


def _preview(request, taken: Record, token: str, *, form: TakeInForm | None = None, status: int = 200):
    staff = request.user
    same_name = taken.is_of(staff.name, staff.kana)
    shown = travel_page.preview(taken, new_entries(taken, staff.pk))
    ctx = {
        "record": taken,
        "shown": shown,
        "staff": staff,
        "same_name": same_name,
        "form": form or TakeInForm(same_name=same_name),
        "token": token,
        "steps": travel_page.steps(shown=True),
        "trail": _trail(),
    }
    return render(request, "assessments/record_import.html", ctx, status=status)


def _choose(request, form: RecordFileForm, *, status: int = 200):
    ctx = {"record": None, "form": form, "steps": travel_page.steps(shown=False), "trail": _trail()}
    return render(request, "assessments/record_import.html", ctx, status=status)


def _trail() -> list[dict[str, str]]:
    return [{"label": "スキル履歴書", "url": reverse("assessments:my_resume")}]


def _download(file: bytes, name: str, content_type: str = _JSON) -> HttpResponse:
    response = HttpResponse(file, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response
