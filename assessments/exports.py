"""Records as rows: long, one row per rating, and wide, one row per person. Takes no request and writes no file.

Drafts never leave: of a sheet that is not handed in there is only its state. A confirmer's step leaves only
once it is 確定.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from access.actor import Actor, Role
from assessments.models import Confirmation, Cycle, Rating, Sheet, VersionChange
from assessments.proxy_reads import BEHALF, by_proxy
from competency.models import Cell
from organization.models import Department, Staff

PERSON = (
    "年度", "団体コード", "団体名", "所属コード", "所属名", "職員番号", "氏名", "フリガナ", "職員区分", "職位",
)  # fmt: skip
LONG_HEADER = [
    *PERSON, "体系", "版", "分類", "区分", "段階", "項目", "項目コード", "自己到達度", "確認到達度", "状態", "根拠",
    "提出日時", "確定日時",
]  # fmt: skip
HANDED_IN = (*Sheet.WAITING, Sheet.State.CONFIRMED)
# Of these the list of what CP932 cannot carry names the person; the other columns are the same for many.
PERSONAL = frozenset({"氏名", "フリガナ", "根拠"})
_CHUNK = 500


@dataclass(frozen=True)
class Person:
    """What a chunk needs of one sheet."""

    start: list[Any]
    state: str
    revision_id: int | None
    submitted_at: Any
    confirmed_at: Any


def exportable(actor: Actor | None, cycle: Cycle, department: Department | None = None):
    """Return the queryset of the sheets of a year that the actor may export (P20, P14); None is the operator.

    Own sheets, those of people in the line's scope today, or all for 人事; of closed years the line takes only
    what was confirmed. `department` keeps the sheets that were handed out in it or below.
    """
    sheets = Sheet.objects.filter(cycle=cycle)
    if actor is not None:
        sheets = sheets.visible_to(actor)
        if cycle.state == Cycle.State.CLOSED and not actor.has(Role.HR):
            sheets = sheets.filter(Q(staff_id=actor.staff_id) | Q(state=Sheet.State.CONFIRMED))
    if department is not None:
        sheets = sheets.below(department.path)
    return sheets


def wide_header(cycle: Cycle) -> list[str]:
    """Return the columns of the wide form: the person, 状態, and one column per cell code. One query."""
    return [*PERSON, "状態", *dict.fromkeys(cell.code for cell in cells_of(cycle))]


def long_rows(sheets, cycle: Cycle) -> Iterator[list[Any]]:
    """Yield one row per submitted rating, in the order of LONG_HEADER; a stream, in constant memory.

    What was handed in before the year moved to another version stands in the words of its own.

    `sheets` is a queryset of sheets of `cycle`. Three queries a chunk of 500 people and two before.
    """
    cells = {cell.pk: (position, cell_columns(cell)) for position, cell in enumerate(cells_of(cycle))}
    for people in chunks(sheets, cycle):
        ratings = _ratings(people, with_evidence=True)
        finals = _finals(people)
        for person in people:
            confirmed = finals.get(person.revision_id, {})
            for cell_id, step, evidence in sorted(
                ratings.get(person.revision_id, ()), key=lambda rating: cells[rating[0]][0]
            ):
                yield [
                    *person.start, *cells[cell_id][1], step, confirmed.get(cell_id), person.state, evidence,
                    person.submitted_at, person.confirmed_at,
                ]  # fmt: skip


def wide_rows(sheets, cycle: Cycle) -> Iterator[list[Any]]:
    """Yield one row per person in the order of `wide_header`: the confirmed step, else the own one, else nothing."""
    cells = cells_of(cycle)
    codes = {cell.pk: cell.code for cell in cells}
    order = list(dict.fromkeys(codes.values()))
    for people in chunks(sheets, cycle):
        ratings = _ratings(people, with_evidence=False)
        finals = _finals(people)
        for person in people:
            own = {cell_id: step for cell_id, step, _ in ratings.get(person.revision_id, ())}
            steps = {
                codes[cell_id]: step for cell_id, step in (own | finals.get(person.revision_id, {})).items()
            }
            yield [*person.start, person.state, *(steps.get(code) for code in order)]


def cells_of(cycle: Cycle) -> list[Cell]:
    """Return the cells in use of the year's version, and after them those of versions that it had before. One query."""
    changes = VersionChange.objects.filter(cycle=cycle)
    of = Q(version=cycle.framework_version_id)
    of |= Q(version__in=changes.values("earlier")) | Q(version__in=changes.values("later"))
    cells = Cell.objects.filter(of, in_use=True).in_order()
    found = list(cells.select_related("area__category", "stage", "version__framework"))
    return sorted(found, key=lambda cell: cell.version_id != cycle.framework_version_id)


def cell_columns(cell: Cell) -> list[str]:
    """Return the columns of the long form that are about the cell, 体系 to 項目コード; `cell` is one of `cells_of`."""
    return [
        cell.version.framework.name, cell.version.name, cell.area.category.name, cell.area.name, cell.stage.name,
        cell.label, cell.code,
    ]  # fmt: skip


def chunks(sheets, cycle: Cycle, size: int | None = None) -> Iterator[list[Person]]:
    """Yield people in the order of department and reading, a chunk of `size` at a time (None: the usual one)."""
    size = size or _CHUNK
    keys = list(
        sheets.order_by("department_path", "staff__kana", "staff__staff_number", "pk").values_list(
            "pk", flat=True
        )
    )
    employment = dict(Staff.Employment.choices)
    states = dict(Sheet.State.choices)
    city = [cycle.fiscal_year, cycle.municipality.code, cycle.municipality.name]
    for at in range(0, len(keys), size):
        wanted = keys[at : at + size]
        rows = {
            row[0]: row
            for row in Sheet.objects.filter(pk__in=wanted).with_import().annotate(filled_in=by_proxy()).values_list(
                "pk", "department__code", "department__name", "staff__staff_number", "staff__name", "staff__kana",
                "employment", "position", "state", "without_confirmer", "current_revision_id", "submitted_at",
                "confirmed_at", "filled_in", "imported",
            )
        }  # fmt: skip
        people = []
        for key in wanted:
            (
                _,
                code,
                place,
                number,
                name,
                kana,
                kind,
                position,
                state,
                alone,
                revision,
                submitted,
                confirmed,
                filled_in,
                imported,
            ) = rows[key]
            handed_in = state in HANDED_IN
            people.append(
                Person(
                    start=[*city, code, place, number, name, kana, employment[kind], position],
                    state=states[state]
                    + ("（確認者なし）" if alone else "")
                    + (BEHALF if filled_in and handed_in else "")
                    + ("（取込み）" if imported else ""),
                    revision_id=revision if handed_in else None,
                    submitted_at=submitted if handed_in else None,
                    confirmed_at=confirmed,
                )
            )
        yield people


def ratings_of(people: list[Person]):
    """Return the queryset of what these people handed in."""
    return Rating.objects.filter(revision_id__in=[p.revision_id for p in people if p.revision_id])


def finals_of(people: list[Person]):
    """Return the queryset of the confirmed steps of these people; of sheets that are 確定 only."""
    return Confirmation.objects.filter(
        revision_id__in=[p.revision_id for p in people if p.revision_id and p.confirmed_at],
        level=Confirmation.Level.FINAL,
    )


def _ratings(people: list[Person], *, with_evidence: bool) -> dict[int, list[tuple[int, int, str]]]:
    found: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    rows = ratings_of(people)
    columns = ("revision_id", "cell_id", "step", *(("evidence",) if with_evidence else ()))
    for revision_id, cell_id, step, *evidence in rows.values_list(*columns):
        found[revision_id].append((cell_id, step, evidence[0] if evidence else ""))
    return found


def _finals(people: list[Person]) -> dict[int | None, dict[int, int]]:
    """Return the confirmed steps by revision."""
    found: dict[int | None, dict[int, int]] = defaultdict(dict)
    for revision_id, cell_id, step in finals_of(people).values_list("revision_id", "cell_id", "step"):
        found[revision_id][cell_id] = step
    return found
