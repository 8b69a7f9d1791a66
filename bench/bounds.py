"""Every figure that `make bench` prints, and the bound that it must keep."""

from dataclasses import dataclass

DATABASES = ("sqlite", "postgres")


@dataclass(frozen=True)
class Bound:
    """The most that a figure may be, and its unit. `per_database` figures carry the database in their name."""

    limit: float
    unit: str
    per_database: bool = True

    def keeps(self, value: float) -> bool:
        """Say whether a value is good enough. Nothing but a number at or below the limit is."""
        return value <= self.limit


BOUNDS: dict[str, Bound] = {
    "queries.page.max": Bound(15, "queries"),
    "queries.page.difference": Bound(0, "queries"),
    "queries.page.unopened": Bound(0, "pages"),
    "page.department.ratio": Bound(5, "times"),
    "page.sheet.ratio": Bound(4, "times"),
    "report.sql.ratio": Bound(1.3, "times"),
    "submit.queries": Bound(12, "queries"),
    "signin.hash": Bound(100, "ms", per_database=False),
    "page.weight.first": Bound(60, "KB", per_database=False),
    "page.weight.later": Bound(20, "KB", per_database=False),
}


def expected() -> list[str]:
    """Return the names of all lines that a complete run prints, in the order of the table."""
    return [
        f"{name}.{database}" if bound.per_database else name
        for name, bound in BOUNDS.items()
        for database in (DATABASES if bound.per_database else ("",))
    ]


def bound_of(line_name: str) -> Bound:
    """Return the bound of a printed name, with or without its database. KeyError for a name without one."""
    if line_name in BOUNDS:
        return BOUNDS[line_name]
    name, _, database = line_name.rpartition(".")
    if database not in DATABASES:
        raise KeyError(line_name)
    return BOUNDS[name]
