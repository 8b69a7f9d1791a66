"""PostgreSQL is restarted and killed while everybody saves and submits: nothing is lost, and no answer is a 500."""

import time
from collections.abc import Callable, Iterable

from django.db import connection

from bench.bounds import Bound
from bench.results import Figure
from tests.drills.crowd import Crowd, at_work, figures_of, let_work, make_accounts, owed, recovered
from tests.drills.postgres import Cluster, durable_cluster
from tests.drills.serving import serving

FIGURES = {
    **owed("restarts", answers=5000, short=200, per_database=False),
    # That the database was away at all is seen by somebody, or the drill has shown nothing.
    "restarts.http503": Bound(1, "answers", at_least=True, per_database=False),
    "drill.recovery.postgres": Bound(10, "s", timed=True, per_database=False),
}
DATABASES = ("postgres",)
PEOPLE, SHORT_PEOPLE = 60, 16
BETWEEN, SHORT_BETWEEN = 720, 50
WAITED = 60
# Three restarts, three kills; and one session's process, which PostgreSQL answers by ending all of them.
FAULTS = (
    Cluster.stop_fast,
    Cluster.kill_postmaster,
    Cluster.stop_fast,
    Cluster.stop_immediately,
    Cluster.stop_fast,
    Cluster.kill_postmaster,
    Cluster.kill_one,
)
SHORT_FAULTS = (Cluster.stop_fast, Cluster.kill_postmaster, Cluster.stop_immediately, Cluster.kill_one)


def measure(*, short: bool) -> Iterable[Figure]:
    """Yield the figures of all faults."""
    with durable_cluster() as cluster:
        accounts = make_accounts(SHORT_PEOPLE if short else PEOPLE)
        connection.close()
        with serving(cluster.url) as server, at_work(accounts, server.port) as crowd:
            times = struck(
                cluster,
                crowd,
                SHORT_FAULTS if short else FAULTS,
                between=SHORT_BETWEEN if short else BETWEEN,
            )
        for name, value, behind in figures_of("restarts", crowd):
            yield Figure(name, value, behind)
        yield Figure("restarts.http503", crowd.seen.statuses[503])
    told = {f"{number} {name}": round(seconds, 2) for number, (name, seconds) in enumerate(times, 1)}
    yield Figure("drill.recovery.postgres", max(seconds for _, seconds in times), f"{told}")


def struck(
    cluster: Cluster, crowd: Crowd, faults: Iterable[Callable[[Cluster], None]], *, between: int
) -> list[tuple[str, float]]:
    """Let each fault happen amid work; returns its name and the seconds until a write was acknowledged again."""
    times = []
    for fault in faults:
        let_work(crowd, between)
        moment = time.monotonic()
        fault(cluster)
        times.append((fault.__name__, recovered(crowd, moment, within=WAITED)))
    let_work(crowd, between)
    return times
