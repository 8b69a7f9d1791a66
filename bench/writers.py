"""Thirty-two people write in ten departments at the same time: nothing is lost, no tally is wrong, nobody waits for nothing.

The acts are those after which a tally is another: 確定, and 訂正 by 人事; beside them submissions, which change none. What
was acknowledged is read back from the tables; tallies are held against a recount from the confirmations one by one.
"""

import random
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from django.db import OperationalError, connections
from django.utils import timezone

from access.refusals import Conflict
from assessments.models import Confirmation, Revision, Sheet
from assessments.workflow.confirmation import Entry, confirm_final
from assessments.workflow.correction import Correction, NothingCorrected, correct
from assessments.workflow.sheets import Unfinished, submit
from bench.data import City
from bench.results import Figure
from gaps.models import TallyChange
from gaps.recount import breaches
from gaps.workflow.tallies import count_all
from organization.scope import actor_for

if TYPE_CHECKING:
    from bench.measures import Bench

WRITERS, SECTION, SECTIONS = 32, 30, 10
PEOPLE = 1 + SECTION * SECTIONS


class Writers:
    """What they did: acknowledged changes by kind, revisions by id, and what they were refused."""

    def __init__(self, city: City, seconds: float) -> None:
        self.city, self.end = city, time.monotonic() + seconds
        self.done: Counter[str] = Counter()
        self.states: dict[int, str] = {}
        self.revisions: set[int] = set()
        self.deadlocks: list[str] = []
        self.faults: list[str] = []
        self._lock = threading.Lock()
        self._hr = actor_for(city.persona("jinji"), city.today)
        people = {person.pk: person for person in city.people}
        share = -(-(len(city.people) - 1) // len(city.sections))
        place = {person.pk: at for at, person in enumerate(city.people)}
        self._people = people
        self._heads = {
            staff_id: actor_for(city.people[1 + (at - 1) // share * share], city.today)
            for staff_id, at in place.items()
            if at
        }
        sheets = Sheet.objects.filter(cycle=city.cycle).order_by("pk").values_list("pk", "state")
        self._by_state: dict[str, list[int]] = {}
        for key, state in sheets:
            self._by_state.setdefault(state, []).append(key)

    def run(self, number: int) -> None:
        """Write until the time is over."""
        chance = random.Random(number)
        try:
            while time.monotonic() < self.end:
                self._once(chance)
        finally:
            connections.close_all()

    def _once(self, chance: random.Random) -> None:
        act = chance.choice((self._confirm, self._correct, self._correct, self._submit))
        try:
            act(chance)
        except (Conflict, NothingCorrected, Unfinished):
            # Somebody was first, or there was nothing to do: said to the person, and nothing was acknowledged.
            with self._lock:
                self.done["refused"] += 1
        except OperationalError as failure:
            with self._lock:
                self.deadlocks.append(f"{act.__name__}: {failure}".split("\n")[0])
        except Exception as failure:
            with self._lock:
                self.faults.append(f"{act.__name__}: {type(failure).__name__}: {failure}"[:200])

    def _take(self, chance: random.Random, state: str) -> Sheet | None:
        keys = self._by_state.get(state, ())
        return Sheet.objects.get(pk=chance.choice(keys)) if keys else None

    def _confirm(self, chance: random.Random) -> None:
        sheet = self._take(chance, Sheet.State.FIRST_CONFIRMED)
        head = self._heads.get(sheet.staff_id) if sheet else None
        if sheet is None or head is None or head.staff_id == sheet.staff_id:
            return
        entries = [Entry(cell.pk, chance.randint(0, 4)) for cell in self.city.cells]
        confirm_final(
            sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=head, now=timezone.now(), entries=entries
        )
        with self._lock:
            self.states[sheet.pk] = Sheet.State.CONFIRMED
            self.done["confirm"] += 1

    def _correct(self, chance: random.Random) -> None:
        sheet = self._take(chance, Sheet.State.CONFIRMED)
        if sheet is None or sheet.staff_id == self._hr.staff_id:
            return
        change = [
            Correction(cell_id=cell.pk, own_step=step, step=step)
            for cell in chance.sample(self.city.cells, 5)
            for step in [chance.randint(0, 4)]
        ]
        corrected = correct(
            sheet=sheet, reason="誤りの訂正", corrections=change, version=sheet.version, key=uuid.uuid4(),
            by=self._hr, now=timezone.now(),
        )  # fmt: skip
        with self._lock:
            self.revisions.add(corrected.current_revision_id)
            self.done["correct"] += 1

    def _submit(self, chance: random.Random) -> None:
        sheet = self._take(chance, Sheet.State.DRAFTING)
        if sheet is None:
            return
        by = actor_for(self._people[sheet.staff_id], self.city.today)
        submitted = submit(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=by, now=timezone.now())
        with self._lock:
            self.states[sheet.pk] = Sheet.State.SUBMITTED
            self.revisions.add(submitted.current_revision_id)
            self.done["submit"] += 1

    def lost(self) -> int:
        """Return how many acknowledged changes are not in the tables, each whole."""
        cells = len(self.city.cells)
        stand = Revision.objects.in_bulk(self.revisions)
        found = sum(key not in stand for key in self.revisions)
        states = dict(Sheet.objects.filter(pk__in=self.states).values_list("pk", "state"))
        found += sum(states[key] != state for key, state in self.states.items())
        for key in self.revisions & stand.keys():
            found += stand[key].ratings.count() != cells
        finals = Confirmation.objects.filter(level=Confirmation.Level.FINAL)
        for key, state in self.states.items():
            if state == Sheet.State.CONFIRMED:
                found += finals.filter(revision__sheet=key).count() < cells
        return found


def writing(bench: "Bench") -> list[Figure]:
    """Let them write for some seconds, and look at what is there."""
    city = bench.city(PEOPLE)
    count_all(municipality=city.municipality, on=city.today, tallied_from=0)
    writers = Writers(city, bench.rounds(20, 4))
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(writers.run, range(WRITERS)))
    if writers.faults:
        raise AssertionError("; ".join(writers.faults[:3]))
    wrong = list(breaches(city.municipality, city.today))
    waiting = TallyChange.objects.filter(municipality=city.municipality).count()
    did = f"{dict(writers.done)}, {waiting} changes waiting"
    return [
        bench.figure("submit.writes", sum(writers.done.values()) - writers.done["refused"], did),
        bench.figure("submit.lost", writers.lost(), did),
        bench.figure("submit.wrong_tally", len(wrong) + waiting, "; ".join(wrong[:3]) or did),
        bench.figure("submit.deadlocks", len(writers.deadlocks), "; ".join(writers.deadlocks[:3])),
    ]
