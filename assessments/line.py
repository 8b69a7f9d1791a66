"""The line of confirmation from the database: who confirms whom on a day, and what waits for an actor."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from django.db.models import Exists, IntegerField, OuterRef, Q, Value

from access.actor import Actor, Role
from access.table import may
from assessments.line_reads import MANY, lead_rows, leads_around, leads_where, main_postings, waiting_rows
from assessments.line_rule import FIRST, HEAD, Lead, Leads, Line, Record, final_only, of_record
from assessments.models import Cycle, Reconfirmation, Sheet
from lib.paths import ancestors
from organization.models import Grant, Posting, Staff

# For so few people only those who lead above them are read, not all of a municipality.
_FEW = 5


@dataclass(frozen=True)
class Waiting:
    """What waits for one actor: the act asked for, by sheet id; the line beside it where a 基準日 has a say.

    `again` are the confirmed sheets whose 再確認 is theirs to answer. `own` is the actor's own line today, where it
    was asked for.
    """

    acts: dict[int, str] = field(default_factory=dict)
    again: dict[int, str] = field(default_factory=dict)
    lines: dict[int, Line] = field(default_factory=dict)
    own: Line | None = None

    def count(self) -> int:
        """Return how many sheets wait, for a confirmation or a 再確認; no query."""
        return len(self.acts) + len(self.again)

    def sheets(self):
        """Return the queryset of the sheets that wait for a confirmation."""
        return Sheet.objects.filter(pk__in=list(self.acts))


def line_of(staff_id: int, on: datetime.date) -> Line:
    """Return who confirms this person on a day, along the line of their 本務. Two queries."""
    main = main_path_of(staff_id, on)
    if main is None:
        return Line()
    return leads_where(Q(department__path__in=ancestors(main)), on).line_of(staff_id, main)


def line_for(sheet: Sheet, on: datetime.date) -> Line:
    """Return who confirms this sheet on a day; reads `cycle`. Two queries at most.

    From the year's 基準日 on these are the superiors of that day, as far as they still have the person in scope;
    else, and in a year without one, the line of the day itself. A year of one step has no 一次確認.
    """
    if not _is_dated(sheet, on):
        return _by_steps(line_of(sheet.staff_id, on), sheet.cycle.steps)
    asked = (sheet.staff_id, sheet.cycle.confirmer_date)
    return _by_steps(_lines_by_date({asked}, sheet.municipality_id, on)[asked], sheet.cycle.steps)


def _by_steps(line: Line, steps: str) -> Line:
    """Return the line as far as a year asks it."""
    return final_only(line) if steps == Cycle.Steps.ONE else line


def _is_dated(sheet: Sheet, on: datetime.date) -> bool:
    """Say whether the 基準日 of the sheet's year has come."""
    return sheet.cycle.confirmer_date is not None and sheet.cycle.confirmer_date < on


def may_confirm(by: Actor, number: str, line: Line, asked: Collection[int] = ()) -> bool:
    """Decide P08, P09 or P10 for the person of a line: by today's 本務, or as one of those `asked` by a 基準日."""
    return may(by, number, path=line.path) or by.staff_id in asked


def may_send_back(by: Actor, staff_id: int, line: Line) -> bool:
    """Decide P08 for somebody of this line: scope, so that a superior by a 兼務 may too. One query at most.

    Who confirms is narrower (P09, P10): the line of the 本務 alone.
    """
    if may_confirm(by, "P08", line, (*line.first, *line.final)):
        return True
    postings = Posting.objects.active_on(by.today).filter(staff_id=staff_id)
    return any(may(by, "P08", path=path) for path in postings.values_list("department__path", flat=True))


def main_path_of(staff_id: int, on: datetime.date) -> str | None:
    """Return the path of the department of somebody's 本務 on a day, None without one. One query."""
    return main_postings(on).filter(staff_id=staff_id).values_list("department__path", flat=True).first()


def act_for(actor: Actor, staff_id: int, state: str, line: Line) -> str | None:
    """Return what a sheet in this state asks of the actor: "first", "final", or None.

    人事 makes the 確定 where no 所属長 is above the person. Nobody is ever asked about their own sheet.
    """
    if staff_id == actor.staff_id or state not in Sheet.WAITING:
        return None
    if state == Sheet.State.SUBMITTED and line.first:
        return "first" if actor.staff_id in line.first else None
    if actor.staff_id in line.final or (line.to_hr and actor.has(Role.HR)):
        return "final"
    return None


def reconfirmation_act(actor: Actor, staff_id: int, state: str, line: Line) -> str | None:
    """Return what a 再確認 in this state asks of the actor: "again", "hr" (keep it or correct it), or None.

    It is answered by whoever makes the person's 確定 today, and once it is referred, by 人事.
    """
    if staff_id == actor.staff_id:
        return None
    if state == Reconfirmation.State.ASKED and actor.staff_id in line.final:
        return "again"
    to_hr = state == Reconfirmation.State.REFERRED or (state == Reconfirmation.State.ASKED and line.to_hr)
    return "hr" if to_hr and actor.has(Role.HR) else None


def waiting_for(actor: Actor, own: Sheet | None = None) -> Waiting:
    """Return what waits for this actor today in open years. Two queries, none for somebody who confirms nobody.

    One more where a year has a 基準日 that has come. With a sheet of their `own`, read by `newest_sheet`, the answer
    holds the line of it at no further cost.
    """
    if not actor.has(Role.LINE) and not actor.has(Role.HR):
        return Waiting()
    leads, headless = leads_around(actor, own)
    found = waiting_rows(actor, leads, headless)
    dated = {(one.staff_id, one.date) for one in found if one.date is not None and one.date < actor.today}
    if own is not None and own.state in Sheet.WAITING and _is_dated(own, actor.today):
        dated.add((own.staff_id, own.cycle.confirmer_date))
    by_date = _lines_by_date(dated, actor.municipality_id, actor.today) if dated else {}
    waiting = Waiting()
    if own is not None:
        by_today = leads.line_of(own.staff_id, own.main_path)
        own_line = by_date.get((own.staff_id, own.cycle.confirmer_date), by_today)
        waiting = Waiting(own=_by_steps(own_line, own.cycle.steps))
    for one in found:
        line = by_date.get((one.staff_id, one.date)) or leads.line_of(one.staff_id, one.main_path)
        line = _by_steps(line, one.steps)
        if one.is_again:
            if again := reconfirmation_act(actor, one.staff_id, one.state, line):
                waiting.again[one.pk] = again
            continue
        act = act_for(actor, one.staff_id, one.state, line)
        if act:
            waiting.acts[one.pk] = act
            if line.record:
                waiting.lines[one.pk] = line
    return waiting


def owed_by(
    cycle: Cycle, sheets: Mapping[int, tuple[int, str, str | None]], on: datetime.date
) -> dict[int, tuple[int, ...]]:
    """Return who owes each waiting sheet its next confirmation, ids by sheet; nobody means 人事. Two queries at most.

    `sheets` holds (person, state, path of their 本務) by id; all of the same open year.
    """
    leads = leads_where(Q(municipality_id=cycle.municipality_id), on)
    dated = cycle.confirmer_date is not None and cycle.confirmer_date < on
    asked = (
        {(staff_id, cycle.confirmer_date) for staff_id, _, _ in sheets.values()}
        if dated and sheets
        else set()
    )
    by_date = _lines_by_date(asked, cycle.municipality_id, on) if asked else {}
    found = {}
    for pk, (staff_id, state, path) in sheets.items():
        line = by_date.get((staff_id, cycle.confirmer_date)) or leads.line_of(staff_id, path)
        line = _by_steps(line, cycle.steps)
        found[pk] = line.first if state == Sheet.State.SUBMITTED and line.first else line.final
    return found


def nobody_confirms(staff: Staff, on: datetime.date, line: Line | None = None) -> bool:
    """Say whether nobody at all could confirm this person: no 所属長, no 係長級 and no other 人事. Three queries.

    `line` is that of a year with a 基準日 (`line_for`).
    """
    line = line or line_of(staff.pk, on)
    if line.first or line.final:
        return False
    others = Grant.objects.filter(
        municipality_id=staff.municipality_id, role=Role.HR.value, withdrawn_at__isnull=True
    ).exclude(staff=staff)
    return not others.filter(
        Q(staff__left_on__isnull=True) | Q(staff__left_on__gt=on), staff__is_active=True
    ).exists()


# What one union reads of each day: postings of the people asked for, and postings with a line role.
_DAY = (
    "leads", "staff_id", "kind", "department__path", "department__name", "start", "pk", "line_role", "present",
)  # fmt: skip


def _lines_by_date(
    asked: Collection[tuple[int, datetime.date]], municipality_id: int, on: datetime.date
) -> dict[tuple[int, datetime.date], Line]:
    """Return the line of each (person, 基準日) asked for, on a day after all of these dates. One query."""
    days = sorted({on, *(date for _, date in asked)})
    staff_ids = {staff_id for staff_id, _ in asked}
    all_of: dict[tuple[int, datetime.date], list[str]] = defaultdict(list)
    main: dict[tuple[int, datetime.date], tuple[str, str]] = {}
    found: dict[datetime.date, list[Lead]] = {day: [] for day in days}
    # The newest 本務 first, as main_postings has it; dates come from a union as text on SQLite.
    for day, leads, staff_id, kind, path, name, _, _, role, present in sorted(
        _on_days(days, staff_ids, municipality_id), key=lambda row: (str(row[6]), -row[7]), reverse=True
    ):
        if leads:
            found[day].append(Lead(staff_id, path, role, bool(present)))
        elif staff_id in staff_ids:
            all_of[staff_id, day].append(path)
            if kind == Posting.Kind.MAIN:
                main.setdefault((staff_id, day), (path, name))
    leads_on = {day: Leads(rows) for day, rows in found.items()}
    nowhere: tuple[str | None, str] = (None, "")
    lines = {}
    for staff_id, date in asked:
        (then_path, place), (path, _) = main.get((staff_id, date), nowhere), main.get((staff_id, on), nowhere)
        now = leads_on[on].line_of(staff_id, path)
        if then_path is None:
            lines[staff_id, date] = now
            continue
        still = {role: leads_on[on].over(staff_id, all_of[staff_id, on], role) for role in (FIRST, HEAD)}
        then = leads_on[date].line_of(staff_id, then_path)
        line, replaced = of_record(then, now, first=still[FIRST], final=still[HEAD])
        lines[staff_id, date] = replace(line, record=Record(date, place, then_path != path, replaced))
    return lines


def _on_days(days: list[datetime.date], staff_ids: set[int], municipality_id: int) -> list[tuple]:
    """Return (day, *_DAY) of the postings of people and of all who lead, on each of some days. One query."""
    who = Q(municipality_id=municipality_id)
    if len(staff_ids) <= MANY:
        who &= Q(staff_id__in=staff_ids)
    legs = []
    for at, day in enumerate(days):
        mine = Posting.objects.active_on(day).filter(who)
        leading = Q(municipality_id=municipality_id)
        if len(staff_ids) <= _FEW:
            leading &= Q(Exists(mine.filter(department__path__startswith=OuterRef("department__path"))))
        for leads, rows in (
            (0, mine.annotate(present=Value(1, IntegerField()))),
            (1, lead_rows(leading, day)),
        ):
            legs.append(
                rows.order_by()
                .annotate(which=Value(at, IntegerField()), leads=Value(leads, IntegerField()))
                .values_list("which", *_DAY)
            )
    return [(days[at], *row) for at, *row in legs[0].union(*legs[1:], all=True)]
