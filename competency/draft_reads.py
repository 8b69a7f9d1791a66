"""What a draft is made of and came from, as the desk reads it."""

from collections import defaultdict
from collections.abc import Mapping

from django.db.models import Q

from competency.draft_codes import Ancestor
from competency.lineage import Fate, Revision, Rule, Source, fates, strictest
from competency.models import Cell, CellOrigin, FrameworkVersion

Origins = Mapping[str, frozenset[str]]


def hops_of(version: FrameworkVersion) -> list[tuple[int, str, Origins]]:
    """Return (key, name, origins of each cell by code) of a version and of those it came from, the nearest first.

    Two queries, however long the way is.
    """
    owners = Q(framework__municipality__isnull=True) | Q(
        framework__municipality=version.framework.municipality_id
    )
    known = {
        key: (name, base)
        for key, name, base in FrameworkVersion.objects.filter(owners).values_list("pk", "name", "based_on")
    }
    way: list[int] = []
    key: int | None = version.pk
    while key in known and key not in way:
        way.append(key)
        key = known[key][1]
    origins: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    rows = CellOrigin.objects.filter(cell__version__in=way)
    for key, code, origin in rows.values_list("cell__version", "cell__code", "code"):
        origins[key][code].add(origin)
    return [
        (key, known[key][0], {code: frozenset(each) for code, each in origins[key].items()}) for key in way
    ]


def ancestors_of(version: FrameworkVersion) -> list[Ancestor]:
    """Return the versions that a draft came from, the nearest first, with all their cells. Three queries."""
    hops = hops_of(version)[1:]
    labels: dict[int, dict[str, str]] = defaultdict(dict)
    cells = Cell.objects.filter(version__in=[key for key, _, _ in hops])
    for key, code, label in cells.values_list("version", "code", "label"):
        labels[key][code] = label
    return [Ancestor(name, labels[key], sources) for key, name, sources in hops]


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
