"""The published figures that departments are compared with: read by everyone (P23), kept by 体系の編集 (P24)."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from access.refusals import Forbidden
from access.table import may
from competency import reference_page, survey_reads
from competency.exports import survey_file_of
from competency.models import ReferenceSurvey
from competency.reference import ANSWERS, NO_SURVEY
from competency.survey_file import dump
from competency.survey_table import HEADER, survey_rows
from competency.views.data_imports import answer_file
from competency.workflow import StaleSurvey, discard_survey, move_survey
from organization.views.posted import version_of

_LIST = "調査と統計の数字"


@require_safe
def reference(request):
    """List every survey and statistic, and show those in use, with n and corrections."""
    actor = request.actor
    if not may(actor, "P23"):
        raise Forbidden
    rows = survey_reads.surveys_of(actor)
    standing = survey_reads.standing_surveys(actor, rows)
    ctx = {
        "lines": reference_page.lines(rows, {row.pk for row in standing}),
        "shown": [reference_page.shown(row) for row in standing],
        "choices": list(ANSWERS.values()),
        "no_survey": NO_SURVEY,
        "can_edit": may(actor, "P24"),
        "trail": [{"label": "ホーム", "url": "/"}],
    }
    return render(request, "competency/reference.html", ctx)


@require_http_methods(["GET", "HEAD", "POST"])
def survey(request, uuid: uuid.UUID):
    """Show one; an editor puts the municipality's own in use or out of it, or throws its draft away."""
    actor = request.actor
    row = survey_reads.survey_for(actor, uuid)
    if not may(actor, "P24" if request.method == "POST" else "P23"):
        raise Forbidden
    if request.method != "POST":
        return _page(request, row)
    act, version, now = request.POST.get("act", ""), version_of(request), timezone.now()
    try:
        if act == "discard":
            discard_survey(survey=row, version=version, by=actor, now=now)
            messages.success(request, f"「{row.name}」の下書きを捨てました。")
            return redirect("competency:reference")
        moved = move_survey(survey=row, state=act, version=version, by=actor, now=now)
    except StaleSurvey as refusal:
        return _page(request, refusal.stored, stale=refusal.message, status=409)
    done = "を使うようにしました" if moved.state == ReferenceSurvey.State.IN_USE else "を使い終えました"
    messages.success(request, f"「{moved.name}」{done}。")
    return redirect("competency:survey", moved.uuid)


@require_safe
def survey_file(request, uuid: uuid.UUID):
    """Send one as the file that can be imported again: YAML, or in the form that `format` names; as a table, its figures."""
    actor = request.actor
    row = survey_reads.survey_for(actor, uuid)
    if not may(actor, "P23"):
        raise Forbidden
    file = survey_file_of(row)
    return answer_file(
        request.GET.get("format", "yaml"),
        row.code,
        data=lambda: dump(file),
        table=lambda: (HEADER, survey_rows(file)),
    )


def _page(request, row: ReferenceSurvey, *, stale: str = "", status: int = 200):
    actor = request.actor
    own = survey_reads.own_copy_of_survey(actor, row)
    ctx = {
        "one": reference_page.shown(row),
        "row": row,
        "own": own,
        "choices": list(ANSWERS.values()),
        "can_edit": may(actor, "P24"),
        "stale": stale,
        "trail": [{"label": _LIST, "url": reverse("competency:reference")}],
    }
    return render(request, "competency/survey.html", ctx, status=status)
