"""The published figures that the product ships, read without a database and stored for a test."""

import functools
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from competency.models import ReferenceSurvey
from competency.reference import Published, of_row, with_areas
from competency.survey_file import SurveyFile, parse_survey
from competency.workflow.surveys import values_of_survey
from tests.crosswalks import make_rule, shipped_crosswalk

DATA = Path(settings.BASE_DIR) / "competency" / "data"
NAMES = ("survey-2019", "staffing-2018")


@functools.cache
def shipped_file(name: str) -> SurveyFile:
    """Return a file of competency/data, read."""
    return parse_survey((DATA / f"{name}.yaml").read_text("utf-8"))


@functools.cache
def shipped() -> Published:
    """Return what pages show where the shipped figures are in use."""
    survey, tables = (of_row(ReferenceSurvey(**values_of_survey(shipped_file(name)))) for name in NAMES)
    return Published(with_areas(survey, shipped_crosswalk("crosswalk-q3-1").lines), tables)


def make_survey(file: SurveyFile, municipality=None, *, state="in_use", **kwargs) -> ReferenceSurvey:
    """Return a stored survey, common and in use unless told otherwise."""
    return ReferenceSurvey.objects.create(
        municipality=municipality, state=state, updated_at=timezone.now(),
        **{"code": file.code, **values_of_survey(file), **kwargs},
    )  # fmt: skip


def make_shipped() -> list[ReferenceSurvey]:
    """Store the shipped figures as common ones in use, with the crosswalk behind the 13 skills."""
    make_rule()
    return ReferenceSurvey.objects.bulk_create(
        ReferenceSurvey(
            code=name, state="in_use", updated_at=timezone.now(), **values_of_survey(shipped_file(name))
        )
        for name in NAMES
    )
