"""A year ends: what is not 確定 is listed, decided sheet by sheet or in bulk, and stays as it is (P22, ADR 0034).

A decision is taken while the year is open and counts only as long as it fits: whoever submits after all is asked
about anew, and what was confirmed meanwhile has none.
"""

import uuid
from collections.abc import Mapping

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When

from access.actor import Actor
from access.refusals import Conflict, Invalid
from assessments.models import Cycle, Leftover, Sheet
from assessments.workflow.cycles import check_hr, report, take_row, take_version
from organization.models import Leave, Staff

DECISIONS = Leftover.Decision
NOT_OPEN = "残りを決められるのは、受付中の年度だけです。"
_BATCH = 1000


class NotAccepted(Conflict):
    """The unfinished sheets are not those that were accepted. `unfinished` is how many there are now."""

    def __init__(self, unfinished: int):
        self.unfinished = unfinished
        super().__init__(
            f"確定していない年度票が{unfinished}件あります。一覧を確かめて、このまま終えることに印を付けてください。",
            detail={"unfinished": unfinished},
        )


class NotDecided(Conflict):
    """Some unfinished sheets have no decision that fits. `undecided` is how many."""

    def __init__(self, undecided: int):
        self.undecided = undecided
        super().__init__(
            f"どうするか決めていない年度票が{undecided}件あります。1件ずつか、まとめて決めてから終えてください。",
            detail={"undecided": undecided},
        )


def unfinished_sheets(cycle: Cycle):
    """Return the queryset of sheets of a year that are not 確定."""
    return Sheet.objects.filter(cycle=cycle).exclude(state=Sheet.State.CONFIRMED)


def decided_sheets(cycle: Cycle):
    """Return the queryset of unfinished sheets with `decided`: the decision that fits, or ""."""
    decided = Case(When(_fits(), then=F("leftover__decision")), default=Value(""))
    return unfinished_sheets(cycle).annotate(decided=decided)


def with_decisions(cycle: Cycle, today):
    """Return the unfinished sheets with `decided` (a decision that fits, or "") and `proposed` (what is at hand)."""
    staff = OuterRef("staff")
    left = Exists(Staff.objects.filter(pk=staff, left_on__lte=today))
    away = Exists(Leave.objects.active_on(today).filter(staff=staff))
    proposed = Case(
        When(left, then=Value(DECISIONS.LEFT.value)),
        When(Q(state__in=Sheet.WAITING), then=Value(DECISIONS.NOT_CONFIRMED.value)),
        When(away, then=Value(DECISIONS.ABSENT.value)),
        default=Value(DECISIONS.NOT_SUBMITTED.value),
    )
    return decided_sheets(cycle).annotate(proposed=proposed)


@transaction.atomic
def decide(*, cycle: Cycle, decisions: Mapping[uuid.UUID, str], by: Actor, now) -> int:
    """Keep what becomes of unfinished sheets, by uuid of the sheet; return how many decisions are new or other.

    Sheets that were confirmed meanwhile are passed over. Raises Forbidden, Conflict for a year that is not open,
    Invalid for a decision that there is not or that does not fit the state of its sheet.
    """
    _check(cycle, by)
    if set(decisions.values()) - set(DECISIONS.values):
        raise Invalid
    sheets = {sheet.uuid: sheet for sheet in with_decisions(cycle, by.today).filter(uuid__in=list(decisions))}
    wanted = {}
    for key, sheet in sheets.items():
        decision = decisions[key]
        if not suits(sheet.state, decision):
            raise Conflict(
                f"{sheet.get_state_display()}の年度票を「{DECISIONS(decision).label}」にはできません。"
            )
        if sheet.decided != decision:
            wanted[sheet.pk] = decision
    return _write(cycle, wanted, by, now)


@transaction.atomic
def decide_rest(*, cycle: Cycle, by: Actor | None, now, today, expected: int | None = None) -> int:
    """Decide as proposed about every unfinished sheet that has no decision yet; return how many.

    `expected` is how many the actor was shown: NotDecided where there are now more or fewer.
    """
    _check(cycle, by)
    open_ones = dict(with_decisions(cycle, today).filter(decided="").values_list("pk", "proposed"))
    if expected is not None and len(open_ones) != expected:
        raise NotDecided(len(open_ones))
    return _write(cycle, open_ones, by, now)


@transaction.atomic
def close_cycle(*, cycle: Cycle, version: int, accepted: int, by: Actor | None, now) -> Cycle:
    """Close a year for good, and return the fresh year; unfinished sheets stay as they are.

    `accepted` is the number of unfinished sheets that the actor was shown and accepts. Raises NotAccepted where
    there are now more or fewer, NotDecided while one of them has no decision, Conflict where the year is not open or
    has another version.
    """
    check_hr(by)
    if not cycle.is_open:
        raise Conflict(f"この年度は「{cycle.get_state_display()}」です。")
    fresh = take_version(cycle, version, state=Cycle.State.CLOSED, closed_at=now)
    # Whoever is at a sheet is waited for, and counted as they leave it; whoever comes after finds the year closed.
    unfinished = len(unfinished_sheets(fresh).select_for_update().order_by("pk").values_list("pk"))
    if unfinished != accepted:
        raise NotAccepted(unfinished)
    undecided = decided_sheets(fresh).filter(decided="").count()
    if undecided:
        raise NotDecided(undecided)
    Leftover.objects.filter(cycle=fresh, sheet__state=Sheet.State.CONFIRMED).delete()
    report("cycle.close", fresh, by, now, unfinished=unfinished)
    return fresh


def suits(state: str, decision: str) -> bool:
    """Say whether a decision is possible for a sheet in this state."""
    if decision == DECISIONS.NOT_CONFIRMED:
        return state in Sheet.WAITING
    if decision == DECISIONS.NOT_SUBMITTED:
        return state in Sheet.EDITABLE
    return True


def leftover_of(sheet: Sheet) -> Leftover | None:
    """Return how the sheet was left when its year ended, None before that; reads `cycle` and `leftover`."""
    if sheet.cycle.state != Cycle.State.CLOSED:
        return None
    return getattr(sheet, "leftover", None)


def _fits() -> Q:
    """Match sheets whose decision still is one for their state; who submitted after it is asked about anew."""
    decision = "leftover__decision"
    waiting = Q(state__in=Sheet.WAITING)
    submitted_since = waiting & Q(submitted_at__gt=F("leftover__decided_at"))
    fitting = (
        Q(**{decision: DECISIONS.NOT_CONFIRMED}) & waiting
        | Q(**{decision: DECISIONS.NOT_SUBMITTED}) & ~waiting
        | Q(**{f"{decision}__in": (DECISIONS.ABSENT, DECISIONS.LEFT)})
    )
    return fitting & ~submitted_since


def _write(cycle: Cycle, decisions: Mapping[int, str], by: Actor | None, now) -> int:
    rows = [
        Leftover(
            municipality_id=cycle.municipality_id, cycle=cycle, sheet_id=sheet_id, decision=decision,
            decided_at=now, decided_by_id=by.staff_id if by else None,
        )
        for sheet_id, decision in decisions.items()
    ]  # fmt: skip
    Leftover.objects.bulk_create(
        rows, batch_size=_BATCH, update_conflicts=True, unique_fields=["sheet"],
        update_fields=["decision", "decided_at", "decided_by"],
    )  # fmt: skip
    if rows:
        report("cycle.decide", cycle, by, now, sheets=len(rows))
    return len(rows)


def _check(cycle: Cycle, by: Actor | None) -> None:
    check_hr(by)
    if not take_row(cycle).is_open:
        raise Conflict(NOT_OPEN)
