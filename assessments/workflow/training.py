"""研修 from the wish to the result: the person applies and withdraws (P03), 人事 decides and records (P21t).

One row all the way: the application is the person's own entry, and finished it is evidence like every other.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from access.actor import Actor
from access.refusals import Conflict, Forbidden, Invalid, NotVisible
from access.table import may
from assessments.models import Entry, EntryCell, Training
from audit.models import issue_receipt, receipt_for, record, sides_of
from competency.models import Course
from lib.dates import format_wareki
from organization.models import Staff

TRAINING_STALE = "ほかの人が先にこの申込みを変えました。いまの状態を確かめて、どちらにするか決めてから、もう一度押してください。"
WITHDRAWN = "この申込みは、本人が取り下げています。"
NOT_BEGUN = "まだ始まっていない研修です。終わってから、修了か欠席を記録してください。"
DECIDED = "受講が決まったか、終わった研修は、画面から取り下げられません。人事に連絡してください。"
RETIRED = "この講座は、いまは案内していません。"
FINISHED_ONCE = "この講座は修了しています。スキル履歴書の研修に記録があります。"
_APPLY = "training.apply"
State = Training.State
# What 人事 may say about an application.
DECISIONS = (State.ACCEPTED, State.DECLINED, State.FINISHED, State.ABSENT)


@dataclass(frozen=True)
class Decision:
    """What 人事 says about one application: the version that was seen, the state, and what came of it.

    `hours` and `result` None leave what is stored.
    """

    entry_id: int
    version: int
    state: str
    result: str | None = None
    hours: Decimal | None = None


class StaleTraining(Conflict):
    """Somebody changed an application in the meantime. `stored` is the row as it is now."""

    default = TRAINING_STALE

    def __init__(self, stored: Training):
        self.stored = stored
        super().__init__(detail={"version": stored.version, "state": stored.state})


@transaction.atomic
def apply_for(*, course: Course, by: Actor, now, key: uuid.UUID) -> Training:
    """Apply for a course for oneself and return the entry; a second application is the first.

    What the course says now is written into the entry: it stays what somebody applied for. Raises NotVisible,
    Forbidden, and Conflict for a course that is over, full of dates gone by, or finished already.
    """
    if course.municipality_id != by.municipality_id:
        raise NotVisible
    if not may(by, "P03", own=True):
        raise Forbidden
    receipt = receipt_for(by=by, action=_APPLY, key=key, target=course)
    if receipt is not None:
        return Training.objects.get(uuid=receipt.result["entry"])
    # Two tabs at once: the second waits for the first and finds its application.
    Staff.objects.select_for_update().get(pk=by.staff_id)
    mine = Training.objects.filter(staff_id=by.staff_id, course=course, removed_at__isnull=True)
    known = {training.state: training for training in mine.order_by("pk")}
    there = next((known[state] for state in Training.OPEN if state in known), None)
    if there is not None:
        return there
    if State.FINISHED in known:
        raise Conflict(FINISHED_ONCE)
    _check_open(course, by)
    entry = Training.objects.create(
        municipality_id=by.municipality_id, staff_id=by.staff_id, kind=Entry.Kind.TRAINING, title=course.name,
        start=course.starts_on, end=course.ends_on, course=course, provider=course.provider.name,
        form=course.form, hours=course.hours, fee=course.fee, state=State.APPLIED, created_at=now,
        created_by_id=by.staff_id, updated_at=now, updated_by_id=by.staff_id,
    )  # fmt: skip
    codes = course.cells.values_list("cell_code", flat=True)
    EntryCell.objects.bulk_create(EntryCell(entry_id=entry.pk, cell_code=code) for code in sorted(codes))
    record(by=by, action=_APPLY, now=now, subject_uuid=by.staff_uuid, target=entry)
    issue_receipt(by=by, action=_APPLY, key=key, target=course, now=now, result={"entry": str(entry.uuid)})
    return entry


@transaction.atomic
def withdraw_training(*, entry: Training, version: int, by: Actor, now) -> Training:
    """Take one's own application back while nothing is decided, and return it; twice is once.

    Raises NotVisible, Forbidden, Conflict once it is decided, and StaleTraining.
    """
    stored = _stored(entry, by)
    if not may(by, "P03", own=stored.staff_id == by.staff_id):
        raise Forbidden
    if stored.state == State.WITHDRAWN:
        return stored
    if stored.state != State.APPLIED:
        raise Conflict(DECIDED)
    _move(stored, version, by, now, state=State.WITHDRAWN)
    record(by=by, action="training.withdraw", now=now, subject_uuid=stored.staff.uuid, target=stored)
    return Training.objects.get(pk=stored.pk)


@transaction.atomic
def decide_trainings(*, decisions: Iterable[Decision], by: Actor, now) -> list[Training]:
    """Record what 人事 decided about applications, all or nothing, and return those that changed.

    Saying what is stored already is no conflict. The person sees the state and who set it. Raises Forbidden,
    NotVisible, Invalid for a state that is no decision or a course not begun, Conflict for an application that was
    withdrawn, and StaleTraining.
    """
    if not may(by, "P21t"):
        raise Forbidden
    decided = []
    for decision in decisions:
        if decision.state not in DECISIONS:
            raise Invalid
        stored = _stored(Training(pk=decision.entry_id), by)
        if stored.state == State.WITHDRAWN or stored.removed_at is not None:
            raise Conflict(WITHDRAWN)
        said = {
            "state": decision.state,
            "result": stored.result if decision.result is None else decision.result,
            "hours": stored.hours if decision.hours is None else decision.hours,
        }
        if all(getattr(stored, name) == value for name, value in said.items()):
            continue
        before = {name: getattr(stored, name) for name in said}
        over = decision.state in (State.FINISHED, State.ABSENT)
        if over and stored.start is not None and stored.start > by.today:
            raise Invalid(NOT_BEGUN)
        _move(stored, decision.version, by, now, **said)
        record(
            by=by, action="training.decide", now=now, subject_uuid=stored.staff.uuid, target=stored,
            data={"state": str(decision.state)}, **sides_of(before, said),
        )  # fmt: skip
        decided.append(stored)
    return decided


def _stored(entry: Training, by: Actor) -> Training:
    stored = Training.objects.select_related("staff").filter(pk=entry.pk).first()
    if stored is None or stored.municipality_id != by.municipality_id:
        raise NotVisible
    return stored


def _move(stored: Training, version: int, by: Actor, now, **columns) -> None:
    """Change the row of the kind under the version of the entry; raises StaleTraining."""
    same = Entry.objects.filter(pk=stored.pk, version=version)
    if not same.update(version=F("version") + 1, updated_at=now, updated_by_id=by.staff_id):
        raise StaleTraining(Training.objects.select_related("staff").get(pk=stored.pk))
    Training.objects.filter(pk=stored.pk).update(**columns)


def _check_open(course: Course, by: Actor) -> None:
    if course.retired:
        raise Conflict(RETIRED)
    if course.is_open_on(by.today):
        return
    if course.apply_by is not None:
        raise Conflict(
            f"申込みの締切（{format_wareki(course.apply_by)}）を過ぎています。人事に相談してください。"
        )
    raise Conflict("もう始まっている講座です。人事に相談してください。")
