"""The catalogue of a municipality brought to what a file says, all or nothing (P17c)."""

import datetime
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import Max, Q

from access.actor import Actor
from access.refusals import Conflict, Forbidden
from access.table import may
from audit.models import record
from competency.data_import import fingerprint
from competency.duty_file import FileDuty
from competency.duty_plan import DutyPlan, plan_duties
from competency.models import Duty
from competency.workflow.duties import StaleDuty, ask_for, take_duty, values_of
from lib.text import clean
from organization.models import Municipality

DUTIES_MOVED = "確かめている間に、ほかの人が業務の一覧を変えました。いまの一覧との違いを確かめて、もう一度取り込んでください。"


class DutiesMoved(Conflict):
    """The catalogue is another than the one that the preview was shown of."""

    default = DUTIES_MOVED


def file_duty(duty: Duty) -> FileDuty:
    """Return a stored duty as it would stand in a file; reads `demands`."""
    values = values_of(duty)
    return FileDuty(
        code=duty.code,
        group=duty.group,
        name=clean(values.name),
        suited=values.suited,
        examples=clean(values.examples),
        source=clean(duty.source),
        cells=dict(sorted(values.demands.items())),
    )


def catalogue_with_retired(municipality_id: int) -> list[Duty]:
    """Return the duties of a municipality in their order, those taken out too, one a 符号. Two queries.

    Its own copy stands for the common duty it came from; a duty of a single department belongs to no catalogue.
    """
    mine = Duty.objects.filter(municipality_id=municipality_id)
    copied = mine.filter(based_on__isnull=False).values("based_on")
    rows = (
        Duty.objects.filter(Q(municipality__isnull=True) | Q(municipality_id=municipality_id))
        .filter(department__isnull=True)
        .exclude(pk__in=copied)
        .order_by("rank", "pk")
        .prefetch_related("demands")
    )
    found: dict[str, Duty] = {}
    for duty in rows:
        if duty.code not in found or duty.municipality_id is not None:
            found[duty.code] = duty
    return list(found.values())


def catalogue_print(duties: Sequence[Duty]) -> str:
    """Return the fingerprint of a catalogue: another as soon as anybody changed a duty of it."""
    return fingerprint([[str(duty.uuid), duty.version] for duty in duties])


def plan_of(duties: Sequence[Duty], after: Sequence[FileDuty], *, whole: bool) -> DutyPlan:
    """Return what a file would do to a catalogue."""
    retired = {duty.code for duty in duties if duty.retired}
    return plan_duties([file_duty(duty) for duty in duties], retired, after, whole=whole)


@transaction.atomic
def import_duties(
    *, duties: Sequence[FileDuty], whole: bool, shown: str, by: Actor, now: datetime.datetime
) -> DutyPlan:
    """Bring the catalogue of the actor's municipality to what a file says and return what that took.

    `shown` is the fingerprint of the catalogue that the preview was compared with. Common duties stay as they are; the
    municipality gets a copy of each that changes. Raises Forbidden, and DutiesMoved.
    """
    if not may(by, "P17c"):
        raise Forbidden
    # Two at once: the second waits for the first and finds its catalogue moved.
    Municipality.objects.select_for_update().get(pk=by.municipality_id)
    stored = catalogue_with_retired(by.municipality_id)
    plan = plan_of(stored, duties, whole=whole)
    if plan.is_empty:
        return plan
    if catalogue_print(stored) != shown:
        raise DutiesMoved
    try:
        with transaction.atomic():
            _bring(stored, duties, plan, by)
    except (IntegrityError, StaleDuty):  # SQLite knows no lock of a row
        raise DutiesMoved from None
    record(
        by=by, action="duties.import", now=now,
        data={
            "rows": len(duties), "made": len(plan.new), "changed": len(plan.changed), "retired": len(plan.left),
            "restored": len(plan.restored),
        },
    )  # fmt: skip
    return plan


def _bring(stored: Sequence[Duty], duties: Sequence[FileDuty], plan: DutyPlan, by: Actor) -> None:
    there = {duty.code: duty for duty in stored}
    last = Duty.objects.filter(
        Q(municipality__isnull=True) | Q(municipality_id=by.municipality_id)
    ).aggregate(last=Max("rank"))["last"]
    rank = -1 if last is None else last
    for given in plan.new:
        rank += 1
        there[given.code] = Duty.objects.create(
            municipality_id=by.municipality_id,
            code=given.code,
            rank=rank,
            is_proposal=False,
            **_values(given),
        )
        ask_for(there[given.code], given.cells)
    for _, given in plan.changed:
        there[given.code] = _changed(
            there[given.code], by, is_proposal=False, retired=False, **_values(given)
        )
        ask_for(there[given.code], given.cells)
    for given in plan.restored:
        there[given.code] = _changed(there[given.code], by, retired=False)
    for given in plan.left:
        there[given.code] = _changed(there[given.code], by, retired=True)
    if plan.moved:
        for position, given in enumerate(duties):
            if there[given.code].rank != position:
                _changed(there[given.code], by, rank=position)


def _changed(duty: Duty, by: Actor, **values) -> Duty:
    """Return the row that holds a duty now, its version moved on and these values in it; a copy of a common one."""
    row = take_duty(duty, duty, duty.version, by)
    Duty.objects.filter(pk=row.pk).update(**values)
    return Duty.objects.get(pk=row.pk)


def _values(given: FileDuty) -> dict[str, str]:
    return {
        "name": given.name,
        "group": given.group,
        "suited": given.suited,
        "examples": given.examples,
        "source": given.source,
    }
