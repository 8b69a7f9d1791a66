"""対応方針: what the workflow takes, keeps and refuses, without a page (P17)."""

import datetime
import uuid

import pytest
from django.utils import timezone

from access.refusals import Conflict, Forbidden, Invalid, NotVisible
from assessments.models import Cycle
from audit.models import Event
from gaps.coverage import Status
from gaps.models import Measure, MeasurePerson
from gaps.reports import snapshot
from gaps.workflow import Goal, MeasureValues, StaleMeasure, change_measure, decide_measures
from organization.models import Posting
from tests import builders as b
from tests.gaps.records import PLANNING, POLICY

TODAY = timezone.localdate()
DUE = datetime.date(2027, 3, 31)


def gap(world, code=POLICY, department=None):
    place = department or world.ka
    picture = snapshot(municipality_id=world.city.pk, cycle=world.cycle, on=TODAY, path=place.path)
    return next(one for one in picture.coverage(place.path, place.name).cells if one.cell.code == code)


def decide(world, *values, by=None, department=None, cycle=None, key=None, code=POLICY):
    return decide_measures(
        department=department or world.ka,
        cycle=cycle or world.cycle,
        decisions=[(gap(world, code), each) for each in values],
        by=b.actor_of(by or world.kacho),
        now=timezone.now(),
        key=key or uuid.uuid4(),
    )


def change(world, measure, values, *, version=1, by=None):
    return change_measure(
        measure=measure, values=values, version=version, by=b.actor_of(by or world.kacho), now=timezone.now()
    )


def training(world, *people, **kwargs):
    goals = tuple(Goal(person.pk, 3, "市町村アカデミー") for person in people or [world.honnin])
    return MeasureValues("train", "研修に参加する", due=DUE, goals=goals, **kwargs)


BUYING = MeasureValues("expert", "県のデジタル人材プールに頼む", due=DUE, cost=1_200_000)


def test_one_click_decides_several(section):
    made = decide(
        section, training(section, section.honnin, section.dourei, owner_id=section.kakari.pk), BUYING
    )
    first, second = Measure.objects.order_by("pk")
    assert [each.pk for each in made] == [first.pk, second.pk]
    assert (first.kind, first.owner_id, first.due, first.state) == (
        "train",
        section.kakari.pk,
        DUE,
        "planned",
    )
    assert (first.decided_status, first.decided_holders) == (Status.SINGLE, 1)
    assert (second.cost, second.cell.code, second.cycle_id) == (1_200_000, POLICY, section.cycle.pk)
    assert set(first.people.values_list("staff", "to_step", "training")) == {
        (section.honnin.pk, 3, "市町村アカデミー"),
        (section.dourei.pk, 3, "市町村アカデミー"),
    }
    event = Event.objects.get(action="measure.decide")
    assert (event.object_uuid, event.data) == (section.ka.uuid, {"year": 2026, "measures": 2, "people": 2})


def test_the_same_click_twice_decides_once(section):
    key = uuid.uuid4()
    once = decide(section, BUYING, training(section), key=key)
    again = decide(section, BUYING, training(section), key=key)
    assert [each.pk for each in again] == [each.pk for each in once]
    assert (Measure.objects.count(), MeasurePerson.objects.count()) == (2, 1)
    with pytest.raises(Invalid):
        decide(section, BUYING, key=key, department=section.kakari_dept)


def test_what_is_closed_has_a_day_and_may_be_opened_again(section):
    (made,) = decide(section, BUYING)
    done = change(section, made, MeasureValues("expert", "頼んだ", due=DUE, state="done", result="来た"))
    assert (done.state, done.result, done.version) == ("done", "来た", 2)
    assert done.closed_at is not None
    later = change(section, done, MeasureValues("expert", "頼んだ", due=DUE, state="stopped"), version=2)
    assert later.closed_at == done.closed_at
    opened = change(section, later, MeasureValues("expert", "頼んだ", due=DUE, state="ongoing"), version=3)
    assert opened.closed_at is None
    (at_once,) = decide(section, MeasureValues("expert", "済み", due=DUE, state="done"))
    assert at_once.closed_at is not None


def test_of_two_who_save_the_second_learns_what_is_stored(section):
    (made,) = decide(section, training(section))
    theirs = training(section, section.dourei)
    change(section, made, theirs, by=section.jinji)
    with pytest.raises(StaleMeasure) as refusal:
        change(section, made, BUYING)
    assert refusal.value.stored == theirs
    assert refusal.value.version == 2
    assert Measure.objects.get().kind == "train"
    assert Event.objects.filter(action="measure.change").count() == 1


def test_saving_what_is_stored_changes_nothing(section):
    (made,) = decide(section, training(section, section.honnin, section.dourei))
    same = training(section, section.dourei, section.honnin)
    assert change(section, made, same, version=1).version == 1
    assert not Event.objects.filter(action="measure.change").exists()


def test_people_are_written_anew_only_when_they_change(section):
    (made,) = decide(section, training(section))
    row = MeasurePerson.objects.get().pk
    change(section, made, training(section, state="ongoing"))
    assert MeasurePerson.objects.get().pk == row
    change(section, made, BUYING, version=2)
    assert not MeasurePerson.objects.exists()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (MeasureValues("train", "研修", due=DUE), "育成する職員"),
        (MeasureValues("none", ""), "理由"),
        (MeasureValues("expert", "", due=DUE), "すること"),
        (MeasureValues("expert", "頼む"), "期限"),
        (MeasureValues("expert", "頼む", due=DUE, cost=-1), ""),
        (MeasureValues("expert", "頼む", due=DUE, goals=(Goal(1, 3),)), ""),
        (MeasureValues("train", "研修", due=DUE, goals=(Goal(1, 3), Goal(1, 4))), ""),
        (MeasureValues("train", "研修", due=DUE, goals=(Goal(1, 5),)), ""),
        (MeasureValues("train", "研修", due=DUE, goals=(Goal(1, 0),)), ""),
        (MeasureValues("pray", "祈る", due=DUE), ""),
        (MeasureValues("expert", "頼む", due=DUE, state="lost"), ""),
        (MeasureValues("expert", "頼む", due=datetime.date(1873, 1, 1)), "年を確かめて"),
        (MeasureValues("expert", "頼む", due=datetime.date(2100, 4, 1)), "年を確かめて"),
    ],
)
def test_what_does_not_go_together(section, values, said):
    with pytest.raises(Invalid) as refusal:
        decide(section, values)
    assert said in refusal.value.message
    (made,) = decide(section, BUYING)
    with pytest.raises(Invalid):
        change(section, made, values)
    assert Measure.objects.get().version == 1


def test_declining_needs_no_date_but_a_reason(section):
    (made,) = decide(section, MeasureValues("none", "", reason="県の共同利用に移るため"), code=PLANNING)
    assert (made.due, made.text, made.decided_status) == (None, "", Status.NONE)


def test_only_people_of_the_department_or_below(section):
    for stranger in (section.betsuka, section.yoso, section.bucho):
        with pytest.raises(NotVisible):
            decide(section, training(section, stranger))
        with pytest.raises(NotVisible):
            decide(section, MeasureValues("expert", "頼む", due=DUE, owner_id=stranger.pk))
    assert not Measure.objects.exists()
    # Whoever decides may take it on.
    (made,) = decide(
        section, MeasureValues("expert", "頼む", due=DUE, owner_id=section.bucho.pk), by=section.bucho
    )
    assert made.owner_id == section.bucho.pk


def test_somebody_who_moved_away_may_stay_but_not_join(section):
    (made,) = decide(section, training(section, owner_id=section.dourei.pk))
    Posting.objects.filter(staff__in=[section.honnin, section.dourei]).update(end=TODAY)
    kept = change(section, made, training(section, state="ongoing", owner_id=section.dourei.pk))
    assert (kept.state, kept.owner_id) == ("ongoing", section.dourei.pk)
    with pytest.raises(NotVisible):
        change(section, made, training(section, section.honnin, section.dourei), version=2)
    (other,) = decide(section, BUYING)
    with pytest.raises(NotVisible):
        change(section, other, MeasureValues("expert", "頼む", due=DUE, owner_id=section.dourei.pk))


@pytest.mark.parametrize("who", ["bucho", "jinji"])
def test_those_above_and_hr_decide_too(section, who):
    (made,) = decide(section, BUYING, by=getattr(section, who))
    assert change(section, made, training(section), by=getattr(section, who)).kind == "train"


@pytest.mark.parametrize("who", ["kakari", "honnin", "betsuka", "henshu", "kansa", "sysadmin"])
def test_nobody_else_does(section, who):
    (made,) = decide(section, BUYING)
    with pytest.raises(Forbidden):
        decide(section, BUYING, by=getattr(section, who))
    with pytest.raises(Forbidden):
        change(section, made, training(section), by=getattr(section, who))
    assert Measure.objects.get().kind == "expert"


def test_a_former_head_no_longer_decides(section):
    (made,) = decide(section, BUYING)
    Posting.objects.filter(staff=section.kacho).update(end=TODAY)
    with pytest.raises(Forbidden):
        change(section, made, training(section))


def test_another_municipality_is_as_nothing(section):
    (made,) = decide(section, BUYING)
    with pytest.raises(NotVisible):
        decide(section, BUYING, department=section.foreign_department)
    with pytest.raises(NotVisible):
        decide(section, BUYING, cycle=section.foreign_cycle)
    with pytest.raises(NotVisible):
        change(section, made, training(section), by=section.yoso)


def test_an_ended_year_takes_no_new_ones_but_keeps_the_old(section):
    (made,) = decide(section, BUYING)
    Cycle.objects.filter(pk=section.cycle.pk).update(state="closed", closed_at=timezone.now())
    section.cycle.refresh_from_db()
    with pytest.raises(Conflict):
        decide(section, BUYING)
    assert change(section, made, MeasureValues("expert", "頼む", due=DUE, state="done")).state == "done"


def test_a_cell_of_another_version(section):
    one = gap(section)
    other = b.make_version(code="other", name="別")
    one.cell.version = other
    with pytest.raises(Invalid):
        decide_measures(
            department=section.ka, cycle=section.cycle, decisions=[(one, BUYING)],
            by=b.actor_of(section.kacho), now=timezone.now(), key=uuid.uuid4(),
        )  # fmt: skip
    with pytest.raises(Invalid):
        decide(section)
