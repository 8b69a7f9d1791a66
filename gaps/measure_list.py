"""対応方針 over many departments: the filter of the list, its rows, and the columns of its file."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Count, Sum, Window

from access.actor import Actor
from gaps.coverage import CellCoverage, Status
from gaps.measures_page import Line, costs_by_year, kind_word, line, people_word, since_decided, state_word
from gaps.models import Measure
from gaps.outcomes import Outcome
from gaps.reports import Snapshot, Unit
from lib import fiscal
from lib.dates import format_wareki
from lib.forms import DadsFormMixin
from organization.department_field import PlaceField

OPEN, ALL = "", "all"
HEADER = [
    "所属コード", "所属名", "項目", "項目コード", "決めた年度", "決めたときの状態", "いまの状態", "状態の変化",
    "方針", "すること", "理由", "育成する職員", "担当", "期限", "費用（円）", "進み", "結果",
]  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One measure in the list of all departments."""

    line: Line
    place: str
    year: str
    outcome: Outcome | None


class MeasureFilter(DadsFormMixin, forms.Form):
    """What of the list is shown. Whatever is not among the choices filters nothing: lists never refuse."""

    state = forms.ChoiceField(
        label="進み",
        required=False,
        choices=[(OPEN, "終わっていないもの"), (ALL, "すべて"), *Measure.State.choices],
    )
    kind = forms.ChoiceField(label="方針", required=False, choices=[("", "すべて"), *Measure.Kind.choices])
    department = PlaceField(label="所属（下の所属を含む）", required=False)
    overdue = forms.BooleanField(label="期限を過ぎたものだけ", required=False)
    show_requirement = False

    def __init__(self, units: Sequence[Unit], data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self._paths = {str(unit.uuid): unit.path for unit in units}
        self.fields["department"].offer(
            units,
            [("", "全庁"), *((str(unit.uuid), f"{'　' * unit.depth}{unit.name}") for unit in units)],
        )
        self.is_valid()

    def narrow(self, measures, day):
        """Return the queryset of what was asked for."""
        asked = self.cleaned_data
        state = asked.get("state", OPEN)
        if asked.get("overdue"):
            measures = measures.overdue_on(day)
        if state == OPEN:
            measures = measures.open()
        elif state != ALL:
            measures = measures.filter(state=state)
        if asked.get("kind"):
            measures = measures.filter(kind=asked["kind"])
        if asked.get("department"):
            measures = measures.in_or_below(self._paths[asked["department"]])
        return measures

    def told(self) -> dict[str, Any]:
        """Return the filter for the audit trail: codes and ids alone."""
        return {name: value for name, value in self.cleaned_data.items() if value}


def listed(measures: Iterable[Measure], picture: Snapshot, day) -> list[Row]:
    """Return the rows of the page; the coverage of each department is worked out once."""
    cells = _Cells(picture)
    return [
        Row(
            line(each, picture.cycle.fiscal_year, day, people=False),
            each.department.name,
            f"{fiscal.short_label(each.cycle.fiscal_year)}年度",
            since_decided(each, cells[each.department.path]),
        )
        for each in measures
    ]


def costs(measures) -> list[tuple[str, int]]:
    """Return (年度 of the date, yen) of the open ones of a queryset; one query."""
    sums = measures.open().filter(cost__gt=0).order_by().values("due").annotate(total=Sum("cost"))
    return costs_by_year([(row["due"], row["total"]) for row in sums])


def file_rows(measures: Iterable[Measure], picture: Snapshot) -> Iterator[list[Any]]:
    """Yield one row a measure, in the order of HEADER; the people were fetched before."""
    cells = _Cells(picture)
    for each in measures:
        there = cells[each.department.path]
        now, became = there.get(each.cell.code), since_decided(each, there)
        yield [
            each.department.code, each.department.name, each.cell.full_name, each.cell.code,
            each.cycle.fiscal_year, Status(each.decided_status).label, now.word if now else None,
            became.label if became else None, each.get_kind_display(), each.text, each.reason,
            people_word(each), each.owner.name if each.owner else None, each.due, each.cost, state_word(each),
            each.result,
        ]  # fmt: skip


def by_place_and_cell(actor: Actor, path: str, year: int) -> dict[tuple[str, str], list[Measure]]:
    """Return what is decided by (path of the department, code of the cell), for the coverage file; one query."""
    measures = Measure.objects.visible_to(actor).current_in(year)
    if path:
        measures = measures.in_or_below(path)
    found: dict[tuple[str, str], list[Measure]] = defaultdict(list)
    for measure in measures.select_related("department", "cell", "owner").order_by("pk"):
        if measure.answers:
            found[measure.department.path, measure.cell.code].append(measure)
    return found


def coverage_columns(measures: Sequence[Measure]) -> list[str | None]:
    """Return 対応方針, 担当, 期限, 進み of a cell, several joined by 、; empty without any."""
    if not measures:
        return [None] * 4
    columns = (
        [kind_word(each) for each in measures],
        [each.owner.name if each.owner else "未定" for each in measures],
        [format_wareki(each.due) if each.due else "なし" for each in measures],
        [state_word(each) for each in measures],
    )
    return ["、".join(column) for column in columns]


def first_overdue(actor: Actor, most: int) -> tuple[list[Measure], int]:
    """Return the measures whose date has passed for longest, and how many there are in all; one query."""
    rows = Measure.objects.visible_to(actor).overdue_on(actor.today).with_parts()
    found = list(rows.annotate(total=Window(Count("pk"))).order_by("due", "pk")[:most])
    return found, found[0].total if found else 0


class _Cells(dict[str, dict[str, CellCoverage]]):
    """The cells of a department by code, worked out when first asked for."""

    def __init__(self, picture: Snapshot) -> None:
        super().__init__()
        self._picture = picture

    def __missing__(self, path: str) -> dict[str, CellCoverage]:
        report = self._picture.coverage(path, "", named=False)
        self[path] = {cell.cell.code: cell for cell in report.cells}
        return self[path]
