"""The desk's matrix as the page prints it: every 分類, 区分 and 項目 with what can be done to it."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from competency import uses
from competency.models import Area, Category, Cell, CellOrigin, FrameworkVersion, Stage, StepWording
from competency.uses import CellUse

_RULES = {"review": "見直し", "reopen": "あらためて記入"}


@dataclass(frozen=True)
class DeskTile:
    """One 項目: its place among those of its 区分, and what is said about it in few words."""

    cell: Cell
    stage: Stage
    number: int
    count: int
    comments: int
    origin: str
    use: str

    @property
    def is_first(self) -> bool:
        """Say whether it cannot go up."""
        return self.number == 1

    @property
    def is_last(self) -> bool:
        """Say whether it cannot go down."""
        return self.number == self.count


@dataclass(frozen=True)
class DeskRow:
    """One 区分 with its tiles by 段階."""

    area: Area
    is_first: bool
    is_last: bool
    slots: tuple[list[DeskTile], ...]


@dataclass(frozen=True)
class DeskGroup:
    """One 分類 with its rows."""

    category: Category
    is_first: bool
    is_last: bool
    rows: list[DeskRow]

    @property
    def cells(self) -> int:
        """Return how many 項目 stand in it."""
        return sum(len(slot) for row in self.rows for slot in row.slots)


@dataclass(frozen=True)
class Desk:
    """The whole matrix of a draft."""

    stages: list[Stage]
    groups: list[DeskGroup]
    cells: int
    unconfirmed: int
    wordless: int
    comments: int


def desk_of(version: FrameworkVersion, municipality_id: int) -> Desk:
    """Return the matrix of a draft. Nine queries, however large it is."""
    stages = list(Stage.objects.filter(version=version))
    categories = list(Category.objects.filter(version=version))
    areas: dict[int, list[Area]] = defaultdict(list)
    for area in Area.objects.filter(version=version):
        areas[area.category_id].append(area)
    worded = Exists(StepWording.objects.filter(cell=OuterRef("pk")))
    cells: dict[int, list[Cell]] = defaultdict(list)
    found = (
        Cell.objects.filter(version=version)
        .select_related("placement_confirmed_by")
        .annotate(has_wording=worded)
    )
    for cell in found:
        cells[cell.area_id].append(cell)
    origins: dict[int, list[tuple[str, str]]] = defaultdict(list)
    if version.based_on_id:
        rows = CellOrigin.objects.filter(cell__version=version)
        for cell_id, code, rule in rows.values_list("cell", "code", "rule"):
            origins[cell_id].append((code, rule))
    said: dict[str, int] = defaultdict(int)
    for code in version.comments.filter(settled_at__isnull=True).values_list("cell_code", flat=True):
        said[code] += 1
    base = version.based_on
    names = dict(base.cells.values_list("code", "label")) if base else {}
    heirs = Counter(code for rows in origins.values() for code, _ in rows)
    used = uses.cells(municipality_id, version.based_on, people=False)

    place = {stage.pk: rank for rank, stage in enumerate(stages)}

    def tile(cell: Cell, number: int, count: int) -> DeskTile:
        return DeskTile(
            cell, stages[place[cell.stage_id]], number, count, said[cell.code],
            _origin(cell, origins[cell.pk], heirs, names) if version.based_on_id else "",
            _use([used[code] for code, _ in origins[cell.pk] if code in used]),
        )  # fmt: skip

    def row(area: Area, rows: list[Area]) -> DeskRow:
        slots: tuple[list[DeskTile], ...] = tuple([] for _ in stages)
        mine = cells[area.pk]
        for number, cell in enumerate(mine, 1):
            slots[place[cell.stage_id]].append(tile(cell, number, len(mine)))
        return DeskRow(area, area is rows[0], area is rows[-1], slots)

    every = [cell for rows in cells.values() for cell in rows]
    return Desk(
        stages=stages,
        groups=[
            DeskGroup(
                category,
                category is categories[0],
                category is categories[-1],
                [row(area, areas[category.pk]) for area in areas[category.pk]],
            )
            for category in categories
        ],
        cells=len(every),
        unconfirmed=sum(not cell.placement_confirmed for cell in every),
        wordless=sum(not cell.has_wording for cell in every),
        comments=sum(said.values()),
    )


def _origin(cell: Cell, origins: list[tuple[str, str]], heirs: Counter[str], names: dict[str, str]) -> str:
    """Return where a 項目 came from, in few words; "" for one that is simply kept."""
    if not origins:
        return "新設"
    rules = {rule for _, rule in origins}
    rule = next((words for key, words in reversed(_RULES.items()) if key in rules), "")
    if len(origins) > 1:
        told = f"{len(origins)}項目を統合"
    elif heirs[origins[0][0]] > 1:
        told = f"「{names.get(origins[0][0], origins[0][0])}」を分割"
    else:
        told = "" if origins[0][0] == cell.code else f"もと：{names.get(origins[0][0], origins[0][0])}"
    return "、".join(each for each in (told, rule) if each)


def _use(found: list[CellUse]) -> str:
    duties, needs = (
        max((one.duties for one in found), default=0),
        max((one.needs for one in found), default=0),
    )
    told = [f"業務{duties}" if duties else "", f"必要とする所属{needs}" if needs else ""]
    return "、".join(each for each in told if each)
