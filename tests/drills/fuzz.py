"""Hostile requests and forms to every URL, as everybody: none may be answered 500, and none 503 while nothing is unavailable.

A number is one set of requests, made from a seed (tests/drills/fuzz_make.py): mostly a form that a page really has, filled
in and then nearly right. Each set runs in a transaction that is taken back. A long run keeps how far it came
(tests/drills/out): FUZZ_MINUTES ends it earlier, the next run of the same tree goes on. FUZZ_NUMBER=word-17 sends that
number alone and shows where it broke. A fault is told once by its place, with the first number that found it; what
persons wrote, and the message of an error, which quotes it, is not.
"""

import json
import os
import time
from collections.abc import Iterable
from pathlib import Path

from django.db import connection, transaction

from access.routes import OPEN, ROUTES
from bench.bounds import Bound
from bench.results import Figure
from tests.drills.authz import digest
from tests.drills.fuzz_city import build
from tests.drills.fuzz_make import Maker, Requests
from tests.drills.fuzz_send import REFUSED, Answer, Request, Sender, pattern_of

FIGURES = {
    "fuzz.requests": Bound(100_000, "requests", at_least=True, short_limit=1_500),
    "fuzz.http500": Bound(0, "answers"),
    "fuzz.http503": Bound(0, "answers"),
    # Of the methods that the table offers for each URL, those whose view ran and went past its guard at least once.
    "fuzz.urls": Bound(100, "%", at_least=True),
}
DATABASES = ("sqlite", "postgres")
SECONDS = 6 * 3600
SHORT, WHOLE, SLICE = 1_500, 100_000, 500
OUT = Path(__file__).parent / "out"


class Kept:
    """What was asked and found so far, of this tree and this seed; another begins anew."""

    def __init__(self, path: Path | None = None, of: str = "") -> None:
        self.path, self.of = path, of
        self.number = self.requests = 0
        self.statuses: dict[str, int] = {}
        self.faults: dict[str, list] = {}
        self.reached: set[str] = set()
        if path is not None and path.exists() and (told := json.loads(path.read_text())).get("of") == of:
            self.number, self.requests = told["number"], told["requests"]
            self.statuses, self.faults, self.reached = told["statuses"], told["faults"], set(told["reached"])

    def note(self, number: str, request: Request, answer: Answer) -> None:
        """Count one answer."""
        self.requests += 1
        status = str(answer.status)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if answer.view and (answer.status not in REFUSED or _is_open(answer.view, request.method)):
            self.reached.add(f"{answer.view} {'GET' if request.method in ('GET', 'HEAD') else 'POST'}")
        if answer.status >= 500:
            asked = f"{status} {answer.fault}"
            where = f"{number}: {request.method} {answer.view or pattern_of(request.path)} as {request.who}"
            self.faults.setdefault(asked, [0, where])[0] += 1

    def write(self) -> None:
        """Write down how far it came."""
        if self.path is None:
            return
        self.path.parent.mkdir(exist_ok=True)
        names = ("of", "number", "requests", "statuses", "faults")
        told = {name: getattr(self, name) for name in names} | {"reached": sorted(self.reached)}
        self.path.write_text(json.dumps(told, ensure_ascii=False))

    def counted(self, *, unavailable: bool) -> int:
        """Return how many answers were 503, or 500 and above without them."""
        return sum(
            number
            for status, number in self.statuses.items()
            if int(status) >= 500 and (status == "503") == unavailable
        )

    def told(self, *, unavailable: bool) -> str:
        """Return each fault once, with how often and where first."""
        lines = [
            f"{fault} ({times}; {where})"
            for fault, (times, where) in self.faults.items()
            if fault.startswith("503") == unavailable
        ]
        return "; ".join(lines[:8])


def measure(*, short: bool) -> Iterable[Figure]:
    """Yield the figures; every fault is also printed."""
    seed = "short" if short else "whole"
    kept = Kept() if short else Kept(OUT / f"fuzz-{connection.vendor}.json", f"{digest()} {seed}")
    with transaction.atomic():
        sender = Sender(build())
    alone = os.environ.get("FUZZ_NUMBER", "")
    minutes = float("inf") if short else float(os.environ.get("FUZZ_MINUTES", "600"))
    run(
        sender,
        kept,
        seed,
        wanted=SHORT if short else WHOLE,
        until=time.monotonic() + 60 * minutes,
        alone=alone,
    )
    for fault, (times, where) in kept.faults.items():
        print(f"{times} x {fault} ({where})")
    missed = sorted(offered() - kept.reached)
    print("statuses", dict(sorted(kept.statuses.items())), "not reached:", missed)
    statuses = ", ".join(f"{number} x {status}" for status, number in sorted(kept.statuses.items()))
    yield Figure("fuzz.requests", kept.requests, statuses)
    yield Figure("fuzz.http500", kept.counted(unavailable=False), kept.told(unavailable=False))
    yield Figure("fuzz.http503", kept.counted(unavailable=True), kept.told(unavailable=True))
    yield Figure("fuzz.urls", 100 * (1 - len(missed) / len(offered())), ", ".join(missed[:12]))


def _is_open(name: str, method: str) -> bool:
    """Say whether an address asks for no right: what it refuses, it refuses for what was sent."""
    return (ROUTES[name].get if method == "GET" else ROUTES[name].post) == OPEN


def offered() -> set[str]:
    """Return the methods of each URL that the table offers."""
    return {
        f"{name} {method}"
        for name, route in ROUTES.items()
        for method in ("GET", "POST")
        if getattr(route, method.lower())
    }


def run(sender: Sender, kept: Kept, seed: str, *, wanted: int, until: float, alone: str = "") -> None:
    """Walk, then send number after number until so many requests were sent or the time is over."""
    with sender.watching():
        maker = Maker(sender, seed, narrow=seed == "short")
        walked = Kept()
        _send(sender, walked, maker.walk(), "walk", apart=True)
        kept.reached |= walked.reached
        if not kept.number:
            kept.requests, kept.statuses, kept.faults = walked.requests, walked.statuses, walked.faults
        if alone:
            _send(sender, kept, maker.make(int(alone.rpartition("-")[2])), alone)
            return
        while kept.requests < wanted and time.monotonic() < until:
            sender.sign_in_anew()
            for number in range(kept.number, kept.number + SLICE):
                _send(sender, kept, maker.make(number), f"{seed}-{number}")
                if kept.requests >= wanted or time.monotonic() >= until:
                    break
            kept.number = number + 1
            kept.write()


def _send(sender: Sender, kept: Kept, requests: Requests, number: str, *, apart: bool = False) -> None:
    """Send the requests of one number in one transaction, which is taken back; `apart`: each in one of its own."""
    request = next(requests, None)
    while request is not None:
        sender.ready(request.who)
        with sender.taken_back():
            request = _answered(sender, kept, requests, number, request)
            while request is not None and not apart:
                request = _answered(sender, kept, requests, number, request)


def _answered(
    sender: Sender, kept: Kept, requests: Requests, number: str, request: Request
) -> Request | None:
    """Send one request and return the next; after a fault there is none, for the transaction may be no good."""
    answer = sender.send(request)
    kept.note(number, request, answer)
    if answer.status >= 500 and number != "walk":
        requests.close()
        return None
    try:
        return requests.send(answer)
    except StopIteration:
        return None
