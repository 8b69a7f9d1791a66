"""Keeping the record: who may, once only, one at a time, and what is refused whatever sends it."""

import datetime
import uuid

import pytest
from django.utils import timezone

from access.refusals import Conflict, Forbidden, Invalid, NotVisible
from assessments.entry_values import (
    CareerValues,
    CertificationValues,
    ExperienceValues,
    HandoverValues,
    TrainingValues,
)
from assessments.models import Entry, EntryCell, RatingEvidence, Training
from assessments.workflow.entries import (
    Ended,
    StaleEntry,
    add_entry,
    change_entry,
    copy_entries,
    remove_entry,
    restore_entry,
    stored_values,
)
from audit.models import Event
from competency.models import FrameworkVersion
from tests import builders as b
from tests.assessments.sheets import steps_of, write_revision

POLICY, ANALYSIS = "security-policy.1", "internal-it.1"


def day(text):
    return datetime.date.fromisoformat(text)


def add(world, values, *, staff=None, by=None, **kwargs):
    staff = staff or world.honnin
    return add_entry(
        staff=staff, values=values, by=b.actor_of(by or world.honnin), now=timezone.now(), key=uuid.uuid4(), **kwargs
    )  # fmt: skip


def change(world, entry, values, *, version=None, by=None):
    return change_entry(
        entry=entry, values=values, version=entry.version if version is None else version,
        by=b.actor_of(by or world.honnin), now=timezone.now(),
    )  # fmt: skip


EVERY = [
    ExperienceValues(
        title="住民記録の更改", start=day("2025-06-01"), end=day("2026-03-31"), category="renewal", role="主担当",
        size="20業務", result="止めずに移行した", cells=(ANALYSIS, POLICY),
    ),
    CertificationValues(
        title="IPの試験", start=day("2020-12-01"), registered_on=day("2021-04-01"), registration_number="第012345号",
        renew_by=day("2027-03-31"),
    ),
    TrainingValues(title="監査の基礎", start=day("2024-07-01"), provider="J-LIS", form="online", hours=18),
    CareerValues(title="株式会社みほん", start=day("2010-04-01"), end=day("2015-03-31"), role="SE"),
    HandoverValues(title="資料の場所", text="共有フォルダにあります。"),
]  # fmt: skip


@pytest.mark.parametrize("values", EVERY, ids=lambda one: one.kind)
def test_what_is_said_is_what_is_stored(world, values):
    entry = add(world, values)
    assert entry.kind == values.kind
    assert (entry.created_by, entry.updated_by, entry.version) == (world.honnin, world.honnin, 1)
    stored = stored_values(Entry.objects.get(pk=entry.pk))
    assert stored == type(values)(**{**vars(values), "cells": tuple(sorted(values.cells))})


def test_one_event_that_holds_no_text(world):
    entry = add(world, EVERY[0])
    event = Event.objects.get()
    assert (event.action, event.subject_uuid, event.object_uuid) == (
        "entry.add",
        world.honnin.uuid,
        entry.uuid,
    )
    assert event.data == {"kind": "experience", "on_behalf": False}


def test_on_behalf_the_actor_is_stored(world):
    entry = add(world, EVERY[0], by=world.jinji)
    assert (entry.staff, entry.created_by) == (world.honnin, world.jinji)
    assert Event.objects.get().data == {"kind": "experience", "on_behalf": True, "role": "H"}


@pytest.mark.parametrize("name", ["dourei", "kakari", "kacho", "kansa", "henshu", "sysadmin"])
def test_nobody_else_may(world, name):
    entry = b.make_experience(world.honnin)
    by = getattr(world, name)
    with pytest.raises(Forbidden):
        add(world, EVERY[0], by=by)
    with pytest.raises(Forbidden):
        change(world, entry, EVERY[0], by=by)
    for act in (remove_entry, restore_entry):
        with pytest.raises(Forbidden):
            act(entry=entry, version=1, by=b.actor_of(by), now=timezone.now())
    assert not Event.objects.exists()


def test_another_municipality_is_not_there(world):
    with pytest.raises(NotVisible):
        add(world, EVERY[0], staff=world.yoso, by=world.jinji)
    with pytest.raises(NotVisible):
        change(world, b.make_experience(world.yoso), EVERY[0], by=world.jinji)


def test_the_same_key_adds_once(world):
    key, by, now = uuid.uuid4(), b.actor_of(world.honnin), timezone.now()
    first = add_entry(staff=world.honnin, values=EVERY[0], by=by, now=now, key=key)
    second = add_entry(staff=world.honnin, values=EVERY[1], by=by, now=now, key=key)
    assert first == second
    assert Entry.objects.count() == Event.objects.count() == 1


def test_change_moves_the_version_and_the_cells(world):
    entry = add(world, EVERY[0])
    values = ExperienceValues(title="ほかの名前", cells=(POLICY, "internal-it.2"))
    fresh = change(world, entry, values)
    assert (fresh.title, fresh.version, fresh.start) == ("ほかの名前", 2, None)
    assert list(EntryCell.objects.order_by("cell_code").values_list("cell_code", flat=True)) == [
        "internal-it.2",
        POLICY,
    ]
    assert fresh.experience.role == ""


def test_saving_what_is_stored_is_nothing(world):
    entry = add(world, EVERY[0])
    assert change(world, entry, EVERY[0], version=99).version == 1
    assert not Event.objects.filter(action="entry.change").exists()


def test_the_second_of_two_tabs_is_told_what_stands_there(world):
    entry = add(world, EVERY[3])
    change(world, entry, CareerValues(title="みほん県"))
    with pytest.raises(StaleEntry) as refused:
        change(world, entry, CareerValues(title="となり県"))
    assert refused.value.stored == CareerValues(title="みほん県")
    assert refused.value.version == 2
    assert Entry.objects.get().title == "みほん県"


def test_another_kind_is_no_change(world):
    with pytest.raises(Invalid):
        change(world, add(world, EVERY[0]), EVERY[1])


def test_removed_and_brought_back(world):
    entry = b.make_experience(world.honnin)
    by, now = b.actor_of(world.honnin), timezone.now()
    removed = remove_entry(entry=entry, version=1, by=by, now=now)
    assert removed.removed_at == now
    assert not Entry.objects.standing().exists()
    # Twice is once, and what is removed is not changed.
    assert remove_entry(entry=entry, version=1, by=by, now=now).version == 2
    with pytest.raises(Conflict):
        change(world, entry, EVERY[0], version=2)
    with pytest.raises(StaleEntry):
        restore_entry(entry=entry, version=1, by=by, now=now)
    back = restore_entry(entry=entry, version=2, by=by, now=now)
    assert (back.removed_at, back.version) == (None, 3)
    assert restore_entry(entry=entry, version=2, by=by, now=now).version == 3
    assert [event.action for event in Event.objects.order_by("pk")] == ["entry.remove", "entry.restore"]


def test_what_rests_on_a_removed_entry_stays(world):
    entry = b.make_experience(world.honnin, cells=[POLICY])
    revision = write_revision(world.sheet, steps_of(world.sheet, 3))
    RatingEvidence.objects.create(
        municipality=world.city, revision=revision, cell=world.cells[0], entry=entry, title=entry.title
    )
    remove_entry(entry=entry, version=1, by=b.actor_of(world.honnin), now=timezone.now())
    assert RatingEvidence.objects.get().title == entry.title


@pytest.mark.parametrize("state", Training.OPEN)
def test_an_open_application_is_withdrawn_elsewhere(world, state):
    entry = b.make_training(world.honnin, state=state)
    with pytest.raises(Conflict):
        change(world, entry, TrainingValues(title="ほか"))
    with pytest.raises(Conflict):
        remove_entry(entry=entry, version=1, by=b.actor_of(world.honnin), now=timezone.now())


def test_nobody_turns_an_absence_into_a_training(world):
    entry = b.make_training(world.honnin, state="absent")
    change(world, entry, TrainingValues(title="ほか", state="finished"))
    assert Training.objects.get().state == "absent"


LATER = timezone.localdate() + datetime.timedelta(days=1)
WRONG = [
    ExperienceValues(title=""),
    ExperienceValues(title="あ" * 121),
    ExperienceValues(title="あ", text="あ" * 2001),
    ExperienceValues(title="あ", category="nothing"),
    ExperienceValues(title="あ", end=day("2025-06-01")),
    ExperienceValues(title="あ", start=day("2025-06-02"), end=day("2025-06-01")),
    ExperienceValues(title="あ", cells=("nowhere.1",)),
    TrainingValues(title="あ", hours=-1),
    CertificationValues(title="あ", start=LATER),
    CertificationValues(title="あ", registration_number="1"),
    CertificationValues(title="あ", registered_on=LATER),
    CertificationValues(title="あ", registered_on=day("2025-06-02"), renew_by=day("2025-06-01")),
]


@pytest.mark.parametrize("values", WRONG)
def test_what_does_not_go_together_is_refused(world, values):
    with pytest.raises(Invalid):
        add(world, values)
    assert not Entry.objects.exists()


def test_an_unknown_cell_that_came_with_a_foreign_record_stays(world):
    entry = b.make_experience(world.honnin, cells=["nowhere.1"])
    change(world, entry, ExperienceValues(title="ほか", cells=("nowhere.1", POLICY)))
    assert EntryCell.objects.count() == 2
    with pytest.raises(Invalid):
        change(world, entry, ExperienceValues(title="ほか", cells=("nowhere.1", "nowhere.2")), version=2)


def test_cells_of_a_framework_of_elsewhere_are_unknown(world):
    version = b.make_version(code="theirs", publish=False)
    version.framework.municipality = world.other_city
    version.framework.save()
    version.cells.filter(code=POLICY).update(code="theirs.1")
    FrameworkVersion.objects.filter(pk=version.pk).update(state="published", published_at=timezone.now())
    with pytest.raises(Invalid):
        add(world, ExperienceValues(title="あ", cells=("theirs.1",)))


@pytest.mark.parametrize("where", ["retired", "foreign"])
def test_a_certificate_of_the_register_alone(world, where):
    row = b.make_qualification()
    if where == "retired":
        row.retired = True
    else:
        row.municipality = world.other_city
    row.save()
    with pytest.raises(NotVisible):
        add(world, CertificationValues(title="応用情報", qualification_id=row.pk))


def test_a_certificate_that_the_register_no_longer_names_stays(world):
    row = b.make_qualification()
    entry = add(world, CertificationValues(title="応用情報", qualification_id=row.pk))
    type(row).objects.update(retired=True)
    assert change(world, entry, CertificationValues(title="新しい名前", qualification_id=row.pk)).version == 2


def test_a_successor_of_the_own_municipality_alone(world):
    add(world, HandoverValues(title="あ", successor_id=world.dourei.pk))
    with pytest.raises(NotVisible):
        add(world, HandoverValues(title="あ", successor_id=world.yoso.pk))


def test_a_course_of_the_own_municipality_alone(world):
    add(world, TrainingValues(title="あ", course_id=b.make_course(world.city).pk))
    with pytest.raises(NotVisible):
        add(world, TrainingValues(title="あ", course_id=b.make_course(world.other_city).pk))


def test_copies_and_ends_all_or_nothing(world):
    going = b.make_experience(world.honnin, "保守", start=day("2024-04-01"), cells=[POLICY])
    key, by, now = uuid.uuid4(), b.actor_of(world.honnin), timezone.now()
    ended = [Ended(going.pk, 1, day("2026-03-31"))]
    copies = [ExperienceValues(title="保守", start=day("2026-04-01"), cells=(POLICY,))]
    assert copy_entries(staff=world.honnin, copies=copies, ended=ended, by=by, now=now, key=key) == 2
    assert copy_entries(staff=world.honnin, copies=copies, ended=ended, by=by, now=now, key=key) == 2
    assert Entry.objects.count() == 2
    assert Entry.objects.get(pk=going.pk).end == day("2026-03-31")
    with pytest.raises(StaleEntry):
        copy_entries(
            staff=world.honnin, copies=copies, ended=[Ended(going.pk, 1, day("2026-02-01"))], by=by, now=now,
            key=uuid.uuid4(),
        )  # fmt: skip
    assert Entry.objects.count() == 2


def test_what_is_ended_is_the_persons_own(world):
    other = b.make_experience(world.dourei, start=day("2024-04-01"))
    with pytest.raises(NotVisible):
        copy_entries(
            staff=world.honnin, copies=[], ended=[Ended(other.pk, 1, day("2026-03-31"))],
            by=b.actor_of(world.honnin), now=timezone.now(), key=uuid.uuid4(),
        )  # fmt: skip
    with pytest.raises(Invalid):
        copy_entries(
            staff=world.honnin, copies=[], by=b.actor_of(world.honnin), now=timezone.now(), key=uuid.uuid4()
        )  # fmt: skip
