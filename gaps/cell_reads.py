"""What the page of one cell shows beside coverage: evidence, 経験者, the years, what is being done. One query (ADR 21)."""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, F, IntegerField, Value
from django.db.models.functions import Cast, Concat

from assessments.models import Cycle, Sheet
from competency.models import StepWording
from competency.models.matrix import HOLDER_STEP
from gaps.coverage import DepartmentCoverage
from gaps.models import Measure
from gaps.past_reads import Experienced, Fact, Past, experienced, leg, number, past_legs
from gaps.reports import Snapshot
from gaps.trends import YearCoverage, question
from lib import fiscal


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
        *past_legs(_question(picture), cell.code),
        _measures(picture, cell, department_id),
        *(_of_year(each, asked.codes_of(cell.code)) for each in asked.queries),
    ]
    found: dict[str, list[Fact]] = defaultdict(list)
    for row in legs[0].union(*legs[1:], all=True):
        fact = Fact(*row)
        found[fact.leg].append(fact)
    return CellFacts(
        can_do=next((fact.said for fact in found["wording"]), ""),
        evidence={fact.who: fact.said for fact in found["evidence"] if fact.said},
        experienced=experienced(found, HOLDER_STEP),
        years=asked.answer([(fact.year, fact.said, fact.level) for fact in found["year"]], report),
        measures=_listed(found["measure"]),
    )


def _question(picture: Snapshot) -> Past:
    cycle = picture.cycle
    return Past(
        cycle.municipality_id,
        (picture.path,),
        picture.day,
        cycle.fiscal_year,
        HOLDER_STEP,
        cycle.framework_version,
    )


def _wording(cell: Any):
    rows = StepWording.objects.filter(cell=cell, step=HOLDER_STEP)
    return leg(rows, "wording", said=F("text"))


def _evidence(picture: Snapshot, cell: Any):
    """Return what people posted here wrote in the sheet that counts today."""
    written = Sheet.objects.latest_confirmed(picture.cycle.fiscal_year).filter(
        staff__in=_question(picture).here_now(), current_revision__ratings__cell__code=cell.code
    )
    return leg(written, "evidence", who=number("staff_id"), said=F("current_revision__ratings__evidence"))


def _measures(picture: Snapshot, cell: Any, department_id: int):
    rows = Measure.objects.filter(
        municipality_id=picture.cycle.municipality_id, department=department_id, cell__code=cell.code
    )
    return leg(
        rows,
        "measure",
        who=number("pk"),
        year=number("cycle__fiscal_year"),
        said=F("text"),
        note=Concat(
            F("kind"), Value(" "), F("state"), Value(" "), F("owner__name"), output_field=CharField()
        ),
        ref=Cast("uuid", CharField()),
        since=F("due"),
    )


def _of_year(counted, codes: Collection[str]):
    """Return the holders of these cells alone in the count of an earlier year (gaps.trends)."""
    return leg(
        counted.filter(code__in=codes),
        "year",
        year=F("report_year"),
        level=Cast("holders", IntegerField()),
        said=F("code"),
    )


def _listed(facts: Sequence[Fact]) -> tuple[CellMeasure, ...]:
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
