"""What a rating rests on: frozen with the submission, kept with its titles, copied by a correction (ADR 0025)."""

import datetime
import uuid

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from access.refusals import Conflict, Invalid
from assessments.completeness import OPEN, problem
from assessments.evidence_reads import counts_as_evidence, frozen_with, showing
from assessments.models import Draft, Entry, EntryCell, RatingEvidence, Revision, Sheet, Training
from assessments.workflow import sheets
from assessments.workflow.correction import Correction, correct
from assessments.workflow.evidence import choose_evidence, freeze_evidence
from assessments.workflow.sheets import Unfinished, submit, withdraw
from tests import builders as b
from tests.assessments.sheets import confirmations, steps_of, submitted, write_revision

NOW = timezone.now()


def drafts(sheet, evidence="", step=2, **exceptions):
    Draft.objects.bulk_create(
        Draft(
            municipality=sheet.municipality, sheet=sheet, cell_id=cell, step=value, evidence=evidence, updated_at=NOW
        )
        for cell, value in steps_of(sheet, step, **exceptions).items()
    )  # fmt: skip


def hand_in(sheet):
    sheet = Sheet.objects.get(pk=sheet.pk)
    return submit(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=b.actor_of(sheet.staff), now=NOW)


def rests(sheet):
    """Return {(cell code, title)} of what the sheet's revision rests on."""
    rows = RatingEvidence.objects.filter(revision=sheet.current_revision)
    return set(rows.values_list("cell__code", "title"))


@pytest.fixture
def codes(world):
    return [cell.code for cell in world.cells]


def test_a_submission_freezes_the_entries_behind_each_three_and_four(world, codes):
    b.make_experience(world.honnin, "ポリシーの改定", cells=[codes[0], codes[1]])
    b.make_certification(world.honnin, "応用情報", cells=[codes[0]])
    b.make_training(world.honnin, "業務改革", cells=[codes[2], codes[3]])
    b.make_experience(world.dourei, "同僚の仕事", cells=[codes[0]])
    b.make_handover(world.honnin, "引継ぎ", cells=[codes[0]])
    drafts(world.sheet, c0=3, c1=2, c2=4)
    sheet = hand_in(world.sheet)
    assert rests(sheet) == {(codes[0], "ポリシーの改定"), (codes[0], "応用情報"), (codes[2], "業務改革")}
    row = RatingEvidence.objects.first()
    assert (row.municipality_id, row.revision_id) == (world.city.pk, sheet.current_revision_id)


@pytest.mark.parametrize("state", [one for one in Training.State if one != Training.State.FINISHED])
def test_a_training_that_is_not_finished_shows_nothing(world, codes, state):
    b.make_training(world.honnin, cells=[codes[0]], state=state)
    drafts(world.sheet, "書いた根拠", c0=3)
    assert rests(hand_in(world.sheet)) == set()


def test_what_was_removed_shows_nothing(world, codes):
    b.make_experience(world.honnin, cells=[codes[0]])
    Entry.objects.update(removed_at=NOW)
    drafts(world.sheet, c0=3)
    with pytest.raises(Unfinished):
        hand_in(world.sheet)


def test_titles_stay_as_they_were_and_later_removal_is_seen(world, codes):
    entry = b.make_experience(world.honnin, "元の名称", cells=[codes[0]])
    drafts(world.sheet, c0=3)
    sheet = hand_in(world.sheet)
    Entry.objects.filter(pk=entry.pk).update(title="変えた名称", removed_at=NOW)
    EntryCell.objects.all().delete()
    (ref,) = frozen_with(sheet.current_revision_id)[world.cells[0].pk]
    assert (ref.title, ref.stands, ref.uuid) == ("元の名称", False, entry.uuid)
    assert showing(world.honnin.pk) == {}


def test_submitted_again_it_is_what_stands_then(world, codes):
    b.make_experience(world.honnin, "はじめの仕事", cells=[codes[0]])
    drafts(world.sheet, c0=3)
    sheet = hand_in(world.sheet)
    withdraw(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=b.actor_of(world.honnin), now=NOW)
    b.make_experience(world.honnin, "後の仕事", cells=[codes[0]])
    again = hand_in(world.sheet)
    assert rests(again) == {(codes[0], "はじめの仕事"), (codes[0], "後の仕事")}
    first = Revision.objects.get(number=1)
    assert RatingEvidence.objects.filter(revision=first).count() == 1


def test_an_entry_stands_for_a_written_note(world, codes):
    drafts(world.sheet, c0=3)
    with pytest.raises(Unfinished) as refusal:
        hand_in(world.sheet)
    assert list(refusal.value.problems) == [codes[0]]
    b.make_experience(world.honnin, cells=[codes[0]])
    assert hand_in(world.sheet).state == Sheet.State.SUBMITTED


@given(
    st.none() | st.integers(0, 4), st.sampled_from(["", " ", "根拠"]), st.none() | st.integers(0, 4), st.booleans()
)  # fmt: skip
def test_either_way_is_enough_and_only_a_raised_three_or_four_asks(step, note, last, shown):
    sentence = problem(step, note, last, shown=shown)
    if step is None:
        assert sentence == OPEN
    else:
        asked = step >= 3 and (last is None or step > last)
        assert bool(sentence) == (asked and not note.strip() and not shown)
        assert not sentence or ("根拠を書くか" in sentence and "記録を選んでください" in sentence)


def test_an_entry_that_goes_between_check_and_writing_stops_the_submission(world, codes, monkeypatch):
    b.make_experience(world.honnin, cells=[codes[0]])
    drafts(world.sheet, c0=3)

    def removed_meanwhile(**kwargs):
        Entry.objects.update(removed_at=NOW)
        return freeze_evidence(**kwargs)

    monkeypatch.setattr(sheets, "freeze_evidence", removed_meanwhile)
    with pytest.raises(Conflict, match="根拠の記録が変わりました"):
        hand_in(world.sheet)
    assert not Revision.objects.exists()
    assert Entry.objects.get().removed_at is None


@pytest.mark.parametrize("entries", [0, 30])
def test_a_submission_takes_twelve_statements_with_its_evidence(
    world, codes, entries, django_assert_max_num_queries
):
    for number in range(entries):
        b.make_experience(world.honnin, f"仕事{number}", cells=codes)
    drafts(world.sheet, "書いた根拠", step=3)
    sheet, by = Sheet.objects.get(pk=world.sheet.pk), b.actor_of(world.honnin)
    # Two of them open and close the savepoint that stands for the transaction here.
    with django_assert_max_num_queries(12) as sent:
        submit(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=by, now=NOW)
    assert RatingEvidence.objects.count() == entries * len(codes)
    # The row of the sheet is still taken first, before anything else is read.
    reads = [query["sql"] for query in sent.captured_queries if query["sql"].startswith("SELECT")]
    assert "assessments_sheet" in reads[0]
    if connection.vendor == "postgresql":
        assert "FOR UPDATE" in reads[0]


def test_the_place_of_today_still_goes_with_it(world):
    posting = world.honnin.postings.get()
    posting.end = timezone.localdate()
    posting.save(update_fields=["end"])
    b.make_posting(world.honnin, world.jinjika, start=timezone.localdate(), position="主任")
    drafts(world.sheet)
    sheet = hand_in(world.sheet)
    sheet.refresh_from_db()
    assert (sheet.department, sheet.department_path, sheet.position) == (
        world.jinjika, world.jinjika.path, "主任",
    )  # fmt: skip


def test_the_statement_and_the_condition_say_the_same(world, codes):
    """What is counted before (ORM) and what is written (SQL) are the same rows, whatever an entry's state."""
    for state in Training.State:
        b.make_training(world.honnin, f"研修{state}", cells=codes, state=state)
    gone = b.make_certification(world.honnin, "取り消した資格", cells=codes)
    Entry.objects.filter(pk=gone.pk).update(removed_at=NOW)
    b.make_certification(world.honnin, "日付のある資格", cells=codes, start=datetime.date(2020, 4, 1))
    b.make_handover(world.honnin, cells=codes)
    revision = write_revision(world.sheet, steps_of(world.sheet, 3))
    written = freeze_evidence(revision=revision, staff_id=world.honnin.pk)
    able = set(Entry.objects.filter(counts_as_evidence(), staff=world.honnin).values_list("pk", flat=True))
    assert set(RatingEvidence.objects.values_list("entry_id", flat=True)) == able
    assert written == len(able) * len(codes) == 2 * len(codes)


# --- correction


def confirmed(world, codes):
    b.make_experience(world.honnin, "ポリシーの改定", cells=codes[:2])
    drafts(world.sheet, c0=3, c1=4)
    sheet = hand_in(world.sheet)
    confirmations(sheet, world.kacho)
    Sheet.objects.filter(pk=sheet.pk).update(state=Sheet.State.CONFIRMED, confirmed_at=NOW)
    return Sheet.objects.get(pk=sheet.pk)


def test_a_correction_copies_the_evidence_of_the_revision_before(world, codes):
    sheet = confirmed(world, codes)
    Entry.objects.update(title="あとで変えた名称", removed_at=NOW)
    before = rests(sheet)
    done = correct(
        sheet=sheet, reason="転記の誤り", corrections=[Correction(world.cells[2].pk, 1, 1)],
        version=sheet.version, key=uuid.uuid4(), by=b.actor_of(world.jinji), now=NOW,
    )  # fmt: skip
    assert done.current_revision.number == 2
    assert rests(done) == before == {(codes[0], "ポリシーの改定"), (codes[1], "ポリシーの改定")}


def test_a_correction_below_three_rests_on_nothing(world, codes):
    sheet = confirmed(world, codes)
    done = correct(
        sheet=sheet, reason="転記の誤り", corrections=[Correction(world.cells[0].pk, 2, 2)],
        version=sheet.version, key=uuid.uuid4(), by=b.actor_of(world.jinji), now=NOW,
    )  # fmt: skip
    assert rests(done) == {(codes[1], "ポリシーの改定")}


# --- the database


FROZEN = [
    "UPDATE assessments_ratingevidence SET title = 'x'",
    "DELETE FROM assessments_ratingevidence",
    "INSERT INTO assessments_ratingevidence (municipality_id, revision_id, cell_id, entry_id, title)"
    " SELECT municipality_id, revision_id, cell_id + 1, entry_id, title FROM assessments_ratingevidence",
]


@pytest.mark.parametrize("statement", FROZEN)
def test_raw_sql_cannot_change_what_a_submission_rests_on(world, codes, statement):
    b.make_experience(world.honnin, cells=[codes[0]])
    drafts(world.sheet, c0=3)
    hand_in(world.sheet)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert RatingEvidence.objects.count() == 1


def test_nor_can_the_orm_and_a_withdrawn_revision_stays_closed(world, codes):
    entry = b.make_experience(world.honnin, cells=[codes[0]])
    drafts(world.sheet, c0=3)
    sheet = hand_in(world.sheet)
    revision = sheet.current_revision
    withdraw(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=b.actor_of(world.honnin), now=NOW)
    row = RatingEvidence.objects.get()
    row.title = "別の名称"
    for change in [
        lambda: row.save(update_fields=["title"]),
        lambda: RatingEvidence.objects.bulk_update([row], ["title"]),
        lambda: row.delete(),
        lambda: RatingEvidence.objects.create(
            municipality=world.city, revision=revision, cell=world.cells[1], entry_id=entry.pk, title="後から"
        ),
        lambda: freeze_evidence(revision=revision, staff_id=world.honnin.pk),
    ]:
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_evidence_can_be_written_until_the_revision_is_current(world, codes):
    b.make_experience(world.honnin, cells=[codes[0]])
    revision = write_revision(world.sheet, steps_of(world.sheet, 3))
    assert freeze_evidence(revision=revision, staff_id=world.honnin.pk) == 1


# --- choosing


def choose(world, code, seen, chosen, who="honnin"):
    return choose_evidence(
        staff=world.honnin, cell_code=code,
        seen={one.uuid: was for one, was in seen.items()}, chosen={one.uuid for one in chosen},
        by=b.actor_of(getattr(world, who)), now=NOW,
    )  # fmt: skip


def test_choosing_and_taking_back(world, codes):
    one, two = (
        b.make_experience(world.honnin, "一"),
        b.make_certification(world.honnin, "二", cells=[codes[0]]),
    )
    assert choose(world, codes[0], {one: False, two: True}, {one}) == 2
    assert {code: [ref.title for ref in refs] for code, refs in showing(world.honnin.pk).items()} == {
        codes[0]: ["一"]
    }
    assert set(Entry.objects.values_list("version", flat=True)) == {2}
    assert choose(world, codes[0], {one: False, two: True}, {one}) == 0


def test_two_tabs_never_undo_each_other(world, codes):
    one, two = b.make_experience(world.honnin, "一"), b.make_experience(world.honnin, "二")
    seen = {one: False, two: False}
    choose(world, codes[0], seen, {one})
    choose(world, codes[0], seen, {two})
    assert len(showing(world.honnin.pk)[codes[0]]) == 2


def test_only_ones_own_and_only_what_counts(world, codes):
    theirs = b.make_experience(world.dourei)
    with pytest.raises(Invalid):
        choose(world, codes[0], {theirs: False}, {theirs})
    mine = b.make_experience(world.honnin)
    with pytest.raises(Invalid):
        choose(world, codes[0], {}, {mine})
    Entry.objects.filter(pk=mine.pk).update(removed_at=NOW)
    assert choose(world, codes[0], {mine: False}, {mine}) == 0
    assert not EntryCell.objects.exists()


def test_two_queries_of_reads_however_many(world, codes, django_assert_num_queries):
    for number in range(12):
        b.make_experience(world.honnin, f"仕事{number}", cells=codes)
    sheet = submitted(world.sheet)
    with django_assert_num_queries(2):
        showing(world.honnin.pk)
        frozen_with(sheet.current_revision_id)
