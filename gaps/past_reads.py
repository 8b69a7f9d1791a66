"""Who once worked in some departments and works elsewhere now: six facts of each, nothing of their record (P19, ADR 21).

The page of one cell and 経験者さがし ask the same question; here it is asked.
"""

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Case, CharField, DateField, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from assessments.models import Confirmation, Sheet
from competency.models import DutyAssignment, FrameworkVersion
from gaps.step_reads import standing_at, step_of
from lib.paths import upper_bound
from organization.models import Posting

Period = tuple[datetime.date, datetime.date | None]


@dataclass(frozen=True)
class Experienced:
    """経験者 (P19): once posted here, able to do it when last confirmed here, now elsewhere. Nothing else of them.

    `periods` are half-open, joined where one follows the other; `present` is "" for who has no posting today.
    """

    name: str
    present: str
    periods: tuple[Period, ...]
    duties: tuple[str, ...]
    step: int
    year: int


@dataclass(frozen=True)
class Past:
    """The question: of which departments (the topmost paths), on which day, up to which 年度, from which step on.

    `version` is the one that the cell asked about is of.
    """

    municipality_id: int
    paths: tuple[str, ...]
    day: datetime.date
    year: int
    step: int
    version: FrameworkVersion | None

    def below(self, column: str) -> Q:
        """Return the condition that a path lies at or below one of these."""
        found = Q(pk__in=[])
        for path in self.paths:
            found |= Q(**{f"{column}__gte": path, f"{column}__lt": upper_bound(path)})
        return found

    def here_now(self):
        """Return the queryset of the ids of people who are posted here on the day."""
        return Posting.objects.active_on(self.day).filter(self.below("department__path")).values("staff")


class Fact(NamedTuple):
    """One row of a union. What the columns hold depends on `leg`; a column that a leg has no use for is empty."""

    leg: str
    who: int
    year: int
    level: int
    said: str
    note: str
    ref: str
    since: datetime.date | None
    until: datetime.date | None


def leg(queryset, name: str, **columns):
    """Return the queryset as rows of Fact: each column from an expression, empty where none is given."""
    no_day = Cast(Value(None), DateField())
    nothing = {
        "who": Value(0), "year": Value(0), "level": Value(0), "said": text(""), "note": text(""),
        "ref": text(""), "since": no_day, "until": no_day,
    }  # fmt: skip
    chosen = {"leg": text(name), **nothing, **columns}
    # Named apart from the models' own fields, which no annotation may hide.
    named = {f"fact_{column}": chosen[column] for column in Fact._fields}
    return queryset.order_by().annotate(**named).values_list(*named)


def past_legs(past: Past, code: str) -> tuple:
    """Return the legs about people who are in service and no longer here: steps confirmed here, postings, duties."""
    sheets = _confirmed_here(past, code)
    staff = _confirmed_here(past, code, past.step).values("staff")
    main_first = Case(When(kind=Posting.Kind.MAIN, then=0), default=1)
    present = Posting.objects.active_on(past.day).filter(staff=OuterRef("staff"))
    postings = Posting.objects.filter(past.below("department__path"), staff__in=staff, start__lte=past.day)
    duties = DutyAssignment.objects.filter(
        past.below("department_duty__plan__department__path"), staff__in=staff
    )
    return (
        leg(
            sheets,
            "step",
            who=number("staff_id"),
            year=number("fiscal_year"),
            level=number(step_of(past.version, code)),
            said=F("staff__name"),
            ref=F("staff__kana"),
            note=Subquery(present.order_by(main_first, "start").values("department__name")[:1]),
        ),
        leg(postings, "posting", who=number("staff_id"), since=F("start"), until=F("end")),
        leg(
            duties,
            "duty",
            who=number("staff_id"),
            year=number("department_duty__plan__fiscal_year"),
            said=F("department_duty__duty__name"),
        ),
    )


def experienced_of(past: Past, code: str) -> tuple[Experienced, ...]:
    """Return 経験者 of one cell by reading; the caller may see them (P19). One query, however many people."""
    first, *others = past_legs(past, code)
    found: dict[str, list[Fact]] = defaultdict(list)
    for row in first.union(*others, all=True):
        found[row[0]].append(Fact(*row))
    return experienced(found, past.step)


def experienced(found: Mapping[str, Sequence[Fact]], step: int) -> tuple[Experienced, ...]:
    """Return 経験者 by reading: the last step confirmed here counts, and somebody never posted here is none."""
    last: dict[int, Fact] = {}
    for fact in found.get("step", ()):
        if fact.who not in last or last[fact.who].year < fact.year:
            last[fact.who] = fact
    periods: dict[int, list[Period]] = defaultdict(list)
    for fact in found.get("posting", ()):
        if fact.since is not None:
            periods[fact.who].append((fact.since, fact.until))
    duties: dict[int, dict[str, None]] = defaultdict(dict)
    for fact in sorted(found.get("duty", ()), key=lambda fact: (-fact.year, fact.said)):
        duties[fact.who][fact.said] = None
    able = [fact for fact in last.values() if fact.level >= step and periods[fact.who]]
    return tuple(
        Experienced(
            name=fact.said,
            present=fact.note or "",
            periods=joined(periods[fact.who]),
            duties=tuple(duties[fact.who]),
            step=fact.level,
            year=fact.year,
        )
        for fact in sorted(able, key=lambda fact: (fact.ref, fact.said, fact.who))
    )


def joined(periods: Sequence[Period]) -> tuple[Period, ...]:
    """Return half-open periods in order, those that meet or overlap made one."""
    made: list[Period] = []
    for start, end in sorted(periods, key=lambda period: period[0]):
        if made and (made[-1][1] is None or start <= made[-1][1]):
            before = made[-1][1]
            made[-1] = (made[-1][0], None if before is None or end is None else max(before, end))
        else:
            made.append((start, end))
    return tuple(made)


def _confirmed_here(past: Past, code: str, step: int = 0):
    """Return the confirmed sheets made here, with this cell at the step, of people in service who are posted elsewhere now."""
    return (
        Sheet.objects.confirmed()
        .filter(
            Q(staff__left_on__isnull=True) | Q(staff__left_on__gt=past.day),
            past.below("department_path"),
            standing_at(past.version, code, step),
            municipality_id=past.municipality_id,
            fiscal_year__lte=past.year,
            current_revision__confirmations__level=Confirmation.Level.FINAL,
        )
        .exclude(staff__in=past.here_now())
    )


def text(words: str) -> Value:
    """Return a constant text as a column."""
    return Value(words, output_field=CharField())


def number(column: str | Combinable) -> Cast:
    """Return a number that has the same type in every leg."""
    return Cast(column, IntegerField())
