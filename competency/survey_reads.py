"""Which surveys and statistics a page shows: always inside what the actor may see."""

import uuid

from access.actor import Actor
from access.refusals import NotVisible
from competency.models import ReferenceSurvey
from competency.reference import newest, standing


def surveys_of(actor: Actor) -> list[ReferenceSurvey]:
    """Return every survey and statistic the actor may see, the newest first. One query."""
    return list(ReferenceSurvey.objects.visible_to(actor).order_by("-year", "kind", "code", "-pk"))


def standing_surveys(actor: Actor, rows: list[ReferenceSurvey]) -> list[ReferenceSurvey]:
    """Return those of `rows` that pages use in the actor's municipality: one of each kind, 調査 first. One query."""
    used = newest(standing(actor.municipality_id))
    by_uuid = {row.uuid: row for row in rows}
    chosen = [uuid.UUID(used[kind][0]) for kind in ReferenceSurvey.Kind.values if kind in used]
    return [by_uuid[one] for one in chosen if one in by_uuid]


def survey_for(actor: Actor, survey_uuid: uuid.UUID) -> ReferenceSurvey:
    """Return one survey, or raise NotVisible: another municipality's, a draft for others than editors, or none."""
    found = ReferenceSurvey.objects.visible_to(actor).filter(uuid=survey_uuid).first()
    if found is None:
        raise NotVisible
    return found


def own_copy_of_survey(actor: Actor, row: ReferenceSurvey) -> ReferenceSurvey | None:
    """Return the municipality's own survey of the 符号 of a common one, as far as the actor may see it."""
    if row.municipality_id is not None:
        return None
    mine = ReferenceSurvey.objects.visible_to(actor).filter(municipality_id=actor.municipality_id)
    return mine.filter(code=row.code).first()
