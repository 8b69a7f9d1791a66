"""休職から再任用まで: who sees, who confirms, who gets a sheet, who counts, who signs in; one test a case and question.

The table of docs/manual/lifecycle.md says the same in Japanese.
"""

import datetime

import pytest
from django.urls import reverse

from assessments.line import waiting_for
from assessments.models import Sheet
from assessments.workflow.cycles import without_sheet
from gaps.counting import holder_counts
from organization.models import Leave, Posting, Staff
from organization.models.position import LineRole
from tests import builders as b
from tests.assessments.lives import (
    BEFORE,
    DAY,
    MIDNIGHT,
    Kind,
    able,
    client_of,
    confirmers,
    enter,
    handed_out,
    holders,
    sees,
)
from tests.assessments.sheets import submitted

# --- 休職・育休


@pytest.mark.parametrize("kind", ["leave", "childcare"])
class TestOnLeave:
    def test_the_line_goes_on_seeing_the_record(self, world, kind):
        enter(world, world.honnin, kind)
        assert sees(world.kakari, world.honnin, DAY)

    def test_a_sheet_is_handed_out_for_they_may_come_back(self, world, kind):
        enter(world, world.honnin, kind)
        assert "honnin" in handed_out(world)

    def test_what_they_submitted_is_confirmed_while_they_are_away(self, world, kind):
        submitted(world.sheet)
        enter(world, world.honnin, kind)
        assert list(waiting_for(b.actor_of(world.kakari, DAY)).acts.values()) == ["first"]

    def test_they_do_not_count_from_the_first_day_and_count_again_on_the_day_of_return(self, world, kind):
        able(world)
        enter(world, world.honnin, kind)
        back = DAY + datetime.timedelta(days=60)
        enter(world, world.honnin, "returned", back)
        days = [BEFORE, DAY, back - datetime.timedelta(days=1), back]
        assert [holders(world, world.kakari_dept, day) for day in days] == [1, 0, 0, 1]

    def test_they_sign_in_and_keep_their_own_record(self, world, clock, kind):
        enter(world, world.honnin, kind)
        clock(MIDNIGHT)
        client = client_of(world.honnin)
        assert client.get("/resume/").status_code == 200
        assert client.get(reverse("assessments:sheet_edit", args=[world.sheet.uuid])).status_code == 200

    def test_a_superior_away_is_asked_for_nothing_and_sees_what_they_saw(self, world, kind):
        submitted(world.sheet)
        enter(world, world.kakari, kind)
        assert confirmers(world.honnin, BEFORE) == (["kakari"], ["kacho"])
        assert confirmers(world.honnin, DAY) == ([], ["kacho"])
        assert waiting_for(b.actor_of(world.kakari, DAY)).acts == {}
        assert sees(world.kakari, world.honnin, DAY)

    def test_leaving_ends_the_leave(self, world, kind):
        enter(world, world.honnin, kind)
        last = DAY + datetime.timedelta(days=30)
        enter(world, world.honnin, "resigned", last)
        assert Leave.objects.get(staff=world.honnin).end == last


# --- 兼務・併任・事務取扱


@pytest.mark.parametrize("kind", [Kind.ADDITIONAL, Kind.CONCURRENT])
class TestSecondPosting:
    @pytest.fixture
    def second(self, world, kind):
        world.newhead = b.make_staff(world.city, "村上 隆司", username="newhead")
        b.make_posting(world.newhead, world.jinjika, line_role=LineRole.HEAD)
        enter(world, world.honnin, kind, department=world.jinjika.code)
        return world

    def test_both_superiors_see_the_record(self, second):
        assert not sees(second.newhead, second.honnin, BEFORE)
        assert sees(second.newhead, second.honnin, DAY)
        assert sees(second.kacho, second.honnin, DAY)

    def test_the_line_of_the_main_posting_alone_confirms(self, second):
        submitted(second.sheet)
        assert confirmers(second.honnin, DAY) == (["kakari"], ["kacho"])
        assert waiting_for(b.actor_of(second.newhead, DAY)).acts == {}

    def test_there_is_one_sheet(self, second):
        assert "honnin" in handed_out(second)
        assert Sheet.objects.filter(staff=second.honnin, fiscal_year=2027).count() == 1

    def test_they_count_in_both_departments_and_once_above_both(self, second):
        able(second)
        assert holders(second, second.kakari_dept, DAY) == 1
        assert holders(second, second.jinjika, DAY) == 1
        assert (
            holder_counts(municipality_id=second.city.pk, path="", on=DAY, year=2026, version=second.version)[
                second.cells[0].code
            ]
            == 1
        )

    def test_it_ends_on_its_own_day(self, second, kind):
        last = DAY + datetime.timedelta(days=10)
        Posting.objects.filter(staff=second.honnin, kind=kind).update(end=last)
        assert not sees(second.newhead, second.honnin, last)


class TestActing:
    @pytest.fixture
    def acting(self, world):
        """kacho is away, and kakari heads 基盤係 for thirty days."""
        world.last = DAY + datetime.timedelta(days=30)
        enter(world, world.kacho, "leave")
        enter(
            world, world.kakari, "acting", department=world.kiban.code, end=world.last, line_role="head"
        )  # fmt: skip
        return world

    def test_who_acts_sees_and_confirms_between_the_two_days(self, acting):
        member = acting.henshu
        assert not sees(acting.kakari, member, BEFORE)
        assert sees(acting.kakari, member, DAY)
        assert confirmers(member, DAY) == ([], ["kakari"])
        assert not sees(acting.kakari, member, acting.last)
        assert confirmers(member, acting.last) == ([], ["bucho"])

    def test_nobody_who_acts_confirms_themselves_or_gets_a_second_sheet(self, acting):
        first, final = confirmers(acting.kakari, DAY)
        assert "kakari" not in first + final
        handed_out(acting)
        assert Sheet.objects.filter(staff=acting.kakari, fiscal_year=2027).count() == 1

    def test_who_acts_counts_there_too(self, acting):
        able(acting, acting.kakari)
        assert holders(acting, acting.kiban, DAY) == 1
        assert holders(acting, acting.kiban, acting.last) == 0


# --- 派遣、派遣受入


class TestSecondedOut:
    @pytest.fixture
    def away(self, world):
        """honnin goes out: 本務 to 人事課 (付), 派遣 to a unit of the tree that stands for the other body."""
        world.body = b.make_department(world.city, "みほん広域連合（派遣）", code="900000")
        enter(world, world.honnin, "main", department=world.jinjika.code)
        enter(world, world.honnin, "seconded", department=world.body.code)
        return world

    def test_the_former_line_sees_nothing_and_hr_all(self, away):
        assert sees(away.kacho, away.honnin, BEFORE)
        assert not sees(away.kacho, away.honnin, DAY)
        assert sees(away.jinji, away.honnin, DAY)

    def test_they_no_longer_count_where_they_came_from(self, away):
        able(away)
        assert holders(away, away.kakari_dept, BEFORE) == 1
        assert holders(away, away.kakari_dept, DAY) == 0
        assert holders(away, away.body, DAY) == 1

    def test_they_get_one_sheet_and_hr_confirms_where_the_home_has_no_head(self, away):
        submitted(away.sheet)
        assert "honnin" in handed_out(away)
        assert confirmers(away.honnin, DAY) == ([], [])
        assert list(waiting_for(b.actor_of(away.jinji, DAY)).acts.values()) == ["final"]

    def test_they_sign_in_and_keep_their_record(self, away, clock):
        clock(MIDNIGHT)
        assert client_of(away.honnin).get("/resume/").status_code == 200

    def test_back_home_the_old_line_sees_and_confirms_again(self, away):
        back = DAY + datetime.timedelta(days=400)
        Posting.objects.filter(staff=away.honnin, kind=Kind.SECONDED).update(end=back)
        enter(away, away.honnin, "main", back, department=away.kakari_dept.code)
        assert sees(away.kakari, away.honnin, back)
        assert confirmers(away.honnin, back) == (["kakari"], ["kacho"])


class TestSecondedIn:
    def made(self, world, kind):
        staff = b.make_staff(
            world.city, "県 太郎", username="ken", employment=Staff.Employment.SECONDED_IN, kana="ケン タロウ"
        )
        b.make_posting(staff, world.kakari_dept, kind=kind, start=DAY)
        return staff

    def test_with_a_main_posting_they_are_like_anybody(self, world):
        staff = self.made(world, Kind.MAIN)
        able(world, staff)
        assert "ken" in handed_out(world)
        assert confirmers(staff, DAY) == (["kakari"], ["kacho"])
        assert sees(world.kakari, staff, DAY)
        assert holders(world, world.kakari_dept, DAY) == 1

    def test_with_a_secondment_alone_no_sheet_is_handed_out(self, world):
        """The body that sent them keeps their year; here they have a record, and are seen where they work."""
        staff = self.made(world, Kind.SECONDED)
        assert "ken" not in handed_out(world)
        assert staff not in [one.staff for one in without_sheet(world.cycle, DAY)]
        assert sees(world.kakari, staff, DAY)


# --- 再任用・任期付・会計年度任用


@pytest.mark.parametrize("employment", ["reappointed", "fixed_term", "fiscal_year"])
class TestKindsOfEmployment:
    @pytest.fixture
    def member(self, world, employment):
        staff = world.dourei
        Staff.objects.filter(pk=staff.pk).update(employment=employment)
        staff.refresh_from_db()
        return staff

    def test_they_get_a_sheet_and_the_line_confirms(self, world, member, employment):
        assert "dourei" in handed_out(world)
        assert Sheet.objects.get(staff=member, fiscal_year=2027).employment == employment
        assert confirmers(member, DAY) == (["kakari"], ["kacho"])

    def test_who_counts(self, world, member, employment):
        able(world, member)
        counted = holders(world, world.kakari_dept, DAY)
        assert counted == (0 if employment == "fiscal_year" else 1)
        assert holders(world, world.kakari_dept, DAY, fiscal_year_staff=True) == 1


def test_when_a_term_runs_out_nobody_is_over_them_until_they_leave(world, clock):
    """An end of the posting is no 退職: the account stays open until 人事 enters it."""
    submitted(world.sheet)
    Posting.objects.filter(staff=world.honnin).update(end=DAY)
    assert not sees(world.kakari, world.honnin, DAY)
    assert list(waiting_for(b.actor_of(world.jinji, DAY)).acts.values()) == ["final"]
    clock(MIDNIGHT)
    assert client_of(world.honnin).get("/resume/").status_code == 200
