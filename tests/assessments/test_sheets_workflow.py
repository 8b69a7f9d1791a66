"""Drafts merge cell by cell, a submission happens once, a withdrawal gives everything back."""

import datetime
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.refusals import Conflict, Forbidden, Invalid
from assessments.merge import Stored, Value
from assessments.models import Confirmation, Cycle, Draft, Rating, Revision, Sheet
from assessments.sheet_form import read
from assessments.workflow.sheets import Unfinished, save_drafts, stored_drafts, submit, withdraw
from audit.models import Event, Receipt
from organization.models import Grant, Posting, Staff
from organization.models.position import LineRole
from tests import builders as b
from tests.assessments.forms import all_steps, posted
from tests.assessments.sheets import confirmations, in_state, steps_of, submitted

NOW = timezone.now()


def codes(sheet):
    return set(sheet.cycle.framework_version.cells.values_list("code", flat=True))


def save(sheet, by=None, fields=None, same=(), **changes):
    reading = read(posted(sheet, **changes) if fields is None else fields, codes(sheet))
    return save_drafts(
        sheet=sheet, answers=reading.answers, same=same, by=b.actor_of(by or sheet.staff), now=NOW
    )


def send(sheet, by=None, key=None, version=None):
    sheet = Sheet.objects.get(pk=sheet.pk)
    return submit(
        sheet=sheet,
        version=sheet.version if version is None else version,
        key=key or uuid.uuid4(),
        by=b.actor_of(by or sheet.staff),
        now=NOW,
    )


def take_back(sheet, by=None, key=None, version=None):
    sheet = Sheet.objects.get(pk=sheet.pk)
    return withdraw(
        sheet=sheet,
        version=sheet.version if version is None else version,
        key=key or uuid.uuid4(),
        by=b.actor_of(by or sheet.staff),
        now=NOW,
    )


def last_year_of(world, steps=3, evidence="昨年の根拠", state=Sheet.State.CONFIRMED, final=None, year=2025):
    cycle = b.make_cycle(world.city, world.version, fiscal_year=year, state=Cycle.State.CLOSED)
    sheet = b.make_sheet(world.honnin, cycle, world.kakari_dept)
    submitted(sheet, steps_of(sheet, steps), evidence=evidence)
    if state == Sheet.State.CONFIRMED:
        confirmations(sheet, world.kacho, "final", final and steps_of(sheet, final))
        Sheet.objects.filter(pk=sheet.pk).update(state=state, confirmed_at=NOW)
    return sheet


# --- drafts ---------------------------------------------------------------------------------------------


def test_the_first_answer_starts_the_sheet(world):
    kept = save(world.sheet, c0=(3, "RPA研修の講師"))
    world.sheet.refresh_from_db()
    assert kept.changed == 1
    assert world.sheet.state == Sheet.State.DRAFTING
    assert stored_drafts(world.sheet) == {world.cells[0].code: Stored(Value(3, "RPA研修の講師"), 1)}
    assert Event.objects.get(action="sheet.start").subject_uuid == world.honnin.uuid


def test_saving_what_is_there_already_writes_nothing(world):
    save(world.sheet, c0=3)
    before = Sheet.objects.get(pk=world.sheet.pk)
    assert save(world.sheet).changed == 0
    after = Sheet.objects.get(pk=world.sheet.pk)
    assert (after.version, after.updated_at) == (before.version, before.updated_at)


def test_evidence_may_come_before_the_step(world):
    save(world.sheet, c1=(None, "あとで選ぶ"))
    assert stored_drafts(world.sheet)[world.cells[1].code] == Stored(Value(None, "あとで選ぶ"), 1)


def test_two_tabs_merge_where_they_touched_different_cells(world):
    first = posted(world.sheet, c0=3)
    second = posted(world.sheet, c1=2)
    save(world.sheet, fields=first)
    kept = save(world.sheet, fields=second)
    assert kept.conflicts == frozenset()
    assert {code: stored.value.step for code, stored in stored_drafts(world.sheet).items()} == {
        world.cells[0].code: 3,
        world.cells[1].code: 2,
    }


def test_the_same_cell_is_never_overwritten(world):
    first = posted(world.sheet, c0=3, c1=1)
    second = posted(world.sheet, c0=1, c2=4)
    save(world.sheet, fields=first)
    kept = save(world.sheet, fields=second)
    code = world.cells[0].code
    assert kept.conflicts == {code}
    assert kept.stored[code].value == Value(3)
    steps = {cell: stored.value.step for cell, stored in stored_drafts(world.sheet).items()}
    assert steps == {code: 3, world.cells[1].code: 1, world.cells[2].code: 4}


def test_the_choice_of_mine_is_written_and_of_theirs_is_not(world):
    code = world.cells[0].code
    save(world.sheet, c0=3)
    undecided = posted(world.sheet, c0=1) | {f"undecided-{code}": "1"}
    assert save(world.sheet, fields=undecided).conflicts == {code}
    save(world.sheet, fields=undecided | {"keep": f"theirs:{code}"})
    assert stored_drafts(world.sheet)[code].value.step == 3
    save(world.sheet, fields=undecided | {"keep": f"mine:{code}"})
    assert stored_drafts(world.sheet)[code] == Stored(Value(1), 2)


def test_a_choice_made_against_an_older_text_asks_again(world):
    code = world.cells[0].code
    save(world.sheet, c0=3)
    choice = posted(world.sheet, c0=1) | {f"undecided-{code}": "1", "keep": f"mine:{code}"}
    save(world.sheet, c0=2)
    assert save(world.sheet, fields=choice).conflicts == {code}
    assert stored_drafts(world.sheet)[code].value.step == 2


def test_only_open_cells_take_last_years_answer(world):
    last_year_of(world, steps=3, final=2)
    save(world.sheet, c0=(0, ""), c1=(None, "もう書いた"))
    first = {cell.code for cell in world.cells if cell.area.category.name == "概念化能力"}
    kept = save(world.sheet, same=first)
    assert kept.changed == 2
    drafts = stored_drafts(world.sheet)
    assert drafts[world.cells[0].code].value == Value(0)
    # The confirmed step counts, and what was written already stays.
    assert drafts[world.cells[1].code].value == Value(2, "もう書いた")
    assert drafts[world.cells[2].code].value == Value(2, "昨年の根拠")
    assert drafts.keys() == first


def test_without_last_year_nothing_is_filled(world):
    assert save(world.sheet, same={world.cells[0].code}).changed == 0


@pytest.mark.parametrize("name", ["dourei", "kakari", "kacho", "jinji"])
def test_only_the_person_writes(world, name):
    with pytest.raises(Forbidden):
        save(world.sheet, by=getattr(world, name), c0=3)
    with pytest.raises(Forbidden):
        send(world.sheet, by=getattr(world, name))
    in_state(world.sheet, Sheet.State.SUBMITTED)
    with pytest.raises(Forbidden):
        take_back(world.sheet, by=getattr(world, name))


@pytest.mark.parametrize("state", ["submitted", "first_confirmed", "confirmed"])
def test_a_submitted_sheet_takes_no_drafts(world, state):
    in_state(world.sheet, Sheet.State(state), world.kacho)
    with pytest.raises(Conflict):
        save(world.sheet, c0=3)
    assert not Draft.objects.exists()


def test_a_closed_year_takes_nothing(world):
    Cycle.objects.filter(pk=world.cycle.pk).update(state=Cycle.State.CLOSED, closed_at=NOW)
    for act in (lambda: save(world.sheet, c0=3), lambda: send(world.sheet)):
        with pytest.raises(Conflict, match="受付を終えています"):
            act()


def test_a_year_takes_nothing_before_its_first_day(world):
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    Cycle.objects.filter(pk=world.cycle.pk).update(
        starts_on=tomorrow, submit_by=tomorrow, confirm_by=tomorrow
    )
    with pytest.raises(Conflict, match="からです"):
        save(world.sheet, c0=3)


def test_a_cell_of_another_version_is_refused_whole(world):
    fields = {f"base-{world.cells[0].code}": Stored().token, f"step-{world.cells[0].code}": "3"}
    reading = read(fields, codes(world.sheet))
    with pytest.raises(Invalid):
        save_drafts(
            sheet=world.sheet,
            answers=reading.answers | {"nowhere.1": reading.answers[world.cells[0].code]},
            by=b.actor_of(world.honnin),
            now=NOW,
        )
    assert not Draft.objects.exists()


# --- submitting -----------------------------------------------------------------------------------------


def test_a_submission_freezes_what_was_written(world):
    save(world.sheet, **all_steps(world.sheet, 3))
    sheet = send(world.sheet)
    assert sheet.state == Sheet.State.SUBMITTED
    revision = sheet.current_revision
    assert (revision.number, revision.submitted_by) == (1, world.honnin)
    assert set(Rating.objects.filter(revision=revision).values_list("step", "evidence")) == {(3, "根拠の文")}
    assert Rating.objects.filter(revision=revision).count() == len(world.cells)
    event = Event.objects.get(action="sheet.submit")
    assert event.subject_uuid == world.honnin.uuid
    assert "根拠" not in str(event.data)
    assert Sheet.objects.get(pk=sheet.pk).version == sheet.version


def test_place_and_employment_are_those_of_the_day(world):
    today = timezone.localdate()
    Posting.objects.filter(staff=world.honnin).update(end=today)
    b.make_posting(world.honnin, world.jinjika, start=today, position="主査")
    Staff.objects.filter(pk=world.honnin.pk).update(employment=Staff.Employment.REAPPOINTED)
    save(world.sheet, **all_steps(world.sheet, 2))
    send(world.sheet)
    world.sheet.refresh_from_db()
    assert world.sheet.department == world.jinjika
    assert world.sheet.department_path == world.jinjika.path
    assert (world.sheet.position, world.sheet.employment) == ("主査", "reappointed")


def test_somebody_without_a_main_posting_keeps_the_old_place(world):
    Posting.objects.filter(staff=world.honnin).update(end=timezone.localdate())
    save(world.sheet, **all_steps(world.sheet, 2))
    send(world.sheet)
    world.sheet.refresh_from_db()
    assert world.sheet.department == world.kakari_dept


def test_open_cells_and_missing_evidence_keep_it_from_being_submitted(world):
    save(world.sheet, c0=(3, ""), c1=(4, "書いた"), c2=2)
    with pytest.raises(Unfinished) as refused:
        send(world.sheet)
    assert refused.value.problems == {
        world.cells[
            0
        ].code: "「3 独力でできる」を新しく選んだときは、根拠を書くか、根拠にする記録を選んでください。",
        **{cell.code: "段階を選んでください。" for cell in world.cells[3:]},
    }
    assert not Revision.objects.exists()


@pytest.mark.parametrize(
    ("before", "step", "asked"), [(3, 3, False), (4, 3, False), (3, 4, True), (2, 3, True), (1, 2, False)]
)
def test_evidence_is_asked_for_a_newly_raised_step(world, before, step, asked):
    last_year_of(world, steps=before)
    save(world.sheet, **all_steps(world.sheet, step, evidence=""))
    if asked:
        with pytest.raises(Unfinished):
            send(world.sheet)
    else:
        assert send(world.sheet).state == Sheet.State.SUBMITTED


def test_last_year_is_known_by_code_in_a_new_version(world):
    last_year_of(world, steps=3)
    newer = b.make_version(name="2030")
    Cycle.objects.filter(pk=world.cycle.pk).update(framework_version=newer)
    sheet = Sheet.objects.get(pk=world.sheet.pk)
    save(sheet, **all_steps(sheet, 3, evidence=""))
    assert send(sheet).state == Sheet.State.SUBMITTED
    assert Rating.objects.filter(revision__sheet=sheet, cell__version=newer).count() == len(world.cells)


def test_the_same_click_again_gets_the_same_receipt(world):
    save(world.sheet, **all_steps(world.sheet, 2))
    key = uuid.uuid4()
    first = send(world.sheet, key=key)
    second = send(world.sheet, key=key, version=first.version - 1)
    assert (second.state, second.current_revision_id) == (first.state, first.current_revision_id)
    assert Revision.objects.count() == Receipt.objects.count() == 1


def test_another_click_after_the_first_is_a_conflict(world):
    save(world.sheet, **all_steps(world.sheet, 2))
    send(world.sheet)
    with pytest.raises(Conflict, match="提出"):
        send(world.sheet)
    assert Revision.objects.count() == 1


def test_what_was_changed_in_another_tab_is_not_submitted_unseen(world):
    save(world.sheet, **all_steps(world.sheet, 2))
    seen = Sheet.objects.get(pk=world.sheet.pk).version
    save(world.sheet, c0=1)
    with pytest.raises(Conflict, match="別の画面"):
        send(world.sheet, version=seen)
    assert not Revision.objects.exists()


def test_a_submission_stays_within_its_queries(world):
    last_year_of(world)
    save(world.sheet, **all_steps(world.sheet, 2))
    sheet = Sheet.objects.get(pk=world.sheet.pk)
    actor = b.actor_of(world.honnin)
    with CaptureQueriesContext(connection) as asked:
        submit(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=actor, now=NOW)
    assert len(asked) <= 12, "\n".join(query["sql"][:120] for query in asked)


def test_without_any_confirmer_the_year_may_say_that_it_is_final(world):
    Cycle.objects.filter(pk=world.cycle.pk).update(final_without_confirmer=True)
    Posting.objects.exclude(staff=world.honnin).update(line_role=LineRole.NONE)
    Grant.objects.all().update(withdrawn_at=NOW)
    save(world.sheet, **all_steps(world.sheet, 2))
    sheet = send(world.sheet)
    assert (sheet.state, sheet.without_confirmer) == (Sheet.State.CONFIRMED, True)
    assert Confirmation.objects.filter(revision=sheet.current_revision).count() == len(world.cells)


# --- withdrawing ----------------------------------------------------------------------------------------


def test_a_withdrawal_gives_everything_back(world):
    save(world.sheet, **all_steps(world.sheet, 2))
    first = send(world.sheet).current_revision
    sheet = take_back(world.sheet)
    assert (sheet.state, sheet.submitted_at) == (Sheet.State.DRAFTING, None)
    assert len(stored_drafts(sheet)) == len(world.cells)
    save(sheet, c0=1)
    again = send(sheet)
    assert again.current_revision.number == 2
    assert Rating.objects.get(revision=first, cell=world.cells[0]).step == 2
    assert Event.objects.filter(action="sheet.withdraw").count() == 1


def test_the_same_withdrawal_again_changes_nothing(world):
    in_state(world.sheet, Sheet.State.SUBMITTED)
    key = uuid.uuid4()
    take_back(world.sheet, key=key)
    assert take_back(world.sheet, key=key).state == Sheet.State.DRAFTING
    assert Event.objects.filter(action="sheet.withdraw").count() == 1


@pytest.mark.parametrize("state", ["not_started", "drafting", "first_confirmed", "confirmed", "sent_back"])
def test_only_a_fresh_submission_is_withdrawn(world, state):
    in_state(world.sheet, Sheet.State(state), world.kacho)
    with pytest.raises(Conflict):
        take_back(world.sheet)


def test_a_withdrawal_names_the_version_it_saw(world):
    in_state(world.sheet, Sheet.State.SUBMITTED)
    with pytest.raises(Conflict):
        take_back(world.sheet, version=99)


def test_a_closed_year_gives_nothing_back(world):
    in_state(world.sheet, Sheet.State.SUBMITTED)
    Cycle.objects.filter(pk=world.cycle.pk).update(state=Cycle.State.CLOSED, closed_at=NOW)
    with pytest.raises(Conflict):
        take_back(world.sheet)


def test_the_click_of_before_a_withdrawal_does_not_read_as_submitted(world):
    save(world.sheet, **all_steps(world.sheet, 2))
    key, other = uuid.uuid4(), uuid.uuid4()
    send(world.sheet, key=key)
    take_back(world.sheet, key=other)
    with pytest.raises(Conflict, match="記入中"):
        send(world.sheet, key=key)
    send(world.sheet)
    with pytest.raises(Conflict, match="提出"):
        take_back(world.sheet, key=other)
    assert Sheet.objects.get(pk=world.sheet.pk).state == Sheet.State.SUBMITTED
