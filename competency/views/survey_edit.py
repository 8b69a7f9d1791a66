"""The figures of one survey or statistic, put right in its tables (P24)."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.refusals import Conflict, Forbidden
from access.table import may
from competency import survey_plan, survey_reads
from competency.exports import survey_file_of
from competency.models import ReferenceSurvey
from competency.survey_form import SurveyForm
from competency.workflow import StaleSurvey, save_survey
from competency.workflow.surveys import SURVEY_RETIRED


@require_http_methods(["GET", "HEAD", "POST"])
def survey_edit(request, uuid: uuid.UUID):
    """Show the tables as fields and save them; saving a common one makes the municipality's own draft of it."""
    actor = request.actor
    row = survey_reads.survey_for(actor, uuid)
    if not may(actor, "P24"):
        raise Forbidden
    if row.municipality_id is not None and row.state == ReferenceSurvey.State.RETIRED:
        raise Conflict(SURVEY_RETIRED)
    file = survey_file_of(row)
    if request.method != "POST":
        copy = survey_reads.own_copy_of_survey(actor, row)
        if copy is not None:
            return redirect("competency:survey_edit", copy.uuid)
        return _page(request, row, SurveyForm(file, initial=SurveyForm.initial_of(file, row.version)))
    form = SurveyForm(file, request.POST)
    if not form.is_valid() or form.result is None:
        return _page(request, row, form, status=422)
    try:
        saved = save_survey(
            survey=form.result,
            based_on=row,
            version=form.cleaned_data["version"],
            by=actor,
            now=timezone.now(),
        )
    except StaleSurvey as refusal:
        return _conflict(request, refusal, form)
    told = "を保存しました。"
    if saved.pk != row.pk:
        told = "を、この団体の下書きとして保存しました。確かめてから「使う」を押してください。"
    messages.success(request, f"「{saved.name}」{told}")
    return redirect("competency:survey", saved.uuid)


def _conflict(request, refusal: StaleSurvey, sent: SurveyForm):
    """Show the sent values in the fields and what differs from what is stored; the next save is of the row as it is now."""
    stored = survey_file_of(refusal.stored)
    version = str(refusal.stored.version)
    kept = {name: str(value) for name, value in SurveyForm.initial_of(stored, 0).items()}
    again = SurveyForm(stored, {**kept, **sent.data.dict(), "version": version})
    again.full_clean()
    differences = [
        f"{change.name}：{part}"
        for group in survey_plan.preview(stored, sent.result or stored).groups
        for change in group.changes
        for part in change.parts
    ]
    return _page(request, refusal.stored, again, status=409, stale=refusal.message, differences=differences)


def _page(
    request, row: ReferenceSurvey, form: SurveyForm, *, status: int = 200, stale: str = "",
    differences: list[str] | None = None,
):  # fmt: skip
    ctx = {
        "row": row,
        "form": form,
        "tables": form.tables(),
        "corrections": form.corrections(),
        "problems": form.problems() if form.is_bound and not stale else [],
        "stale": stale,
        "differences": differences or [],
        "trail": [
            {"label": "調査と統計の数字", "url": reverse("competency:reference")},
            {"label": row.name, "url": reverse("competency:survey", args=[row.uuid])},
        ],
    }
    return render(request, "competency/survey_edit.html", ctx, status=status)
