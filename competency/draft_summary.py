"""What publishing a draft means, for whom, and what still stands open."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.urls import reverse

from competency import uses
from competency.lineage import Fate, Revision, Rule, Source, fates
from competency.models import Cell, FrameworkVersion, StepWording
from competency.uses import Impact
from competency.workflow.drafts_publishing import told_empty

FATE_WORDS = {
    Fate.KEPT: "そのまま", Fate.RENAMED: "名称変更", Fate.SPLIT: "分割", Fate.JOINED: "統合", Fate.DROPPED: "廃止",
    Fate.NEW: "新設",
}  # fmt: skip
_SHOWN = 10


@dataclass(frozen=True)
class OpenPoint:
    """Something that is not finished: a sentence and where to go on with it."""

    text: str
    url: str


@dataclass(frozen=True)
class Summary:
    """What changes and for whom. `stops` are what keeps the draft from being published."""

    fates: list[tuple[str, int]]
    review: list[str]
    reopen: list[str]
    new: list[str]
    dropped: list[str]
    impact: Impact
    points: list[OpenPoint]
    stops: list[str]


def summary_of(version: FrameworkVersion, municipality_id: int) -> Summary:
    """Return the summary of a draft; a fixed number of queries."""
    worded = Exists(StepWording.objects.filter(cell=OuterRef("pk")))
    mine = Cell.objects.in_order().filter(version=version).annotate(has_wording=worded)
    cells = list(mine.prefetch_related("origins"))
    base = list(Cell.objects.in_order().filter(version=version.based_on)) if version.based_on else []
    found = _fates(base, cells) if version.based_on else {}
    counted = Counter(found.values())
    dropped = [cell for cell in base if found[cell.code] is Fate.DROPPED]
    used = [cell for cell in cells if cell.in_use]
    rules = {cell.code: {origin.rule for origin in cell.origins.all()} for cell in used}
    reopen = [cell for cell in used if Rule.REOPEN in rules[cell.code]]
    review = [cell for cell in used if Rule.REVIEW in rules[cell.code] and cell not in reopen]
    new = [cell for cell in used if version.based_on and not rules[cell.code]]
    again = {origin.code for cell in reopen for origin in cell.origins.all()}
    return Summary(
        fates=[(words, counted[fate]) for fate, words in FATE_WORDS.items() if counted[fate]],
        review=[cell.full_name for cell in review],
        reopen=[cell.full_name for cell in reopen],
        new=[cell.full_name for cell in new],
        dropped=[cell.full_name for cell in dropped],
        impact=uses.impact(municipality_id, version.based_on, again),
        points=_points(version, municipality_id, cells, dropped),
        stops=_stops(version, cells),
    )


def _fates(base: list[Cell], cells: list[Cell]) -> dict[str, Fate]:
    """Return what becomes of each cell of the base, and which are new."""
    names = {cell.code: cell.label for cell in base}
    sources = {
        cell.code: Source(tuple(sorted(origin.code for origin in cell.origins.all()))) for cell in cells
    }
    later = Revision(frozenset(sources), sources, {cell.code: cell.label for cell in cells})
    return fates(Revision(frozenset(names), None, names), later)


def _stops(version: FrameworkVersion, cells: list[Cell]) -> list[str]:
    """Return what `empty_parts` returns, from what is loaded already. Two queries."""
    areas, categories = list(version.areas.all()), list(version.categories.all())
    filled = {cell.area_id for cell in cells}, {area.category_id for area in areas}
    return told_empty(
        [category.name for category in categories if category.pk not in filled[1]],
        [area.name for area in areas if area.pk not in filled[0]],
        any_used=any(cell.in_use for cell in cells),
    )


def _points(
    version: FrameworkVersion, municipality_id: int, cells: list[Cell], dropped: list[Cell]
) -> list[OpenPoint]:
    desk = reverse("competency:draft", args=[version.uuid])
    found = []
    unconfirmed = [cell.label for cell in cells if not cell.placement_confirmed]
    if unconfirmed:
        found.append(OpenPoint(f"段階の位置が要確認：{_listed(unconfirmed)}", desk))
    wordless = [cell.label for cell in cells if not cell.has_wording]
    if wordless:
        found.append(OpenPoint(f"到達度の文がない：{_listed(wordless)}", desk))
    same = [
        label
        for label, count in Counter(cell.full_name for cell in cells if cell.in_use).items()
        if count > 1
    ]
    if same:
        found.append(OpenPoint(f"同じ名前の項目が2つ以上ある：{_listed(same)}", desk))
    said = version.comments.filter(settled_at__isnull=True).count()
    if said:
        found.append(
            OpenPoint(
                f"済んでいないコメント：{said}件", reverse("competency:draft_comments", args=[version.uuid])
            )
        )
    if dropped:
        asked = uses.cells(municipality_id, version.based_on, people=False)
        for cell in dropped:
            use = asked.get(cell.code)
            if use and (use.duties or use.needs):
                origins = reverse("competency:draft_origins", args=[version.uuid])
                text = f"廃止する「{cell.label}」を、業務{use.duties}件、{use.needs}所属が使っている"
                found.append(OpenPoint(text, origins))
    return found


def _listed(names: list[str]) -> str:
    more = f" ほか{len(names) - _SHOWN}項目" if len(names) > _SHOWN else ""
    return f"{'、'.join(names[:_SHOWN])}{more}"
