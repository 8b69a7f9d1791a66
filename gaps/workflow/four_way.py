"""The 所属長's own word on the four-way answer of a skill: given, changed and taken back (P17)."""

from django.db import IntegrityError, transaction
from django.db.models import F

from access.actor import Actor
from access.refusals import Conflict, Forbidden, Invalid, NotVisible
from assessments.models import Cycle
from audit.models import record
from competency.reference import published
from gaps.models import FourWayOverride
from gaps.models.four_way import FourWayAnswer
from gaps.policies import may_edit_needs
from organization.models import Department

STALE_ANSWER = "ほかの人が先に判断を保存しました。保存されている判断を確かめて、どちらにするか決めてから保存してください。"
ANSWERS_ENDED = "この年度は終わっているため、判断は変えられません。"
NO_REASON = "計算と違う判断には、理由を入力してください。"


class StaleAnswer(Conflict):
    """Somebody saved in the meantime. `stored` is what stands there now, None where nothing does."""

    default = STALE_ANSWER

    def __init__(self, stored: FourWayOverride | None):
        self.stored = stored
        super().__init__(detail={"version": stored.version if stored else 0})


def override_four_way(
    *,
    department: Department,
    cycle: Cycle,
    skill: int,
    answer: str,
    reason: str,
    version: int,
    by: Actor,
    now,
) -> FourWayOverride | None:
    """Put the 所属長's answer in place of the one worked out, or with an empty `answer` take it back.

    `version` is the one that was read, 0 where there was none. Saving what is stored already is no conflict, so that a
    second click does no harm. Returns what stands there afterwards. Raises NotVisible, Forbidden, Conflict for
    an ended year, Invalid for a skill, an answer or a missing reason that no form sends, and StaleAnswer.
    """
    if department.municipality_id != by.municipality_id or cycle.municipality_id != by.municipality_id:
        raise NotVisible
    if not may_edit_needs(by, department.path):
        raise Forbidden
    if cycle.state == Cycle.State.CLOSED:
        raise Conflict(ANSWERS_ENDED)
    reason = reason.strip()
    known = {one.number for one in published(by.municipality_id).skills}
    if skill not in known or (answer and answer not in FourWayAnswer.values):
        raise Invalid
    if answer and not reason:
        raise Invalid(NO_REASON)
    with transaction.atomic():
        here = FourWayOverride.objects.filter(department=department, cycle=cycle, skill=skill)
        stored = here.first()
        if stored is None and not answer:
            return None
        if stored is not None and (stored.answer, stored.reason) == (answer, reason):
            return stored
        values = {"answer": answer, "reason": reason, "author_id": by.staff_id, "updated_at": now}
        if not _write(department, cycle, skill, version, values):
            raise StaleAnswer(here.first())
        record(
            by=by,
            action="four_way.override" if answer else "four_way.withdraw",
            now=now,
            target=department,
            data={"year": cycle.fiscal_year, "skill": skill, "answer": answer},
        )
        return here.first()


def _write(department: Department, cycle: Cycle, skill: int, version: int, values: dict) -> bool:
    """Write, change or remove the row; False where it is not the one that was read."""
    mine = FourWayOverride.objects.filter(department=department, cycle=cycle, skill=skill, version=version)
    if not values["answer"]:
        return bool(mine.delete()[0])
    if version:
        return bool(mine.update(version=F("version") + 1, **values))
    try:
        with transaction.atomic():
            FourWayOverride.objects.create(
                municipality_id=department.municipality_id,
                department=department,
                cycle=cycle,
                skill=skill,
                **values,
            )
    except IntegrityError:
        return False
    return True
