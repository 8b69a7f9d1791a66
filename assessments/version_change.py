"""What moving a year to another version of its framework would do: read for the page before, and kept with the change."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from django.db.models import Count, Q

from assessments.models import Cycle, Draft, Sheet
from competency.lineage import Fate, Path, Revision, Rule, fates
from competency.lineage_reads import path_between
from competency.models import Cell, FrameworkVersion

FATES = {
    Fate.KEPT: "そのまま", Fate.RENAMED: "名称などの変更", Fate.SPLIT: "分割", Fate.JOINED: "統合", Fate.DROPPED: "廃止",
    Fate.NEW: "新設",
}  # fmt: skip
RULES = {
    Rule.CARRY: "そのまま引き継ぎます",
    Rule.REVIEW: "引き継いで、見直しの印を付けます",
    Rule.REOPEN: "引き継がず、あらためて記入します",
}


@dataclass(frozen=True)
class Counts:
    """How many sheets, people's answers and items a change is about; people are sheets, for each has one a year."""

    sheets: int = 0
    departments: int = 0
    writing: int = 0
    handed_in: int = 0
    carried: int = 0
    reviewed: int = 0
    left: int = 0
    review_cells: int = 0
    reopened_cells: int = 0
    dropped_cells: int = 0
    needs: int = 0
    measures: int = 0

    def as_dict(self) -> dict[str, int]:
        """Return the counts by name, as they are kept."""
        return asdict(self)


@dataclass(frozen=True)
class Line:
    """One item of the change: what it was called, what it is called now, what happens with what was written."""

    fate: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    rule: str


@dataclass(frozen=True)
class Preview:
    """Everything the page says before the year is moved. `lines` leaves out what stays as it is."""

    counts: Counts
    lines: list[Line] = field(default_factory=list)
    kept: int = 0
    by_code: bool = False


@dataclass(frozen=True)
class Move:
    """How a year gets from one version to another: the path, and the keys of the cells in both, by code.

    `path_from` are the codes in use in the earlier version.
    """

    earlier: FrameworkVersion
    later: FrameworkVersion
    path: Path
    old: Mapping[str, int]
    new: Mapping[str, int]
    path_from: frozenset[str] = frozenset()

    @property
    def pairs(self) -> dict[str, str]:
        """Return the later code by the earlier one, of cells that one became one and whose ratings are taken over."""
        return {
            before: after
            for before, after in self.all_pairs.items()
            if self.path.sources[after].rule is not Rule.REOPEN
        }

    @property
    def parts(self) -> list[str]:
        """Return the later codes of cells that were split or joined and whose ratings are taken over; a list."""
        return [later for later in self.all_parts if self.path.sources[later].rule is not Rule.REOPEN]

    @property
    def fresh_parts(self) -> list[str]:
        """Return the later codes whose drafts are made anew: split and joined cells, and reopened ones; a list."""
        moved = set(self.pairs.values())
        return [later for later, source in self.path.sources.items() if source.codes and later not in moved]

    @property
    def all_pairs(self) -> dict[str, str]:
        """Return what `pairs` does, reopened cells too: what departments need is no rating."""
        heirs: dict[str, list[str]] = {}
        for later, source in self.path.sources.items():
            for code in source.codes:
                heirs.setdefault(code, []).append(later)
        return {
            source.codes[0]: later
            for later, source in self.path.sources.items()
            if len(source.codes) == 1 and len(heirs[source.codes[0]]) == 1
        }

    @property
    def all_parts(self) -> list[str]:
        """Return what `parts` does, reopened cells too; a list."""
        moved = set(self.all_pairs.values())
        return [later for later, source in self.path.sources.items() if source.codes and later not in moved]

    def reviews(self, later: str) -> bool:
        """Say whether what a cell takes over is to be looked at again."""
        return self.path.sources[later].rule is Rule.REVIEW


def move_of(earlier: FrameworkVersion, later: FrameworkVersion) -> Move:
    """Return how a year gets from one version to the other. One query, and those of the lineage the first time."""
    cells: dict[int, dict[str, int]] = {earlier.pk: {}, later.pk: {}}
    in_use = set()
    rows = Cell.objects.filter(version__in=[earlier, later]).order_by()
    for version_id, code, pk, used in rows.values_list("version", "code", "pk", "in_use"):
        cells[version_id][code] = pk
        if used and version_id == earlier.pk:
            in_use.add(code)
    path = path_between(earlier, later, frozenset(in_use))
    return Move(earlier, later, path, cells[earlier.pk], cells[later.pk], frozenset(in_use))


def versions_to_move_to(cycle: Cycle):
    """Return the queryset of published versions that the year could be moved to, the newest first."""
    mine = Q(framework__municipality__isnull=True) | Q(framework__municipality_id=cycle.municipality_id)
    found = FrameworkVersion.objects.published().filter(mine).exclude(pk=cycle.framework_version_id)
    return found.select_related("framework").order_by("-published_at", "-pk")


def preview(cycle: Cycle, move: Move) -> Preview:
    """Return what moving the year would do. Four queries, however many people there are."""
    old, new = _in_use(move.earlier), _in_use(move.later)
    happens = fates(
        Revision(frozenset(old), None, old),
        Revision(frozenset(new), dict(move.path.sources), new),
    )
    return Preview(
        counts=counts_of(cycle, move),
        lines=list(_lines(move.path, old, new, happens)),
        kept=sum(fate is Fate.KEPT for fate in happens.values()),
        by_code=move.later.based_on_id is None,
    )


def counts_of(cycle: Cycle, move: Move) -> Counts:
    """Return the counts of a change that has not happened yet; what departments said is counted by whoever keeps it."""
    sheets = Sheet.objects.filter(cycle=cycle)
    people = sheets.aggregate(
        sheets=Count("pk"),
        departments=Count("department", distinct=True),
        writing=Count("pk", filter=Q(state__in=Sheet.EDITABLE)),
    )
    answers = dict(
        Draft.objects.filter(
            sheet__cycle=cycle,
            sheet__state__in=Sheet.EDITABLE,
            cell__version=move.earlier,
            step__isnull=False,
        )
        .values_list("cell__code")
        .annotate(Count("pk"))
    )
    carried = reviewed = left = 0
    for code, number in answers.items():
        heirs = [
            each for each in move.path.successors(code) if move.path.sources[each].rule is not Rule.REOPEN
        ]
        if not heirs:
            left += number
        elif any(move.reviews(each) for each in heirs):
            reviewed += number
        else:
            carried += number
    sources = move.path.sources.values()
    return Counts(
        **people,
        handed_in=people["sheets"] - people["writing"],
        carried=carried,
        reviewed=reviewed,
        left=left,
        review_cells=sum(source.rule is Rule.REVIEW and bool(source.codes) for source in sources),
        reopened_cells=sum(source.rule is Rule.REOPEN or not source.codes for source in sources),
        dropped_cells=sum(not move.path.successors(code) for code in move.path_from),
    )


def _in_use(version: FrameworkVersion) -> dict[str, str]:
    """Return what the cells of a version are called, by code, in the order of the matrix."""
    return {cell.code: cell.label for cell in Cell.objects.of_version(version.pk)}


def _lines(
    path: Path, old: Mapping[str, str], new: Mapping[str, str], happens: Mapping[str, Fate]
) -> Iterable[Line]:
    told: set[str] = set()
    for code, name in new.items():
        source = path.sources[code]
        fate = next((happens[each] for each in source.codes if each in happens), Fate.NEW)
        if fate is Fate.KEPT and source.rule is Rule.CARRY:
            continue
        if fate is Fate.SPLIT and len(source.codes) == 1:
            (origin,) = source.codes
            if origin in told:
                continue
            told.add(origin)
            heirs = [each for each in path.successors(origin) if len(path.sources[each].codes) == 1]
            said = dict.fromkeys(RULES[path.sources[each].rule] for each in heirs)
            yield Line(FATES[fate], (old[origin],), tuple(new[each] for each in heirs), "、".join(said))
            continue
        if len(source.codes) > 1:
            fate = Fate.JOINED
        rule = RULES[source.rule] if source.codes else "新しく記入します"
        yield Line(FATES[fate], tuple(old.get(each, each) for each in source.codes), (name,), rule)
    for code, name in old.items():
        if happens.get(code) is Fate.DROPPED:
            yield Line(
                FATES[Fate.DROPPED], (name,), (), "記録は残ります。書きかけの記入は、年度票に出なくなります"
            )
