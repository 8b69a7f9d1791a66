"""The evening of the deadline: twenty requests a second for five minutes, beside fifty clients that send a byte a second.

gunicorn behind nginx, both from the files that an administrator copies. Requests come when they come: one that has to wait
is measured from the moment at which it should have begun.
"""

import http.client
import random
import re
import ssl
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from django.db import connection
from django.urls import reverse

from bench.bounds import Bound
from bench.results import Figure
from tests import nginx
from tests.drills import slow
from tests.drills.crowd import Account, make_accounts

FIGURES = {
    "evening.p99": Bound(1.5, "s", timed=True),
    "evening.http5xx": Bound(0, "answers"),
    "evening.answers": Bound(6000, "answers", at_least=True, short_limit=160),
    # A server that saves nothing answers quickly.
    "evening.saved": Bound(1500, "answers", at_least=True, short_limit=40),
}
# A short run comes at less than half the pace: on a slow machine the queue would grow without end, and say nothing.
A_SECOND, LASTS = 20, 300
SHORT_A_SECOND, SHORT_LASTS = 8, 20
PEOPLE, SHORT_PEOPLE = 100, 30
# Of ten requests: what people do on the last evening.
ACTS = ("save", "save", "save", "save", "edit", "edit", "edit", "submit", "home", "resume")
PATIENCE_SECONDS = 60
_TLS = ssl.create_default_context()
_TLS.check_hostname, _TLS.verify_mode = False, ssl.CERT_NONE


@dataclass
class Visitor:
    """One person's browser behind the proxy, and what the form carries."""

    account: Account
    port: int
    cookies: str
    token: str = ""
    matrix: str = ""
    bases: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, method: str, path: str, body: dict[str, str] | None = None) -> tuple[int, str]:
        """Return (status, text) of one request over TLS; (0, "") where it broke."""
        headers = {"Host": "localhost", "Cookie": self.cookies, "Origin": "https://localhost"}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        asked = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS, context=_TLS)
        try:
            asked.request(method, path, urlencode(body) if body else None, headers)
            answer = asked.getresponse()
            for value in answer.headers.get_all("Set-Cookie", []):
                if "csrftoken" in value:
                    self.cookies += "; " + value.split(";")[0]
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            asked.close()

    def open(self) -> int:
        """Open the form and keep what it carries; returns the status."""
        status, page = self.ask("GET", reverse("assessments:sheet_edit", args=[self.account.sheet_uuid]))
        if status == 200:
            self.token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page).group(1)
            self.matrix = re.search(r'name="matrix" value="([^"]+)"', page).group(1)
            self.bases = dict(re.findall(r'name="base-([^"]+)" value="([^"]*)"', page))
        return status

    def save(self, number: int) -> int:
        """Let the script save one cell; returns the status."""
        code = sorted(self.bases)[number % len(self.bases)]
        body = {
            "csrfmiddlewaretoken": self.token,
            "matrix": self.matrix,
            f"base-{code}": self.bases[code],
            f"step-{code}": str(number % 3),
            f"evidence-{code}": f"{number}番目の根拠",
        }
        status, text = self.ask(
            "POST", reverse("assessments:sheet_save", args=[self.account.sheet_uuid]), body
        )
        if status == 200:
            self.bases[code] = re.search(rf'"{re.escape(code)}": "([^"]*)"', text).group(1)
        return status

    def act(self, what: str, number: int) -> int:
        """Do one thing and return the status; one request at a time, as a browser with one tab does."""
        with self.lock:
            if what == "save":
                return self.save(number)
            if what == "edit":
                return self.open()
            places = {
                "submit": reverse("assessments:sheet_submit", args=[self.account.sheet_uuid]),
                "home": reverse("assessments:home"),
                "resume": reverse("assessments:my_resume"),
            }
            return self.ask("GET", places[what])[0]


@dataclass
class Evening:
    """What was answered: seconds of each, and how often which status, by what was done."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter = field(default_factory=Counter)

    @property
    def p99(self) -> float:
        """Return what one of a hundred had to wait, at least."""
        return statistics.quantiles(self.seconds, n=100)[-1]

    @property
    def failures(self) -> int:
        """Return how many were answered 5xx or not at all."""
        return sum(n for (_, status), n in self.statuses.items() if status >= 500 or status == 0)

    @property
    def saved(self) -> int:
        """Return how many saves were acknowledged."""
        return self.statuses["save", 200]


def measure(*, short: bool) -> Iterable[Figure]:
    """Yield the figures of one evening."""
    if nginx.program() is None:
        raise RuntimeError("nginx is not installed (scripts/system nginx)")
    accounts = make_accounts(SHORT_PEOPLE if short else PEOPLE)
    connection.close()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="skill-evening-"))
        proxy = stack.enter_context(nginx.running(Path(folder)))
        stack.enter_context(slow.serving(proxy))
        visitors = [visitor(one, proxy.port) for one in accounts]
        stack.enter_context(slow.slow_clients(proxy.port))
        rate, seconds = (SHORT_A_SECOND, SHORT_LASTS) if short else (A_SECOND, LASTS)
        evening = spent(visitors, seconds=seconds, rate=rate)
    behind = f"{dict(evening.statuses)}, median {statistics.median(evening.seconds) * 1000:.0f} ms"
    yield Figure("evening.p99", evening.p99, behind)
    yield Figure("evening.http5xx", evening.failures, behind)
    yield Figure("evening.answers", len(evening.seconds), behind)
    yield Figure("evening.saved", evening.saved, behind)


def visitor(account: Account, port: int) -> Visitor:
    """Return somebody with the form open; their cookies have the names that HTTPS gives them."""
    cookies = "; ".join(f"__Host-{name}={value}" for name, value in account.cookies.items())
    made = Visitor(account, port, cookies)
    if made.open() != 200:
        raise RuntimeError("the form does not open")
    return made


def spent(visitors: list[Visitor], *, seconds: float, rate: float) -> Evening:
    """Send so many requests a second, each at its moment, whoever is still waiting."""
    evening, lock, chance = Evening(), threading.Lock(), random.Random(1)
    planned = [(chance.choice(ACTS), chance.choice(visitors)) for _ in range(int(seconds * rate))]
    began = time.monotonic()

    def come(number: int) -> None:
        what, who = planned[number]
        due = began + number / rate
        time.sleep(max(0.0, due - time.monotonic()))
        status = who.act(what, number)
        with lock:
            evening.seconds.append(time.monotonic() - due)
            evening.statuses[what, status] += 1

    with ThreadPoolExecutor(max_workers=128) as pool:
        list(pool.map(come, range(len(planned))))
    return evening
