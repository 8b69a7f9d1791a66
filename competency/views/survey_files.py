"""Published figures from a file: shown against what stands there, then taken as the municipality's own (P24)."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.views.decorators.http import require_http_methods

from access.actor import Actor
from access.refusals import Forbidden
from access.table import may
from competency import survey_plan, survey_reads
from competency.data_import import Preview, fingerprint
from competency.exports import survey_file_of
from competency.models import ReferenceSurvey
from competency.survey_file import SurveyFile, SurveyFileError, dump, parse_survey
from competency.survey_table import parse_survey_table
from competency.views.data_imports import DataKind, Moved, import_page, text_of
from competency.workflow import StaleSurvey, save_survey, standing_survey
from competency.workflow.surveys import KIND_DIFFERS, SURVEY_RETIRED
from lib.tabular import Table


@require_http_methods(["GET", "HEAD", "POST"])
def survey_import(request):
    """Take a file and show what it would change; take what was shown, all or nothing."""
    if not may(request.actor, "P24"):
        raise Forbidden
    return import_page(request, _kind())


def _read_text(actor: Actor, text: str, whole: bool) -> Any:
    survey = parse_survey(text)
    _refuse(standing_survey(actor.municipality_id, survey.code), survey)
    return dump(survey)


def _read_table(actor: Actor, table: Table, whole: bool) -> Any:
    # The municipality's own stands for the common one of its 符号, as in `standing_survey`.
    rows = sorted(survey_reads.surveys_of(actor), key=lambda row: row.municipality_id is not None)
    known = {row.code: survey_file_of(row) for row in rows}
    survey = parse_survey_table(table, known)
    _refuse(standing_survey(actor.municipality_id, survey.code), survey)
    return dump(survey)


def _refuse(stored: ReferenceSurvey | None, survey: SurveyFile) -> None:
    """Refuse what could not be saved however often it is tried."""
    if stored is not None and stored.kind != survey.kind:
        raise SurveyFileError([KIND_DIFFERS])
    if stored is not None and stored.municipality_id and stored.state == ReferenceSurvey.State.RETIRED:
        raise SurveyFileError([SURVEY_RETIRED])


def _survey(data: Any) -> SurveyFile:
    """Return what a page of ours signed, read again."""
    return parse_survey(text_of("json", data))


def _preview(actor: Actor, data: Any) -> tuple[Preview, str]:
    survey = _survey(data)
    stored = standing_survey(actor.municipality_id, survey.code)
    _refuse(stored, survey)
    return survey_plan.preview(survey_file_of(stored) if stored else None, survey), _print(stored)


def _print(stored: ReferenceSurvey | None) -> str:
    return fingerprint([str(stored.uuid), stored.version] if stored else None)


def _apply(actor: Actor, data: Any, shown: str, now: datetime) -> str:
    survey = _survey(data)
    stored = standing_survey(actor.municipality_id, survey.code)
    _refuse(stored, survey)
    if stored is not None and survey_file_of(stored) == survey:
        return f"「{survey.name}」は、ファイルのとおりになっています。"
    if _print(stored) != shown:
        raise Moved
    try:
        saved = save_survey(
            survey=survey, based_on=stored, version=stored.version if stored else 0, by=actor, now=now
        )
    except StaleSurvey:
        raise Moved from None
    if saved.state == ReferenceSurvey.State.DRAFT:
        return f"「{saved.name}」を下書きとして取り込みました。数字を確かめてから「使う」を押してください。"
    return f"「{saved.name}」の数字を、ファイルのとおりに直しました。"


def _kind() -> DataKind:
    return DataKind(
        name="survey",
        title="調査と統計の取込み",
        noun="行",
        url=reverse("competency:survey_import"),
        back_url=reverse("competency:reference"),
        back_label="調査と統計の数字",
        read_text=_read_text,
        read_table=_read_table,
        preview=_preview,
        apply=_apply,
        hints=(
            "いまある調査のページから出したファイル（YAMLかJSON）を書き直すのがいちばん簡単です。",
            "同じ調査を直すときは、符号（code）をそのままにします。次の年の調査には、新しい符号を付けます。",
            "種類（kind）は survey（調査）か staffing（統計）です。年（year）は西暦で書きます。",
            "1つだけ選ぶ設問で、足した数が答えた団体の数より少ない行には、備考（note）にわけを書きます。",
            "表（ExcelかCSV）では、いまある調査の数だけを直せます。「数」の列だけを書き直し、消した行の数はそのまま残ります。",
            "新しく取り込んだものは下書きになります。確かめてから「使う」を押すと、ほかの画面に出ます。",
        ),
    )
