"""目標 beside the person's own answers: live while they write, frozen with the 確定, kept by a correction."""

import uuid

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from assessments.models import Cycle, Draft, Sheet, Target
from assessments.targets import gap_cell, gap_of, gap_tag, targets_of_sheet
from assessments.workflow.confirmation import confirm_final, confirm_first
from assessments.workflow.correction import Correction, correct
from assessments.workflow.sheets import submit
from competency.models import Profile, ProfileTarget
from competency.targets import Target as Aim
from organization.models import Grant, Posting
from organization.models.position import LineRole
from tests import builders as b
from tests.assessments.sheets import confirmations, in_state, last_year, show, steps_of, submitted

POLICY, ANALYSIS, TALKING = "security-policy.1", "internal-it.1", "communication.1"
NOTE = "目標は、担当する業務と職位から決まる目安です。評価ではありません。"


@pytest.fixture
def aimed(world):
    """Return the world in which 山﨑さん is 主任 (コミュニケーション 2, 業務分析 3) and has one duty (策定管理 3)."""
    b.make_profile(b.make_position(world.city, "主任"), {TALKING: 2, ANALYSIS: 3})
    b.make_profile(b.make_position(world.city, "係長"), {TALKING: 4})
    Posting.objects.filter(staff=world.honnin).update(position="主任")
    b.make_assignment(world.honnin, world.ka, [POLICY], name="計画の改定")
    return world


EXPECTED = {
    POLICY: Aim(3, "主担当：計画の改定"),
    ANALYSIS: Aim(3, "職位：主任"),
    TALKING: Aim(2, "職位：主任"),
}


def finally_confirmed(world, sheet=None):
    """Bring the sheet to 確定 through the workflow."""
    sheet = sheet or submitted(world.sheet)
    now = timezone.now()
    confirmations(sheet, world.kakari, "first")
    sheet = confirm_first(
        sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=b.actor_of(world.kakari), now=now
    )
    confirmations(sheet, world.kacho, "final")
    return confirm_final(
        sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=b.actor_of(world.kacho), now=now
    )


def drafts(sheet):
    """Write a draft for every cell."""
    Draft.objects.bulk_create(
        Draft(
            municipality=sheet.municipality, sheet=sheet, cell_id=cell, step=step, updated_at=timezone.now()
        )
        for cell, step in steps_of(sheet).items()
    )


def submit_as_the_person(sheet):
    return submit(
        sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=b.actor_of(sheet.staff), now=timezone.now()
    )


def page_of(client, sheet, name="sheet"):
    return client.get(reverse(f"assessments:{name}", args=[sheet.uuid])).content.decode()


# --- live and frozen


def test_while_the_person_writes_they_follow_todays_position_and_the_duties_of_the_year(aimed):
    today = timezone.localdate()
    assert targets_of_sheet(aimed.sheet, today) == EXPECTED
    Posting.objects.filter(staff=aimed.honnin).update(position="係長")
    assert targets_of_sheet(aimed.sheet, today)[TALKING] == Aim(4, "職位：係長")


def test_a_submitted_sheet_keeps_the_position_it_was_submitted_with(aimed):
    Sheet.objects.filter(pk=aimed.sheet.pk).update(position="主任")
    sheet = submitted(aimed.sheet)
    Posting.objects.filter(staff=aimed.honnin).update(position="係長")
    assert targets_of_sheet(sheet, timezone.localdate()) == EXPECTED


def test_the_confirmation_freezes_them(aimed):
    Sheet.objects.filter(pk=aimed.sheet.pk).update(position="主任")
    aimed.sheet.refresh_from_db()
    sheet = finally_confirmed(aimed)
    assert sheet.state == Sheet.State.CONFIRMED
    rows = Target.objects.filter(sheet=sheet).values_list("cell__code", "step", "reason")
    assert {code: Aim(step, reason) for code, step, reason in rows} == EXPECTED
    ProfileTarget.objects.update(step=1)
    Profile.objects.update(version=9)
    assert targets_of_sheet(sheet, timezone.localdate()) == EXPECTED


def test_the_first_confirmation_writes_none(aimed):
    sheet = submitted(aimed.sheet)
    confirmations(sheet, aimed.kakari, "first")
    confirm_first(
        sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=b.actor_of(aimed.kakari), now=timezone.now()
    )
    assert not Target.objects.exists()


def test_a_target_outside_the_years_matrix_is_left_out(aimed):
    ProfileTarget.objects.filter(cell_code=TALKING).update(cell_code="gone.1")
    Sheet.objects.filter(pk=aimed.sheet.pk).update(position="主任")
    aimed.sheet.refresh_from_db()
    sheet = finally_confirmed(aimed)
    assert set(targets_of_sheet(sheet, timezone.localdate())) == {POLICY, ANALYSIS}


def test_a_correction_keeps_them(aimed):
    sheet = finally_confirmed(aimed)
    before = list(Target.objects.values_list("pk", "step", "reason"))
    ProfileTarget.objects.update(step=1)
    cell = aimed.cells[0]
    corrected = correct(
        sheet=sheet, reason="転記の誤り", corrections=[Correction(cell.pk, 1, 1)], version=sheet.version,
        key=uuid.uuid4(), by=b.actor_of(aimed.jinji), now=timezone.now(),
    )  # fmt: skip
    assert corrected.current_revision.number == 2
    assert before
    assert list(Target.objects.values_list("pk", "step", "reason")) == before


def test_where_nobody_confirms_the_submission_freezes_them(aimed):
    Cycle.objects.filter(pk=aimed.cycle.pk).update(final_without_confirmer=True)
    Posting.objects.exclude(line_role=LineRole.NONE).update(line_role=LineRole.NONE)
    Grant.objects.all().delete()
    drafts(aimed.sheet)
    done = submit_as_the_person(aimed.sheet)
    assert (done.state, done.without_confirmer) == (Sheet.State.CONFIRMED, True)
    assert targets_of_sheet(done, timezone.localdate()) == EXPECTED


@pytest.mark.parametrize(
    "change",
    [
        lambda sheet, cell: Target.objects.filter(sheet=sheet).update(step=1),
        lambda sheet, cell: Target.objects.filter(sheet=sheet).update(reason="x"),
        lambda sheet, cell: Target.objects.filter(sheet=sheet).delete(),
        lambda sheet, cell: Target.objects.filter(sheet=sheet).first().delete(),
        lambda sheet, cell: Target.objects.create(
            municipality=sheet.municipality, sheet=sheet, cell=cell, step=1, reason="x"
        ),
    ],
)
def test_from_then_on_the_database_refuses_every_change(aimed, change):
    sheet = finally_confirmed(aimed)
    with pytest.raises(IntegrityError), transaction.atomic():
        change(sheet, aimed.cells[1])
    assert Target.objects.filter(sheet=sheet).exists()


# --- on the pages


def test_the_person_sees_them_where_they_write_and_before_they_submit(aimed, sign_in):
    client = sign_in("honnin")
    text = page_of(client, aimed.sheet, "sheet_edit")
    assert text.count('<span class="aim">') == 3
    assert "<b>目標 3 独力でできる</b><span>主担当：計画の改定</span>" in text
    assert NOTE in text
    in_state(aimed.sheet, Sheet.State.DRAFTING)
    text = page_of(client, aimed.sheet, "sheet_submit")
    assert '<span aria-hidden="true">4（＋1）</span>' in text
    assert '<span class="hidden">4、目標より1段階上</span>' in text
    assert '<small class="why">目標 2　職位：主任</small>' in text
    assert NOTE in text


def test_the_line_sees_them_beside_the_own_step(aimed, sign_in):
    Sheet.objects.filter(pk=aimed.sheet.pk).update(position="主任")
    aimed.sheet.refresh_from_db()
    sheet = submitted(aimed.sheet)
    text = show(sign_in("kakari"), sheet).content.decode()
    assert text.count("<dt>目標との差</dt>") == 3
    assert '<span class="gap-mark minus1"><span aria-hidden="true">2（−1）</span>' in text
    assert '<span class="gap-mark zero"><span aria-hidden="true">2（±0）</span>' in text
    assert NOTE in text


def test_a_confirmed_sheet_and_the_resume_show_the_frozen_ones(aimed, sign_in):
    Sheet.objects.filter(pk=aimed.sheet.pk).update(position="主任")
    aimed.sheet.refresh_from_db()
    sheet = finally_confirmed(aimed)
    ProfileTarget.objects.update(step=4)
    client = sign_in("honnin")
    text = page_of(client, sheet)
    assert '<span aria-hidden="true">2（±0）</span>' in text
    assert "確定した日の目標です" in text
    resume = client.get(reverse("assessments:my_resume")).content.decode()
    assert resume.count("<span>目標 3</span>") == 2
    assert '<span class="gap-mark minus1"><span aria-hidden="true">−1</span>' in resume
    assert '<span class="hidden">目標より1段階下</span>' in resume
    assert NOTE in resume


def test_without_targets_nothing_speaks_of_them(world, sign_in):
    client = sign_in("honnin")
    assert "目標との差" not in page_of(client, world.sheet, "sheet_edit") + page_of(
        client, world.sheet, "sheet_submit"
    )
    assert "評価ではありません" not in page_of(client, world.sheet, "sheet_edit")
    in_state(world.sheet, Sheet.State.CONFIRMED, confirmer=world.kacho)
    assert "目標" not in page_of(client, world.sheet)
    assert "目標" not in client.get(reverse("assessments:my_resume")).content.decode()


def test_words_and_never_a_black_triangle():
    gap = gap_of(Aim(3, "職位：<主任>"), 2)
    assert "&lt;主任&gt;" in gap_cell(gap)
    assert gap_cell(None) == "―"
    assert gap_tag(None) == ""
    assert gap_of(None, 3) is None
    unrated = gap_of(Aim(3, "職位：主任"), None)
    assert "gap-mark" not in gap_cell(unrated) + gap_tag(unrated)
    assert "▲" not in gap_cell(gap) + gap_tag(gap)


@pytest.mark.parametrize(("name", "who", "most"), [("sheet_edit", "honnin", 11), ("sheet", "bucho", 15)])
def test_they_cost_one_query(aimed, sign_in, django_assert_max_num_queries, name, who, most):
    last_year(aimed)
    if who != "honnin":
        submitted(aimed.sheet, steps_of(aimed.sheet))
    client = sign_in(who)
    # The first visitor of a process reads the cells of the version for all.
    page_of(client, aimed.sheet, name)
    with django_assert_max_num_queries(most) as few:
        page_of(client, aimed.sheet, name)
    for number in range(5):
        b.make_assignment(aimed.honnin, aimed.ka, [POLICY, TALKING], name=f"業務{number}")
    with django_assert_max_num_queries(most) as many:
        page_of(client, aimed.sheet, name)
    assert len(few) == len(many)


def test_submitting_still_takes_twelve_statements(aimed, django_assert_max_num_queries):
    drafts(aimed.sheet)
    # Two of them open and close the savepoint that stands for the transaction here.
    with django_assert_max_num_queries(14):
        submit_as_the_person(aimed.sheet)
