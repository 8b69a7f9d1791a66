"""Past years are written as they were kept: whole, once, marked, never over what is there (P21, docs/adr/0040).

The order of writes follows assessments/guards.py: ratings before the revision stands, confirmations before 確定. A year
that is 確定 is not taken back, whoever wrote it; a mistake is put right by a 訂正 (P11).
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from access.actor import Actor
from access.refusals import Conflict, Invalid
from assessments.models import Confirmation, Cycle, Entry, Rating, RatingEvidence, Revision, Sheet
from assessments.past_entries import EntriesPlan
from assessments.past_ratings import FINAL, PastCell, PastRecord, RatingsPlan
from assessments.past_reads import version_for, year_of_record
from assessments.workflow.entries import add_entry
from audit.models import record
from competency.models import FrameworkVersion
from lib import fiscal
from lib.bulk_load import load
from organization.models import Municipality, Staff

_BATCH = 200
# Sheets that are written together, with 17 ratings each as a rule.
_SHEETS = 2000
NEEDS_SOMEBODY = "過去の記録は、画面から人事が取り込みます。"
BUILT_ON = (
    "取り込んだ記録のうち{count}件が、その後に変えられたか、年度票の根拠になっています。"
    "取り込む前には戻せません。直す記録は、スキル履歴書で1件ずつ取り消してください。"
)


def write_ratings(
    plan: RatingsPlan,
    cells: Sequence[PastCell],
    municipality: Municipality,
    by: Actor | None,
    now: datetime.datetime,
    options: Mapping[str, Any],
) -> None:
    """Write the sheets of a plan inside the caller's transaction, and the year where there is none."""
    if by is None:
        raise Invalid(NEEDS_SOMEBODY)
    if not plan.records:
        return
    version = version_for(municipality, options["version"])
    cycle = year_of_record(municipality, options["year"]) or _year(
        municipality, options["year"], version, by, now
    )
    of_code = {cell.code: cell.pk for cell in cells}
    for records in _batches(plan.records, _SHEETS):
        _write(records, cycle, of_code, options["level"], by, now)


def write_entries(
    plan: EntriesPlan, municipality: Municipality, by: Actor | None, now: datetime.datetime
) -> dict[str, list[int]]:
    """Write the entries of a plan inside the caller's transaction, as 人事 on behalf; return what takes them back."""
    if by is None:
        raise Invalid(NEEDS_SOMEBODY)
    people = Staff.objects.in_bulk([one.staff_id for one in plan.entries])
    written = [
        add_entry(staff=people[one.staff_id], values=one.values, by=by, now=now).pk for one in plan.entries
    ]
    return {"entries": written}


def undo_entries(undo: Mapping[str, list[int]], municipality: Municipality) -> None:
    """Take the entries of one import off the records; Conflict where any was changed or a rating rests on it."""
    wanted = undo["entries"]
    untouched = removed = 0
    for keys in _batches(wanted):
        mine = Entry.objects.filter(
            pk__in=keys, municipality=municipality, version=1, removed_at__isnull=True
        )
        mine = mine.exclude(pk__in=RatingEvidence.objects.filter(entry__in=keys).values("entry"))
        untouched += mine.count()
    if untouched < len(wanted):
        raise Conflict(BUILT_ON.format(count=len(wanted) - untouched))
    now = timezone.now()
    for keys in _batches(wanted):
        same = Entry.objects.filter(pk__in=keys, version=1, removed_at__isnull=True)
        removed += same.update(removed_at=now, updated_at=now, version=F("version") + 1)
    if removed < len(wanted):
        raise Conflict(BUILT_ON.format(count=len(wanted) - removed))


def _year(
    municipality: Municipality, year: int, version: FrameworkVersion, by: Actor, now: datetime.datetime
) -> Cycle:
    """Make a year that is over: nobody is asked for anything, it only holds what was kept elsewhere."""
    first, last = fiscal.first_day(year), fiscal.last_day(year)
    cycle = Cycle.objects.create(
        municipality=municipality, fiscal_year=year, framework_version=version, state=Cycle.State.CLOSED,
        reference_date=first, starts_on=first, submit_by=last, confirm_by=last, opened_at=now, closed_at=now,
    )  # fmt: skip
    record(
        by=by, action="cycle.past", now=now, municipality_id=municipality.pk, target=cycle,
        data={"fiscal_year": year},
    )  # fmt: skip
    return cycle


def _write(
    records: Sequence[PastRecord], cycle: Cycle, of_code: Mapping[str, int], level: str, by: Actor, now
) -> None:
    city = cycle.municipality_id
    sheets = Sheet.objects.bulk_create(
        Sheet(
            municipality_id=city, staff_id=one.staff_id, cycle=cycle, fiscal_year=cycle.fiscal_year,
            department_id=one.place.department_id, department_path=one.place.path,
            position=one.place.position, employment=one.employment, updated_at=now,
        )
        for one in records
    )  # fmt: skip
    revisions = Revision.objects.bulk_create(
        Revision(
            municipality_id=city, sheet=sheet, number=1, kind=Revision.Kind.IMPORT,
            submitted_at=now, submitted_by_id=by.staff_id,
        )
        for sheet in sheets
    )  # fmt: skip
    pairs = list(zip(revisions, records, strict=True))
    load(
        Rating, ["revision", "cell", "step"],
        ((revision.pk, of_code[code], own) for revision, one in pairs for code, own, _ in one.steps),
        {"municipality": city},
    )  # fmt: skip
    mine = Sheet.objects.filter(pk__in=[sheet.pk for sheet in sheets])
    stands = Revision.objects.filter(sheet=OuterRef("pk")).values("pk")[:1]
    mine.update(
        state=Sheet.State.SUBMITTED, submitted_at=now, current_revision=Subquery(stands),
        version=F("version") + 1,
    )  # fmt: skip
    if level != FINAL:
        return
    load(
        Confirmation, ["revision", "cell", "step"],
        ((revision.pk, of_code[code], final) for revision, one in pairs for code, _, final in one.steps),
        {
            "municipality": city, "level": Confirmation.Level.FINAL, "confirmer": by.staff_id,
            "updated_at": now,
        },
    )  # fmt: skip
    mine.update(state=Sheet.State.CONFIRMED, confirmed_at=now, version=F("version") + 1)


def _batches(rows: Sequence[Any], size: int = _BATCH) -> Iterator[Sequence[Any]]:
    for at in range(0, len(rows), size):
        yield rows[at : at + size]
