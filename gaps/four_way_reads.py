"""Reads what the four-way answer and the page for 議会・部長 rest on; takes no request. One query each."""

from dataclasses import dataclass

from django.db.models import CharField, F, IntegerField, Q, Value
from django.db.models.functions import Cast

from assessments.models import Cycle
from competency.models import DutyAssignment
from competency.reference import Published, from_keys, standing
from gaps.models import FourWayOverride, Measure
from lib.paths import upper_bound
from organization.models import Department


@dataclass(frozen=True)
class Override:
    """The answer that the 所属長 gave for a skill, with the reason and who gave it."""

    skill: int
    answer: str
    reason: str = ""
    author: str = ""
    version: int = 0


@dataclass(frozen=True)
class Decided:
    """One 対応方針 as the summary counts it."""

    kind: str
    cell: str
    cost: int | None


def duty_holders(municipality_id: int, year: int, path: str) -> dict[str, set[int]] | None:
    """Return the ids of those whose duties contain a cell, by its code, in the department and below.

    None where nobody has any duty there in that 年度. Duties that are outsourced whole ask for nobody. One query.
    """
    found: dict[str, set[int]] | None = None
    assigned = DutyAssignment.objects.of_year(municipality_id, year).in_or_below(path).done_here()
    rows = assigned.values_list("department_duty__duty__demands__cell_code", "staff_id").distinct()
    for code, staff_id in rows:
        found = {} if found is None else found
        # A duty that asks for no cell is a duty all the same.
        if code is not None:
            found.setdefault(code, set()).add(staff_id)
    return found


def overrides_and_figures(department: Department, cycle: Cycle) -> tuple[dict[int, Override], Published]:
    """Return the overrides of a department for a year by the number of the skill, and the figures to compare with.

    One query for both, for the page has many; and one for each survey that this process has not read yet.
    """
    chosen = FourWayOverride.objects.filter(department=department, cycle=cycle).annotate(
        tag=_text("override"), number=Cast("skill", IntegerField()), said=F("reason"), who=F("author__name"),
        own=Value(0),
    )  # fmt: skip
    figures = standing(department.municipality_id).annotate(
        tag=F("kind"), number=Cast("year", IntegerField()), answer=F("known"), said=F("rule"), who=_text("")
    )
    columns = ("tag", "number", "own", "answer", "version", "said", "who")
    overrides, keys = {}, []
    for tag, number, own, word, version, *said in chosen.values_list(*columns).union(
        figures.values_list(*columns), all=True
    ):
        if tag == "override":
            overrides[number] = Override(number, word, *said, version)
        else:
            keys.append((tag, number, own, word, version, said[0]))
    return overrides, from_keys(keys)


def summed_up(department: Department, cycle: Cycle, began) -> tuple[dict[int, str], list[Decided], Published]:
    """Return the answers that override, by skill, the 対応方針 of the department and below, and the figures.

    Of the measures those that are open, of whatever year, and those done since `began`, when the year did. What was
    stopped decides nothing. One query for all three; and one for each survey that this process has not read yet.
    """
    chosen = FourWayOverride.objects.filter(department=department, cycle=cycle).annotate(
        tag=_text("override"), word=F("answer"), of=_text(""), number=Cast("skill", IntegerField()), own=Value(0),
        rule=_text(""),
    )  # fmt: skip
    current = Q(state__in=Measure.OPEN) | Q(state=Measure.State.DONE, closed_at__gte=began)
    here = Q(department__path__gte=department.path, department__path__lt=upper_bound(department.path))
    decided = Measure.objects.filter(current, here, municipality_id=department.municipality_id).annotate(
        tag=_text("measure"), word=F("kind"), of=F("cell__code"), number=Cast("cost", IntegerField()), own=Value(0),
        rule=_text(""),
    )  # fmt: skip
    figures = standing(department.municipality_id).annotate(
        tag=_text("figures"), word=F("kind"), of=F("known"), number=Cast("year", IntegerField())
    )
    columns = ("tag", "word", "of", "number", "own", "version", "rule")
    both = (decided.values_list(*columns), figures.values_list(*columns))
    overrides, measures, keys = {}, [], []
    for tag, word, of, number, own, version, rule in chosen.values_list(*columns).union(*both, all=True):
        if tag == "override":
            overrides[number] = word
        elif tag == "measure":
            measures.append(Decided(word, of, number))
        else:
            keys.append((word, number, own, of, version, rule))
    return overrides, measures, from_keys(keys)


def _text(text: str) -> Value:
    return Value(text, output_field=CharField())
