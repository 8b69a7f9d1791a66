"""退職 and coming back: who sees, who confirms, what stays; one test a question. The rest is in test_lifecycle.py."""

import datetime
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.actor import Role
from assessments.line import waiting_for
from assessments.models import Draft, Entry
from assessments.workflow.cycles import without_sheet
from organization.models import Staff
from organization.workflow import edit_staff
from organization.workflow.coming import apply_due
from tests import builders as b
from tests.assessments.lives import (
    BEFORE,
    DAY,
    MIDNIGHT,
    NOON,
    SECOND,
    TOKYO,
    State,
    able,
    client_of,
    confirmers,
    enter,
    handed_out,
    holders,
    sees,
)
from tests.assessments.sheets import in_state, submitted

# --- 退職


class TestLeaving:
    def test_until_the_day_everything_works_and_from_it_no_session_goes_on(self, world, clock):
        enter(world, world.honnin, "resigned")
        clock(MIDNIGHT - SECOND)
        client = client_of(world.honnin)
        assert client.get("/resume/").status_code == 200
        clock(MIDNIGHT)
        assert client.get("/resume/").status_code == 302
        assert client.post("/resume/add/", {"line": "最後の一行"}).status_code in (302, 401)
        world.honnin.refresh_from_db()
        world.honnin.set_password(b.PASSWORD)
        world.honnin.save(update_fields=["password"])
        refused = Client().post("/login/", {"username": "honnin", "password": b.PASSWORD})
        assert refused.status_code != 302

    def test_the_line_sees_nothing_and_hr_all(self, world):
        enter(world, world.honnin, "resigned")
        assert sees(world.kacho, world.honnin, BEFORE)
        assert not sees(world.kacho, world.honnin, DAY)
        assert sees(world.jinji, world.honnin, DAY)

    def test_they_do_not_count_and_get_no_sheet(self, world):
        able(world)
        enter(world, world.honnin, "resigned")
        assert [holders(world, world.kakari_dept, day) for day in (BEFORE, DAY)] == [1, 0]
        assert "honnin" not in handed_out(world)

    def test_what_was_submitted_waits_for_hr_and_what_was_written_stays(self, world):
        submitted(world.sheet)
        other = in_state(b.make_sheet(world.dourei, world.cycle, world.kakari_dept), State.DRAFTING)
        for staff in (world.honnin, world.dourei):
            enter(world, staff, "resigned")
        assert list(waiting_for(b.actor_of(world.jinji, DAY)).acts) == [world.sheet.pk]
        other.refresh_from_db()
        assert other.state == State.DRAFTING
        assert Draft.objects.filter(sheet=other).exists()

    def test_entries_and_files_stay_for_hr(self, world, clock, targets):
        enter(world, world.honnin, "resigned")
        clock(MIDNIGHT)
        assert Entry.objects.of(world.honnin).exists()
        file = reverse("assessments:file", args=[targets["file"][0].uuid])
        assert client_of(world.jinji).get(file).status_code == 200
        assert client_of(world.kacho).get(file).status_code == 404

    def test_a_superior_who_left_confirms_nothing(self, world):
        enter(world, world.kakari, "resigned")
        assert confirmers(world.honnin, DAY) == ([], ["kacho"])


class TestComingBack:
    @pytest.fixture
    def back(self, world):
        """honnin leaves and is employed again, 再任用, half a year later in another department."""
        world.entry = b.make_experience(world.honnin)
        world.returned = DAY + datetime.timedelta(days=180)
        able(world)
        enter(world, world.honnin, "resigned")
        return world

    def rehired(self, world, **values):
        return enter(
            world, world.honnin, "main", world.returned, department=world.jinjika.code, employment="reappointed",
            **values,
        )  # fmt: skip

    def test_under_the_same_number_account_record_and_levels_go_on(self, back, clock):
        self.rehired(back)
        back.honnin.refresh_from_db()
        # 職員区分 waits for the day (ADR 0042).
        assert (back.honnin.left_on, back.honnin.employment) == (None, "regular")
        assert holders(back, back.jinjika, back.returned) == 1
        assert not sees(back.kacho, back.honnin, back.returned)
        clock(datetime.datetime.combine(back.returned, datetime.time(9), TOKYO))
        apply_due(now=timezone.now())
        back.honnin.refresh_from_db()
        assert back.honnin.employment == "reappointed"
        assert back.entry.title in client_of(back.honnin).get("/resume/").content.decode()

    def test_under_a_new_number_the_old_one_is_changed_first_and_all_goes_on(self, back):
        back.honnin.refresh_from_db()
        values = {
            name: getattr(back.honnin, name)
            for name in ("name", "kana", "former_name", "employment", "email")
        }
        edit_staff(
            by=b.actor_of(back.jinji), staff=back.honnin, values=values | {"staff_number": "9900001"},
            version=back.honnin.version, now=NOON,
        )  # fmt: skip
        self.rehired(back)
        staff = Staff.objects.get(staff_number="9900001")
        assert (staff.pk, staff.username, staff.left_on) == (back.honnin.pk, "honnin", None)
        assert Entry.objects.of(staff).get().title == back.entry.title

    def test_rights_that_were_granted_hold_again_until_withdrawn(self, back):
        b.make_grant(back.honnin, Role.HR)
        self.rehired(back)
        assert b.actor_of(back.honnin, back.returned).has(Role.HR)

    def test_an_account_that_was_disabled_stays_disabled(self, back, clock):
        Staff.objects.filter(pk=back.honnin.pk).update(is_active=False)
        self.rehired(back)
        clock(datetime.datetime.combine(back.returned, datetime.time(9), TOKYO))
        assert client_of(back.honnin).get("/resume/").status_code == 302

    def test_they_may_get_a_sheet_of_the_running_year(self, back):
        other = b.make_staff(back.city, "戻る 人", username="modoru")
        b.make_posting(other, back.kiban, start=back.returned)
        self.rehired(back)
        late = {one.staff.username for one in without_sheet(back.cycle, back.returned)}
        # honnin has the one of before; a year has one sheet a person.
        assert "modoru" in late
        assert "honnin" not in late


def test_the_key_of_a_click_is_of_no_use_to_a_leaver(world, clock):
    """A submission that is sent when the account has closed changes nothing."""
    enter(world, world.honnin, "resigned")
    clock(MIDNIGHT - SECOND)
    client = client_of(world.honnin)
    client.get(reverse("assessments:sheet_edit", args=[world.sheet.uuid]))
    clock(MIDNIGHT)
    form = {"version": world.sheet.version, "key": str(uuid.uuid4())}
    client.post(reverse("assessments:sheet_submit", args=[world.sheet.uuid]), form)
    world.sheet.refresh_from_db()
    assert world.sheet.state == State.NOT_STARTED
