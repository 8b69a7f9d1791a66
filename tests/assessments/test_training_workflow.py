"""研修 from the wish to the result, by the workflow alone: who may, once, until when, and in which order."""

import datetime
import uuid
from decimal import Decimal

import pytest
from django.utils import timezone

from access.actor import Role
from access.refusals import Conflict, Forbidden, Invalid, NotVisible
from assessments.models import EntryCell, Training
from assessments.workflow.training import (
    Decision,
    StaleTraining,
    apply_for,
    decide_trainings,
    withdraw_training,
)
from audit.models import Event
from tests import builders as b

State = Training.State
DAY = datetime.date(2026, 11, 25)


@pytest.fixture
def school(world):
    world.course = b.make_course(
        world.city,
        cells={"security-policy.1": 3, "internal-it.1": 2},
        starts_on=DAY + datetime.timedelta(days=30),
        ends_on=DAY + datetime.timedelta(days=32),
        apply_by=DAY,
        fee=20_000,
        hours=Decimal("18"),
    )
    world.me = b.actor_of(world.honnin, DAY)
    world.hr = b.actor_of(world.jinji, DAY)
    return world


def apply(school, who=None, key=None):
    return apply_for(course=school.course, by=who or school.me, now=timezone.now(), key=key or uuid.uuid4())


def decide(school, entry, state, *, by=None, version=None, **more):
    entry.refresh_from_db()
    one = Decision(entry.pk, version or entry.version, state, **more)
    return decide_trainings(decisions=[one], by=by or school.hr, now=timezone.now())


def test_an_application_is_an_entry_of_ones_own_with_what_the_course_says(school):
    entry = apply(school)
    assert (entry.state, entry.title, entry.fee, entry.hours) == (
        State.APPLIED,
        school.course.name,
        20_000,
        18,
    )
    assert (entry.start, entry.end) == (school.course.starts_on, school.course.ends_on)
    assert (entry.provider, entry.staff, entry.created_by) == (
        "市町村アカデミー",
        school.honnin,
        school.honnin,
    )
    codes = EntryCell.objects.filter(entry=entry.pk).values_list("cell_code", flat=True)
    assert set(codes) == {"security-policy.1", "internal-it.1"}
    event = Event.objects.get(action="training.apply")
    assert (event.subject_uuid, event.object_uuid, event.data) == (school.honnin.uuid, entry.uuid, {})


def test_twice_is_once_with_the_same_key_and_with_another(school):
    key = uuid.uuid4()
    first = apply(school, key=key)
    assert apply(school, key=key).pk == first.pk
    assert apply(school).pk == first.pk
    assert Training.objects.count() == 1
    decide(school, first, State.ACCEPTED)
    assert apply(school).pk == first.pk


def test_what_was_declined_or_withdrawn_may_be_asked_for_again_but_not_what_is_finished(school):
    first = apply(school)
    decide(school, first, State.DECLINED)
    second = apply(school)
    second.refresh_from_db()
    withdraw_training(entry=second, version=second.version, by=school.me, now=timezone.now())
    third = apply(school)
    assert len({first.pk, second.pk, third.pk}) == 3
    Training.objects.filter(pk=third.pk).update(state=State.FINISHED)
    with pytest.raises(Conflict, match="修了しています"):
        apply(school)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"apply_by": DAY - datetime.timedelta(days=1)}, "申込みの締切（令和8年11月24日）を過ぎています"),
        (
            {"apply_by": None, "starts_on": DAY - datetime.timedelta(days=1), "ends_on": None},
            "もう始まっている",
        ),
        ({"retired": True}, "いまは案内していません"),
    ],
)
def test_a_course_that_takes_no_applications_says_why(school, change, said):
    type(school.course).objects.filter(pk=school.course.pk).update(**change)
    school.course.refresh_from_db()
    with pytest.raises(Conflict, match=said):
        apply(school)
    assert not Training.objects.exists()


def test_another_municipality_sees_no_course(school):
    with pytest.raises(NotVisible):
        apply(school, b.actor_of(school.yoso, DAY))


def test_it_is_withdrawn_until_it_is_decided_and_by_nobody_else(school):
    entry = apply(school)
    with pytest.raises(Forbidden):
        withdraw_training(entry=entry, version=1, by=b.actor_of(school.kacho, DAY), now=timezone.now())
    done = withdraw_training(entry=entry, version=1, by=school.me, now=timezone.now())
    assert done.state == State.WITHDRAWN
    assert withdraw_training(entry=entry, version=1, by=school.me, now=timezone.now()).version == done.version
    with pytest.raises(Conflict, match="取り下げて"):
        decide(school, entry, State.ACCEPTED)
    other = apply(school)
    decide(school, other, State.ACCEPTED)
    with pytest.raises(Conflict, match="人事に連絡"):
        withdraw_training(entry=other, version=2, by=school.me, now=timezone.now())


def test_hr_decides_and_records_and_the_person_can_tell(school):
    entry = apply(school)
    assert [one.pk for one in decide(school, entry, State.ACCEPTED)] == [entry.pk]
    entry.refresh_from_db()
    assert (entry.state, entry.updated_by, entry.version) == (State.ACCEPTED, school.jinji, 2)
    Training.objects.filter(pk=entry.pk).update(start=DAY)
    decide(school, entry, State.FINISHED, result="修了試験に合格", hours=Decimal("17.5"))
    entry.refresh_from_db()
    assert (entry.state, entry.result, entry.hours) == (State.FINISHED, "修了試験に合格", Decimal("17.5"))
    events = Event.objects.filter(action="training.decide").order_by("pk")
    assert [event.data for event in events] == [{"state": "accepted"}, {"state": "finished"}]
    assert {event.subject_uuid for event in events} == {school.honnin.uuid}


def test_the_same_decision_again_changes_nothing(school):
    entry = apply(school)
    decide(school, entry, State.ACCEPTED)
    assert decide(school, entry, State.ACCEPTED, version=1) == []
    assert Event.objects.filter(action="training.decide").count() == 1


def test_another_version_is_a_conflict_and_all_is_as_it_was(school):
    mine = apply(school)
    other = apply(school, b.actor_of(school.dourei, DAY))
    decisions = [Decision(other.pk, 1, State.ACCEPTED), Decision(mine.pk, 9, State.ACCEPTED)]
    with pytest.raises(StaleTraining) as refusal:
        decide_trainings(decisions=decisions, by=school.hr, now=timezone.now())
    assert refusal.value.stored.pk == mine.pk
    assert set(Training.objects.values_list("state", flat=True)) == {State.APPLIED}


@pytest.mark.parametrize("state", [State.FINISHED, State.ABSENT])
def test_nobody_attended_what_has_not_begun(school, state):
    entry = apply(school)
    with pytest.raises(Invalid, match="まだ始まっていない"):
        decide(school, entry, state)


@pytest.mark.parametrize("state", [State.APPLIED, State.WITHDRAWN, "nothing"])
def test_a_state_that_is_no_decision_is_refused(school, state):
    with pytest.raises(Invalid):
        decide(school, apply(school), state)


@pytest.mark.parametrize("who", ["honnin", "kakari", "kacho", "henshu", "kansa", "sysadmin"])
def test_only_hr_decides(school, who):
    with pytest.raises(Forbidden):
        decide(school, apply(school), State.ACCEPTED, by=b.actor_of(getattr(school, who), DAY))


def test_hr_of_another_municipality_finds_nothing(school):

    b.make_grant(school.yoso, Role.HR)
    with pytest.raises(NotVisible):
        decide(school, apply(school), State.ACCEPTED, by=b.actor_of(school.yoso, DAY))
