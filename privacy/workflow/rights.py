"""開示, 訂正 and 利用停止: the register, and the package that answers a 開示."""

import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from access.actor import Actor
from access.refusals import Conflict, Forbidden
from access.table import may
from audit.models import record
from organization.models import Staff
from privacy.disclosure import Package, make_package
from privacy.models import RightsRequest

# Within thirty days of the request: 個人情報の保護に関する法律 83条1項, 94条1項, 102条1項.
DAYS = 30
NUMBER_TAKEN = "この受付番号は、もう使われています。"
CHANGED = "ほかの人が先に変えました。画面を開き直して、もう一度入力してください。"


def due_on(received_on: datetime.date) -> datetime.date:
    """Return the day by which a request is decided."""
    return received_on + datetime.timedelta(days=DAYS)


def add_request(
    *, staff: Staff, number: str, kind: str, received_on: datetime.date, note: str, by: Actor, now
) -> RightsRequest:
    """Enter a request into the register. Conflict for a number that is taken."""
    if not may(by, "P20p"):
        raise Forbidden
    try:
        with transaction.atomic():
            made = RightsRequest.objects.create(
                municipality_id=by.municipality_id, staff=staff, number=number, kind=kind, received_on=received_on,
                due_on=due_on(received_on), note=note,
            )  # fmt: skip
            record(
                by=by, action="rights.add", now=now, subject_uuid=staff.uuid, target=made, data={"kind": kind}
            )
    except IntegrityError as taken:
        raise Conflict(NUMBER_TAKEN) from taken
    return made


@transaction.atomic
def handle_request(*, asked: RightsRequest, version: int, values: dict, by: Actor, now) -> RightsRequest:
    """Write what was decided and when it was carried out; `values` by column. Conflict for another version."""
    if not may(by, "P20p"):
        raise Forbidden
    row = RightsRequest.objects.select_for_update(of=("self",)).select_related("staff").get(pk=asked.pk)
    if row.version != version:
        raise Conflict(CHANGED)
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*values, "version"])
    record(
        by=by, action="rights.change", now=now, subject_uuid=row.staff.uuid, target=row,
        data={"decision": row.decision},
    )  # fmt: skip
    return row


def export_package(
    *, staff: Staff, number: str, by: Actor | None, now: datetime.datetime | None = None, target: RightsRequest | None = None
) -> Package:  # fmt: skip
    """Return the package of one person, with its event in the trail; `by` None is the operator's command."""
    if by is not None and not may(by, "P20p"):
        raise Forbidden
    now = now or timezone.now()
    with transaction.atomic():
        package = make_package(staff, number=number, now=now)
        record(
            by=by, action="disclosure.export", now=now, subject_uuid=staff.uuid, target=target or staff,
            municipality_id=staff.municipality_id,
            data={"number": number, "rows": sum(part.rows for part in package.parts), "files": package.files},
        )  # fmt: skip
    return package
