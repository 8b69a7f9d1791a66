"""The people of a drill: accounts with a sheet to fill in, signed in, and all of them at work at once. No drill itself."""

import io
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.management import call_command
from django.test import Client

from bench.bounds import Bound
from competency.models import FrameworkVersion
from organization.models.position import LineRole
from tests import builders as b
from tests.drills.browser import Browser, Seen
from tests.drills.ledger import breaches, judge
from tests.drills.person import Person
from tests.processes import ROOT

FRAMEWORK = "competency/data/lasdec-2012.yaml"
DEPARTMENT_SIZE = 20
# How long people may take to end what they are at; longer than any answer.
_END_SECONDS = 90
# And at most to be let work between two faults.
WORK_SECONDS = 600


@dataclass(frozen=True)
class Account:
    """One person with a sheet and an open session."""

    name: str
    staff_uuid: str
    sheet_uuid: str
    cookies: dict[str, str]


def make_accounts(number: int) -> list[Account]:
    """Return so many people of one municipality, in departments with a 所属長, each signed in once."""
    call_command("load_framework", str(ROOT / FRAMEWORK), stdout=io.StringIO())
    city = b.make_municipality()
    cycle = b.make_cycle(city, FrameworkVersion.objects.get(state="published"))
    accounts: list[Account] = []
    while len(accounts) < number:
        department = b.make_department(city, f"第{len(accounts) // DEPARTMENT_SIZE + 1}課")
        head = b.make_staff(city, "見本 課長")
        b.make_posting(head, department, line_role=LineRole.HEAD)
        for _ in range(min(DEPARTMENT_SIZE, number - len(accounts))):
            name = f"職員{len(accounts) + 1:03d}"
            staff = b.make_staff(city, name)
            b.make_posting(staff, department)
            sheet = b.make_sheet(staff, cycle, department)
            browser = Client()
            browser.force_login(staff)
            cookies = {key: one.value for key, one in browser.cookies.items()}
            accounts.append(Account(name, str(staff.uuid), str(sheet.uuid), cookies))
    return accounts


class Crowd:
    """People at work, a thread each, until `end`."""

    def __init__(self, accounts: Sequence[Account], port: int, *, apart: float = 0.0):
        self.seen = Seen()
        self._over = threading.Event()
        self.people = [
            Person(
                one.name,
                one.staff_uuid,
                one.sheet_uuid,
                Browser(port, one.cookies, self.seen),
                self.seen,
                stopped=self._over.is_set,
            )
            for one in accounts
        ]
        self._apart = apart
        self._threads = [threading.Thread(target=self._work, args=(one,), daemon=True) for one in self.people]

    def _work(self, person: Person) -> None:
        if self._apart:
            act = person.act

            def unhurried() -> None:
                act()
                self._over.wait(self._apart)

            person.act = unhurried  # type: ignore[method-assign]
        person.go_on()

    def begin(self) -> None:
        """Let everybody begin."""
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Let everybody end what they are at, and nothing be tried again."""
        self._over.set()
        end = time.monotonic() + _END_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        if any(thread.is_alive() for thread in self._threads):
            raise RuntimeError("somebody still waits for an answer")

    @property
    def acknowledged(self) -> int:
        """Return how many writes were acknowledged so far, while everybody goes on; a submission counts as one."""
        return len(self.seen.writes)

    @property
    def refusals(self) -> list[str]:
        """Return what turned people away who did nothing wrong."""
        return [f"{one.name}: {text}" for one in self.people for text in one.refusals]


@contextmanager
def at_work(accounts: Sequence[Account], port: int, *, apart: float = 0.0) -> Iterator[Crowd]:
    """Yield a crowd that works meanwhile; `apart` seconds between two acts of a person."""
    crowd = Crowd(accounts, port, apart=apart)
    crowd.begin()
    try:
        yield crowd
    finally:
        crowd.end()


def recovered(crowd: Crowd, moment: float, *, within: float, reading: bool = False) -> float:
    """Wait for the first acknowledged write (or page) that began after a moment; returns its seconds, or infinity."""
    while time.monotonic() - moment < within:
        if (seconds := crowd.seen.served_after(moment, reading=reading)) is not None:
            return seconds
        time.sleep(0.05)
    return float("inf")


def wait_until(true: Callable[[], bool], seconds: float) -> bool:
    """Wait for something to come true; returns whether it did."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.1)
    return true()


def let_work(crowd: Crowd, more: int) -> None:
    """Let people work until so many answers more were acknowledged, or nothing comes of it."""
    wanted = crowd.acknowledged + more
    wait_until(lambda: crowd.acknowledged >= wanted, WORK_SECONDS)


def owed(drill: str, *, answers: int, short: int | None, per_database: bool = True) -> dict[str, Bound]:
    """Return the bounds of what every drill with a crowd owes: so many acknowledged answers (in a short run `short`), none of
    them lost, doubled or half done, nobody turned away, no breach of the data, no answer 500.
    """
    nothing = {
        "lost": "answers",
        "duplicates": "rows",
        "half": "sheets",
        "refused": "people",
        "breaches": "breaches",
        "http500": "answers",
    }
    enough = Bound(answers, "answers", at_least=True, short_limit=short, per_database=per_database)
    return {f"{drill}.answers": enough} | {
        f"{drill}.{name}": Bound(0, unit, per_database=per_database) for name, unit in nothing.items()
    }


def figures_of(drill: str, crowd) -> Iterator[tuple[str, float, str]]:
    """Yield (name, value, what lies behind) of what every drill with a crowd owes: see `owed`."""
    verdict, found = judge(crowd.people), breaches()
    statuses = dict(sorted(crowd.seen.statuses.items()))
    said = f"{statuses}, {crowd.seen.broken} broken off"
    yield f"{drill}.answers", verdict.acknowledged, said
    for name, wrong in (
        ("lost", verdict.lost),
        ("duplicates", verdict.duplicates),
        ("half", verdict.half),
        ("refused", crowd.refusals),
        ("breaches", found),
    ):
        yield f"{drill}.{name}", len(wrong), f"{wrong[:5]}; {said}"
    yield f"{drill}.http500", crowd.seen.answers_500, said
