"""Where the cells of a version come from, as a process keeps it: published versions never change (competency.guards)."""

import uuid
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache

from competency.lineage import Lineage, Path, Revision, Rule, Source, strictest
from competency.models import Cell, CellOrigin, FrameworkVersion

_KEPT = 32
# Longer than any chain of revisions; it ends a loop that no version can have.
_LONGEST = 200


def lineage_of(version: FrameworkVersion) -> Lineage:
    """Return a version with those it came from. No query for a published one that was asked for before."""
    read = _read if version.state == FrameworkVersion.State.DRAFT else _kept
    return read(version.pk, version.uuid)


def is_plain(version: FrameworkVersion | None) -> bool:
    """Say whether codes alone tell what a version takes over; without a base, or a version, nobody has to be asked."""
    return version is None or version.based_on_id is None or lineage_of(version).is_plain


def path_to(version: FrameworkVersion, earlier_id: int) -> Path | None:
    """Return what a version takes over from the one with this key; None where codes alone tell it.

    No query for a published version that was asked for before.
    """
    if earlier_id == version.pk or is_plain(version):
        return None
    return lineage_of(version).path_from(earlier_id)


def carried_steps(version: FrameworkVersion, earlier_id: int, steps: Mapping[str, int]) -> dict[str, int]:
    """Return steps by code of the earlier version as steps by code of this one."""
    path = path_to(version, earlier_id)
    return dict(steps) if path is None else {code: one.step for code, one in path.carry(steps).items()}


def reopened_since(version: FrameworkVersion, key: str) -> list[str] | None:
    """Return the codes that ask something else than in the version with this uuid, None where that is no ancestor.

    A list. One query.
    """
    try:
        earlier = FrameworkVersion.objects.filter(uuid=uuid.UUID(key)).values_list("pk", flat=True).first()
    except ValueError:
        return None
    lineage = lineage_of(version)
    if earlier is None or all(earlier != each for each, _ in lineage.chain):
        return None
    sources = lineage.path_from(earlier).sources
    return [code for code, source in sources.items() if source.rule is Rule.REOPEN and code in source.codes]


def path_between(earlier: FrameworkVersion, later: FrameworkVersion, codes: frozenset[str]) -> Path:
    """Return what the later version takes over from the earlier one, whose cells in use are `codes`; by code alone where
    it is no ancestor. No query where both are published and were asked for before.
    """
    lineage = lineage_of(later)
    known = any(key == earlier.pk for key, _ in lineage.chain)
    return lineage.path_from(earlier.pk, () if known else codes)


def _read(version_id: int, _: uuid.UUID) -> Lineage:
    chain: list[tuple[int, Revision]] = []
    key: int | None = version_id
    while key is not None and len(chain) < _LONGEST:
        base = FrameworkVersion.objects.filter(pk=key).values_list("based_on", flat=True).first()
        chain.append((key, _revision(key, has_base=base is not None)))
        key = base
    return Lineage(tuple(chain))


# The uuid is asked for too: a test's database may give the same key to another version.
_kept = lru_cache(_KEPT)(_read)


def _revision(version_id: int, *, has_base: bool) -> Revision:
    names = dict(Cell.objects.filter(version_id=version_id, in_use=True).values_list("code", "label"))
    if not has_base:
        return Revision(frozenset(names), None, names)
    said: dict[str, list[tuple[str, Rule]]] = defaultdict(list)
    rows = CellOrigin.objects.filter(cell__version_id=version_id, cell__in_use=True)
    for code, origin, rule in rows.values_list("cell__code", "code", "rule"):
        said[code].append((origin, Rule(rule)))
    sources = {
        code: Source(
            tuple(sorted(origin for origin, _ in said[code])), strictest(rule for _, rule in said[code])
        )
        for code in names
    }
    return Revision(frozenset(names), sources, names)
