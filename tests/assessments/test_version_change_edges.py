"""A year is moved, taken back, moved again, with open pages and half answers: nothing is lost, and nothing made up."""

import uuid
from dataclasses import replace

import pytest
from django.utils import timezone

from access.refusals import Conflict
from assessments.models import Draft, EntryCell, Rating, Sheet
from assessments.sheet_page import load_sheet_page
from assessments.version_change import move_of, preview
from assessments.workflow.correction import Correction, correct
from assessments.workflow.sheets import submit, withdraw
from competency.framework_shape import Origin
from competency.models import ProfileTarget
from organization.models import Position
from tests import builders as b
from tests.assessments.sheets import confirmations, last_year
from tests.assessments.test_version_change import drafted, move, undo, written
from tests.revised import everything, revise, split_one

pytestmark = pytest.mark.django_db
NOTHING = lambda area, marks: marks  # noqa: E731


def fresh(world):
    return Sheet.objects.select_related("cycle__framework_version", "staff").get(pk=world.sheet.pk)


def form_of(sheet, **extra):
    page = load_sheet_page(sheet)
    form = {"action": "save"}
    for row in page.rows:
        form |= {f"base-{row.code}": row.stored.token, f"evidence-{row.code}": row.value.evidence}
        if row.value.step is not None:
            form[f"step-{row.code}"] = row.value.step
    return form


def test_same_key_after_it_was_taken_back(world):
    later, key = revise(world.version, split_one, by=world.henshu), uuid.uuid4()
    undo(world, move(world, later, key=key))
    again = move(world, later, key=key)
    assert again.undone_at is not None


def test_taking_a_later_move_back_keeps_the_mark_of_the_first(world):
    sheet = drafted(world.sheet)
    second = revise(world.version, split_one, by=world.henshu)
    move(world, second)
    third = revise(second, NOTHING, by=world.henshu, name="2027")
    before = written(sheet, second)
    undo(world, move(world, third))
    assert written(sheet, second) == before


def test_what_was_changed_while_it_was_taken_back_comes_along_again(world, sign_in):
    sheet = drafted(world.sheet)
    later = revise(world.version, split_one, by=world.henshu)
    undo(world, move(world, later))
    code = world.cells[1].code
    row = next(r for r in load_sheet_page(fresh(world)).rows if r.code == code)
    answer = sign_in("honnin").post(
        f"/sheets/{sheet.uuid}/save/",
        {f"base-{code}": row.stored.token, f"step-{code}": 4, f"evidence-{code}": "新しい根拠"},
    )
    assert answer.status_code == 200
    move(world, later)
    assert written(sheet, later)["internal-it.flow"][0] == 4


def test_taken_back_no_draft_came_from_itself(world):
    sheet = drafted(world.sheet)
    later = revise(world.version, everything, by=world.henshu)
    before = written(sheet, world.version)
    undo(world, move(world, later))
    assert written(sheet, world.version) == before


def test_a_correction_keeps_mark_and_origin(world):
    sheet = drafted(world.sheet)
    move(world, revise(world.version, split_one, by=world.henshu))
    sheet.refresh_from_db()
    sheet = submit(
        sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=b.actor_of(world.honnin), now=timezone.now()
    )
    confirmations(sheet, world.kacho)
    Sheet.objects.filter(pk=sheet.pk).update(state="confirmed", confirmed_at=timezone.now())
    sheet = fresh(world)
    before = set(
        Rating.objects.filter(revision=sheet.current_revision_id).values_list(
            "cell__code", "review", "carried_from"
        )
    )
    other = Rating.objects.get(revision=sheet.current_revision_id, cell__code="security-policy.1")
    done = correct(
        sheet=sheet,
        reason="誤りのため",
        corrections=[Correction(other.cell_id, 1, 1)],
        version=sheet.version,
        key=uuid.uuid4(),
        by=b.actor_of(world.jinji),
        now=timezone.now(),
    )
    after = set(
        Rating.objects.filter(revision=done.current_revision_id).values_list(
            "cell__code", "review", "carried_from"
        )
    )
    assert after == before


def test_an_open_page_s_edit_of_a_joined_cell_is_kept_or_refused(world, sign_in):
    sheet = drafted(world.sheet, c3=3, c4=3)
    form = form_of(fresh(world))
    form["step-system-operations.2"] = 1
    form["evidence-system-operations.2"] = "窓口だけ"
    later = revise(world.version, everything, by=world.henshu)
    move(world, later)
    answer = sign_in("honnin").post(f"/sheets/{sheet.uuid}/edit/", form, follow=True)
    html = answer.content.decode()
    there = written(sheet, later)["system-operations.all"]
    said_kept = answer.status_code == 200 and "保存しました" in html
    assert not said_kept or there[0] == 1, there


def test_an_open_page_raises_no_joined_cell_above_the_part_that_is_lower(world, sign_in):
    sheet = drafted(world.sheet, c3=1, c4=1)
    row = next(r for r in load_sheet_page(fresh(world)).rows if r.code == "system-operations.1")
    later = revise(world.version, everything, by=world.henshu)
    move(world, later)
    sign_in("honnin").post(
        f"/sheets/{sheet.uuid}/save/",
        {
            "base-system-operations.1": row.stored.token,
            "step-system-operations.1": 4,
            "evidence-system-operations.1": "x",
        },
    )
    assert written(sheet, later)["system-operations.all"][0] == 1


def test_an_open_page_says_nothing_of_a_reopened_cell(world, sign_in):
    sheet = world.sheet
    row = load_sheet_page(fresh(world)).rows[0]
    later = revise(world.version, everything, by=world.henshu)
    move(world, later)
    answer = sign_in("honnin").post(
        f"/sheets/{sheet.uuid}/save/",
        {
            "matrix": world.version.uuid, f"base-{row.code}": row.stored.token, f"step-{row.code}": 2,
            f"evidence-{row.code}": "",
        },
    )  # fmt: skip
    assert answer.status_code == 409
    assert row.code not in written(sheet, later)


def test_a_page_of_the_later_version_saves_nothing_after_it_was_taken_back(world, sign_in):
    later = revise(world.version, split_one, by=world.henshu)
    change = move(world, later)
    row = load_sheet_page(fresh(world)).rows[1]
    undo(world, change)
    answer = sign_in("honnin").post(
        f"/sheets/{world.sheet.uuid}/save/",
        {
            "matrix": later.uuid,
            f"base-{row.code}": row.stored.token,
            f"step-{row.code}": 2,
            f"evidence-{row.code}": "",
        },
        HTTP_ACCEPT="application/json",
    )
    assert answer.status_code == 409
    assert "控えて" in answer.json()["error"]


def test_a_code_stands_for_one_thing_through_all_versions(world):
    """A part that keeps the code of the whole, a new thing under an old code, codes that shift: none is published."""

    def kept(area, marks):
        if area != "internal-it":
            return marks
        part = replace(
            marks[0], code="internal-it.part", task="データの整理", origins=(Origin(marks[0].code),)
        )
        return (marks[0], part, *marks[1:])

    def reused(area, marks):
        return (replace(marks[0], origins=()), *marks[1:]) if area == "communication" else marks

    def shifted(area, marks):
        if area != "internal-it":
            return marks
        first, second = marks
        return (
            replace(first, code=second.code, origins=(Origin(first.code),)),
            replace(second, code="internal-it.9", origins=(Origin(second.code),)),
        )

    for number, change in enumerate((kept, reused, shifted)):
        with pytest.raises(Conflict, match="別の意味だった項目コード"):
            revise(world.version, change, by=world.henshu, name=f"改{number}")


def test_evidence_and_scenarios_follow_one_step_only(world):
    """What is split today and renamed tomorrow goes one step with each move."""
    entry = b.make_experience(world.honnin, cells=["internal-it.1"])
    first = revise(world.version, split_one, by=world.henshu)
    move(world, first)
    shown = set(EntryCell.objects.filter(entry=entry).values_list("cell_code", flat=True))
    assert shown == {"internal-it.1", "internal-it.flow", "internal-it.data"}


def test_evidence_named_since_comes_back_with_its_cell(world):
    drafted(world.sheet)
    later = revise(world.version, everything, by=world.henshu)
    change = move(world, later)
    entry = b.make_experience(world.honnin, cells=["internal-it.plan"])
    undo(world, change)
    assert EntryCell.objects.filter(entry=entry, cell_code="internal-it.2").exists()


def test_a_target_changed_while_taken_back_comes_along_again(world):
    profile = b.make_profile(
        Position.objects.create(municipality=world.city, name="主事"), {"internal-it.1": 2}
    )
    later = revise(world.version, split_one, by=world.henshu)
    undo(world, move(world, later))
    ProfileTarget.objects.filter(profile=profile, cell_code="internal-it.1").update(step=4)
    move(world, later)
    assert ProfileTarget.objects.get(profile=profile, cell_code="internal-it.flow").step == 4


def test_as_last_year_into_a_row_with_evidence_alone_names_the_origin(world, sign_in):
    last_year(world, step=3)
    later = revise(world.version, split_one, by=world.henshu)
    move(world, later)
    cell = later.cells.get(code="internal-it.flow")
    Draft.objects.create(
        municipality=world.city,
        sheet=world.sheet,
        cell=cell,
        step=None,
        evidence="メモ",
        updated_at=timezone.now(),
        version=1,
    )
    sign_in("honnin").post(f"/sheets/{world.sheet.uuid}/edit/", {"action": "same:category-1"})
    assert written(world.sheet, later)["internal-it.flow"] == (3, True, "internal-it.1")


def test_only_the_last_change_is_taken_back(world):
    drafted(world.sheet)
    second = revise(world.version, split_one, by=world.henshu)
    first = move(world, second)
    third = revise(second, NOTHING, by=world.henshu, name="2027")
    move(world, third)
    move(world, second)
    with pytest.raises(Conflict):
        undo(world, first)


def test_taken_back_from_the_line_after_a_first_trial_the_submitted_answers_follow(world):
    """Tried, undone, submitted 4, moved, withdrawn: the parts stand at 4, not at what the trial had copied."""
    sheet = drafted(world.sheet)
    later = revise(world.version, split_one, by=world.henshu)
    undo(world, move(world, later))
    Draft.objects.filter(sheet=sheet, cell__version=world.version, cell__code="internal-it.1").update(step=4)
    sheet.refresh_from_db()
    actor = b.actor_of(world.honnin)
    sheet = submit(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=actor, now=timezone.now())
    move(world, later)
    sheet.refresh_from_db()
    withdraw(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=actor, now=timezone.now())
    assert written(sheet, later)["internal-it.flow"][0] == 4


def mixed(area, marks):
    """運用 1 goes into .all together with 2, and alone into .rest."""
    if area != "system-operations":
        return marks
    joined = tuple(Origin(mark.code) for mark in marks)
    return (
        replace(marks[0], code="system-operations.all", task="運用の全体", origins=joined),
        replace(marks[0], code="system-operations.rest", task="運用の残り", origins=(Origin(marks[0].code),)),
    )


def test_the_page_before_tells_every_item_of_a_mixed_change(world):
    old = {cell.code: cell.label for cell in world.version.cells.all()}
    world.cycle.refresh_from_db()
    shown = preview(world.cycle, move_of(world.version, revise(world.version, mixed, by=world.henshu)))
    told = {name for line in shown.lines for name in line.before}
    assert {old["system-operations.1"], old["system-operations.2"]} <= told


def test_only_the_cells_of_the_person_s_own_city_follow(world):
    foreign = b.make_experience(world.yoso, cells=["internal-it.1"])
    move(world, revise(world.version, split_one, by=world.henshu))
    assert set(EntryCell.objects.filter(entry=foreign).values_list("cell_code", flat=True)) == {
        "internal-it.1"
    }


def test_what_was_left_unfinished_at_a_joined_cell_is_shown_somewhere(world, sign_in):
    """Only one part was answered: its text is kept, but is it to be seen?"""
    sheet = drafted(world.sheet)
    Draft.objects.filter(sheet=sheet, cell__code="system-operations.2").delete()
    Draft.objects.filter(sheet=sheet, cell__code="system-operations.1").update(evidence="大切な根拠の文章")
    move(world, revise(world.version, everything, by=world.henshu))
    assert "大切な根拠の文章" in sign_in("honnin").get(f"/sheets/{sheet.uuid}/edit/").content.decode()
    assert Sheet.objects.count()
