"""What the page of one cell shows beside coverage: evidence, 経験者, the years, what is being done. One query (ADR 21)."""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Case, CharField, DateField, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Cast, Concat

from assessments.models import Confirmation, Cycle, Sheet
from competency.models import DutyAssignment, StepWording
from competency.models.matrix import HOLDER_STEP
from gaps.coverage import DepartmentCoverage
from gaps.models import Measure
from gaps.reports import Snapshot
from gaps.trends import YearCoverage, question
from lib import fiscal
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
class CellMeasure:
    """One 対応方針 of the department about this cell, of any year."""

    uuid: uuid.UUID
    kind: str
    state: str
    text: str
    owner: str
    year: int
    due: datetime.date | None
    is_open: bool

    @property
    def decided(self) -> str:
        """Return the year it was decided in, in words."""
        return f"{fiscal.short_label(self.year)}年度"


@dataclass(frozen=True)
class CellFacts:
    """Everything about one cell of one department that its coverage does not hold.

    `can_do` is what step 3 means here; `evidence` is what people wrote in the sheet that counts, by person.
    """

    can_do: str = ""
    evidence: dict[int, str] = field(default_factory=dict)
    experienced: tuple[Experienced, ...] = ()
    years: list[YearCoverage] = field(default_factory=list)
    measures: tuple[CellMeasure, ...] = ()


class _Fact(NamedTuple):
    """One row of the union. What the columns hold depends on `leg`; a column that a leg has no use for is empty."""

    leg: str
    who: int
    year: int
    level: int
    said: str
    note: str
    ref: str
    since: datetime.date | None
    until: datetime.date | None


def cell_facts(
    picture: Snapshot, cell: Any, department_id: int, years: Sequence[Cycle], report: DepartmentCoverage
) -> CellFacts:
    """Read one cell of the department that the picture was taken of; the caller may see its people by name (P19).

    `years` are the earlier cycles that the picture was read with. One query, however many people and years.
    """
    asked = question(picture, years)
    legs = [
        _wording(cell),
        _evidence(picture, cell),
        *_past(picture, cell),
        _measures(picture, cell, department_id),
        *(_of_year(each, cell) for each in asked.queries),
    ]
    found: dict[str, list[_Fact]] = defaultdict(list)
    for row in legs[0].union(*legs[1:], all=True):
        fact = _Fact(*row)
        found[fact.leg].append(fact)
    return CellFacts(
        can_do=next((fact.said for fact in found["wording"]), ""),
        evidence={fact.who: fact.said for fact in found["evidence"] if fact.said},
        experienced=_experienced(found),
        years=asked.answer([(fact.year, cell.code, fact.level) for fact in found["year"]], report),
        measures=_listed(found["measure"]),
    )


def _leg(queryset, leg: str, **columns):
    """Return the queryset as rows of _Fact: each column from an expression, empty where none is given."""
    no_day = Cast(Value(None), DateField())
    nothing = {
        "who": Value(0), "year": Value(0), "level": Value(0), "said": _text(""), "note": _text(""),
        "ref": _text(""), "since": no_day, "until": no_day,
    }  # fmt: skip
    chosen = {"leg": _text(leg), **nothing, **columns}
    # Named apart from the models' own fields, which no annotation may hide.
    named = {f"fact_{name}": chosen[name] for name in _Fact._fields}
    return queryset.order_by().annotate(**named).values_list(*named)


def _wording(cell: Any):
    rows = StepWording.objects.filter(cell=cell, step=HOLDER_STEP)
    return _leg(rows, "wording", said=F("text"))


def _evidence(picture: Snapshot, cell: Any):
    """Return what people posted here wrote in the sheet that counts today."""
    written = Sheet.objects.latest_confirmed(picture.cycle.fiscal_year).filter(
        staff__in=_here_now(picture), current_revision__ratings__cell__code=cell.code
    )
    return _leg(written, "evidence", who=_number("staff_id"), said=F("current_revision__ratings__evidence"))


def _past(picture: Snapshot, cell: Any):
    """Return the legs about people who are in service and no longer here: steps confirmed here, postings, duties."""
    sheets = _confirmed_here(picture, cell)
    staff = _confirmed_here(picture, cell, current_revision__confirmations__step__gte=HOLDER_STEP).values(
        "staff"
    )
    main_first = Case(When(kind=Posting.Kind.MAIN, then=0), default=1)
    present = Posting.objects.active_on(picture.day).filter(staff=OuterRef("staff"))
    postings = Posting.objects.in_or_below(picture.path).filter(staff__in=staff, start__lte=picture.day)
    duties = DutyAssignment.objects.filter(staff__in=staff).in_or_below(picture.path)
    return (
        _leg(
            sheets,
            "step",
            who=_number("staff_id"),
            year=_number("fiscal_year"),
            level=_number("current_revision__confirmations__step"),
            said=F("staff__name"),
            ref=F("staff__kana"),
            note=Subquery(present.order_by(main_first, "start").values("department__name")[:1]),
        ),
        _leg(postings, "posting", who=_number("staff_id"), since=F("start"), until=F("end")),
        _leg(
            duties,
            "duty",
            who=_number("staff_id"),
            year=_number("department_duty__plan__fiscal_year"),
            said=F("department_duty__duty__name"),
        ),
    )


def _confirmed_here(picture: Snapshot, cell: Any, **narrower):
    """Return the confirmed sheets made here, with this cell, of people in service who are posted elsewhere now."""
    return (
        Sheet.objects.confirmed()
        .below(picture.path)
        .filter(
            Q(staff__left_on__isnull=True) | Q(staff__left_on__gt=picture.day),
            municipality_id=picture.cycle.municipality_id,
            fiscal_year__lte=picture.cycle.fiscal_year,
            current_revision__confirmations__level=Confirmation.Level.FINAL,
            current_revision__confirmations__cell__code=cell.code,
            **narrower,
        )
        .exclude(staff__in=_here_now(picture))
    )


def _measures(picture: Snapshot, cell: Any, department_id: int):
    rows = Measure.objects.filter(
        municipality_id=picture.cycle.municipality_id, department=department_id, cell__code=cell.code
    )
    return _leg(
        rows,
        "measure",
        who=_number("pk"),
        year=_number("cycle__fiscal_year"),
        said=F("text"),
        note=Concat(
            F("kind"), Value(" "), F("state"), Value(" "), F("owner__name"), output_field=CharField()
        ),
        ref=Cast("uuid", CharField()),
        since=F("due"),
    )


def _of_year(counted, cell: Any):
    """Return the holders of this cell alone in the count of an earlier year (gaps.trends)."""
    return _leg(
        counted.filter(code=cell.code), "year", year=F("report_year"), level=Cast("holders", IntegerField())
    )


def _here_now(picture: Snapshot):
    return Posting.objects.active_on(picture.day).in_or_below(picture.path).values("staff")


def _experienced(found: dict[str, list[_Fact]]) -> tuple[Experienced, ...]:
    """Return 経験者 by reading: the last step confirmed here counts, and somebody never posted here is none."""
    last: dict[int, _Fact] = {}
    for fact in found["step"]:
        if fact.who not in last or last[fact.who].year < fact.year:
            last[fact.who] = fact
    periods: dict[int, list[Period]] = defaultdict(list)
    for fact in found["posting"]:
        if fact.since is not None:
            periods[fact.who].append((fact.since, fact.until))
    duties: dict[int, dict[str, None]] = defaultdict(dict)
    for fact in sorted(found["duty"], key=lambda fact: (-fact.year, fact.said)):
        duties[fact.who][fact.said] = None
    able = [fact for fact in last.values() if fact.level >= HOLDER_STEP and periods[fact.who]]
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


def _listed(facts: Sequence[_Fact]) -> tuple[CellMeasure, ...]:
    """Return the measures, open ones first, then the newest."""
    made = []
    for fact in sorted(facts, key=lambda fact: (-fact.year, -fact.who)):
        kind, state, owner = fact.note.split(" ", 2)
        is_open = state in Measure.OPEN
        labels = Measure.Kind(kind).label, Measure.State(state).label
        made.append(
            CellMeasure(uuid.UUID(fact.ref), *labels, fact.said, owner, fact.year, fact.since, is_open)
        )
    return tuple(sorted(made, key=lambda measure: not measure.is_open))


def _text(text: str) -> Value:
    return Value(text, output_field=CharField())


def _number(column: str) -> Cast:
    """Return a number that has the same type in every leg."""
    return Cast(column, IntegerField())
