"""The figures of a survey put right in its tables: a common one becomes the municipality's own (P24)."""

import json

import pytest
from django.urls import reverse

from audit.models import Event
from competency.exports import survey_file_of
from competency.models import ReferenceSurvey
from competency.reference import published
from competency.survey_file import dump
from competency.survey_form import SurveyForm, _name
from tests.surveys import make_survey, shipped_file

SURVEY, STAFFING = shipped_file("survey-2019"), shipped_file("staffing-2018")


def url(row):
    return reverse("competency:survey_edit", args=[row.uuid])


def sent(row, **more):
    """Return the form as it stands, with other values for some controls."""
    initial = SurveyForm.initial_of(survey_file_of(row), row.version)
    return {name: "" if value is None else str(value) for name, value in initial.items()} | more


def figure(code, key, column):
    return _name(code, key, "n", column)


@pytest.fixture
def common(world):
    return ReferenceSurvey.objects.get(code="survey-2019")


def test_the_form_says_what_is_stored(sign_in, world, common):
    page = sign_in("henshu").get(url(common))
    assert page.status_code == 200
    text = page.content.decode()
    assert "2019年の調査の数字を直す" in text
    assert len(page.context["tables"]) == 6
    assert text.count("<label") > 300


@pytest.mark.parametrize("code", ["survey-2019", "staffing-2018"])
def test_saving_what_stands_there_changes_nothing(sign_in, world, code):
    row = ReferenceSurvey.objects.get(code=code)
    before = list(ReferenceSurvey.objects.values())
    assert sign_in("henshu").post(url(row), sent(row)).status_code == 302
    assert list(ReferenceSurvey.objects.values()) == before


def test_a_common_one_is_copied_and_stays_as_it_is(sign_in, world, common):
    client = sign_in("henshu")
    more = {
        figure("Q3-1", 1, "両方確保"): "３", figure("Q3-1", 1, "スキル不足"): "6", "name": "2019年の調査（直したもの）",
        _name("Q3-1", 1, "label"): "基礎知識", "year": "2020",
    }  # fmt: skip
    answer = client.post(url(common), sent(common, **more))
    own = ReferenceSurvey.objects.get(municipality=world.city)
    assert answer["Location"] == reverse("competency:survey", args=[own.uuid])
    assert (own.code, own.state, own.year, own.name) == (
        "survey-2019",
        "draft",
        2020,
        "2019年の調査（直したもの）",
    )
    skill = survey_file_of(own).content["skills"][0]
    assert (skill["label"], skill["counts"]["both"], skill["counts"]["skill_short"]) == ("基礎知識", 3, 6)
    # Everything else, 区分 and order included, is as it was.
    rest = dump(survey_file_of(own))
    rest["skills"][0] = dump(SURVEY)["skills"][0]
    assert json.dumps({**rest, "name": SURVEY.name, "year": 2019}) == json.dumps(dump(SURVEY))
    common.refresh_from_db()
    assert survey_file_of(common) == SURVEY
    assert published(world.city.pk).survey.name == "2019年の調査"
    assert Event.objects.get(action="survey.add").object_uuid == own.uuid
    # Opening the common one again leads to the copy.
    assert client.get(url(common))["Location"] == url(own)


def test_an_own_one_in_use_changes_at_once(sign_in, world):
    row = make_survey(STAFFING, world.city)
    column = "10万〜20万人未満"
    more = {figure("", column, "平均"): "8.1", figure("training_held", "training_held", column): "146"}
    assert sign_in("henshu").post(url(row), sent(row, **more)).status_code == 302
    staffing = published(world.city.pk).staffing("city", "100")
    assert (staffing.staff, staffing.shares[0].count) == (8.1, 146)
    row.refresh_from_db()
    assert row.version == 2
    assert survey_file_of(row).content["corrections"] == STAFFING.content["corrections"]


def test_a_misprint_put_right_keeps_what_is_printed_and_why(sign_in, world):
    row = make_survey(STAFFING, world.city)
    column = "50万人以上"
    client = sign_in("henshu")
    more = {figure("training_held", "training_held", column): "15", "reason": "総務省の表では15"}
    assert client.post(url(row), sent(row, **more)).status_code == 302
    row.refresh_from_db()
    assert survey_file_of(row).content["corrections"][-1] == {
        "figure": "図表2-1-3", "code": "training_held", "band": column, "printed": "14", "used": 15,
        "reason": "総務省の表では15",
    }  # fmt: skip
    page = client.get(reverse("competency:survey", args=[row.uuid])).content.decode()
    assert "50万人以上の値は、出典の「14」を誤植とみて15にしました（総務省の表では15）。" in page
    # Put back to what is printed, it is no correction any more; another value goes along with it.
    assert (
        client.post(
            url(row), sent(row, **{figure("training_held", "training_held", column): "13"})
        ).status_code
        == 302
    )
    row.refresh_from_db()
    assert survey_file_of(row).content["corrections"][-1]["used"] == 13
    assert (
        client.post(
            url(row), sent(row, **{figure("training_held", "training_held", column): "14"})
        ).status_code
        == 302
    )
    row.refresh_from_db()
    assert survey_file_of(row).content["corrections"] == STAFFING.content["corrections"]


def test_a_correction_loses_its_mark_with_its_reason(sign_in, world):
    row = make_survey(STAFFING, world.city)
    name = _name("correction", "training_held", "5万人未満")
    assert sign_in("henshu").post(url(row), sent(row, **{name: ""})).status_code == 302
    row.refresh_from_db()
    content = survey_file_of(row).content
    assert [one["code"] for one in content["corrections"]] == ["exchange_with_departments"]
    assert content["shares"][0]["counts"]["5万人未満"] == 204


def test_a_misprint_of_a_survey_is_shown_too(sign_in, world):
    row = make_survey(SURVEY, world.city)
    more = {
        figure("Q3-1", 1, "両方確保"): "5", figure("Q3-1", 1, "スキル不足"): "4", "reason": "原表による",
    }  # fmt: skip
    client = sign_in("henshu")
    assert client.post(url(row), sent(row, **more)).status_code == 302
    page = client.get(reverse("competency:survey", args=[row.uuid])).content.decode()
    assert "両方確保の値は、出典の「4」を誤植とみて5にしました（原表による）。" in page


def test_bad_figures_stand_beside_their_fields_and_keep_what_was_typed(sign_in, world, common):
    more = {
        figure("Q3-1", 1, "両方確保"): "-1", figure("Q3-1", 2, "両方確保"): "多い", figure("Q1-2", 1, "総務系"): "2.5",
        figure("Q3-1", 3, "その他"): "100001", "year": "令和", "name": "", _name("Q3-1", 4, "note"): "長" * 201,
    }  # fmt: skip
    page = sign_in("henshu").post(url(common), sent(common, **more))
    assert page.status_code == 422
    assert set(page.context["form"].errors) == set(more)
    assert len(page.context["problems"]) == 7
    text = page.content.decode()
    assert text.count("0から100,000までの整数を入力してください。") == 8
    assert 'value="多い"' in text
    assert not ReferenceSurvey.objects.filter(municipality=world.city).exists()


def test_sums_that_cannot_be_are_explained_beside_the_row(sign_in, world, common):
    client = sign_in("henshu")
    more = {
        figure("Q3-1", 1, "両方確保"): "40",
        figure("Q3-1", 2, "両方確保"): "1",
        figure("Q1-1-next", 1, "業務自体の外部委託"): "16",
    }
    page = client.post(url(common), sent(common, **more))
    assert page.status_code == 422
    lines = {
        line.where: line.errors for table in page.context["tables"] for line in table.lines if line.errors
    }
    assert set(lines) == {("Q3-1", 1), ("Q3-1", 2), ("Q1-1-next", 1)}
    assert "備考にわけを書いてください" in lines["Q3-1", 2][0]
    assert all(problem["target"].startswith("id_f-") for problem in page.context["problems"])
    # With a note that says why, fewer answers than municipalities are right.
    more = {figure("Q3-1", 2, "両方確保"): "1", _name("Q3-1", 2, "note"): "8団体の答えは載っていない"}
    assert client.post(url(common), sent(common, **more)).status_code == 302
    own = ReferenceSurvey.objects.get(municipality=world.city)
    assert survey_file_of(own).content["skills"][1]["note"] == "8団体の答えは載っていない"


def test_more_than_there_are_municipalities_is_refused(sign_in, world):
    row = make_survey(STAFFING, world.city)
    page = sign_in("henshu").post(
        url(row), sent(row, **{figure("training_held", "training_held", "特別区"): "24"})
    )
    assert page.status_code == 422
    assert "団体数（23）を超えています" in page.content.decode()


def test_two_at_once_show_both_values(sign_in, world):
    row = make_survey(SURVEY, world.city)
    client = sign_in("henshu")
    mine = sent(row, **{_name("Q3-1", 1, "label"): "わたしの言葉"})
    assert (
        client.post(url(row), sent(row, **{_name("Q3-1", 1, "label"): "ほかの人の言葉"})).status_code == 302
    )
    page = client.post(url(row), mine)
    assert page.status_code == 409
    text = page.content.decode()
    assert "わたしの言葉" in text
    assert any("ほかの人の言葉" in line or "わたしの言葉" in line for line in page.context["differences"])
    row.refresh_from_db()
    assert survey_file_of(row).content["skills"][0]["label"] == "ほかの人の言葉"
    again = {**mine, "version": page.context["form"].data["version"]}
    assert client.post(url(row), again).status_code == 302
    row.refresh_from_db()
    assert survey_file_of(row).content["skills"][0]["label"] == "わたしの言葉"


def test_a_common_one_copied_by_another_meanwhile_is_a_conflict(sign_in, world, common):
    client = sign_in("henshu")
    mine = sent(common, name="わたしの名前")
    assert client.post(url(common), sent(common, name="ほかの人の名前")).status_code == 302
    own = ReferenceSurvey.objects.get(municipality=world.city)
    page = client.post(url(common), mine)
    assert page.status_code == 409
    assert f'action="{url(own)}"' in page.content.decode()
    assert page.context["form"].data["name"] == "わたしの名前"


def test_a_retired_one_is_not_edited(sign_in, world):
    row = make_survey(SURVEY, world.city, state="retired")
    client = sign_in("henshu")
    assert client.get(url(row)).status_code == 409
    assert client.post(url(row), sent(row, name="別の名前")).status_code == 409
