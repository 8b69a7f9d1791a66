"""Known vulnerabilities of what is locked. Red as well where nobody could be asked: not checked is not clean.

Somebody outside has to be asked (ADVISORIES, scripts/supply/advisories.py), so a short run leaves it out.
"""

from collections.abc import Iterable

from bench.bounds import Bound
from bench.results import Figure
from scripts.supply import advisories

FIGURES = {
    "deps.vulnerable": Bound(0, "parts", per_database=False),
    "deps.skipped": Bound(0, "parts", per_database=False),
}
DATABASES: tuple[str, ...] = ()
PAGE = "security"
LONG = True


def measure(*, short: bool) -> Iterable[Figure]:
    """Count what is vulnerable and what could not be asked about."""
    answer = advisories.ask(advisories.LOCK)
    return [
        Figure("deps.vulnerable", len(answer.vulnerable), "; ".join(answer.vulnerable[:5])),
        Figure("deps.skipped", len(answer.skipped), "; ".join(answer.skipped[:5])),
    ]
