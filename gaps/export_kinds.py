"""The kinds of export of this app: 充足状況 and 対応方針 (docs/adr/0037)."""

from collections.abc import Iterator
from typing import Any

from django.db.models import F

from access.actor import Actor, Role
from assessments.export_kind import ExportKind, Table, Wish
from assessments.export_kinds import columns
from competency.models import Cell
from gaps import exports, measure_list
from gaps.lookups import visible_units
from gaps.models import Measure
from gaps.reports import below, snapshot
from organization.models import Department


def _leading(actor: Actor) -> bool:
    """Say whether the actor exports about departments: 人事 and the line."""
    return actor.has(Role.HR) or actor.has(Role.LINE)


def _path(wish: Wish) -> str:
    return wish.department.path if wish.department else ""


def _picture(actor: Actor, wish: Wish):
    return snapshot(municipality_id=actor.municipality_id, cycle=wish.cycle, on=actor.today, path=_path(wish))


def _coverage(actor: Actor, wish: Wish) -> Table:
    def rows() -> Iterator[list[Any]]:
        picture = _picture(actor, wish)
        decided = measure_list.by_place_and_cell(actor, _path(wish), wish.cycle.fiscal_year)
        return exports.coverage_rows(actor, picture, visible_units(actor, picture), measures=decided)

    def count() -> int:
        # A row for each department and cell: told without reading who can do what. Two queries.
        places = below(Department.objects.visible_to(actor).valid_on(actor.today), _path(wish))
        return places.count() * Cell.objects.of_version(wish.cycle.framework_version_id).count()

    header = exports.HEADER
    # A figure is a word where it is small (docs/adr/0014), so these columns are text but for the needs.
    return Table(columns(header, ["必要人数"]), count, rows, header.index("所属名"))


def _measures(actor: Actor, wish: Wish) -> Table:
    measures = Measure.objects.in_sight_of(actor).filter(cycle__fiscal_year__lte=wish.cycle.fiscal_year)
    if wish.department is not None:
        measures = measures.in_or_below(wish.department.path)
    if wish.state:
        measures = measures.filter(state=wish.state)

    def rows() -> Iterator[list[Any]]:
        ordered = measures.with_people().with_parts()
        ordered = ordered.order_by("department__path", F("due").asc(nulls_last=True), "pk")
        return measure_list.file_rows(ordered, _picture(actor, wish))

    header = measure_list.HEADER
    return Table(columns(header, ["決めた年度"], ["期限"]), measures.count, rows, header.index("所属名"))


COVERAGE = ExportKind(
    label="充足状況",
    help="所属と項目ごとに1行。必要人数、できる人数、対応方針を含みます。",
    stem="充足状況",
    allowed=_leading,
    table=_coverage,
    use="庁内への報告や、体制の見直しの資料に使います。",
    action="export.coverage",
)
MEASURES = ExportKind(
    label="対応方針",
    help="1件1行。その年度までに決めた対応方針です。",
    stem="対応方針",
    allowed=_leading,
    table=_measures,
    states=Measure.State.choices,
    use="予算要求の資料や、進みの確認に使います。",
    action="export.measures",
)
