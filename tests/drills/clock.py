"""The clock is set back by an hour and by a day, and set right again: nobody waits for longer, nothing is lost.

In one process, whose clock is stopped and moved: what the product asks is `django.utils.timezone.now` alone.
"""

import datetime
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from bench.bounds import Bound
from bench.results import Figure
from organization import attempts
from organization.models import Staff
from tests import builders as b
from tests.drills.browser import Seen
from tests.drills.crowd import Account, figures_of, make_accounts, owed
from tests.drills.in_process import Wire
from tests.drills.person import Person

FIGURES = {
    **owed("clock", answers=2000, short=300),
    "clock.held": Bound(0, "people"),
}
PEOPLE, SHORT_PEOPLE, ACTS = 24, 6, 6
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
# How far the clock is from the right time, one after the other; forward too, for what it is then set back from.
MOVES = (datetime.timedelta(), -HOUR, -DAY, datetime.timedelta(), HOUR / 2, datetime.timedelta())


class Clock:
    """Stands in for `timezone.now`: goes on as time does, so far from the right time."""

    def __init__(self) -> None:
        self.off = datetime.timedelta()

    def __call__(self) -> datetime.datetime:
        """Return what the clock shows."""
        return datetime.datetime.now(datetime.UTC) + self.off


@contextmanager
def moved() -> Iterator[Clock]:
    """Yield the clock of the product, to be moved."""
    honest, clock = timezone.now, Clock()
    timezone.now = clock
    try:
        yield clock
    finally:
        timezone.now = honest


class Together:
    """People one after the other, as `figures_of` asks for them."""

    def __init__(self, accounts: Iterable[Account]):
        self.seen = Seen()
        staff = {str(one.uuid): one for one in Staff.objects.all()}
        self.people = [
            Person(
                one.name, one.staff_uuid, one.sheet_uuid, Wire(staff[one.staff_uuid], self.seen), self.seen
            )
            for one in accounts
        ]

    @property
    def refusals(self) -> list[str]:
        """Return what turned people away who did nothing wrong."""
        return [f"{one.name}: {text}" for one in self.people for text in one.refusals]


def measure(*, short: bool) -> Iterable[Figure]:
    """Yield the figures of all moves."""
    accounts = make_accounts(SHORT_PEOPLE if short else PEOPLE)
    together, held = Together(accounts), []
    with moved() as clock:
        for off in MOVES:
            kept_out = _who_mistypes(clock, f"clock{len(held)}")
            clock.off = off
            held.append(still_held(kept_out))
            for person in together.people:
                work(person)
            call_command("seal_audit", stdout=io.StringIO())
        for name, value, behind in figures_of("clock", together):
            yield Figure(name, value, behind)
    yield Figure("clock.held", sum(held), f"by move {held}")


def work(person: Person) -> None:
    """Sign in, open the sheet and do a few things; whoever is turned away is written down.

    Signed in anew, for a clock that goes on by a day has left every session alone for too long.
    """
    acts = iter(range(ACTS))
    person.submitted = None
    honest, person._stopped = person._stopped, lambda: next(acts, None) is None
    try:
        person._send.sign_in()
        person.go_on(first=person.act)
    finally:
        person._stopped = honest


def _who_mistypes(clock: Clock, name: str) -> Staff:
    """Return somebody who has mistyped the password until they must wait, an hour and more before the clock is moved."""
    staff = b.make_staff(Staff.objects.first().municipality, username=name, password=b.PASSWORD)
    for _ in range(attempts.FREE):
        Client().post("/login/", {"username": name, "password": "ちがうパスワード"})
    return staff


def still_held(staff: Staff) -> int:
    """Return 1 where the right password does not open the door after the wait that was said, by the clock as it is now."""
    honest = timezone.now
    timezone.now = lambda: honest() + attempts.FIRST_WAIT + datetime.timedelta(seconds=1)
    try:
        answer = Client().post("/login/", {"username": staff.username, "password": b.PASSWORD})
    finally:
        timezone.now = honest
    return int(answer.status_code != 302)
