"""Weakened policies, scopes, states and ends of intervals: the suite notices every one (scripts/mutants)."""

from collections.abc import Iterable

from bench.bounds import Bound
from bench.results import Figure
from scripts.mutants.making import all_mutants
from scripts.mutants.running import Verdict, try_all

FIGURES = {
    "authz.mutants": Bound(100, "%", at_least=True, per_database=False),
    "authz.mutants.count": Bound(100, "mutants", at_least=True, per_database=False),
}
DATABASES = ()
LONG = True


def figures(verdicts: list[Verdict]) -> list[Figure]:
    """Return the share that was caught, and how many were tried."""
    survived = [verdict.key for verdict in verdicts if not verdict.caught]
    share = 100 * (len(verdicts) - len(survived)) / len(verdicts) if verdicts else 0
    return [
        Figure("authz.mutants", share, "; ".join(survived[:5])),
        Figure("authz.mutants.count", len(verdicts)),
    ]


def measure(*, short: bool) -> Iterable[Figure]:
    """Try every mutant; there is no short form."""
    return figures(try_all(all_mutants(), rounds=4))
