"""What a browser does for one person of a drill: cookies, the token of forms, no redirect followed unseen. No drill itself."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Protocol
from urllib.parse import urlencode

PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the headers that matter here, the text."""

    status: int
    text: str = ""
    location: str = ""
    retry_after: str = ""


class Send(Protocol):
    """Sends one request and returns the answer, None where the connection broke before it was whole."""

    def __call__(
        self, method: str, path: str, body: Mapping[str, str] | None = None, *, json: bool = False
    ) -> Answer | None: ...


@dataclass
class Seen:
    """Everything that was answered to anybody, counted by status; safe to write from several threads."""

    statuses: Counter = field(default_factory=Counter)
    broken: int = 0
    without_retry_after: int = 0
    # (began, ended) of each write that was acknowledged, and of each page that was shown.
    writes: list[tuple[float, float]] = field(default_factory=list)
    reads: list[tuple[float, float]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, answer: Answer | None, *, reading: bool, began: float) -> None:
        """Count an answer."""
        with self._lock:
            if answer is None:
                self.broken += 1
                return
            self.statuses[answer.status] += 1
            if answer.status == 503 and not answer.retry_after:
                self.without_retry_after += 1
            if reading and answer.status == 200:
                self.reads.append((began, time.monotonic()))

    def acknowledged(self, began: float) -> None:
        """Count a write that the screen shows as saved."""
        with self._lock:
            self.writes.append((began, time.monotonic()))

    @property
    def answers_500(self) -> int:
        """Return how many answers were of the server and not 503, or 503 without saying when to come again."""
        wrong = sum(number for status, number in self.statuses.items() if status >= 500 and status != 503)
        return wrong + self.without_retry_after

    def served_after(self, moment: float, *, reading: bool = False) -> float | None:
        """Return the seconds from a moment to the end of the first write (or page) that began after it."""
        with self._lock:
            ends = [end for began, end in (self.reads if reading else self.writes) if began >= moment]
        return min(ends) - moment if ends else None


class Browser:
    """One person's cookies over real HTTP."""

    def __init__(self, port: int, cookies: Mapping[str, str], seen: Seen):
        self.port, self.seen = port, seen
        self._cookies = SimpleCookie(dict(cookies))

    def __call__(
        self, method: str, path: str, body: Mapping[str, str] | None = None, *, json: bool = False
    ) -> Answer | None:
        """Send one request as a browser does."""
        headers = {
            "Cookie": "; ".join(f"{name}={one.value}" for name, one in self._cookies.items()),
            "Accept": "application/json" if json else "text/html",
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Origin"] = f"http://127.0.0.1:{self.port}"
        began = time.monotonic()
        answer = self._answer(method, path, urlencode(body) if body is not None else None, headers)
        self.seen.note(answer, reading=method == "GET", began=began)
        return answer

    def _answer(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body, headers)
            got = connection.getresponse()
            text = got.read().decode()
            for value in got.headers.get_all("Set-Cookie", []):
                self._cookies.load(value)
            return Answer(
                got.status, text, got.headers.get("Location", ""), got.headers.get("Retry-After", "")
            )
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
