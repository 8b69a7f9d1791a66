"""Published figures: the common ones are loaded, a municipality's editors make them their own (P24)."""

import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from access.actor import Actor
from access.refusals import Conflict, Forbidden, Invalid, NotVisible
from access.table import may
from audit.models import Event, record
from competency.models import ReferenceSurvey
from competency.survey_file import SurveyFile
from organization.models import Municipality

State = ReferenceSurvey.State
SURVEY_STALE = (
    "ほかの人が先に変えました。いまの内容を確かめて、どちらにするか決めてから、もう一度保存してください。"
)
SURVEY_COMMON = "共通の調査は、そのままでは変えられません。直して保存すると、この団体の調査になります。"
SURVEY_RETIRED = "使い終わった調査は直せません。もう一度使うようにしてから直してください。"
KIND_DIFFERS = "同じ符号で種類（調査か統計か）の違うものがあります。符号を変えてください。"


class StaleSurvey(Conflict):
    """Somebody changed the survey in the meantime, or made the common one the municipality's own. `stored` is that row."""

    default = SURVEY_STALE

    def __init__(self, stored: ReferenceSurvey):
        self.stored = stored
        super().__init__(detail={"version": stored.version})


def values_of_survey(survey: SurveyFile) -> dict[str, Any]:
    """Return the columns that a file fills."""
    return {
        "kind": survey.kind,
        "name": survey.name,
        "year": survey.year,
        "source": survey.source,
        "asked": survey.asked,
        "answered": survey.answered,
        "content": survey.content_text,
    }


@transaction.atomic
def load_survey(*, survey: SurveyFile, now: datetime.datetime) -> bool:
    """Bring the common survey of this 符号 to what a file says and put it in use; return whether that changed anything.

    What a municipality has made its own stays as it is. Raises Conflict where the 符号 is another kind's.
    """
    wanted = {**values_of_survey(survey), "state": State.IN_USE}
    common = ReferenceSurvey.objects.filter(municipality__isnull=True, code=survey.code)
    there = common.select_for_update().first()
    if there is None:
        there = ReferenceSurvey.objects.create(code=survey.code, updated_at=now, **wanted)
    elif there.kind != survey.kind:
        raise Conflict(KIND_DIFFERS)
    elif all(getattr(there, name) == value for name, value in wanted.items()):
        return False
    else:
        common.update(**wanted, updated_at=now, version=F("version") + 1)
    record(
        by=None, action="survey.load", now=now, kind=Event.Kind.TECHNICAL, target=there,
        data={"code": survey.code, "year": survey.year},
    )  # fmt: skip
    return True


def own_survey(municipality_id: int, code: str) -> ReferenceSurvey | None:
    """Return the municipality's own survey of this 符号, None where it has none."""
    return ReferenceSurvey.objects.filter(municipality_id=municipality_id, code=code).first()


def standing_survey(municipality_id: int, code: str) -> ReferenceSurvey | None:
    """Return what a change of this 符号 starts from: the municipality's own, else the common one."""
    common = ReferenceSurvey.objects.filter(municipality__isnull=True, code=code)
    return own_survey(municipality_id, code) or common.first()


@transaction.atomic
def save_survey(
    *, survey: SurveyFile, based_on: ReferenceSurvey | None, version: int, by: Actor, now: datetime.datetime
) -> ReferenceSurvey:
    """Save what was typed or read from a file, and return the row that holds it now.

    `based_on` with `version` is what it was made from: None and 0 for nothing. A common one stays as it is; the
    municipality gets its own, a draft until it is put in use. Saving what is stored already is no conflict. Raises
    NotVisible, Forbidden, StaleSurvey, and Conflict for one that is retired or of another kind.
    """
    if based_on is not None and based_on.municipality_id not in (None, by.municipality_id):
        raise NotVisible
    if not may(by, "P24"):
        raise Forbidden
    # Two at once: the second waits for the first and finds it changed.
    Municipality.objects.select_for_update().get(pk=by.municipality_id)
    wanted = values_of_survey(survey)
    stored = standing_survey(by.municipality_id, survey.code)
    if stored is not None and all(getattr(stored, name) == value for name, value in wanted.items()):
        return stored
    if stored is not None and stored.kind != survey.kind:
        raise Conflict(KIND_DIFFERS)
    if (stored.pk if stored else None) != (based_on.pk if based_on else None):
        raise StaleSurvey(stored) if stored else NotVisible
    if stored is not None and stored.version != version:
        raise StaleSurvey(stored)
    if stored is not None and stored.municipality_id is not None:
        return _change(stored, wanted, version, by, now)
    own = ReferenceSurvey(
        municipality_id=by.municipality_id, code=survey.code, state=State.DRAFT, updated_at=now, **wanted
    )
    try:
        with transaction.atomic():
            own.save(force_insert=True)
    except IntegrityError:  # the other of two was first, on an engine without locks of rows
        raise StaleSurvey(
            ReferenceSurvey.objects.get(municipality_id=by.municipality_id, code=own.code)
        ) from None
    _tell(own, "survey.add", by, now)
    return own


@transaction.atomic
def move_survey(
    *, survey: ReferenceSurvey, state: str, version: int, by: Actor, now: datetime.datetime
) -> ReferenceSurvey:
    """Put a municipality's own survey in use, or out of it, and return it.

    Once in use, it stands in for the common one of its 符号. Raises NotVisible, Forbidden, Conflict for a common
    one, StaleSurvey, and Invalid for a state that no page sends.
    """
    _check(survey, by)
    if state not in (State.IN_USE, State.RETIRED) or (
        (survey.state == State.DRAFT) and state == State.RETIRED
    ):
        raise Invalid
    if survey.state == state:
        return survey
    mine = ReferenceSurvey.objects.filter(pk=survey.pk, version=version)
    if not mine.update(state=state, version=F("version") + 1, updated_at=now):
        raise StaleSurvey(ReferenceSurvey.objects.get(pk=survey.pk))
    _tell(survey, "survey.use" if state == State.IN_USE else "survey.retire", by, now)
    return ReferenceSurvey.objects.get(pk=survey.pk)


@transaction.atomic
def discard_survey(*, survey: ReferenceSurvey, version: int, by: Actor, now: datetime.datetime) -> None:
    """Throw a draft away; nothing was ever made of it. Raises as `move_survey` does, and Conflict for what is no draft."""
    _check(survey, by)
    mine = ReferenceSurvey.objects.filter(pk=survey.pk, version=version, state=State.DRAFT)
    if not mine.exists():
        raise StaleSurvey(ReferenceSurvey.objects.get(pk=survey.pk))
    _tell(survey, "survey.discard", by, now)
    mine.delete()


def _check(survey: ReferenceSurvey, by: Actor) -> None:
    if survey.municipality_id not in (None, by.municipality_id):
        raise NotVisible
    if not may(by, "P24"):
        raise Forbidden
    if survey.municipality_id is None:
        raise Conflict(SURVEY_COMMON)


def _change(
    stored: ReferenceSurvey, wanted: dict[str, Any], version: int, by: Actor, now: datetime.datetime
) -> ReferenceSurvey:
    if stored.state == State.RETIRED:
        raise Conflict(SURVEY_RETIRED)
    mine = ReferenceSurvey.objects.filter(pk=stored.pk, version=version)
    if not mine.update(**wanted, version=F("version") + 1, updated_at=now):
        raise StaleSurvey(ReferenceSurvey.objects.get(pk=stored.pk))
    _tell(stored, "survey.change", by, now)
    return ReferenceSurvey.objects.get(pk=stored.pk)


def _tell(survey: ReferenceSurvey, action: str, by: Actor, now: datetime.datetime) -> None:
    record(by=by, action=action, now=now, target=survey, data={"code": survey.code, "year": survey.year})
