"""Every figure that `make bench` prints, and the bound that it must keep; `make drill` brings a table of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

DATABASES = ("sqlite", "postgres")
SHORT_MARGIN = 2
# Seconds and milliseconds on a machine that others use as well swing more than ratios within one run.
SHORT_MARGIN_MS = 4


@dataclass(frozen=True)
class Bound:
    """The most that a figure may be (`at_least`: the least), and its unit. `per_database` figures carry the database in
    their name.

    `timed` figures swing with whatever else the machine does. A short run repeats too little to judge them to the
    last tenth: it prints what falls short all the same, and fails only beyond SHORT_MARGIN times the limit, or
    SHORT_MARGIN_MS times where the figure is no ratio. `short_limit` stands in for the limit where a short run asks less
    of something that is counted.
    """

    limit: float
    unit: str
    per_database: bool = True
    timed: bool = False
    at_least: bool = False
    short_limit: float | None = None

    def fails(self, value: float, *, short: bool) -> bool:
        """Say whether a value ends a run with an error; in a short run a time has a wide margin."""
        margin = 1
        if short and self.timed:
            margin = SHORT_MARGIN_MS if self.unit in ("ms", "s") else SHORT_MARGIN
        return not self._reaches(value * margin if self.at_least else value / margin, short=short)

    def keeps(self, value: float, *, short: bool = False) -> bool:
        """Say whether a value is good enough. Nothing but a number on the right side of the limit is."""
        return self._reaches(value, short=short)

    def limit_of(self, *, short: bool) -> float:
        """Return the limit of a run."""
        return self.limit if self.short_limit is None or not short else self.short_limit

    @property
    def words(self) -> str:
        """Return which side of the limit is good."""
        return "at least" if self.at_least else "at most"

    def _reaches(self, value: float, *, short: bool) -> bool:
        limit = self.limit_of(short=short)
        return value >= limit if self.at_least else value <= limit


BOUNDS: dict[str, Bound] = {
    "queries.page.max": Bound(15, "queries"),
    "queries.page.difference": Bound(0, "queries"),
    "queries.page.unopened": Bound(0, "pages"),
    "page.department.ratio": Bound(5, "times", timed=True),
    "page.sheet.ratio": Bound(4, "times", timed=True),
    "report.sql.ratio": Bound(1.3, "times", timed=True),
    "report.trend": Bound(6, "times", timed=True),
    "page.heatmap.growth": Bound(5, "times", timed=True),
    "overview.ms": Bound(150, "ms", timed=True),
    "scenario.ms": Bound(100, "ms", timed=True),
    "submit.queries": Bound(12, "queries"),
    "submit.ratio": Bound(2, "times", timed=True),
    "submit.writes": Bound(300, "changes", timed=True, at_least=True, short_limit=60),
    "submit.lost": Bound(0, "changes"),
    "submit.wrong_tally": Bound(0, "figures"),
    "submit.deadlocks": Bound(0, "changes"),
    "export.csv.rss": Bound(64, "MiB"),
    "export.xlsx.rss": Bound(64, "MiB"),
    "export.csv.ratio": Bound(0.8, "times", timed=True, at_least=True),
    "export.csv.orm.ratio": Bound(0.3, "times", timed=True, at_least=True),
    "import.preview": Bound(20, "s", timed=True),
    "import.apply": Bound(30, "s", timed=True),
    "import.rate": Bound(0.6, "times", timed=True, at_least=True),
    "training.ms": Bound(1000, "ms", per_database=False, timed=True),
    "signin.hash": Bound(100, "ms", per_database=False, timed=True),
    "page.weight.first": Bound(60, "KB", per_database=False),
    "page.weight.later": Bound(20, "KB", per_database=False),
}


def expected(table: Mapping[str, Bound] = BOUNDS) -> list[str]:
    """Return the names of all lines that a complete run prints, in the order of the table."""
    return [
        f"{name}.{database}" if bound.per_database else name
        for name, bound in table.items()
        for database in (DATABASES if bound.per_database else ("",))
    ]


def bound_of(line_name: str, table: Mapping[str, Bound] = BOUNDS) -> Bound:
    """Return the bound of a printed name, with or without its database. KeyError for a name without one."""
    if line_name in table:
        return table[line_name]
    name, _, database = line_name.rpartition(".")
    if database not in DATABASES:
        raise KeyError(line_name)
    return table[name]
