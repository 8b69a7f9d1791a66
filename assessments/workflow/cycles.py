"""年度: prepared, also as a copy of another, opened (who takes part gets a sheet), changed while it runs (P22)."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from access.actor import Actor
from access.refusals import Conflict, Forbidden, Invalid, NotVisible
from access.table import may
from assessments import carry
from assessments.models import Cycle, Exclusion, Sheet
from assessments.participants import taking_part, without_sheet
from audit.models import record, sides_of
from competency.models import FrameworkVersion
from organization.models import Municipality
from organization.successors import Successors

_BATCH = 1000
STALE = "ほかの画面で先に変更されました。最新の内容を確かめてください。"
DATES = ("reference_date", "starts_on", "submit_by", "confirm_by")


@dataclass(frozen=True)
class Plan:
    """The dates of a year, its steps of confirmation, and whether sheets pass by themselves where nobody confirms."""

    reference_date: datetime.date
    starts_on: datetime.date
    submit_by: datetime.date
    confirm_by: datetime.date
    final_without_confirmer: bool = False
    confirmer_date: datetime.date | None = None
    steps: str = Cycle.Steps.TWO


@dataclass(frozen=True)
class Copy:
    """The year that a new one is made after, and what comes along beside dates, steps and 職員区分."""

    source: Cycle
    exclusions: bool = True
    needs: bool = True


class YearExists(Conflict):
    """There is one year of a number in a municipality."""

    default = "この年度はもうあります。"


@transaction.atomic
def prepare_cycle(
    *, municipality: Municipality, fiscal_year: int, framework_version: FrameworkVersion, plan: Plan,
    by: Actor | None, now, copy: Copy | None = None,
) -> Cycle:  # fmt: skip
    """Make a year that is not open yet and return it. `by` None is the operator.

    With a `copy` it takes over who takes part from another year, and what departments need, as far as asked. Raises
    YearExists, Conflict for a version that is not published, Invalid for dates out of order, NotVisible for a year
    of another municipality.
    """
    check_hr(by)
    _in_order(plan)
    if framework_version.state != FrameworkVersion.State.PUBLISHED:
        raise Conflict("公開された版だけを使えます。")
    if Cycle.objects.filter(municipality=municipality, fiscal_year=fiscal_year).exists():
        raise YearExists
    if copy and copy.source.municipality_id != municipality.pk:
        raise NotVisible
    cycle = Cycle.objects.create(
        municipality=municipality, fiscal_year=fiscal_year, framework_version=framework_version,
        copied_from=copy.source if copy else None, employments=copy.source.employments if copy else [],
        **vars(plan),
    )  # fmt: skip
    came = _copied(cycle, copy, now) if copy else {}
    report("cycle.prepare", cycle, by, now, **came)
    return cycle


@transaction.atomic
def change_plan(*, cycle: Cycle, plan: Plan, version: int, by: Actor | None, now) -> Cycle:
    """Change the dates of a year that is not closed, and return the fresh year.

    The reference date stays once the year is open: the sheets were handed out by it. So do the steps of
    confirmation, by which some were confirmed. Raises Conflict for a closed year or another version, Invalid for
    dates out of order.
    """
    check_hr(by)
    _in_order(plan)
    if cycle.state == Cycle.State.CLOSED:
        raise Conflict("終了した年度の日付は変えられません。")
    if cycle.is_open and plan.reference_date != cycle.reference_date:
        raise Conflict(
            "受付を始めた年度の基準日は変えられません。あとから来た人には年度票を追加してください。"
        )
    if cycle.is_open and plan.steps != cycle.steps:
        raise Conflict("受付を始めた年度の確認の段階は変えられません。")
    before = {name: getattr(cycle, name) for name in vars(plan)}
    fresh = take_version(cycle, version, **vars(plan))
    days = {name: getattr(plan, name) for name in (*DATES, "confirmer_date")}
    report(
        "cycle.change", fresh, by, now, **{name: day.isoformat() for name, day in days.items() if day},
        sides=sides_of(before, vars(plan)),
    )  # fmt: skip
    return fresh


@transaction.atomic
def open_cycle(*, cycle: Cycle, version: int, by: Actor | None, now) -> tuple[Cycle, int]:
    """Open a prepared year and hand out its sheets; return (fresh year, number of sheets).

    Everyone who takes part and has a 本務 on the reference date gets one, people on leave too: they may come back.
    Raises Conflict where it is not prepared any more, or nobody would get a sheet.
    """
    check_hr(by)
    if cycle.state != Cycle.State.PREPARED:
        raise Conflict(f"この年度は「{cycle.get_state_display()}」です。")
    fresh = take_version(cycle, version, state=Cycle.State.OPEN, opened_at=now)
    made = _hand_out(fresh, taking_part(fresh, fresh.reference_date), now)
    if not made:
        raise Conflict("基準日に本務の発令がある対象者がいません。名簿と対象者を確かめてください。")
    report("cycle.open", fresh, by, now, sheets=made)
    return fresh, made


@transaction.atomic
def add_sheets(*, cycle: Cycle, staff_ids: Iterable[int], by: Actor, now) -> int:
    """Hand out sheets to people who came after the reference date, and return how many were made.

    Their department and 職位 are those of today. Whoever has a sheet already is left alone. Raises Conflict
    for a year that is not open.
    """
    check_hr(by)
    if not take_row(cycle).is_open:
        raise Conflict("受付中の年度にだけ追加できます。")
    made = _hand_out(cycle, without_sheet(cycle, by.today).filter(staff_id__in=list(staff_ids)), now)
    if made:
        report("cycle.add_sheets", cycle, by, now, sheets=made)
    return made


def _copied(cycle: Cycle, copy: Copy, now) -> dict[str, int]:
    """Take over what a copy asks for; return the counts for the audit."""
    came = {"copied_from": copy.source.fiscal_year}
    if copy.exclusions:
        came["exclusions"] = _copy_exclusions(cycle, copy.source, now)
    if copy.needs:
        came["needs"] = carry.over(copy.source, cycle, now).needs
    return came


def _copy_exclusions(cycle: Cycle, source: Cycle, now) -> int:
    """Leave out the same people, and the same departments or those that followed them, as far as they are there."""
    follow = Successors(cycle.municipality_id, cycle.reference_date)
    rows: dict[tuple[str, int], Exclusion] = {}
    found = Exclusion.objects.filter(cycle=source).select_related("staff").order_by("pk")
    for one in found:
        place = follow.of(one.department_id) if one.department_id else None
        gone = one.staff and one.staff.left_on and one.staff.left_on <= cycle.reference_date
        if gone or (one.department_id and place is None):
            continue
        rows.setdefault(
            ("staff", one.staff_id) if one.staff_id else ("department", place),
            Exclusion(
                municipality_id=cycle.municipality_id, cycle=cycle, department_id=place, staff_id=one.staff_id,
                reason=one.reason, created_at=now,
            ),
        )  # fmt: skip
    return len(Exclusion.objects.bulk_create(rows.values()))


def _hand_out(cycle: Cycle, postings, now) -> int:
    """Make one sheet per person, in batches."""
    seen: set[int] = set()
    batch: list[Sheet] = []
    for posting in postings.iterator(chunk_size=_BATCH):
        if posting.staff_id in seen:
            continue
        seen.add(posting.staff_id)
        batch.append(
            Sheet(
                municipality_id=cycle.municipality_id, staff_id=posting.staff_id, cycle=cycle,
                fiscal_year=cycle.fiscal_year, department_id=posting.department_id,
                department_path=posting.department.path, position=posting.position,
                employment=posting.staff.employment, updated_at=now,
            )
        )  # fmt: skip
    Sheet.objects.bulk_create(batch, batch_size=_BATCH)
    return len(batch)


def take_row(cycle: Cycle) -> Cycle:
    """Take the row of a year for this transaction and return it as it is now: nobody ends the year meanwhile."""
    return Cycle.objects.select_for_update(no_key=True).get(pk=cycle.pk)


def take_version(cycle: Cycle, version: int, **columns) -> Cycle:
    """Move the version of a year on with some columns, and return the fresh year; Conflict where another was first."""
    changed = Cycle.objects.filter(pk=cycle.pk, state=cycle.state, version=version).update(
        version=F("version") + 1, **columns
    )
    if not changed:
        raise Conflict(STALE)
    return Cycle.objects.select_related("municipality", "framework_version__framework").get(pk=cycle.pk)


def _in_order(plan: Plan) -> None:
    if not plan.starts_on <= plan.submit_by <= plan.confirm_by:
        raise Invalid("記入開始日、提出の締切、確認の締切の順に並べてください。")
    if plan.confirmer_date and not plan.reference_date <= plan.confirmer_date <= plan.confirm_by:
        raise Invalid("確認者の基準日は、基準日から確認の締切までの日にしてください。")


def check_hr(by: Actor | None) -> None:
    """Refuse anyone but 人事; the operator at the command line is nobody's actor and allowed."""
    if by is not None and not may(by, "P22"):
        raise Forbidden


def report(
    action: str, cycle: Cycle, by: Actor | None, now, *, sides: dict[str, dict] | None = None, **data
) -> None:
    """Write the audit event of a year; dates, ids and counts only. `sides` is what was there before, and is now."""
    record(
        by=by, action=action, now=now, municipality_id=cycle.municipality_id, target=cycle,
        data={"fiscal_year": cycle.fiscal_year, **data}, **(sides or {}),
    )  # fmt: skip
