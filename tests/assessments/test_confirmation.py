"""The line's workflow: who, in which state, with which version; and that nothing confirmed ever changes."""

import uuid

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from access.actor import Role
from access.refusals import Conflict, Forbidden, Invalid
from assessments.models import Confirmation, Cycle, Rating, Remark, Revision, Sheet
from assessments.workflow.confirmation import (
    Entry,
    Incomplete,
    ReasonMissing,
    confirm_final,
    confirm_first,
    confirm_without_confirmer,
    move,
    save_confirmations,
    send_back,
)
from assessments.workflow.correction import Correction, NothingCorrected, correct
from audit.models import Event
from organization.models import Posting
from tests import builders as b
from tests.assessments.sheets import confirmations, in_state, steps_of, submitted

NOW = timezone.now()
State = Sheet.State


def save(sheet, by, level, entries=None, version=None):
    entries = [Entry(cell, step) for cell, step in steps_of(sheet).items()] if entries is None else entries
    return save_confirmations(
        sheet=sheet,
        level=level,
        entries=entries,
        version=sheet.version if version is None else version,
        by=b.actor_of(by),
        now=NOW,
    )


def act(function, sheet, by, version=None, key=None, **kwargs):
    return function(
        sheet=sheet,
        version=sheet.version if version is None else version,
        key=key or uuid.uuid4(),
        by=b.actor_of(by),
        now=NOW,
        **kwargs,
    )


def corrections(sheet, step=4):
    return [Correction(cell, step, step) for cell in steps_of(sheet)]


def test_the_whole_way(world):
    sheet = submitted(world.sheet)
    assert save(sheet, world.kakari, "first") == 6
    sheet = act(confirm_first, sheet, world.kakari)
    assert (sheet.state, sheet.version, sheet.confirmed_at) == (State.FIRST_CONFIRMED, 2, None)
    save(sheet, world.kacho, "final")
    sheet = act(confirm_final, sheet, world.kacho)
    assert (sheet.state, sheet.version, sheet.confirmed_at) == (State.CONFIRMED, 3, NOW)
    assert not sheet.without_confirmer
    assert [e.action for e in Event.objects.filter(object_uuid=sheet.uuid).order_by("pk")] == [
        "sheet.confirmations_saved",
        "sheet.confirm_first",
        "sheet.confirmations_saved",
        "sheet.confirm",
    ]
    event = Event.objects.get(action="sheet.confirm")
    assert (event.subject_uuid, event.actor_uuid) == (world.honnin.uuid, world.kacho.uuid)


def test_answers_are_kept_and_changed_one_by_one(world):
    sheet = submitted(world.sheet)
    cell, other = list(steps_of(sheet))[:2]
    assert save(sheet, world.kakari, "first", [Entry(cell, 1, " 手順書を見ながら ", "memo")]) == 1
    row = Confirmation.objects.get()
    assert (row.step, row.comment, row.visibility, row.confirmer) == (
        1,
        "手順書を見ながら",
        "memo",
        world.kakari,
    )
    assert save(sheet, world.kakari, "first", [Entry(cell, 1, "手順書を見ながら", "memo", 1)]) == 0
    assert save(sheet, world.kakari, "first", [Entry(cell, 3, version=1), Entry(other, 2)]) == 2
    row.refresh_from_db()
    assert (row.step, row.comment, row.version) == (3, "", 2)


def test_a_cell_saved_in_another_tab_stops_everything(world):
    sheet = submitted(world.sheet)
    cell, other = list(steps_of(sheet))[:2]
    save(sheet, world.kakari, "first", [Entry(cell, 1)])
    with pytest.raises(Conflict):
        save(sheet, world.kakari, "first", [Entry(other, 2), Entry(cell, 4)])
    assert list(Confirmation.objects.values_list("cell_id", "step")) == [(cell, 1)]


@pytest.mark.parametrize(
    "entry",
    [
        {"step": 5},
        {"step": 2, "visibility": "all"},
        {"step": 2, "comment": "あ" * 401},
        {"cell_id": 0, "step": 2},
    ],
)
def test_bad_answers_are_refused_whole(world, entry):
    sheet = submitted(world.sheet)
    cell = next(iter(steps_of(sheet)))
    with pytest.raises(Invalid):
        save(sheet, world.kakari, "first", [Entry(**{"cell_id": cell, **entry})])
    assert not Confirmation.objects.exists()


@pytest.mark.parametrize("level", ["first", "final"])
def test_every_cell_needs_a_step(world, level):
    sheet = submitted(world.sheet)
    who = world.kakari
    if level == "final":
        Posting.objects.filter(staff=world.kakari).update(line_role="none")
        who = world.kacho
    rows = steps_of(sheet)
    rows.pop(world.cells[1].pk)
    save(sheet, who, level, [Entry(cell, step) for cell, step in rows.items()])
    with pytest.raises(Incomplete) as refusal:
        act(confirm_first if level == "first" else confirm_final, sheet, who)
    assert refusal.value.missing == [world.cells[1].label]
    sheet.refresh_from_db()
    assert sheet.state == State.SUBMITTED


STEPS = [
    ("first", "kakari", {State.SUBMITTED}),
    ("final", "kacho", {State.FIRST_CONFIRMED}),
    ("send_back", "kakari", {State.SUBMITTED, State.FIRST_CONFIRMED}),
    ("send_back", "kacho", {State.SUBMITTED, State.FIRST_CONFIRMED}),
    ("send_back", "bucho", {State.SUBMITTED, State.FIRST_CONFIRMED}),
    ("send_back", "jinji", {State.SUBMITTED, State.FIRST_CONFIRMED}),
    ("correct", "jinji", {State.CONFIRMED}),
]


def attempt(step, sheet, who, **kwargs):
    if step in ("first", "final"):
        return act(confirm_first if step == "first" else confirm_final, sheet, who, **kwargs)
    if step == "send_back":
        return act(send_back, sheet, who, reason="根拠を書き足してください。", **kwargs)
    return act(correct, sheet, who, reason="転記の誤り", corrections=corrections(sheet), **kwargs)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize(("step", "who", "allowed"), STEPS)
def test_every_step_from_every_state(world, step, who, allowed, state):
    sheet = in_state(world.sheet, state, confirmer=world.kacho)
    who = getattr(world, who)
    if state in Sheet.WAITING and state in allowed and step in ("first", "final"):
        save(sheet, who, step)
    if state in allowed:
        after = attempt(step, sheet, who)
        assert after.version == sheet.version + 1
    else:
        with pytest.raises(Conflict):
            attempt(step, sheet, who)
        sheet.refresh_from_db()
        assert (sheet.state, sheet.version) == (state, 1)


PEOPLE = ["honnin", "dourei", "kakari", "kacho", "bucho", "betsuka", "jinji", "henshu", "kansa", "sysadmin"]


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize(
    ("step", "state", "allowed", "another_is_asked"),
    [
        ("first", State.SUBMITTED, {"kakari"}, set()),
        ("final", State.FIRST_CONFIRMED, {"kacho"}, {"bucho", "jinji"}),
        ("send_back", State.SUBMITTED, {"kakari", "kacho", "bucho", "jinji"}, set()),
        ("correct", State.CONFIRMED, {"jinji"}, set()),
    ],
)
def test_every_step_by_everybody(world, step, state, allowed, another_is_asked, who):
    sheet = in_state(world.sheet, state, confirmer=world.kacho)
    if step in ("first", "final"):
        confirmations(sheet, world.kacho, step)
    if who in allowed:
        attempt(step, sheet, getattr(world, who))
    else:
        with pytest.raises(Conflict if who in another_is_asked else Forbidden):
            attempt(step, sheet, getattr(world, who))


@pytest.mark.parametrize("step", ["final", "send_back", "correct"])
def test_nobody_their_own_even_hr(world, step):
    sheet = b.make_sheet(world.jinji, world.cycle, world.jinjika)
    in_state(sheet, State.CONFIRMED if step == "correct" else State.SUBMITTED, confirmer=world.jinji)
    with pytest.raises(Forbidden):
        attempt(step, sheet, world.jinji)


def test_hr_confirms_where_no_head_is_above(world):
    sheet = submitted(b.make_sheet(world.bucho, world.cycle, world.bu))
    save(sheet, world.jinji, "final")
    assert attempt("final", sheet, world.jinji).state == State.CONFIRMED


def test_the_head_waits_for_the_section_chief(world):
    sheet = submitted(world.sheet)
    with pytest.raises(Conflict, match="一次確認がまだ"):
        save(sheet, world.kacho, "final")


@pytest.mark.parametrize("step", ["first", "final", "send_back", "correct"])
def test_an_old_version_is_refused(world, step):
    state = {"first": State.SUBMITTED, "final": State.FIRST_CONFIRMED, "correct": State.CONFIRMED}
    sheet = in_state(world.sheet, state.get(step, State.SUBMITTED), confirmer=world.kacho)
    if step in ("first", "final"):
        confirmations(sheet, world.kacho, step)
    who = {"first": world.kakari, "final": world.kacho}.get(step, world.jinji)
    with pytest.raises(Conflict) as refusal:
        attempt(step, sheet, who, version=0)
    assert refusal.value.detail["version"] == 1


@pytest.mark.parametrize("step", ["first", "final", "send_back", "correct"])
def test_the_second_of_two_is_told_and_the_same_click_is_not(world, step):
    state = {"first": State.SUBMITTED, "final": State.FIRST_CONFIRMED, "correct": State.CONFIRMED}
    sheet = in_state(world.sheet, state.get(step, State.SUBMITTED), confirmer=world.kacho)
    if step in ("first", "final"):
        confirmations(sheet, world.kacho, step)
    who = {"first": world.kakari, "final": world.kacho}.get(step, world.jinji)
    key = uuid.uuid4()
    once = attempt(step, sheet, who, key=key)
    again = attempt(step, sheet, who, key=key)
    assert (once.version, once.state) == (again.version, again.state)
    assert Event.objects.filter(object_uuid=sheet.uuid).count() == 1
    with pytest.raises(Conflict):
        attempt(step, sheet, who)


@pytest.mark.parametrize("step", ["first", "send_back"])
def test_a_closed_year_takes_nothing(world, step):
    sheet = submitted(world.sheet)
    confirmations(sheet, world.kakari, "first")
    Cycle.objects.filter(pk=world.cycle.pk).update(state=Cycle.State.CLOSED, closed_at=NOW)
    with pytest.raises(Conflict, match="受付を終え"):
        attempt(step, sheet, world.kakari)


def test_a_sheet_sent_back_keeps_revision_and_confirmations(world):
    sheet = submitted(world.sheet)
    save(sheet, world.kakari, "first")
    sheet = act(send_back, sheet, world.kakari, reason="  根拠を書き足してください。 ")
    assert sheet.state == State.SENT_BACK
    remark = Remark.objects.get()
    assert (remark.text, remark.kind, remark.visibility) == (
        "根拠を書き足してください。",
        "sent_back",
        "person",
    )
    assert (remark.revision_id, remark.author) == (sheet.current_revision_id, world.kakari)
    assert Confirmation.objects.count() == Rating.objects.count() == 6
    with pytest.raises(IntegrityError), transaction.atomic():
        Confirmation.objects.update(step=0)


@pytest.mark.parametrize("reason", ["", "  \n", "あ" * 801])
def test_sending_back_needs_a_reason(world, reason):
    sheet = submitted(world.sheet)
    with pytest.raises(ReasonMissing):
        act(send_back, sheet, world.kakari, reason=reason)
    assert not Remark.objects.exists()


def test_a_correction_is_a_new_revision_beside_the_old(world):
    sheet = in_state(world.sheet, State.CONFIRMED, confirmer=world.kacho)
    old, at = sheet.current_revision, sheet.confirmed_at
    cell, other = list(steps_of(sheet))[:2]
    sheet = act(correct, sheet, world.jinji, reason="転記の誤り", corrections=[Correction(cell, 2, 3)])
    new = sheet.current_revision
    assert (new.number, new.kind, new.reason, new.submitted_by) == (
        2,
        "correction",
        "転記の誤り",
        world.jinji,
    )
    assert (sheet.state, sheet.confirmed_at) == (State.CONFIRMED, at)
    finals = {row.cell_id: row for row in new.confirmations.all()}
    assert (finals[cell].step, finals[cell].confirmer) == (3, world.jinji)
    assert (finals[other].step, finals[other].confirmer) == (2, world.kacho)
    assert new.ratings.count() == 6
    assert set(old.confirmations.filter(level="final").values_list("step", flat=True)) == {2}
    again = act(correct, sheet, world.jinji, reason="もう一度", corrections=[Correction(cell, 1, 3)])
    assert again.current_revision.number == 3


def test_a_correction_that_corrects_nothing_is_refused(world):
    sheet = in_state(world.sheet, State.CONFIRMED, confirmer=world.kacho)
    with pytest.raises(NothingCorrected):
        act(correct, sheet, world.jinji, reason="なし", corrections=corrections(sheet, 2))
    assert Revision.objects.count() == 1


@pytest.mark.parametrize("bad", [Correction(0, 1, 1), "own", "confirmed"])
def test_a_correction_with_bad_steps_is_refused(world, bad):
    sheet = in_state(world.sheet, State.CONFIRMED, confirmer=world.kacho)
    cell = next(iter(steps_of(sheet)))
    bad = {"own": Correction(cell, 7, 1), "confirmed": Correction(cell, 1, 7)}.get(bad, bad)
    with pytest.raises(Invalid):
        act(correct, sheet, world.jinji, reason="誤り", corrections=[bad])
    with pytest.raises(ReasonMissing):
        act(correct, sheet, world.jinji, reason=" ", corrections=corrections(sheet))


def test_a_closed_year_can_still_be_corrected(world):
    sheet = in_state(world.sheet, State.CONFIRMED, confirmer=world.kacho)
    Cycle.objects.filter(pk=world.cycle.pk).update(state=Cycle.State.CLOSED, closed_at=NOW)
    assert attempt("correct", sheet, world.jinji).current_revision.number == 2


def test_without_any_confirmer_the_own_steps_stand_and_say_so(world):
    Cycle.objects.filter(pk=world.cycle.pk).update(final_without_confirmer=True)
    sheet = submitted(b.make_sheet(world.jinji, Cycle.objects.get(pk=world.cycle.pk), world.jinjika))
    assert confirm_without_confirmer(sheet=sheet, by=b.actor_of(world.jinji), now=NOW)
    sheet.refresh_from_db()
    assert (sheet.state, sheet.without_confirmer, sheet.confirmed_at) == (State.CONFIRMED, True, NOW)
    assert sheet.current_revision.confirmations.filter(level="final", step=2).count() == 6
    assert Event.objects.get().action == "sheet.confirm_without_confirmer"


@pytest.mark.parametrize("why_not", ["setting", "head", "another_hr"])
def test_that_needs_the_setting_and_nobody_else_at_all(world, why_not):
    Cycle.objects.filter(pk=world.cycle.pk).update(final_without_confirmer=why_not != "setting")
    cycle = Cycle.objects.get(pk=world.cycle.pk)
    who, place = (world.honnin, world.kakari_dept) if why_not == "head" else (world.jinji, world.jinjika)
    if why_not == "another_hr":
        b.make_grant(b.make_staff(world.city, "人事 二郎"), Role.HR)
    sheet = world.sheet if who == world.honnin else b.make_sheet(who, cycle, place)
    sheet.cycle = cycle
    submitted(sheet)
    sheet.cycle = cycle
    assert not confirm_without_confirmer(sheet=sheet, by=b.actor_of(who), now=NOW)
    sheet.refresh_from_db()
    assert sheet.state == State.SUBMITTED


def test_a_sheet_read_before_somebody_else_moved_it_does_not_move(world):
    sheet = submitted(world.sheet)
    Sheet.objects.filter(pk=sheet.pk).update(version=2)
    with pytest.raises(Conflict):
        move(sheet, now=NOW, state=State.SENT_BACK)
