"""Foreign, out of scope and not there: the same status, headers and bytes, and in the median the same time.

For every URL with an object in it, GET and POST, as every persona. `authz.twin.bytes` counts the pairs that differ;
`authz.twin.ratio` is the ratio that is furthest from one, either way round, of medians of requests in turn. Time is that of
the process, in which SQLite answers too: what the answer costs, and not what a neighbour on the machine takes away.
"""

import gc
import random
import re
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.test import Client, override_settings

from access.routes import ROUTES, TOKEN
from bench.bounds import Bound
from bench.results import Figure
from organization.providers import read_providers
from tests import builders as b
from tests.routes import PROVIDERS, address, make_targets
from tests.world import make_world

FIGURES = {
    "authz.twin.bytes": Bound(0, "pairs"),
    "authz.twin.pairs": Bound(1_000, "pairs", at_least=True, short_limit=150),
    "authz.twin.ratio": Bound(1.1, "times", timed=True),
    "authz.twin.timed": Bound(100, "URLs", at_least=True, short_limit=20),
}
DATABASES = ("sqlite",)
PAGE = "security"
PERSONAS = ("honnin", "dourei", "kakari", "kacho", "bucho", "betsuka", "jinji", "henshu", "kansa", "sysadmin")
# In the order in which somebody passes the question of the role, so that the object itself is looked for.
INSIDE = ("jinji", "henshu", "kansa", "sysadmin", "kacho", "honnin")
# Who has no sight of 人事課 and the people in it.
BELOW = ("honnin", "dourei", "kakari", "kacho", "bucho")
LONG_REPEATS, SHORT_REPEATS, MORE_REPEATS = 25, 9, 75
SECONDS = 3600
_BACKEND = "organization.backends.StaffBackend"
_OWN = ("X-Request-Id", "Date", "Set-Cookie", "Cookie")
_NONCE = re.compile(r"nonce-[\w+/=-]+")


@dataclass(frozen=True)
class Twin:
    """One URL by one method, an object that the persona may not know of, and what the pair is called."""

    route: str
    method: str
    persona: str
    target: Any
    kind: str

    def __str__(self) -> str:
        return f"{self.method} {self.route}, {self.kind}, as {self.persona}"


def twins_of(world) -> Iterator[Twin]:
    """Yield every pair: foreign ones for everybody, those outside the scope for the line and the staff below it."""
    outside = {
        "staff": world.betsuka,
        "sheet": b.make_sheet(world.betsuka, world.cycle, world.jinjika),
        "entry": b.make_experience(world.betsuka),
        "training": b.make_training(world.betsuka, state="applied"),
        "department": world.jinjika,
    }
    for route, guard in sorted(ROUTES.items()):
        if TOKEN in (guard.get, guard.post) or guard.target in (None, "manual", "export_kind"):
            continue
        foreign = world.targets[guard.target][1]
        for method, row in (("GET", guard.get), ("POST", guard.post)):
            if row is None:
                continue
            if foreign is not None:
                for persona in PERSONAS:
                    yield Twin(route, method, persona, foreign, "foreign")
            if guard.target in outside:
                for persona in BELOW:
                    yield Twin(route, method, persona, outside[guard.target], "outside")


class Door:
    """Clients of the personas; each request is taken back."""

    def __init__(self, world) -> None:
        self.clients: dict[str, Client] = {}
        self.world = world

    def ask(self, twin: Twin, target) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers without those that differ by nature, and the body."""
        client = self.clients.get(twin.persona)
        if client is None:
            client = self.clients[twin.persona] = Client(raise_request_exception=False)
            client.force_login(getattr(self.world, twin.persona), backend=_BACKEND)
        url = address(twin.route, target)
        headers = {"X-Request-Id": "0123456789ab"}
        form = {
            "version": "1",
            "key": "00000000-0000-4000-8000-000000000000",
            "reason": "理由",
            "action": "save",
        }
        with transaction.atomic():
            if twin.method == "POST":
                answer = client.post(url, form, headers=headers)
            else:
                answer = client.get(url, headers=headers)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            transaction.set_rollback(True)
        told = {
            name: _NONCE.sub("nonce", value) for name, value in answer.headers.items() if name not in _OWN
        }
        return answer.status_code, told, body


def differing(door: Door, twins: Iterable[Twin]) -> tuple[int, list[str]]:
    """Return how many pairs were asked, and those that can be told apart."""
    nothing: dict[tuple[str, str, str], tuple] = {}
    asked, told = 0, []
    for twin in twins:
        key = (twin.route, twin.method, twin.persona)
        if key not in nothing:
            nothing[key] = door.ask(twin, None)
        there, asked = door.ask(twin, twin.target), asked + 1
        if there != nothing[key]:
            parts = zip(("status", "headers", "bytes"), there, nothing[key], strict=True)
            told.append(f"{twin}: other {', '.join(name for name, one, two in parts if one != two)}")
    return asked, told


def to_time(door: Door, twins: Iterable[Twin]) -> Iterator[Twin]:
    """Yield a pair for each URL and method: of the first persona for whom the object itself is looked for, else of any."""
    by_url: dict[tuple[str, str], list[Twin]] = {}
    for twin in twins:
        if twin.kind == "foreign":
            by_url.setdefault((twin.route, twin.method), []).append(twin)
    for pairs in by_url.values():
        ranked = sorted(
            (pair for pair in pairs if pair.persona in INSIDE), key=lambda one: INSIDE.index(one.persona)
        )
        yield next((pair for pair in ranked if door.ask(pair, None)[0] == 404), ranked[0])


def ratio_of(door: Door, twin: Twin, repeats: int, clock: Callable[[], float] = time.process_time) -> float:
    """Return the ratio of the medians of foreign and nothing, asked in turn; each pair in another order."""
    chance, took = random.Random(11), {True: [], False: []}
    for target in (twin.target, None):
        door.ask(twin, target)
    gc.collect()
    gc.disable()
    try:
        for _ in range(repeats):
            for there in chance.sample((True, False), 2):
                began = clock()
                door.ask(twin, twin.target if there else None)
                took[there].append(clock() - began)
    finally:
        gc.enable()
    return statistics.median(took[True]) / statistics.median(took[False])


def furthest(door: Door, twins: Iterable[Twin], repeats: int) -> tuple[int, float, str]:
    """Return how many URLs were timed, the ratio that is furthest from one, and whose it is."""
    worst, whose, count = 1.0, "", 0
    for twin in twins:
        count += 1
        ratio = ratio_of(door, twin, repeats)
        if not 0.95 < ratio < 1.05:
            # A single swing of the machine is no difference: more of them say.
            ratio = ratio_of(door, twin, MORE_REPEATS)
        if max(ratio, 1 / ratio) > worst:
            worst, whose = max(ratio, 1 / ratio), f"{twin}: {ratio:.3f}"
    return count, worst, whose


def measure(*, short: bool) -> Iterable[Figure]:
    """Yield the pairs that can be told apart and the furthest ratio; a short run asks a sample of each."""
    with transaction.atomic(), override_settings(SIGN_IN_PROVIDERS=read_providers(PROVIDERS)):
        world = make_world()
        world.targets = make_targets(world)
        door, twins = Door(world), list(twins_of(world))
        chosen = random.Random(5).sample(twins, 150) if short else twins
        asked, told = differing(door, chosen)
        if short:
            # One URL of each kind of object.
            first = {ROUTES[twin.route].target: (twin.route, twin.method) for twin in reversed(twins)}
            twins = [twin for twin in twins if (twin.route, twin.method) in first.values()]
        timed = list(to_time(door, twins))
        count, worst, whose = furthest(door, timed, SHORT_REPEATS if short else LONG_REPEATS)
        transaction.set_rollback(True)
    yield Figure("authz.twin.bytes", len(told), "; ".join(told[:5]))
    yield Figure("authz.twin.pairs", asked)
    yield Figure("authz.twin.ratio", round(worst, 3), whose)
    yield Figure("authz.twin.timed", count)
