"""The years of each class, and the wording of the purpose."""

from django.db import transaction

from access.actor import Actor
from access.refusals import Forbidden
from access.table import may
from audit.models import record
from organization.models import Municipality, Staff
from privacy import periods
from privacy.models import Purpose, PurposeSeen, RetentionYears


@transaction.atomic
def set_years(*, municipality: Municipality, years: dict[str, int], by: Actor, now) -> None:
    """Keep the years of each class; what did not change is not written."""
    if not may(by, "P20r"):
        raise Forbidden
    before = periods.years_of(municipality)
    changed = {keep: value for keep, value in years.items() if before[keep] != value}
    for keep, value in changed.items():
        RetentionYears.objects.update_or_create(
            municipality=municipality, keep=keep, defaults={"years": value}
        )
    if changed:
        record(by=by, action="retention.years", now=now, target=municipality, data={"years": changed})


@transaction.atomic
def set_purpose(*, municipality: Municipality, text: str, line: str, by: Actor, now) -> Purpose:
    """Put a new wording in force; everybody is shown it once."""
    if not may(by, "P20p"):
        raise Forbidden
    Municipality.objects.select_for_update().get(pk=municipality.pk)
    number = Purpose.objects.filter(municipality=municipality).count() + 1
    made = Purpose.objects.create(
        municipality=municipality, number=number, text=text, line=line, at=now, by_id=by.staff_id
    )
    record(by=by, action="purpose.change", now=now, target=municipality, data={"number": number})
    return made


@transaction.atomic
def acknowledge(*, staff: Staff, number: int, by: Actor, now) -> None:
    """Note that a person read a wording."""
    _, _ = PurposeSeen.objects.update_or_create(staff=staff, defaults={"number": number, "at": now})
    record(by=by, action="purpose.seen", now=now, subject_uuid=staff.uuid, data={"number": number})
