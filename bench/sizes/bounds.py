"""The sizes, and the bounds of what is measured at each; a figure carries its size in front: `M.report.growth.postgres`."""

from dataclasses import dataclass

from bench.bounds import DATABASES, Bound


@dataclass(frozen=True)
class Size:
    """So many municipalities with so many people in all, and so many years. `large` ones are run on demand, and on PostgreSQL."""

    name: str
    municipalities: int
    staff: int
    years: int
    large: bool = False

    @property
    def databases(self) -> tuple[str, ...]:
        """Return the engines that are expected to hold as much."""
        return ("postgres",) if self.large else DATABASES


SIZES = {
    size.name: size
    for size in (
        Size("S", 1, 600, 3),
        Size("M", 40, 100_000, 3),
        Size("L", 1_788, 2_800_000, 1, large=True),
    )
}
# Generated ratings a second: a million people × 17 cells within 15 minutes.
RATINGS_A_SECOND = 1_000_000 * 17 / (15 * 60)
FIGURES: dict[str, Bound] = {
    # Of S as well, where what is done once weighs most: too few rows to be judged by the second.
    "generate.rate": Bound(RATINGS_A_SECOND, "ratings/s", timed=True, at_least=True),
    "disk.per_million": Bound(1_500, "MB"),
    "tallies.rate": Bound(50, "departments/s", timed=True, at_least=True),
    # Against size S in the same run, each over the empty page of its own process.
    "report.growth": Bound(1.5, "times", timed=True),
    "page.department.growth": Bound(1.5, "times", timed=True),
    "report.prefecture.ratio": Bound(0.15, "times", timed=True),
    "report.nation": Bound(6, "times", timed=True),
    "page.overview.ratio": Bound(40, "times", timed=True),
    "page.people.ratio": Bound(10, "times", timed=True),
    "page.people.queries": Bound(15, "queries"),
}
# What says nothing where the largest municipality is small, or there is one alone.
NOT_OF = {
    "S": (
        "generate.rate",
        "disk.per_million",
        "report.growth",
        "page.department.growth",
        "report.prefecture.ratio",
        "report.nation",
    ),
    "M": ("report.nation",),
    "L": (),
}


def table(size: Size) -> dict[str, Bound]:
    """Return the bounds of one size under its printed names, without the database."""
    return {f"{size.name}.{name}": bound for name, bound in FIGURES.items() if name not in NOT_OF[size.name]}
