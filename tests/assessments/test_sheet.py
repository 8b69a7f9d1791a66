"""One URL for a sheet: the person's own to read, the confirmers' page for others, and never a draft of somebody else."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Confirmation, Cycle, Remark, Revision, Sheet
from audit.models import Event
from tests import builders as b
from tests.assessments.sheets import confirmations, in_state, steps_of, submitted


def url(sheet):
    return reverse("assessments:sheet", args=[sheet.uuid])


def text(response):
    return response.content.decode()


def remark(world, text, kind=Remark.Kind.CONFIRMED, visibility="person"):
    return Remark.objects.create(
        municipality=world.city,
        revision=world.sheet.current_revision,
        kind=kind,
        text=text,
        visibility=visibility,
        author=world.kacho,
        at=timezone.now(),
    )


@pytest.mark.parametrize("state", ["not_started", "drafting", "sent_back"])
def test_while_it_is_ones_own_to_write(world, sign_in, state):
    in_state(world.sheet, Sheet.State(state))
    response = sign_in("honnin").get(url(world.sheet))
    assert response["Location"] == reverse("assessments:sheet_edit", args=[world.sheet.uuid])


def test_a_closed_year_shows_the_draft_to_the_person_alone(world, sign_in):
    in_state(world.sheet, Sheet.State.DRAFTING)
    Cycle.objects.filter(pk=world.cycle.pk).update(state=Cycle.State.CLOSED, closed_at=timezone.now())
    page = text(sign_in("honnin").get(url(world.sheet)))
    assert "下書きの文章" in page
    assert "まだ提出していない下書きです" in page


@pytest.mark.parametrize("name", ["kakari", "kacho", "bucho", "jinji"])
@pytest.mark.parametrize("state", ["not_started", "drafting", "sent_back"])
def test_others_never_see_the_text_of_a_draft(world, sign_in, name, state):
    in_state(world.sheet, Sheet.State.DRAFTING)
    if state == "sent_back":
        submitted(world.sheet)
    Sheet.objects.filter(pk=world.sheet.pk).update(state=state)
    page = text(sign_in(name).get(url(world.sheet)))
    assert "下書きの文章" not in page
    assert "提出されるまで、内容は本人だけが見られます" in page


def test_submitted_says_whom_it_waits_for(world, sign_in):
    submitted(world.sheet, evidence="RPA研修の講師")
    page = text(sign_in("honnin").get(url(world.sheet)))
    assert "提出しました。係長級の一次確認を待っています。" in page
    assert "RPA研修の講師" in page


def test_the_confirmed_steps_and_comments_come_after_the_final_confirmation(world, sign_in):
    submitted(world.sheet, steps_of(world.sheet, 3))
    confirmations(world.sheet, world.kakari, "first", comment="係長の見立て")
    Sheet.objects.filter(pk=world.sheet.pk).update(state=Sheet.State.FIRST_CONFIRMED)
    client = sign_in("honnin")
    before = text(client.get(url(world.sheet)))
    assert "係長の見立て" not in before
    assert "所属長の確定を待っています" in before
    first = {world.cells[0].pk: 1}
    rest = {cell.pk: 3 for cell in world.cells[1:]}
    confirmations(world.sheet, world.kacho, "final", first, comment="まだ支援が要ります")
    confirmations(world.sheet, world.kacho, "final", rest, comment="内密の覚え", visibility="memo")
    Sheet.objects.filter(pk=world.sheet.pk).update(state=Sheet.State.CONFIRMED, confirmed_at=timezone.now())
    remark(world, "よくやりました")
    remark(world, "課長の覚え", visibility="memo")
    after = text(client.get(url(world.sheet)))
    assert "係長の見立て" in after
    assert "まだ支援が要ります" in after
    assert "1 知識がある" in after
    assert "確定した段階が本人の記入と違う項目が1あります。" in after
    assert "よくやりました" in after
    assert "覚え" not in after


def test_a_correction_shows_its_reason(world, sign_in):
    in_state(world.sheet, Sheet.State.CONFIRMED, world.kacho)
    revision = Revision.objects.create(
        municipality=world.city,
        sheet=world.sheet,
        number=2,
        kind=Revision.Kind.CORRECTION,
        reason="入力を取り違えていたため",
        submitted_at=timezone.now(),
        submitted_by=world.jinji,
    )
    Sheet.objects.filter(pk=world.sheet.pk).update(current_revision=revision)
    assert "入力を取り違えていたため" in text(sign_in("honnin").get(url(world.sheet)))


def test_one_without_any_confirmer_is_marked(world, sign_in):
    fresh = b.make_sheet(
        world.honnin, b.make_cycle(world.city, world.version, fiscal_year=2025), world.kakari_dept
    )
    submitted(fresh)
    confirmations(fresh, world.honnin, "final")
    Sheet.objects.filter(pk=fresh.pk).update(
        state=Sheet.State.CONFIRMED, confirmed_at=timezone.now(), without_confirmer=True
    )
    assert "確認者なし：自己記入で確定" in text(sign_in("honnin").get(url(fresh)))


def test_ones_own_view_is_not_logged_and_anothers_is(world, sign_in):
    submitted(world.sheet)
    sign_in("honnin").get(url(world.sheet))
    assert not Event.objects.filter(action="sheet.view").exists()
    sign_in("kakari").get(url(world.sheet))
    assert Event.objects.get(action="sheet.view").subject_uuid == world.honnin.uuid


@pytest.mark.parametrize("name", ["dourei", "betsuka", "kansa", "henshu", "sysadmin"])
def test_out_of_scope_is_as_nothing(world, sign_in, name):
    submitted(world.sheet)
    client = sign_in(name)
    fixed = {"X-Request-Id": "0123456789ab"}
    there = client.get(url(world.sheet), headers=fixed)
    nowhere = client.get(reverse("assessments:sheet", args=[uuid.uuid4()]), headers=fixed)
    assert there.status_code == nowhere.status_code == 404
    assert there.content == nowhere.content


def test_another_municipality(world, sign_in):
    assert sign_in("honnin").get(url(world.foreign_sheet)).status_code == 404


def test_wrong_method(world, sign_in):
    assert sign_in("honnin").post(url(world.sheet)).status_code == 405


@pytest.mark.parametrize("years", [1, 5])
def test_queries(world, sign_in, django_assert_max_num_queries, years):
    for year in range(2026 - years, 2026):
        cycle = b.make_cycle(world.city, world.version, fiscal_year=year, state=Cycle.State.CLOSED)
        in_state(b.make_sheet(world.honnin, cycle, world.kakari_dept), Sheet.State.CONFIRMED, world.kacho)
    in_state(world.sheet, Sheet.State.CONFIRMED, world.kacho)
    assert Confirmation.objects.exists()
    client = sign_in("honnin")
    with django_assert_max_num_queries(14):
        client.get(url(world.sheet))
