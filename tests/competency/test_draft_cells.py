"""One 項目 of a draft, and 分類 and 区分: added, changed, taken out, by two people at once."""

import uuid

import pytest
from django.utils import timezone

from access.refusals import Conflict
from audit.models import Event
from competency.models import Area, Category, Cell, FrameworkVersion
from competency.workflow.drafts_origins import drop_cell
from competency.workflow.drafts_parts import remove_part
from tests.competency.desk import a_draft, act, cell, origins, sent, url

POLICY, ANALYSIS = "security-policy.1", "internal-it.1"


@pytest.fixture
def draft(world):
    return a_draft(world)


def test_everything_a_cell_says_is_changed_in_one_form(sign_in, world, draft):
    client, row = sign_in("henshu"), cell(draft, POLICY)
    stage, area = draft.stages.first(), draft.areas.get(code="communication")
    changes = {
        "area": area.uuid, "stage": stage.uuid, "task": "方針", "example": "決まりを作る", "source": "図表1",
        "in_use": "", "placement": "confirm", **{f"wording_{step}": f"文{step}" for step in range(5)},
    }  # fmt: skip
    answer = client.post(url("draft_cell", draft, row), sent(row, **changes))
    assert answer.status_code == 302
    row = cell(draft, POLICY)
    assert (row.area, row.stage, row.task, row.label) == (area, stage, "方針", "方針")
    assert (row.example, row.source, row.in_use) == ("決まりを作る", "図表1", False)
    assert (row.placement_confirmed, row.placement_confirmed_by) == (True, world.henshu)
    assert [one.text for one in row.wordings.all()] == [f"文{step}" for step in range(5)]
    page = client.get(url("draft_cell", draft, row)).content.decode()
    assert page.count("文3") >= 2  # in the field and in the preview
    assert "石井 大輔" in page
    assert Event.objects.filter(action="draft.cell_change").count() == 1


def test_a_move_without_a_word_about_the_place_opens_it_again(sign_in, draft):
    client, row = sign_in("henshu"), cell(draft, POLICY)
    client.post(url("draft_cell", draft, row), sent(row, placement="confirm"))
    row = cell(draft, POLICY)
    client.post(url("draft_cell", draft, row), sent(row, task="別の名前"))
    assert cell(draft, POLICY).placement_confirmed
    row = cell(draft, POLICY)
    client.post(url("draft_cell", draft, row), sent(row, stage=draft.stages.first().uuid))
    assert not cell(draft, POLICY).placement_confirmed


def test_saving_what_is_stored_changes_nothing(sign_in, draft):
    client, row = sign_in("henshu"), cell(draft, POLICY)
    for _ in range(2):
        assert client.post(url("draft_cell", draft, row), sent(row)).status_code == 302
    assert cell(draft, POLICY).lock == row.lock
    assert not Event.objects.filter(action="draft.cell_change").exists()


def test_of_two_who_save_a_cell_the_second_sees_both_and_decides(sign_in, draft):
    client, row = sign_in("henshu"), cell(draft, POLICY)
    client.post(url("draft_cell", draft, row), sent(row, wording_1="ほかの人の文"))
    answer = client.post(url("draft_cell", draft, row), sent(row, wording_1="わたしの文", task="わたしの名"))
    text = answer.content.decode()
    assert answer.status_code == 409
    assert {one["label"]: (one["mine"], one["theirs"]) for one in answer.context["conflict"]} == {
        "1 知識がある": ("わたしの文", "ほかの人の文"),
        "項目": ("わたしの名", "策定管理"),
    }
    assert "わたしの文</textarea>" in text
    assert cell(draft, POLICY).wordings.get(step=1).text == "ほかの人の文"
    again = sent(row, wording_1="わたしの文", lock=answer.context["form"]["lock"].value())
    assert client.post(url("draft_cell", draft, row), again).status_code == 302
    assert cell(draft, POLICY).wordings.get(step=1).text == "わたしの文"


def test_a_change_elsewhere_in_the_draft_is_no_conflict(sign_in, draft):
    client, row, other = sign_in("henshu"), cell(draft, POLICY), cell(draft, ANALYSIS)
    assert client.post(url("draft_cell", draft, other), sent(other, task="別")).status_code == 302
    assert client.post(url("draft_cell", draft, row), sent(row, task="方針")).status_code == 302


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "Policy!"}, "code"),
        ({"code": ""}, "code"),
        ({"code": ANALYSIS}, "code"),
        ({"code": "a" * 81}, "code"),
        ({"task": "長" * 61}, "task"),
        ({"example": "長" * 121}, "example"),
        ({"wording_3": ""}, "wording_3"),
        ({"wording_3": "長" * 121}, "wording_3"),
        ({"stage": "x"}, "stage"),
        ({"area": uuid.UUID(int=0)}, "area"),
    ],
)
def test_bad_values_are_told_beside_their_field_and_the_rest_is_kept(sign_in, draft, changes, field):
    row = cell(draft, POLICY)
    answer = sign_in("henshu").post(
        url("draft_cell", draft, row), sent(row, **({"source": "図表9"} | changes))
    )
    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert 'value="図表9"' in answer.content.decode()
    assert cell(draft, POLICY).lock == row.lock


def test_a_code_that_once_meant_something_else_is_refused(sign_in, world, draft):
    client, row = sign_in("henshu"), cell(draft, ANALYSIS)
    drop_cell(version=draft, cell=row, lock=row.lock, **act(world))
    other = cell(draft, POLICY)
    answer = client.post(url("draft_cell", draft, other), sent(other, code=ANALYSIS))
    assert answer.status_code == 422
    assert "「業務分析」を指していました" in answer.content.decode()
    assert client.post(url("draft_cell", draft, other), sent(other, code="policy.all")).status_code == 302
    assert origins(draft)["policy.all"] == {POLICY: "carry"}
    other = cell(draft, "policy.all")
    assert client.post(url("draft_cell", draft, other), sent(other, code=POLICY)).status_code == 302


def test_a_code_of_a_version_before_the_base_is_remembered(sign_in, world, draft):
    row = cell(draft, ANALYSIS)
    drop_cell(version=draft, cell=row, lock=row.lock, **act(world))
    FrameworkVersion.objects.filter(pk=draft.pk).update(state="published", published_at=timezone.now())
    draft.refresh_from_db()
    later = a_draft(world, name="2027", base=draft)
    client = sign_in("henshu")
    form = client.get(url("draft_cell_new", later)).context["form"]
    data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    answer = client.post(url("draft_cell_new", later), data | {"code": ANALYSIS, "task": "別のこと"})
    assert answer.status_code == 422
    assert "版「2012」では「業務分析」" in answer.content.decode()
    assert not later.cells.filter(code=ANALYSIS).exists()


def test_a_new_cell_is_last_in_its_area_and_came_from_nowhere(sign_in, draft):
    client = sign_in("henshu")
    page = client.get(f"{url('draft_cell_new', draft)}?area=internal-it")
    form = page.context["form"]
    data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    assert data["code"] == "internal-it.3"
    data |= {"task": "予算"}
    first = client.post(url("draft_cell_new", draft), data)
    assert first.status_code == 302
    assert client.post(url("draft_cell_new", draft), data)["Location"] == first["Location"]
    row = cell(draft, "internal-it.3")
    assert (row.rank, row.label, origins(draft)[row.code]) == (3, "予算", {})
    assert draft.cells.count() == 7


def test_a_cell_is_taken_out_after_its_uses_were_shown(sign_in, world, draft):
    client, row = sign_in("henshu"), cell(draft, POLICY)
    page = client.get(url("draft_cell_remove", draft, row)).content.decode()
    assert "5人未満" in page
    assert client.post(url("draft_cell_remove", draft, row), {"lock": "9"}).status_code == 409
    assert client.post(url("draft_cell_remove", draft, row), {"lock": "x"}).status_code == 422
    assert client.post(url("draft_cell_remove", draft, row), {"lock": row.lock}).status_code == 302
    assert not draft.cells.filter(code=POLICY).exists()
    assert world.version.cells.filter(code=POLICY).exists()
    assert client.get(url("draft_cell", draft, row)).status_code == 404


def part(client, page, **changes):
    """Return what a form of a 分類 or 区分 sends, with these changes."""
    form = client.get(page).context["form"]
    return {name: "" if (value := form[name].value()) is None else value for name in form.fields} | changes


def test_a_category_and_an_area_are_added_and_changed(sign_in, draft):
    client = sign_in("henshu")
    new = url("draft_category_new", draft)
    data = part(client, new, name="横断の力", alias="クロス", source="図表2")
    assert [client.post(new, data).status_code for _ in range(2)] == [302, 302]
    made = Category.objects.get(version=draft, name="横断の力")
    assert (made.rank, made.alias, made.source, draft.categories.count()) == (3, "クロス", "図表2", 4)
    new = f"{url('draft_area_new', draft)}?in={made.code}"
    data = part(client, new, name="データ", code="data")
    assert data["category"] == str(made.uuid)
    assert client.post(url("draft_area_new", draft), data).status_code == 302
    area = Area.objects.get(version=draft, code="data")
    assert (area.category, area.rank) == (made, 4)
    first = draft.categories.first()
    page = url("draft_area", draft, area)
    answer = client.post(page, part(client, page, name="データの力", category=first.uuid))
    assert answer["Location"].endswith("#area-data")
    area.refresh_from_db()
    assert (area.name, area.category, area.rank) == ("データの力", first, 2)
    page = url("draft_category", draft, made)
    assert client.post(page, part(client, page, code=first.code)).status_code == 422
    assert client.post(page, part(client, page, name="")).status_code == 422


def test_the_name_of_an_area_is_the_name_of_its_only_cell(sign_in, draft):
    client, page = sign_in("henshu"), url("draft_area", draft, draft.areas.get(code="communication"))
    client.post(page, part(client, page, name="対話"))
    assert cell(draft, "communication.1").label == "対話"


def test_of_two_who_rename_an_area_the_second_sees_both(sign_in, draft):
    client, page = sign_in("henshu"), url("draft_area", draft, draft.areas.first())
    mine = part(client, page, name="わたしの名前")
    client.post(page, part(client, page, name="ほかの人の名前"))
    answer = client.post(page, mine)
    assert answer.status_code == 409
    assert [(one["mine"], one["theirs"]) for one in answer.context["conflict"]] == [
        ("わたしの名前", "ほかの人の名前")
    ]
    assert draft.areas.first().name == "ほかの人の名前"


def test_only_what_is_empty_is_taken_away(sign_in, world, draft):
    client, area = sign_in("henshu"), draft.areas.get(code="communication")
    data = {"act": "remove", "lock": area.lock}
    assert client.post(url("draft_area", draft, area), data).status_code == 409
    with pytest.raises(Conflict):
        remove_part(version=draft, part=area.category, lock=area.category.lock, **act(world))
    row = cell(draft, "communication.1")
    drop_cell(version=draft, cell=row, lock=row.lock, **act(world))
    assert client.post(url("draft_area", draft, area), data).status_code == 302
    assert not Area.objects.filter(pk=area.pk).exists()
    assert Cell.objects.filter(version=draft).count() == 5
