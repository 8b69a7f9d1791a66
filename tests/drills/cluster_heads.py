"""所属長 who change a number and look at the report at once: is it older than what they did? No drill itself."""

import csv
import io
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.test import Client
from django.urls import reverse

from gaps.workflow import load_needs
from organization.models import Posting
from organization.models.position import LineRole
from tests.drills.browser import Browser, Seen, Send
from tests.drills.person import _field

# No more than a department may ask for.
_MOST = 90
_PAUSE = 0.3


@dataclass
class Head:
    """One 所属長, the only one who changes 必要人数 of their department."""

    department_uuid: str
    department_code: str
    cell: str
    send: Send
    # (what was acknowledged, what the report showed after it), and what is known to be stored.
    looks: list[tuple[int, int]] = field(default_factory=list)
    known: int | None = None
    _number: int = 0

    def act(self) -> None:
        """Change the number, look at the report; what was not answered is not known, and judged by nobody."""
        address = reverse("gaps:needs", args=[self.department_uuid])
        page = self.send("GET", address)
        if page is None or page.status != 200:
            return
        self._number = self._number % _MOST + 1
        body = {
            "csrfmiddlewaretoken": _field(page.text, "csrfmiddlewaretoken"),
            "version": _field(page.text, "version"),
            f"need-{self.cell}": str(self._number),
        }
        self.known = None
        answer = self.send("POST", address, body)
        if answer is None or answer.status != 302:
            return
        self.known = self._number
        report = self.send("GET", reverse("gaps:coverage_csv", args=[self.department_uuid]))
        if report is not None and report.status == 200:
            self.looks.append((self.known, shown_in(report.text, self.department_code, self.cell)))


def shown_in(report: str, department: str, cell: str) -> int:
    """Return 必要人数 as a report shows it; 0 for none."""
    for row in csv.DictReader(io.StringIO(report.removeprefix("\ufeff"))):
        if (row["所属コード"], row["項目コード"]) == (department, cell):
            return int(row["必要人数"] or 0)
    raise ValueError("the report lacks the cell")


def stale(heads: Iterable[Head]) -> list[tuple[int, int]]:
    """Return the looks at something else than what was acknowledged just before."""
    return [(known, shown) for one in heads for known, shown in one.looks if known != shown]


def lost(heads: Iterable[Head], cycle) -> list[str]:
    """Return whose last acknowledged number is not the one that is stored."""
    from organization.models import Department

    found = []
    for one in heads:
        place = Department.objects.get(uuid=one.department_uuid)
        need = load_needs(place, cycle).cells.get(one.cell)
        if one.known is not None and (need is None or need.needed != one.known):
            found.append(f"{one.department_code}: {one.known} was acknowledged, {need} is stored")
    return found


def make_heads(cell: str, port: int, seen: Seen) -> list[Head]:
    """Return every 所属長 there is, signed in."""
    heads = []
    for posting in Posting.objects.filter(line_role=LineRole.HEAD).select_related("staff", "department"):
        browser = Client()
        browser.force_login(posting.staff, backend="organization.backends.StaffBackend")
        cookies = {key: one.value for key, one in browser.cookies.items()}
        place = posting.department
        heads.append(Head(str(place.uuid), place.code, cell, Browser(port, cookies, seen)))
    return heads


class Looking:
    """Heads at work, a thread each, between `with` and its end."""

    def __init__(self, heads: Sequence[Head]):
        self._over = threading.Event()
        self.failures: list[BaseException] = []
        self._threads = [threading.Thread(target=self._work, args=(one.act,), daemon=True) for one in heads]

    def _work(self, act: Callable[[], None]) -> None:
        try:
            while not self._over.wait(_PAUSE):
                act()
        except Exception as failure:
            # Whoever could not look any more has shown nothing.
            self.failures.append(failure)

    def __enter__(self) -> "Looking":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(90)
        if self.failures:
            raise self.failures[0]
