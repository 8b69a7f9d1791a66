"""The drills there are: every module of this folder that declares FIGURES at its top."""

import ast
import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from bench.bounds import DATABASES, Bound
from bench.results import Figure

FOLDER = Path(__file__).parent
# Seconds that a drill may take before it is stopped, unless its module says otherwise.
# Against a drill that hangs, not a measure: a slow machine takes three times as long as a quick one.
SHORT_SECONDS, SECONDS = 400, 3600


class NotADrillError(Exception):
    """A module's declarations contradict each other; the text says how."""


@dataclass(frozen=True)
class Drill:
    """One module: its figures, the databases that each is measured on (in a short run fewer), how long it may take, whether
    it wants the machine to itself.
    """

    name: str
    figures: dict[str, Bound]
    databases: tuple[str, ...]
    short_databases: tuple[str, ...]
    long: bool
    seconds: dict[bool, float] = field(compare=False)
    alone: bool = field(default=True, compare=False)
    page: str = field(default="reliability", compare=False)

    def places(self, asked: Iterable[str], *, short: bool) -> tuple[str, ...]:
        """Return the databases to run on; the empty name stands for a drill that needs none."""
        if not self.databases:
            return ("",)
        there = self.short_databases if short else self.databases
        return tuple(database for database in there if database in set(asked))

    def owns(self, figure: Figure) -> bool:
        """Say whether a figure is one of this drill's."""
        return figure.name in {line for database in ("", *DATABASES) for line in self.lines(database)}

    def lines(self, database: str) -> list[str]:
        """Return the names of the lines that a run on this database prints."""
        return [line_name(name, bound, database) for name, bound in self.figures.items()]


def line_name(name: str, bound: Bound, database: str) -> str:
    """Return the printed name of a figure."""
    return f"{name}.{database}" if bound.per_database else name


def names(folder: Path = FOLDER) -> list[str]:
    """Return the names of the drills, without importing any: a helper module declares no FIGURES."""
    return [
        path.stem
        for path in sorted(folder.glob("*.py"))
        if not path.stem.startswith(("_", "test_")) and _declares(path, "FIGURES")
    ]


def load(name: str) -> tuple[Drill, ModuleType]:
    """Import a drill; NotADrillError where what it declares cannot be."""
    module = importlib.import_module(f"tests.drills.{name}")
    return read(module, name), module


def read(module: ModuleType, name: str) -> Drill:
    """Return what a module declares."""
    databases = tuple(getattr(module, "DATABASES", DATABASES))
    figures: dict[str, Bound] = module.FIGURES
    if not callable(getattr(module, "measure", None)):
        raise NotADrillError(f"{name}: has no measure(*, short)")
    if not set(databases) <= set(DATABASES):
        raise NotADrillError(f"{name}: DATABASES are {databases}; there are {DATABASES}")
    for figure, bound in figures.items():
        if bound.per_database and not databases:
            raise NotADrillError(f"{name}: {figure} is per_database, and the drill has no database")
        if not bound.per_database and len(databases) > 1:
            raise NotADrillError(f"{name}: {figure} would be measured on {len(databases)} databases as one")
    fewer = tuple(getattr(module, "SHORT_DATABASES", databases))
    if not set(fewer) <= set(databases):
        raise NotADrillError(f"{name}: SHORT_DATABASES are {fewer}; DATABASES are {databases}")
    limit = getattr(module, "SECONDS", None)
    return Drill(
        name,
        figures,
        databases,
        fewer,
        bool(getattr(module, "LONG", False)),
        {True: min(limit or SHORT_SECONDS, SHORT_SECONDS), False: limit or SECONDS},
        # A module whose times are far from their bounds says otherwise.
        bool(getattr(module, "ALONE", any(bound.timed for bound in figures.values()))),
        getattr(module, "PAGE", "reliability"),
    )


def printed(
    drill: Drill, measure: Callable[..., Iterable[Figure]], database: str, *, short: bool
) -> list[Figure]:
    """Measure, and return the figures under their printed names. NotADrillError for one that was not declared."""
    found = []
    for figure in measure(short=short):
        name = figure.name
        # One may end with the word all the same: `drill.recovery.postgres` is of PostgreSQL alone.
        if database and name not in drill.figures:
            name = name.removesuffix(f".{database}")
        if name not in drill.figures:
            raise NotADrillError(f"{drill.name}: {figure.name} is not in FIGURES")
        found.append(
            Figure(line_name(name, drill.figures[name], database), float(figure.value), str(figure.behind))
        )
    return found


def _declares(path: Path, name: str) -> bool:
    """Say whether a module assigns this name at its top."""
    targets = [
        target
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)
