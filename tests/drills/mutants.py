"""Weakened policies, scopes, states and ends of intervals: the suite notices every one (scripts/mutants).

What was caught before with the same source counts (var/mutants.json): it takes hours from nothing, and may be done in slices.
MUTANTS_MINUTES ends a run earlier; what was not tried is `authz.mutants.left`.
"""

import os
import time
from collections.abc import Iterable

from bench.bounds import Bound
from bench.results import Figure
from scripts.mutants.making import all_mutants
from scripts.mutants.record import Record, Slice, go_on

FIGURES = {
    "authz.mutants": Bound(100, "%", at_least=True, per_database=False),
    "authz.mutants.count": Bound(100, "mutants", at_least=True, per_database=False),
    "authz.mutants.left": Bound(0, "mutants", per_database=False),
}
DATABASES = ()
PAGE = "security"
LONG = True
SECONDS = 6 * 3600


def figures(done: Slice) -> list[Figure]:
    """Return the share that was caught, how many were tried (with those caught before), and how many were not."""
    survived = [verdict.key for verdict in done.verdicts if not verdict.caught]
    tried = done.before + len(done.verdicts)
    share = 100 * (tried - len(survived)) / tried if tried else 0
    return [
        Figure("authz.mutants", share, "; ".join(survived[:5])),
        Figure("authz.mutants.count", tried, f"{done.before} of them in an earlier slice"),
        Figure("authz.mutants.left", done.left),
    ]


def measure(*, short: bool) -> Iterable[Figure]:
    """Try every mutant that was not caught before; there is no short form."""
    minutes = float(os.environ.get("MUTANTS_MINUTES", "600"))
    return figures(go_on(all_mutants(), Record(), rounds=4, until=time.monotonic() + 60 * minutes))
