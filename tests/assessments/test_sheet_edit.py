"""Filling in, as a page without scripts: save, fill as last year, choose between two texts, go on to submit."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.merge import Value
from assessments.models import Cycle, Draft, Remark, Sheet
from assessments.workflow.sheets import stored_drafts
from competency.models import StepWording
from tests import builders as b
from tests.assessments.forms import all_steps, posted
from tests.assessments.sheets import in_state, steps_of, submitted


def url(sheet):
    return reverse("assessments:sheet_edit", args=[sheet.uuid])


def text(response):
    return response.content.decode()


def last_year_of(world, step=2, evidence=""):
    cycle = b.make_cycle(world.city, world.version, fiscal_year=2025, state=Cycle.State.CLOSED)
    return submitted(
        b.make_sheet(world.honnin, cycle, world.kakari_dept), steps_of(world.sheet, step), evidence=evidence
    )


def test_every_sentence_of_the_matrix_reaches_the_person(world, sign_in):
    page = text(sign_in("honnin").get(url(world.sheet)))
    for wording in StepWording.objects.filter(cell__version=world.version):
        assert wording.text in page
    for cell in world.cells:
        for step in range(5):
            assert f'aria-describedby="m-{cell.code}-{step}"' in page
    assert "段階の位置は要確認" in page


def test_last_years_key_is_marked(world, sign_in):
    last_year_of(world, step=2)
    page = text(sign_in("honnin").get(url(world.sheet)))
    assert page.count('<span class="last">昨年</span>') == len(world.cells)
    assert page.count("残りはすべて昨年から変更なし") == 3


def test_saving_without_scripts(world, sign_in):
    client = sign_in("honnin")
    response = client.post(
        url(world.sheet), posted(world.sheet, c0=(3, "RPA研修の講師")) | {"action": "save"}
    )
    assert response.status_code == 302
    assert response["Location"] == url(world.sheet)
    page = text(client.get(url(world.sheet)))
    assert "下書きを保存しました" in page
    assert "RPA研修の講師" in page
    assert 'value="3" checked' in page


def test_incomplete_input_is_kept(world, sign_in):
    response = sign_in("honnin").post(url(world.sheet), posted(world.sheet, c0=4, c1=(None, "途中")))
    assert response.status_code == 302
    assert len(stored_drafts(world.sheet)) == 2


def test_the_rest_of_a_group_as_last_year(world, sign_in):
    last_year_of(world, step=3, evidence="昨年の根拠")
    form = posted(world.sheet, c0=1) | {"action": "same:category-1"}
    response = sign_in("honnin").post(url(world.sheet), form)
    assert response["Location"] == url(world.sheet) + "#group-category-1"
    drafts = stored_drafts(world.sheet)
    assert drafts[world.cells[0].code].value == Value(1)
    assert drafts[world.cells[2].code].value == Value(3, "昨年の根拠")
    assert len(drafts) == 3


def test_two_texts_stand_side_by_side_and_the_rest_is_kept(world, sign_in):
    client = sign_in("honnin")
    stale = posted(world.sheet, c0=(1, "この画面の文"), c1=2)
    client.post(url(world.sheet), posted(world.sheet, c0=(3, "別の画面の文")))
    response = client.post(url(world.sheet), stale)
    assert response.status_code == 409
    page = text(response)
    code = world.cells[0].code
    assert "この画面の文" in page
    assert "別の画面の文" in page
    assert f'href="#conflict-{code}"' in page
    assert stored_drafts(world.sheet)[code].value == Value(3, "別の画面の文")
    assert stored_drafts(world.sheet)[world.cells[1].code].value == Value(2)
    again = posted(world.sheet, c0=(1, "この画面の文")) | {f"undecided-{code}": "1"}
    assert client.post(url(world.sheet), again).status_code == 409
    assert client.post(url(world.sheet), again | {"keep": f"mine:{code}"}).status_code == 302
    assert stored_drafts(world.sheet)[code].value == Value(1, "この画面の文")


def test_the_other_screens_text_can_be_kept(world, sign_in):
    client = sign_in("honnin")
    code = world.cells[0].code
    client.post(url(world.sheet), posted(world.sheet, c0=3))
    choice = posted(world.sheet, c0=1) | {f"undecided-{code}": "1", "keep": f"theirs:{code}"}
    assert client.post(url(world.sheet), choice).status_code == 302
    assert stored_drafts(world.sheet)[code].value == Value(3)


@pytest.mark.parametrize(
    "bad",
    [
        {"step-{code}": "7"},
        {"base-{code}": "1:2:3"},
        {"step-other.1": "3"},
        {"base-other.1": "0::0000000000000000"},
        {"action": "publish"},
        {"action": "same:nowhere"},
        {"keep": "mine:other.1"},
    ],
)
def test_what_no_form_sends_is_422_and_writes_nothing(world, sign_in, bad):
    fields = {name.format(code=world.cells[0].code): value for name, value in bad.items()}
    response = sign_in("honnin").post(url(world.sheet), posted(world.sheet, c1=2) | fields)
    assert response.status_code == 422
    assert "送られた内容に誤りがあります" in text(response)
    assert not Draft.objects.exists()


def test_a_text_too_long_stays_on_the_page(world, sign_in):
    long = "あ" * 401
    response = sign_in("honnin").post(url(world.sheet), posted(world.sheet, c0=(3, long), c1=2))
    assert response.status_code == 422
    page = text(response)
    assert long in page
    assert "＊根拠は400文字までで書いてください（いま401文字）。" in page
    assert f'href="#evidence-{world.cells[0].code}"' in page
    assert stored_drafts(world.sheet).keys() == {world.cells[1].code}


def test_going_on_with_open_cells_names_them_at_the_controls(world, sign_in):
    form = posted(world.sheet, c0=(3, ""), c1=2) | {"action": "submit"}
    response = sign_in("honnin").post(url(world.sheet), form)
    assert response.status_code == 422
    page = text(response)
    assert "直すところが5件あります" in page
    assert "＊「3 独力でできる」を新しく選んだときは、根拠を書くか、根拠にする記録を選んでください。" in page
    assert f'href="#evidence-{world.cells[0].code}"' in page
    assert f'href="#step-{world.cells[2].code}-0"' in page
    assert page.count("＊段階を選んでください。") == 4
    # Kept all the same: a draft may be incomplete.
    assert len(stored_drafts(world.sheet)) == 2


def test_going_on_when_all_is_there(world, sign_in):
    form = posted(world.sheet, **all_steps(world.sheet, 3)) | {"action": "submit"}
    response = sign_in("honnin").post(url(world.sheet), form)
    assert response["Location"] == reverse("assessments:sheet_submit", args=[world.sheet.uuid])


def test_what_keeps_it_from_being_submitted_is_shown_when_asked_for(world, sign_in):
    client = sign_in("honnin")
    assert "＊段階を選んでください。" not in text(client.get(url(world.sheet)))
    assert "＊段階を選んでください。" in text(client.get(url(world.sheet) + "?check=1"))


@pytest.mark.parametrize("state", ["submitted", "first_confirmed", "confirmed"])
def test_a_sheet_submitted_elsewhere_keeps_the_text_on_the_page(world, sign_in, state):
    form = posted(world.sheet, c0=(3, "まだ送っていない文"))
    in_state(world.sheet, Sheet.State(state), world.kacho)
    response = sign_in("honnin").post(url(world.sheet), form)
    assert response.status_code == 409
    assert "まだ送っていない文" in text(response)
    assert "送れなかった内容" in text(response)
    assert not Draft.objects.exists()


def test_a_closed_year_keeps_the_text_on_the_page(world, sign_in):
    Cycle.objects.filter(pk=world.cycle.pk).update(state=Cycle.State.CLOSED, closed_at=timezone.now())
    response = sign_in("honnin").post(url(world.sheet), posted(world.sheet, c0=(3, "まだ送っていない文")))
    assert response.status_code == 409
    assert "この年度は受付を終えています" in text(response)
    assert "まだ送っていない文" in text(response)


def test_reading_a_sheet_that_is_out_of_ones_hands(world, sign_in):
    in_state(world.sheet, Sheet.State.SUBMITTED)
    assert sign_in("honnin").get(url(world.sheet))["Location"] == reverse(
        "assessments:sheet", args=[world.sheet.uuid]
    )


def test_the_reason_of_a_send_back_is_on_the_page(world, sign_in):
    in_state(world.sheet, Sheet.State.SUBMITTED)
    Sheet.objects.filter(pk=world.sheet.pk).update(state=Sheet.State.SENT_BACK)
    Remark.objects.create(
        municipality=world.city,
        revision=world.sheet.current_revision,
        kind=Remark.Kind.SENT_BACK,
        text="根拠を書き足してください",
        author=world.kakari,
        at=timezone.now(),
    )
    page = text(sign_in("honnin").get(url(world.sheet)))
    assert "根拠を書き足してください" in page
    assert world.kakari.name in page


@pytest.mark.parametrize(
    ("name", "status"), [("kakari", 403), ("kacho", 403), ("jinji", 403), ("dourei", 404), ("kansa", 404)]
)
def test_nobody_else_opens_or_writes_it(world, sign_in, name, status):
    in_state(world.sheet, Sheet.State.DRAFTING)
    client = sign_in(name)
    for response in (client.get(url(world.sheet)), client.post(url(world.sheet), posted(world.sheet, c0=1))):
        assert response.status_code == status
        assert "下書きの文章" not in text(response)


def test_another_municipalitys_and_none_at_all(world, sign_in):
    client = sign_in("honnin")
    assert client.get(url(world.foreign_sheet)).status_code == 404
    assert client.post(url(world.foreign_sheet), {}).status_code == 404
    assert client.get(reverse("assessments:sheet_edit", args=[uuid.uuid4()])).status_code == 404


def test_wrong_method(world, sign_in):
    assert sign_in("honnin").put(url(world.sheet)).status_code == 405


@pytest.mark.parametrize("years", [1, 5])
def test_queries(world, sign_in, django_assert_max_num_queries, years):
    for year in range(2026 - years, 2026):
        cycle = b.make_cycle(world.city, world.version, fiscal_year=year, state=Cycle.State.CLOSED)
        submitted(b.make_sheet(world.honnin, cycle, world.kakari_dept), steps_of(world.sheet, 2))
    in_state(world.sheet, Sheet.State.DRAFTING)
    client = sign_in("honnin")
    with django_assert_max_num_queries(11):
        client.get(url(world.sheet))


def test_a_text_too_long_on_an_old_page_asks_before_it_replaces_what_another_tab_saved(world, sign_in):
    client, code = sign_in("honnin"), world.cells[0].code
    old = posted(world.sheet, c0=(1, "長" * 401))
    client.post(url(world.sheet), posted(world.sheet, c0=(2, "別の画面の根拠")) | {"action": "save"})
    response = client.post(url(world.sheet), old | {"action": "save"})
    assert response.status_code == 409
    page = text(response)
    assert f'name="undecided-{code}"' in page
    assert "別の画面の根拠" in page
    assert "400文字までで書いてください" in page
    # Shortened, and nothing chosen: both texts are still there.
    base = stored_drafts(world.sheet)[code].token
    short = {
        f"base-{code}": base,
        f"step-{code}": "1",
        f"evidence-{code}": "短い根拠",
        f"undecided-{code}": "1",
    }
    assert client.post(url(world.sheet), short | {"action": "save"}).status_code == 409
    assert stored_drafts(world.sheet)[code].value == Value(2, "別の画面の根拠")
    assert client.post(url(world.sheet), short | {"keep": f"mine:{code}"}).status_code == 302
    assert stored_drafts(world.sheet)[code].value == Value(1, "短い根拠")


def test_a_choice_that_waits_goes_on_waiting_while_a_text_is_too_long(world, sign_in):
    client, code = sign_in("honnin"), world.cells[0].code
    client.post(url(world.sheet), posted(world.sheet, c0=(2, "別の画面の根拠")) | {"action": "save"})
    waiting = posted(world.sheet, c0=(1, "長" * 401)) | {f"undecided-{code}": "1"}
    response = client.post(url(world.sheet), waiting | {"action": "save"})
    assert response.status_code == 409
    assert f'name="undecided-{code}"' in text(response)
    # Whoever chooses the other text gives this one up, however long it is.
    assert client.post(url(world.sheet), waiting | {"keep": f"theirs:{code}"}).status_code == 302
    assert stored_drafts(world.sheet)[code].value == Value(2, "別の画面の根拠")
