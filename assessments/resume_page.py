"""スキル履歴書: the record that stays with the person, as far as the reader may see it. Takes no request."""

import datetime
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from access.actor import Actor
from access.table import may
from assessments.entry_reads import record_of
from assessments.history import final_steps, readable_sheets
from assessments.models import Rating, Sheet, Statement
from assessments.record_page import Line, Record, lay_out_record
from assessments.targets import gap_of, gap_tag, targets_of_sheet
from competency.lineage import Path
from competency.lineage_reads import path_to
from competency.matrix import Group, groups
from competency.models import Cell, Step
from competency.models.matrix import HOLDER_STEP
from competency.targets import Target
from lib import fiscal
from lib.charts import Columns, column_bars
from lib.dates import format_month, format_wareki
from lib.intervals import active, last_day
from lib.paths import ancestors
from organization.models import Department, Posting, Staff

YEARS = 5
# How many levels above a department its name is read with it.
JOINED = 5
Both = tuple[int | None, int | None]
_NONE: Both = (None, None)


@dataclass(frozen=True)
class Tile:
    """One cell of the newest year: the confirmed step large, the person's own beside it."""

    cell: Any
    own: int | None
    final: int | None
    target: Target | None = None

    @property
    def aim(self) -> str:
        """Return the target and how far the step is from it, as HTML; empty where there is no target."""
        return gap_tag(gap_of(self.target, self.step))

    @property
    def step(self) -> int | None:
        """Return the step that counts: the confirmed one, else the person's own."""
        return self.own if self.final is None else self.final

    @property
    def words(self) -> str:
        """Return the step in words, without its number."""
        return "" if self.step is None else Step(self.step).label

    @property
    def differs(self) -> bool:
        """Say whether the line came to another step than the person."""
        return self.final is not None and self.final != self.own


@dataclass(frozen=True)
class YearCell:
    """One cell in one year: the step, None for none, and "up" or "down" against the year before it."""

    step: int | None
    way: str = ""


@dataclass(frozen=True)
class YearRow:
    """One cell over the years, the oldest first."""

    name: str
    years: list[YearCell]


@dataclass(frozen=True)
class Place:
    """One 発令 as it is printed, or an entry of 所属の履歴 that no 発令 tells (`line`)."""

    start: str
    end: str
    department: str
    kind: str
    position: str
    since: datetime.date | None = None
    line: Line | None = None
    until: datetime.date | None = None


@dataclass(frozen=True)
class Profile:
    """Where the person is today."""

    position: str = ""
    department: str = ""
    additional: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Resume:
    """Everything of one person. `sheet` is the newest that the reader may see, None for none.

    `joints` say from which year on another version of the matrix was answered; earlier years are read through it.

    `keeps` says that the reader may add to and change the record (P03).
    """

    staff: Staff
    profile: Profile
    places: list[Place]
    sheet: Sheet | None = None
    matrix: list[Group] = field(default_factory=list)
    years: list[tuple[str, bool, bool]] = field(default_factory=list)
    rows: list[YearRow] = field(default_factory=list)
    chart: Columns | None = None
    counts: list[tuple[str, int]] = field(default_factory=list)
    record: Record = field(default_factory=Record)
    statement: Statement | None = None
    keeps: bool = False
    joints: list[str] = field(default_factory=list)

    @property
    def confirmed(self) -> bool:
        """Say whether the newest year is 確定."""
        return self.sheet is not None and self.sheet.state == Sheet.State.CONFIRMED

    @property
    def differing(self) -> int:
        """Return how many cells of the newest year the line confirmed at another step."""
        return sum(tile.differs for group in self.matrix for tile in group.tiles)

    @property
    def has_targets(self) -> bool:
        """Say whether any cell of the newest year has a target."""
        return any(tile.target for group in self.matrix for tile in group.tiles)

    @property
    def unconfirmed_places(self) -> bool:
        """Say whether the place of any cell in the three stages is still to be confirmed."""
        return any(not tile.cell.placement_confirmed for group in self.matrix for tile in group.tiles)


def load_resume(actor: Actor, staff: Staff) -> Resume:
    """Return the résumé of somebody whose record the actor may see (P04, P14). Six queries, whatever the years.

    One more for the statement where the person was loaded without it, and for a revision that leaves cells out.
    """
    profile, places = places_of(staff, actor.today)
    sheets = list(
        readable_sheets(actor, staff.pk)
        .with_import()
        .select_related("cycle__framework_version", "framework_version", "department")
        .annotate(cell_count=_cell_count())[:YEARS]
    )
    steps, rated = _steps(sheets) if sheets else ({}, [])
    by_year = {sheet.fiscal_year: steps[sheet.pk] for sheet in sheets}

    def step_of(year: int, code: str) -> int | None:
        own, final = by_year.get(year, {}).get(code, _NONE)
        return own if final is None else final

    keeps = may(actor, "P03", own=staff.pk == actor.staff_id)
    entries, foreign = record_of(staff.pk)
    record = lay_out_record(entries, foreign, today=actor.today, step_of=step_of, keeps=keeps)
    whole = Resume(
        staff,
        profile,
        _with_careers(places, record.careers),
        record=record,
        statement=getattr(staff, "statement", None),
        keeps=keeps,
    )
    return replace(whole, **_years(actor, sheets, steps, rated)) if sheets else whole


def _years(
    actor: Actor, sheets: list[Sheet], steps: dict[int, dict[str, Both]], rated: list[Cell]
) -> dict[str, Any]:
    """Return the matrix of the newest year and what became of it over the years. One query, two for odd data."""
    newest = sheets[0]
    targets = targets_of_sheet(newest, actor.today)
    cells = rated
    if len(rated) < newest.cell_count:
        cells = list(Cell.objects.of_version(newest.version_in_use_id))
    years = list(reversed(sheets))
    codes = {cell.code for cell in cells}
    points = [
        (
            fiscal.short_label(sheet.fiscal_year),
            sum(
                Tile(None, *both).step >= HOLDER_STEP
                for code, both in steps[sheet.pk].items()
                if code in codes
            ),
        )
        for sheet in years
    ]
    return {
        "sheet": newest,
        "matrix": groups(
            cells,
            lambda cell: Tile(cell, *steps[newest.pk].get(cell.code, _NONE), target=targets.get(cell.code)),
        ),
        "years": [
            (fiscal.short_label(sheet.fiscal_year), sheet.state == Sheet.State.CONFIRMED, sheet.imported)
            for sheet in years
        ],
        "joints": [
            f"{fiscal.short_label(after.fiscal_year)}年度から版「{after.version_in_use}」"
            for before, after in itertools.pairwise(years)
            if before.version_in_use_id != after.version_in_use_id
        ],
        "rows": [
            _year_row(cell, [steps[sheet.pk].get(cell.code, _NONE) for sheet in years]) for cell in cells
        ],
        "chart": column_bars(points, top=len(cells)),
        "counts": points,
    }


def _year_row(cell: Cell, both: Iterable[Both]) -> YearRow:
    years: list[YearCell] = []
    for own, final in both:
        step = own if final is None else final
        before = next((year.step for year in reversed(years) if year.step is not None), None)
        way = ""
        if step is not None and before is not None and step != before:
            way = "up" if step > before else "down"
        years.append(YearCell(step, way))
    return YearRow(cell.full_name, years)


def _cell_count() -> Subquery:
    """Return how many cells the version of the sheet around it has: a revision that rates all names them all."""
    version = Coalesce(OuterRef("framework_version"), OuterRef("cycle__framework_version"))
    cells = Cell.objects.filter(version=version, in_use=True).order_by().values("version")
    return Subquery(cells.annotate(number=Count("pk")).values("number"))


def _steps(sheets: list[Sheet]) -> tuple[dict[int, dict[str, Both]], list[Cell]]:
    """Return (own, confirmed) by cell code for each sheet, and the cells of the newest in the matrix's order.

    Confirmed is None before 確定. One query.
    """
    found: dict[int, dict[str, Both]] = {sheet.pk: {} for sheet in sheets}
    of_revision = {sheet.current_revision_id: sheet for sheet in sheets}
    rows = (
        Rating.objects.filter(revision__in=list(of_revision))
        .annotate(final=Subquery(final_steps().values("step")[:1]))
        .select_related("cell__area__category", "cell__stage")
        .order_by("cell__area__category__rank", "cell__area__rank", "cell__rank", "cell")
    )
    cells = []
    versions: dict[int, int] = {}
    for rating in rows:
        sheet = of_revision[rating.revision_id]
        confirmed = rating.final if sheet.state == Sheet.State.CONFIRMED else None
        found[sheet.pk][rating.cell.code] = (rating.step, confirmed)
        versions[sheet.pk] = rating.cell.version_id
        if sheet is sheets[0]:
            cells.append(rating.cell)
    newest = sheets[0].version_in_use
    for sheet_id, version_id in versions.items():
        path = path_to(newest, version_id)
        if path is not None:
            found[sheet_id] = _carried(path, found[sheet_id])
    return found, cells


def _carried(path: Path, steps: dict[str, Both]) -> dict[str, Both]:
    """Return (own, confirmed) of an earlier version by cell code of the newest."""
    own = path.carry({code: one for code, (one, _) in steps.items()})
    final = path.carry({code: one for code, (_, one) in steps.items() if one is not None})
    return {code: (one.step, final[code].step if code in final else None) for code, one in own.items()}


def _with_careers(places: list[Place], careers: list[Line]) -> list[Place]:
    """Return the 発令 and the person's own entries in one list, the newest first, undated ones at the end."""
    own = [
        Place(
            start=format_month(one.entry.start) if one.entry.start else "時期の記入なし",
            end=format_month(one.entry.end) if one.entry.end else "",
            department=one.entry.title,
            kind="",
            position=one.detail.role,
            since=one.entry.start,
            line=one,
        )
        for one in careers
    ]
    return sorted([*places, *own], key=lambda one: one.since or datetime.date.min, reverse=True)


def places_of(staff: Staff, today: datetime.date) -> tuple[Profile, list[Place]]:
    """Return where the person is today and the history of the 発令 up to today. One query.

    Two where a department stands deeper than the joins reach.
    """
    postings = list(
        Posting.objects.filter(staff=staff, start__lte=today)
        .select_related("department" + "__parent" * JOINED)
        .order_by("-start", "kind", "pk")
    )
    names: dict[str, str] = {}
    for one in postings:
        above = one.department
        for _ in range(JOINED):
            names[above.path] = above.name
            if above.parent_id is None:
                break
            above = above.parent
        else:
            names[above.path] = above.name
    deeper = {path for one in postings for path in ancestors(one.department.path)} - names.keys()
    if deeper:
        mine = Department.objects.filter(municipality_id=staff.municipality_id, path__in=deeper)
        names |= dict(mine.values_list("path", "name"))

    def full(department: Department) -> str:
        return " ".join(names[path] for path in ancestors(department.path) if path in names)

    now = [one for one in postings if active(one.start, one.end, today)]
    main = next((one for one in now if one.kind == Posting.Kind.MAIN), None)
    profile = Profile(
        position=main.position if main else "",
        department=full(main.department) if main else "",
        additional=[
            f"{full(one.department)}（{one.get_kind_display()}、{format_wareki(one.start)}から）"
            for one in now
            if one.kind != Posting.Kind.MAIN
        ],
    )
    places = [
        Place(
            start=format_wareki(one.start),
            end=format_wareki(last_day(one.end)) if one.end and one.end <= today else "",
            department=full(one.department),
            kind="" if one.kind == Posting.Kind.MAIN else one.get_kind_display(),
            position=one.position,
            since=one.start,
            until=last_day(one.end) if one.end and one.end <= today else None,
        )
        for one in postings
    ]
    return profile, places
