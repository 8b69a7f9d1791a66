"""How far a year has come, by department and step, and who has not handed in: states only, never what is written (P33).

A person is counted once, where their 本務 is today; without one, where their sheet was handed out. Who has left is
not counted. Read anew at every request.
"""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from django.db import models
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q
from django.db.models.functions import Coalesce

from access.actor import Actor, Role
from assessments.deadlines import Deadlines, YearDeadlines
from assessments.models import Cycle, Sheet
from lib.charts import Series, StackedBars, stacked_bars
from lib.paths import ancestors, is_within
from lib.prepared import driver_rows
from organization.models import Department, Leave, Posting, Staff

State = Sheet.State
# In the order in which a sheet goes through them; 差戻し lies with the person again.
STEPS = (
    State.NOT_STARTED, State.DRAFTING, State.SENT_BACK, State.SUBMITTED, State.FIRST_CONFIRMED, State.CONFIRMED,
)  # fmt: skip
_PLACE: dict[str, int] = {state: number for number, state in enumerate(STEPS)}
LATE = Sheet.EDITABLE
SERIES = (
    Series("done", "確定", dark=True),
    Series("waiting", "確認待ち"),
    Series("writing", "記入中・差戻し"),
    Series("notyet", "未着手"),
)
# More bars than this nobody takes in at a glance; the table below has every row.
MOST_BARS = 30
NOWHERE = "所属なし"
AWAY = "（休職・育休中）"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one person's sheet stands. `path` is where they are counted, `main_path` their 本務, None without one."""

    sheet_id: int
    staff_id: int
    staff_uuid: uuid.UUID
    number: str
    name: str
    kana: str
    has_mail: bool
    state: str
    path: str
    position: str
    away: bool = False
    main_path: str | None = None

    @property
    def label(self) -> str:
        """Return the state in words, with 休職・育休中 for somebody who is away."""
        return State(self.state).label + (AWAY if self.away and self.state in LATE else "")


class Counted(NamedTuple):
    """How many people are counted in one department with their sheets in one state, on leave or not."""

    path: str
    state: str
    away: bool
    people: int


@dataclass(frozen=True)
class Count:
    """The sheets of one department and below, by step; `overdue` are those not handed in after their deadline."""

    steps: tuple[int, ...] = (0,) * len(STEPS)
    overdue: int = 0

    @property
    def total(self) -> int:
        """Return how many there are."""
        return sum(self.steps)

    @property
    def named(self) -> list[tuple[str, int]]:
        """Return the counts with the words of their steps, in order."""
        return [(State(state).label, number) for state, number in zip(STEPS, self.steps, strict=True)]

    @property
    def late(self) -> int:
        """Return how many are not handed in."""
        return self._of(*LATE)

    @property
    def waiting(self) -> int:
        """Return how many wait for a confirmation."""
        return self._of(*Sheet.WAITING)

    @property
    def confirmed(self) -> int:
        """Return how many are 確定."""
        return self._of(State.CONFIRMED)

    @property
    def bar(self) -> tuple[int, int, int, int]:
        """Return the counts in the order of SERIES."""
        return (
            self.confirmed, self.waiting, self._of(State.DRAFTING, State.SENT_BACK), self._of(State.NOT_STARTED),
        )  # fmt: skip

    def _of(self, *states: str) -> int:
        return sum(number for state, number in zip(STEPS, self.steps, strict=True) if state in states)


@dataclass(frozen=True)
class Row:
    """One department of the table; `opens` says that there are departments below it."""

    place: Department
    count: Count
    deadlines: Deadlines
    opens: bool


@dataclass(frozen=True)
class YearProgress:
    """All standings of a year with the departments by path and the deadlines.

    `counted` is there instead of `rows` where nobody is named.
    """

    rows: Sequence[Standing]
    places: Mapping[str, Department]
    deadlines: YearDeadlines
    today: datetime.date
    counted: Sequence[Counted] = ()
    _empty: Count = field(default=Count(), repr=False)

    @property
    def away(self) -> int:
        """Return how many have not handed in because they are on leave."""
        return sum(one.people for one in self._counted if one.away and one.state in LATE)

    @cached_property
    def _counted(self) -> Sequence[Counted]:
        return self.counted or [Counted(row.path, row.state, row.away, 1) for row in self.rows]

    @cached_property
    def _counts(self) -> dict[str, Count]:
        # Each department for itself first: a city has thousands of them, and every one counts at all those above it.
        own: dict[str, list[int]] = defaultdict(lambda: [0] * (len(STEPS) + 1))
        for one in self._counted:
            counts = own[one.path]
            counts[_PLACE[one.state]] += one.people
            if self.is_overdue(one):
                counts[-1] += one.people
        found: dict[str, list[int]] = {}
        for place, counts in own.items():
            for path in ("", *ancestors(place)):
                before = found.get(path)
                found[path] = [x + y for x, y in zip(before, counts, strict=True)] if before else counts
        return {path: Count(tuple(steps), overdue) for path, (*steps, overdue) in found.items()}

    def is_overdue(self, row: Standing | Counted) -> bool:
        """Say whether somebody has not handed in after the last day that they have; nobody who is on leave."""
        return row.state in LATE and not row.away and self.deadlines.at(row.path).submit_by < self.today

    def below(self, path: str = "") -> Count:
        """Return the counts of a department with all below it; of the whole year without one."""
        return self._counts.get(path, self._empty)

    def table(self, above: Department | None = None) -> list[Row]:
        """Return a row for each department right below another one, or at the top, in which anybody has a sheet."""
        depth = above.depth + 1 if above else 0
        inside = above.path if above else ""
        return [
            Row(place, self.below(path), self.deadlines.at(path), path in self._opening)
            for path, place in sorted(self.places.items(), key=lambda one: (one[1].rank, one[1].code))
            if place.depth == depth and path.startswith(inside) and self.below(path).total
        ]

    @cached_property
    def _opening(self) -> set[str]:
        """Return the paths of the departments that have one with a sheet below them."""
        return {above for path in self._counts if path in self.places for above in ancestors(path)[:-1]}

    def chart(self, name: str, above: Department | None, table: Sequence[Row]) -> StackedBars:
        """Return the chosen department and those right below it as bars of the same length."""
        bars = [(name, self.below(above.path if above else "").bar)]
        bars += [(row.place.name, row.count.bar) for row in table[:MOST_BARS]]
        return stacked_bars([bar for bar in bars if sum(bar[1])], SERIES, share=True, strong=0)

    def within(self, above: Department | None, states: Iterable[str]) -> list[Standing]:
        """Return the people of a department and below whose sheet stands in one of these states; a list in order."""
        wanted, inside = set(states), above.path if above else ""
        return [row for row in self.rows if row.state in wanted and row.path.startswith(inside)]

    def place_of(self, row: Standing) -> str:
        """Return the name of the department in which somebody is counted."""
        return self.places[row.path].name if row.path in self.places else NOWHERE

    def sentence(self, above: Department | None = None) -> str:
        """Return the answer: 32人のうち24人が提出し、19人が確定しました。3人が締切を過ぎています。"""
        count = self.below(above.path if above else "")
        if not count.total:
            return "年度票のある職員はまだいません。"
        if count.confirmed == count.total:
            return f"{count.total}人全員が確定しました。"
        told = (
            f"{count.total}人のうち{count.total - count.late}人が提出し、{count.confirmed}人が確定しました。"
        )
        return told + (f"{count.overdue}人が締切を過ぎています。" if count.overdue else "")


def progress_of(actor: Actor, cycle: Cycle, deadlines: YearDeadlines) -> YearProgress:
    """Return the progress of a year as far as the actor sees it (P33): 人事 all, the line its people without itself.

    Two queries, one more a department that the actor leads where somebody has only a 兼務 there.
    """
    places = {place.path: place for place in Department.objects.of(actor).order_by("path")}
    return YearProgress(standings(actor, cycle), places, deadlines, actor.today)


def counts_of(actor: Actor, cycle: Cycle, deadlines: YearDeadlines) -> YearProgress:
    """Return the progress of a year in numbers alone, for 人事: the database counts. Two queries.

    Of a city of 30,000 these are some thousand rows, not one a person.
    """
    # What ends and follows is of no use here, and a large city's departments are read whole.
    columns = ("uuid", "municipality", "code", "name", "path", "rank")
    places = {place.path: place for place in Department.objects.of(actor).only(*columns).order_by("path")}
    found = (
        _with_main(_sheets(actor, cycle), actor.today)
        .annotate(
            where=Coalesce("main__department__path", "department_path"),
            away=Exists(Leave.objects.active_on(actor.today).filter(staff=OuterRef("staff"))),
        )
        .order_by()
        .values("where", "away")
        .annotate(**{f"in_{state}": models.Count("pk", filter=Q(state=state)) for state in STEPS})
    )
    counted = [
        Counted(path, state, bool(away), people)
        for path, away, *counts in driver_rows(
            found.values_list("where", "away", *(f"in_{state}" for state in STEPS))
        )
        for state, people in zip(STEPS, counts, strict=True)
        if people
    ]
    return YearProgress((), places, deadlines, actor.today, counted)


def _sheets(actor: Actor, cycle: Cycle):
    """Return the queryset of the sheets of a year of those who have not left."""
    return Sheet.objects.filter(
        Q(staff__left_on__isnull=True) | Q(staff__left_on__gt=actor.today), cycle=cycle
    )


def _with_main(sheets, day: datetime.date):
    """Return the queryset with `main`, the 本務 of the person on a day: nobody has two of them at once.

    Joined, for a look at the 本務 of each of 30,000 people takes a second.
    """
    on = Q(staff__postings__kind=Posting.Kind.MAIN, staff__postings__start__lte=day)
    on &= Q(staff__postings__end__isnull=True) | Q(staff__postings__end__gt=day)
    return sheets.annotate(main=FilteredRelation("staff__postings", condition=on))


def standings(actor: Actor, cycle: Cycle) -> list[Standing]:
    """Return where the sheets of a year stand, by department and reading of the name. One query of narrow rows.

    The line sees those of an open year alone.
    """
    sheets = _sheets(actor, cycle)
    if not actor.has(Role.HR):
        if not cycle.is_open:
            # What a closed year left open is between the person and 人事 (P14).
            return []
        scope = Staff.objects.posted_in_or_below(actor.line_paths, actor.today).exclude(pk=actor.staff_id)
        sheets = sheets.filter(staff__in=scope.values("pk"))
    found = (
        _with_main(sheets, actor.today)
        .annotate(
            main_path=F("main__department__path"),
            main_position=F("main__position"),
            away=Exists(Leave.objects.active_on(actor.today).filter(staff=OuterRef("staff"))),
        )
        .annotate(
            where=Coalesce("main_path", "department_path"), what=Coalesce("main_position", F("position"))
        )
        .order_by("where", "staff__kana", "staff__staff_number", "pk")
    )
    columns = (
        "pk", "staff_id", "staff__uuid", "staff__staff_number", "staff__name", "staff__kana", "staff__email", "state",
        "where", "what", "away", "main_path",
    )  # fmt: skip
    rows = [
        Standing(pk, staff, key, number, name, kana, bool(email), *rest)
        for pk, staff, key, number, name, kana, email, *rest in found.values_list(*columns)
    ]
    return rows if actor.has(Role.HR) else _where_led(actor, rows)


def _where_led(actor: Actor, rows: list[Standing]) -> list[Standing]:
    """Return the rows with everybody in a department that the actor leads: by a 兼務 there, where the 本務 is elsewhere."""
    outside = [
        row.staff_id for row in rows if not any(row.path.startswith(root) for root in actor.line_paths)
    ]
    if not outside:
        return rows
    there: dict[int, str] = {}
    for root in actor.line_paths:
        found = Posting.objects.active_on(actor.today).in_or_below(root).filter(staff__in=outside)
        there |= dict(found.order_by("-department__path").values_list("staff_id", "department__path"))
    moved = [replace(row, path=there.get(row.staff_id, row.path)) for row in rows]
    return sorted(moved, key=lambda row: (row.path, row.kana, row.number))


def may_see_at(actor: Actor, place: Department) -> bool:
    """Say whether the actor sees people of a department (P33)."""
    return actor.has(Role.HR) or any(is_within(place.path, root) for root in actor.line_paths)
