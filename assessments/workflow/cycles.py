"""年度: prepared, opened (everyone gets a sheet), changed while it runs, closed (P22)."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from access.actor import Actor
from access.refusals import Conflict, Forbidden, Invalid
from access.table import may
from assessments.models import Cycle, Sheet
from audit.models import record
from competency.models import FrameworkVersion
from organization.models import Municipality, Posting, Staff

_BATCH = 1000
DATES = ("reference_date", "starts_on", "submit_by", "confirm_by")


@dataclass(frozen=True)
class Plan:
    """The dates of a year, and whether a municipality without any confirmer lets sheets pass by themselves."""

    reference_date: datetime.date
    starts_on: datetime.date
    submit_by: datetime.date
    confirm_by: datetime.date
    final_without_confirmer: bool = False
    confirmer_date: datetime.date | None = None


class YearExists(Conflict):
    """There is one year of a number in a municipality."""

    default = "この年度はもうあります。"


class NotAccepted(Conflict):
    """The unfinished sheets are not those that were accepted. `unfinished` is how many there are now."""

    def __init__(self, unfinished: int):
        self.unfinished = unfinished
        super().__init__(
            f"確定していない年度票が{unfinished}件あります。一覧を確かめて、このまま終えることに印を付けてください。",
            detail={"unfinished": unfinished},
        )


@transaction.atomic
def prepare_cycle(
    *, municipality: Municipality, fiscal_year: int, framework_version: FrameworkVersion, plan: Plan,
    by: Actor | None, now,
) -> Cycle:  # fmt: skip
    """Make a year that is not open yet and return it. `by` None is the operator.

    Raises YearExists, Conflict for a version that is not published and Invalid for dates out of order.
    """
    _allowed(by)
    _in_order(plan)
    if framework_version.state != FrameworkVersion.State.PUBLISHED:
        raise Conflict("公開された版だけを使えます。")
    if Cycle.objects.filter(municipality=municipality, fiscal_year=fiscal_year).exists():
        raise YearExists
    cycle = Cycle.objects.create(
        municipality=municipality, fiscal_year=fiscal_year, framework_version=framework_version, **vars(plan)
    )
    _event("cycle.prepare", cycle, by, now)
    return cycle


@transaction.atomic
def change_plan(*, cycle: Cycle, plan: Plan, version: int, by: Actor | None, now) -> Cycle:
    """Change the dates of a year that is not closed, and return the fresh year.

    The reference date stays once the year is open: the sheets were handed out by it. Raises Conflict for a
    closed year or another version, Invalid for dates out of order.
    """
    _allowed(by)
    _in_order(plan)
    if cycle.state == Cycle.State.CLOSED:
        raise Conflict("終了した年度の日付は変えられません。")
    if cycle.is_open and plan.reference_date != cycle.reference_date:
        raise Conflict(
            "受付を始めた年度の基準日は変えられません。あとから来た人には年度票を追加してください。"
        )
    fresh = _moved(cycle, version, **vars(plan))
    days = {name: getattr(plan, name) for name in (*DATES, "confirmer_date")}
    _event("cycle.change", fresh, by, now, **{name: day.isoformat() for name, day in days.items() if day})
    return fresh


@transaction.atomic
def open_cycle(*, cycle: Cycle, version: int, by: Actor | None, now) -> tuple[Cycle, int]:
    """Open a prepared year and hand out its sheets; return (fresh year, number of sheets).

    Everyone in service with a 本務 on the reference date gets one, people on leave too: they may come back.
    Raises Conflict where it is not prepared any more, or nobody would get a sheet.
    """
    _allowed(by)
    if cycle.state != Cycle.State.PREPARED:
        raise Conflict(f"この年度は「{cycle.get_state_display()}」です。")
    fresh = _moved(cycle, version, state=Cycle.State.OPEN, opened_at=now)
    made = _hand_out(fresh, posted_on(fresh.municipality_id, fresh.reference_date), now)
    if not made:
        raise Conflict("基準日に本務の発令がある職員がいません。先に名簿を取り込んでください。")
    _event("cycle.open", fresh, by, now, sheets=made)
    return fresh, made


@transaction.atomic
def add_sheets(*, cycle: Cycle, staff_ids: Iterable[int], by: Actor, now) -> int:
    """Hand out sheets to people who came after the reference date, and return how many were made.

    Their department and 職位 are those of today. Whoever has a sheet already is left alone. Raises Conflict
    for a year that is not open.
    """
    _allowed(by)
    if not cycle.is_open:
        raise Conflict("受付中の年度にだけ追加できます。")
    made = _hand_out(cycle, without_sheet(cycle, by.today).filter(staff_id__in=list(staff_ids)), now)
    if made:
        _event("cycle.add_sheets", cycle, by, now, sheets=made)
    return made


@transaction.atomic
def close_cycle(*, cycle: Cycle, version: int, accepted: int, by: Actor | None, now) -> Cycle:
    """Close a year for good, and return the fresh year; unfinished sheets stay as they are.

    `accepted` is the number of unfinished sheets that the actor was shown and accepts. Raises NotAccepted
    where there are now more or fewer, Conflict where the year is not open or has another version.
    """
    _allowed(by)
    if not cycle.is_open:
        raise Conflict(f"この年度は「{cycle.get_state_display()}」です。")
    fresh = _moved(cycle, version, state=Cycle.State.CLOSED, closed_at=now)
    unfinished = unfinished_sheets(fresh).count()
    if unfinished != accepted:
        raise NotAccepted(unfinished)
    _event("cycle.close", fresh, by, now, unfinished=unfinished)
    return fresh


def unfinished_sheets(cycle: Cycle):
    """Return the queryset of sheets of a year that are not 確定."""
    return Sheet.objects.filter(cycle=cycle).exclude(state=Sheet.State.CONFIRMED)


def posted_on(municipality_id: int, day: datetime.date):
    """Return the queryset of 本務 postings in force on a day, of people in service, with person and department."""
    return (
        Posting.objects.active_on(day)
        .filter(
            municipality_id=municipality_id, kind=Posting.Kind.MAIN,
            staff__in=Staff.objects.filter(municipality_id=municipality_id).in_service_on(day),
        )
        .select_related("staff", "department")
        .order_by("department__path", "staff__kana", "staff_id", "-start")
    )  # fmt: skip


def without_sheet(cycle: Cycle, today: datetime.date):
    """Return the queryset of today's 本務 postings of people who have no sheet in this year."""
    has = Exists(Sheet.objects.filter(cycle=cycle, staff=OuterRef("staff")))
    return posted_on(cycle.municipality_id, today).exclude(has)


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


def _moved(cycle: Cycle, version: int, **columns) -> Cycle:
    changed = Cycle.objects.filter(pk=cycle.pk, state=cycle.state, version=version).update(
        version=F("version") + 1, **columns
    )
    if not changed:
        raise Conflict("ほかの画面で先に変更されました。最新の内容を確かめてください。")
    return Cycle.objects.select_related("municipality", "framework_version__framework").get(pk=cycle.pk)


def _in_order(plan: Plan) -> None:
    if not plan.starts_on <= plan.submit_by <= plan.confirm_by:
        raise Invalid("記入開始日、提出の締切、確認の締切の順に並べてください。")
    if plan.confirmer_date and not plan.reference_date <= plan.confirmer_date <= plan.confirm_by:
        raise Invalid("確認者の基準日は、基準日から確認の締切までの日にしてください。")


def _allowed(by: Actor | None) -> None:
    """Refuse anyone but 人事; the operator at the command line is nobody's actor and allowed."""
    if by is not None and not may(by, "P22"):
        raise Forbidden


def _event(action: str, cycle: Cycle, by: Actor | None, now, **data) -> None:
    record(
        by=by, action=action, now=now, municipality_id=cycle.municipality_id, target=cycle,
        data={"fiscal_year": cycle.fiscal_year, **data},
    )  # fmt: skip
