"""What a draft is made of and came from, as the desk reads it."""

from collections import defaultdict

from competency.draft_codes import Ancestor
from competency.lineage import Fate, Revision, Rule, Source, fates, strictest
from competency.models import Cell, CellOrigin, FrameworkVersion

# Longer than any chain of revisions; it ends a loop that no version can have.
_LONGEST = 200


def ancestors_of(version: FrameworkVersion) -> list[Ancestor]:
    """Return the versions that a draft came from, the nearest first, with all their cells; three queries each."""
    found: list[Ancestor] = []
    key = version.based_on_id
    while key is not None and len(found) < _LONGEST:
        name, base = FrameworkVersion.objects.values_list("name", "based_on").get(pk=key)
        sources: dict[str, set[str]] = defaultdict(set)
        for code, origin in CellOrigin.objects.filter(cell__version=key).values_list("cell__code", "code"):
            sources[code].add(origin)
        labels = dict(Cell.objects.filter(version=key).values_list("code", "label"))
        found.append(Ancestor(name, labels, {code: frozenset(each) for code, each in sources.items()}))
        key = base
    return found


def revision_of(version: FrameworkVersion) -> Revision:
    """Return all cells of a version with what each came from, the unused ones too. Two queries."""
    names = dict(Cell.objects.filter(version=version).values_list("code", "label"))
    said: dict[str, list[tuple[str, Rule]]] = defaultdict(list)
    rows = CellOrigin.objects.filter(cell__version=version).values_list("cell__code", "code", "rule")
    for code, origin, rule in rows:
        said[code].append((origin, Rule(rule)))
    sources = {
        code: Source(
            tuple(sorted(origin for origin, _ in said[code])), strictest(rule for _, rule in said[code])
        )
        for code in names
    }
    return Revision(frozenset(names), sources, names)


def fates_of(version: FrameworkVersion) -> dict[str, Fate]:
    """Return what a version does with each cell of its base, and which of its own are new; {} without a base."""
    if version.based_on is None:
        return {}
    return fates(revision_of(version.based_on), revision_of(version))


def dropped_cells(version: FrameworkVersion) -> list[Cell]:
    """Return the cells of the base that no cell of this version came from, in the order of the base. One query."""
    if version.based_on_id is None:
        return []
    origins = CellOrigin.objects.filter(cell__version=version).values("code")
    return list(Cell.objects.in_order().filter(version=version.based_on_id).exclude(code__in=origins))
