"""Signing in: five hundred at 8:30 from one address, no name told from another, no try too many by trying at once."""

import http.client
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from django.utils import timezone

from bench.bounds import Bound
from bench.results import Figure
from organization.attempts import FREE
from organization.models import Attempt, Staff
from organization.workflow import issue_codes
from tests import builders as b
from tests.processes import ROOT, free_port, stop, wait_for

FIGURES = {
    "signin.rush.succeeded": Bound(500, "sign-ins", at_least=True, short_limit=60),
    "signin.rush.p95": Bound(1.5, "s", timed=True),
    "signin.enumeration.bytes": Bound(0, "bytes"),
    "signin.enumeration.ratio": Bound(1.1, "times", timed=True),
    "signin.attempts.extra": Bound(0, "tries"),
}
DATABASES = ("sqlite", "postgres")
PAGE = "security"
PASSWORD = "あさのでんわ みなとまち 2026"
# People in a minute; every tenth mistypes once.
WHOLE, SHORT, A_MINUTE, MISTYPED = 500, 60, 60, 10
ROUNDS, SHORT_ROUNDS, AT_ONCE = 40, 15, 16
_PATIENCE = 100
# What the same page carries anew each time.
_FRESH = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"|[0-9a-f]{32}')


@dataclass(frozen=True)
class Entered:
    """One person's sign-in: whether it opened, and the seconds of each answer."""

    opened: bool
    seconds: list[float]


def measure(*, short: bool) -> Iterable[Figure]:
    """Yield the figures of all three."""
    people = SHORT if short else WHOLE
    names = make_people(people)
    with serving() as port:
        # Half the pace in a short run: a machine that others use as well would be measured, not the product.
        entered = rush(port, names, over=A_MINUTE * people / WHOLE * (2 if short else 1))
    opened = sum(one.opened for one in entered)
    seconds = [each for one in entered for each in one.seconds]
    p95 = statistics.quantiles(seconds, n=20)[-1]
    behind = f"{people} people, {len(seconds)} answers, median {statistics.median(seconds) * 1000:.0f} ms"
    yield Figure("signin.rush.succeeded", opened, behind)
    yield Figure("signin.rush.p95", p95, behind)
    medians, differing = tell_apart(names_alike(), rounds=SHORT_ROUNDS if short else ROUNDS)
    told = ", ".join(f"{kind} {seconds * 1000:.1f} ms" for kind, seconds in medians.items())
    yield Figure("signin.enumeration.bytes", differing, told)
    yield Figure("signin.enumeration.ratio", max(medians.values()) / min(medians.values()), told)
    looked = tried_at_once(names[0], AT_ONCE)
    yield Figure(
        "signin.attempts.extra", max(0, looked - FREE), f"{looked} of {AT_ONCE} at once were looked at"
    )


def make_people(number: int) -> list[str]:
    """Return the sign-in names of so many people of one municipality, with one password."""
    city, encoded = b.make_municipality(), make_password(PASSWORD)
    people = [
        Staff(
            municipality=city,
            name="見本 花子",
            username=f"rush{n:04d}",
            staff_number=f"9{n:06d}",
            password=encoded,
        )
        for n in range(number)
    ]
    return [one.username for one in Staff.objects.bulk_create(people)]


@contextmanager
def serving() -> Iterator[int]:
    """Yield the port of a server as scripts/run starts it, on the database of this process."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py"],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.drills.served_settings",
            "LISTEN": f"127.0.0.1:{port}",
            "WEB_CONCURRENCY": "2",
            "LOG_LEVEL": "warning",
        },
    )
    try:
        wait_for(port, process)
        yield port
    finally:
        stop(process)


def rush(port: int, names: list[str], *, over: float) -> list[Entered]:
    """Let everybody open the form and sign in, spread evenly over so many seconds, all from this address."""
    began = time.monotonic()

    def come(number: int) -> Entered:
        time.sleep(max(0.0, began + over * number / len(names) - time.monotonic()))
        return _enter(port, names[number], mistype=number % MISTYPED == 0)

    with ThreadPoolExecutor(max_workers=64) as pool:
        return list(pool.map(come, range(len(names))))


def _enter(port: int, name: str, *, mistype: bool) -> Entered:
    seconds, cookies, token = [], SimpleCookie(), ""
    status = 0
    for password in (*([PASSWORD + "x"] if mistype else []), PASSWORD):
        for method, body in (("GET", None), ("POST", {"username": name, "password": password})):
            start = time.perf_counter()
            status, page = _ask(port, method, body and {**body, "csrfmiddlewaretoken": token}, cookies)
            seconds.append(time.perf_counter() - start)
            if found := re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page):
                token = found.group(1)
    return Entered(status == 302, seconds)


def _ask(port: int, method: str, body: dict | None, cookies: SimpleCookie) -> tuple[int, str]:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Cookie": "; ".join(f"{name}={one.value}" for name, one in cookies.items())}
    if body is not None:
        headers |= {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"http://127.0.0.1:{port}",
        }
    try:
        asked.request(method, "/login/", urlencode(body) if body else None, headers)
        answer = asked.getresponse()
        for value in answer.headers.get_all("Set-Cookie", []):
            cookies.load(value)
        return answer.status, answer.read().decode()
    finally:
        asked.close()


def names_alike() -> dict[str, str]:
    """Return a name of each kind that must not be told from the others, all of one length."""
    city, encoded = b.make_municipality(code="131016", name="ほかの市"), make_password(PASSWORD)
    made = {"wrong": {}, "disabled": {"is_active": False}, "left": {"left_on": timezone.localdate()}}
    kinds = {"unknown": "alike-unknown0"}
    for kind, more in made.items():
        name = f"alike-{kind}".ljust(14, "0")
        staff = b.make_staff(city, username=name, **more)
        Staff.objects.filter(pk=staff.pk).update(password=encoded)
        kinds[kind] = name
    kinds["never"] = "alike-never000"
    b.make_staff(city, username=kinds["never"])
    kinds["code"] = "alike-code0000"
    issue_codes(people=[b.make_staff(city, username=kinds["code"])], by=None, now=timezone.now())
    return kinds


def tell_apart(kinds: dict[str, str], *, rounds: int) -> tuple[dict[str, float], int]:
    """Return (median seconds of a wrong password by kind of name, how many bytes differ between any two answers)."""
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    pages: dict[str, set[bytes]] = {kind: set() for kind in kinds}
    for number in range(rounds + 2):
        order = list(kinds.items())
        # Each goes first in its turn.
        for kind, name in order[number % len(order) :] + order[: number % len(order)]:
            Attempt.objects.all().delete()
            client = Client()
            start = time.perf_counter()
            answer = client.post("/login/", {"username": name, "password": "ちがうパスワード"})
            if number >= 2:
                times[kind].append(time.perf_counter() - start)
            sent = sorted(pair for pair in answer.items() if pair[0] != "X-Request-Id")
            head = re.sub(rb"'nonce-[^']*'", b"", b"%d %r" % (answer.status_code, sent))
            pages[kind].add(head + _FRESH.sub(b"", answer.content).replace(name.encode(), b"NAME"))
    one, *others = [b"".join(sorted(pages[kind])) for kind in kinds]
    differing = sum(_differing(one, other) for other in others)
    return {kind: statistics.median(found) for kind, found in times.items()}, differing


def _differing(one: bytes, other: bytes) -> int:
    return sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))


def tried_at_once(name: str, number: int, *, client: Callable[[], Client] = Client) -> int:
    """Return how many of so many wrong passwords for one name, sent at one moment, were looked at and not held."""
    Attempt.objects.all().delete()
    barrier, statuses = threading.Barrier(number), []

    def send() -> None:
        browser = client()
        barrier.wait()
        try:
            # SQLite in memory, as tests have it, refuses a second writer instead of letting it wait: it tries again.
            for _ in range(_PATIENCE):
                status = browser.post(
                    "/login/", {"username": name, "password": "ちがうパスワード"}
                ).status_code
                if status != 503:
                    break
                time.sleep(0.05)
            statuses.append(status)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses.count(422)
