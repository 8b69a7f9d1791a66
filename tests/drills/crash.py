"""The app server is killed while everybody saves and submits: what the screen said is saved is there afterwards."""

import os
import time
from collections.abc import Iterable

from bench.bounds import Bound
from bench.results import Figure
from tests.drills.crowd import Crowd, at_work, figures_of, let_work, make_accounts, owed, recovered
from tests.drills.serving import Server, serving

FIGURES = {
    **owed("crash", answers=5000, short=500),
    "drill.recovery.app": Bound(5, "s", timed=True),
}
KILLS = 4
PEOPLE, SHORT_PEOPLE = 200, 24
# Acknowledged answers between two kills.
BETWEEN, SHORT_BETWEEN = 1100, 80
WAITED = 60


def measure(*, short: bool) -> Iterable[Figure]:
    """Yield the figures of four kills."""
    accounts = make_accounts(SHORT_PEOPLE if short else PEOPLE)
    with serving(os.environ["DATABASE_URL"]) as server, at_work(accounts, server.port) as crowd:
        times = killed(server, crowd, between=SHORT_BETWEEN if short else BETWEEN)
    for name, value, behind in figures_of("crash", crowd):
        yield Figure(name, value, behind)
    yield Figure("drill.recovery.app", max(times), f"after each kill: {[round(one, 2) for one in times]}")


def killed(server: Server, crowd: Crowd, *, between: int) -> list[float]:
    """Kill the master and its workers four times, the workers alone before each; returns the seconds of each recovery."""
    times = []
    for _ in range(KILLS):
        let_work(crowd, between // 2)
        server.kill_workers()
        let_work(crowd, between // 2)
        moment = time.monotonic()
        server.kill_everything()
        times.append(recovered(crowd, moment, within=WAITED))
    let_work(crowd, between)
    # Once more, and nobody tries again: what was on its way is whole or not there.
    server.close()
    return times
