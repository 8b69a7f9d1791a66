"""How ratings come along from version to version of a matrix. Pure; competency.lineage_reads loads it.

Each version names, for every one of its cells, the cells of its base that it came from, and a rule. A step is never
made up: what a cell takes over is the step of one of its origins. Where several cells were joined it is the lowest
of them, and only where each of them was rated, for whoever can do one part need not be able to do the whole.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property


class Rule(StrEnum):
    """What happens with a rating of an origin, the mildest first (models.CellOrigin.Rule)."""

    CARRY = "carry"
    REVIEW = "review"
    REOPEN = "reopen"


class Fate(StrEnum):
    """What a revision does with a cell of its base, or where a cell comes from."""

    KEPT = "kept"
    RENAMED = "renamed"
    SPLIT = "split"
    JOINED = "joined"
    DROPPED = "dropped"
    NEW = "new"


_SEVERITY = {rule: rank for rank, rule in enumerate(Rule)}


@dataclass(frozen=True)
class Source:
    """What one cell of a version takes over: the codes of the origins, sorted, and the strictest of their rules."""

    codes: tuple[str, ...]
    rule: Rule = Rule.CARRY


@dataclass(frozen=True)
class Carried:
    """A step taken over, with the code whose step it is, all codes it was read from, and whether to look at it again."""

    step: int
    origin: str
    origins: tuple[str, ...]
    review: bool = False


@dataclass(frozen=True)
class Revision:
    """One version as its ratings see it: all its cells by code, with what each took over from the base.

    `sources` None says that the version has no base. `names` are what the cells are called.
    """

    codes: frozenset[str]
    sources: Mapping[str, Source] | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def ordered(self) -> list[str]:
        """Return the codes in the order of the matrix where their names are known, else by letter; a list."""
        return list(self.names) if self.names.keys() == self.codes else sorted(self.codes)


@dataclass(frozen=True)
class Path:
    """What the cells of a version take over from one earlier version, by code of the later one."""

    sources: Mapping[str, Source]

    def carry(self, steps: Mapping[str, int]) -> dict[str, Carried]:
        """Return what is taken over from steps by code of the earlier version; what is reopened is left out."""
        found = {}
        for code, source in self.sources.items():
            if source.rule is Rule.REOPEN or not source.codes:
                continue
            if not all(origin in steps for origin in source.codes):
                continue
            lowest = min(source.codes, key=lambda origin: (steps[origin], origin))
            review = source.rule is Rule.REVIEW
            found[code] = Carried(steps[lowest], lowest, source.codes, review)
        return found

    def holds(self, held: Collection[str]) -> list[str]:
        """Return the later codes whose origins are all in `held`; a list. What is reopened holds nothing."""
        return [
            code
            for code, source in self.sources.items()
            if source.rule is not Rule.REOPEN and source.codes and all(each in held for each in source.codes)
        ]

    def successors(self, code: str) -> list[str]:
        """Return the later codes that came from this one, reopened ones too; a list."""
        return [later for later, source in self.sources.items() if code in source.codes]

    @property
    def is_plain(self) -> bool:
        """Say whether every cell takes over the one of its own code, or nothing, without any mark."""
        return all(
            source.rule is Rule.CARRY and source.codes in ((code,), ())
            for code, source in self.sources.items()
        )


def by_code(earlier: Collection[str], later: Collection[str]) -> Path:
    """Return the path between versions that know nothing of each other: the same code is the same cell."""
    return Path({code: Source((code,)) if code in earlier else Source(()) for code in later})


@dataclass(frozen=True)
class Lineage:
    """A version and those it came from, the nearest first: `chain` holds (key, Revision), the version itself first."""

    chain: tuple[tuple[int, Revision], ...]

    def path_from(self, key: int, codes: Collection[str] = ()) -> Path:
        """Return the path from the version with this key; by code alone, from `codes`, where it is no ancestor.

        Without `codes` every code of the later version is taken to be in a version that is no ancestor.
        """
        own = self.chain[0][1].ordered
        sources = {code: Source((code,)) for code in own}
        for position, (ancestor, revision) in enumerate(self.chain):
            if ancestor == key:
                return Path(sources)
            if revision.sources is None or position + 1 == len(self.chain):
                break
            base = self.chain[position + 1][1].codes
            sources = {code: _through(source, revision.sources, base) for code, source in sources.items()}
        return by_code(codes or own, own)

    @cached_property
    def is_plain(self) -> bool:
        """Say whether codes alone tell what is taken over, from every version there is."""
        own = self.chain[0][1].codes
        for key, revision in self.chain[1:]:
            sources = self.path_from(key).sources
            for code in own:
                expected = (code,) if code in revision.codes else ()
                if sources[code] != Source(expected):
                    return False
        return True

    def origins_in(self, key: int, code: str) -> tuple[str, ...]:
        """Return the codes of the version with this key whose steps a cell takes over; () for none, and where it is reopened."""
        source = self.path_from(key).sources.get(code, Source(()))
        return () if source.rule is Rule.REOPEN else source.codes

    def is_joined(self, code: str) -> bool:
        """Say whether a cell came from several of one version."""
        return any(len(self.path_from(key).sources[code].codes) > 1 for key, _ in self.chain[1:])

    def origins(self, code: str) -> frozenset[str]:
        """Return every code of an earlier version that a cell came from, its own left out."""
        found: set[str] = set()
        for key, _ in self.chain[1:]:
            found |= set(self.path_from(key).sources[code].codes)
        return frozenset(found - {code})

    def name(self, code: str) -> str:
        """Return what a cell of the nearest version that has the code is called, the code itself where none has it."""
        return next((each.names[code] for _, each in self.chain if code in each.names), code)

    def successors(self, code: str) -> list[str]:
        """Return the codes of this version that a code of any version stands for: itself, or what came from it; a list."""
        own = self.chain[0][1].codes
        if code in own:
            return [code]
        for key, revision in self.chain[1:]:
            if code in revision.codes:
                return self.path_from(key).successors(code)
        return []


def _through(source: Source, hop: Mapping[str, Source], base: Collection[str]) -> Source:
    """Return where a source leads one version further back.

    Where any of its codes is new in between, nothing can be taken over: part of what it asks was never rated.
    """
    if not source.codes:
        return source
    steps = [hop.get(code, Source(())) for code in source.codes]
    if any(not step.codes or not all(code in base for code in step.codes) for step in steps):
        return Source(())
    codes = tuple(sorted({code for step in steps for code in step.codes}))
    return Source(codes, strictest([source.rule, *(step.rule for step in steps)]))


def strictest(rules: Iterable[Rule]) -> Rule:
    """Return the strictest of several rules; CARRY for none."""
    return max(rules, key=_SEVERITY.__getitem__, default=Rule.CARRY)


def fates(base: Revision, later: Revision) -> dict[str, Fate]:
    """Return what a revision does, by code: of each cell of the base, and NEW for what came from nowhere.

    A cell of the base that is origin of several is SPLIT; of one that has more origins, JOINED; of one with another
    code or name, RENAMED; of none, DROPPED.
    """
    sources = later.sources or {}
    found = {code: Fate.NEW for code in later.codes if not sources.get(code, Source(())).codes}
    for code in base.codes:
        heirs = [each for each in later.codes if code in sources.get(each, Source(())).codes]
        if not heirs:
            found[code] = Fate.DROPPED
        elif len(heirs) > 1:
            found[code] = Fate.SPLIT
        elif len(sources[heirs[0]].codes) > 1:
            found[code] = Fate.JOINED
        elif heirs[0] != code or later.names.get(heirs[0]) != base.names.get(code):
            found[code] = Fate.RENAMED
        else:
            found[code] = Fate.KEPT
    return found


def reused(base: Collection[str], sources: Mapping[str, Collection[str]]) -> list[str]:
    """Return the codes of a version that its base has for something else; a sorted list.

    `sources` are the codes that each cell came from. A code knows a cell through all revisions, so where both have it
    the cell came from that one alone, and nothing else came from it: what was split or joined gets a new code.
    """
    heirs: dict[str, list[str]] = {}
    for later, codes in sources.items():
        for code in codes:
            heirs.setdefault(code, []).append(later)
    return sorted(
        code
        for code in sources
        if code in base and (tuple(sources[code]) != (code,) or heirs.get(code) != [code])
    )
