"""Random histories of a small city: whatever happens, counted or not yet, tallies say what reading everybody says."""

import datetime
import random
import uuid

import pytest
from django.utils import timezone

from assessments.models import Confirmation, Cycle, Sheet
from assessments.workflow.correction import Correction, correct
from assessments.workflow.version_change import change_version
from gaps.models import CountingRule, Tally
from gaps.workflow.tallies import count_changed
from organization.models import Department, Leave, Posting, Staff
from organization.workflow.departments import rebuild_paths
from tests import builders as b
from tests.assessments.sheets import confirmations
from tests.gaps.records import confirmed, waiting
from tests.gaps.tallied import assert_same, count
from tests.revised import everything, revise

CODES = ("security-policy.1", "internal-it.1", "internal-it.2", "system-operations.1", "communication.1")
KINDS = (Posting.Kind.MAIN, Posting.Kind.ADDITIONAL, Posting.Kind.CONCURRENT)
ACTS = 40


class History:
    """One city with sixteen people in nine departments, and a day that moves on."""

    def __init__(self, world, seed: int) -> None:
        self.chance = random.Random(seed)
        self.world, self.city = world, world.city
        self.day = timezone.localdate()
        self.years = [
            b.make_cycle(self.city, world.version, fiscal_year=year, state=Cycle.State.CLOSED)
            for year in (2024, 2025)
        ]
        self.years.append(world.cycle)
        tops = [b.make_department(self.city, f"部{number}") for number in range(2)]
        self.places = tops + [
            b.make_department(self.city, f"課{number}", parent=self.chance.choice(tops))
            for number in range(4)
        ]
        self.places += [
            b.make_department(self.city, f"係{number}", parent=self.chance.choice(self.places[2:]))
            for number in range(3)
        ]
        self.people = [b.make_staff(self.city, f"職員 {number}") for number in range(16)]
        for person in self.people:
            b.make_posting(person, self.place())

    def place(self):
        return self.chance.choice(self.places)

    def person(self):
        return self.chance.choice(self.people)

    def soon(self, least: int = 0):
        return self.day + datetime.timedelta(self.chance.randint(least, 6))

    def transfer(self):
        """End the 本務 on a day and begin another there."""
        person, day = self.person(), self.soon()
        running = Posting.objects.filter(staff=person, kind="main", end__isnull=True, start__lt=day)
        if running.update(end=day):
            b.make_posting(person, self.place(), start=day)

    def help_out(self):
        person, place = self.person(), self.place()
        kind = self.chance.choice(KINDS[1:])
        if not Posting.objects.filter(staff=person, department=place).exists():
            b.make_posting(person, place, kind=kind, start=self.soon(-3))

    def take_leave(self):
        person, start = self.person(), self.soon(-5)
        if not Leave.objects.filter(staff=person).exists():
            b.make_leave(
                person, start=start, end=self.chance.choice((None, self.day + datetime.timedelta(7)))
            )

    def come_back(self):
        Leave.objects.filter(staff=self.person()).delete()

    def leave_for_good(self):
        Staff.objects.filter(pk=self.person().pk).update(left_on=self.chance.choice((None, self.soon(-2))))

    def change_employment(self):
        kind = self.chance.choice(("regular", "fiscal_year", "reappointed"))
        Staff.objects.filter(pk=self.person().pk).update(employment=kind)

    def steps(self):
        return {code: self.chance.randint(0, 4) for code in CODES}

    def confirm(self):
        person, year = self.person(), self.chance.choice(self.years)
        year.refresh_from_db()
        if not Sheet.objects.filter(staff=person, cycle=year).exists():
            confirmed(person, year, self.steps())

    def submit_and_send_back(self):
        person, year = self.person(), self.years[-1]
        year.refresh_from_db()
        if Sheet.objects.filter(staff=person, cycle=year).exists():
            return
        sheet = waiting(person, year, self.steps())
        end = self.chance.choice(("send back", "confirm", "wait"))
        if end == "send back":
            Sheet.objects.filter(pk=sheet.pk).update(state="sent_back")
        elif end == "confirm":
            confirmations(sheet, self.world.kacho)
            Sheet.objects.filter(pk=sheet.pk).update(state="confirmed", confirmed_at=timezone.now())

    def correct(self):
        """人事 corrects a confirmed sheet of any year; counted in the transaction of the correction."""
        sheets = list(Sheet.objects.filter(staff__in=self.people, state="confirmed").order_by("pk"))
        if not sheets:
            return
        sheet = self.chance.choice(sheets)
        row = self.chance.choice(
            list(Confirmation.objects.filter(revision=sheet.current_revision, level="final").order_by("pk"))
        )
        step = (row.step + self.chance.randint(1, 4)) % 5
        correct(
            sheet=sheet, reason="誤り", corrections=[Correction(cell_id=row.cell_id, own_step=step, step=step)],
            version=sheet.version, key=uuid.uuid4(), by=b.actor_of(self.world.jinji), now=timezone.now(),
        )  # fmt: skip

    def reorganise(self):
        """Move a department under another that is not below it, or end it."""
        moved, above = self.place(), self.place()
        moved, above = (Department.objects.get(pk=one.pk) for one in (moved, above))
        if not above.path.startswith(moved.path):
            Department.objects.filter(pk=moved.pk).update(parent=above)
            rebuild_paths(self.city.pk)

    def rule(self):
        CountingRule.objects.update_or_create(
            cycle=self.years[-1], department=self.place(),
            defaults={
                "municipality": self.city, "updated_at": timezone.now(),
                "count_fiscal_year_staff": self.chance.choice((True, False)),
            },
        )  # fmt: skip

    def count_what_changed(self):
        count_changed(municipality_id=self.city.pk, on=self.day)

    def count_all(self):
        count(self.city, self.day)

    def next_day(self):
        self.day += datetime.timedelta(self.chance.randint(1, 3))

    def move_to_a_later_version(self):
        year = self.years[-1]
        year.refresh_from_db()
        if year.framework_version_id != self.world.version.pk:
            return
        later = revise(self.world.version, everything, by=self.world.henshu)
        change_version(
            cycle=year, later=later, version=year.version, key=uuid.uuid4(), by=b.actor_of(self.world.jinji),
            now=timezone.now(),
        )  # fmt: skip

    def acts(self):
        """Return what may happen, the everyday things more often."""
        often = [self.transfer, self.confirm, self.submit_and_send_back, self.count_what_changed]
        seldom = [
            self.help_out, self.take_leave, self.come_back, self.leave_for_good, self.change_employment, self.correct,
            self.reorganise, self.rule, self.count_all, self.next_day,
        ]  # fmt: skip
        return 3 * often + seldom


@pytest.mark.parametrize("seed", range(2))
def test_tallies_say_what_reading_everybody_says(world, seed):
    history = History(world, seed)
    held = 0
    history.count_all()
    for number in range(ACTS):
        act = history.chance.choice(history.acts())
        if number == ACTS // 2:
            act = history.move_to_a_later_version
        act()
        year = Cycle.objects.get(pk=world.cycle.pk)
        part = Department.objects.get(pk=history.place().pk)
        assert_same(world.city, year, history.day, part.path)
        held += Tally.objects.holding(year, history.day).exists()
    # Otherwise nothing would have been compared with anything.
    assert held > ACTS // 4
