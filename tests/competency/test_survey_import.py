"""Published figures from a file: shown against what stands there, taken as the municipality's own (P24)."""

import copy
import json

import pytest
from django.urls import reverse

from access.actor import Role
from audit.models import Event
from competency.exports import survey_file_of
from competency.models import ReferenceSurvey
from competency.reference import published
from competency.survey_file import dump
from tests import builders as b
from tests.competency.importing import apply, problems, told, upload
from tests.surveys import NAMES, make_survey, shipped_file

IMPORT = reverse("competency:survey_import")
SURVEY = shipped_file("survey-2019")


def text(shipped="survey-2019", **more):
    return json.dumps({**copy.deepcopy(dump(shipped_file(shipped))), **more}, ensure_ascii=False)


def one_more(**more):
    shape = json.loads(text(**more))
    shape["skills"][0]["counts"] |= {"both": 5, "other": 0, "people_short": 3}
    return json.dumps(shape)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["yaml", "json"])
def test_what_goes_out_comes_in_as_nothing_new(sign_in, world, name, form):
    client = sign_in("henshu")
    row = ReferenceSurvey.objects.get(code=name)
    out = client.get(reverse("competency:survey_file", args=[row.uuid]), {"format": form})
    page = upload(client, IMPORT, out.content, f"x.{form}")
    assert page.status_code == 200
    assert page.context["plan"].is_empty
    assert page.context["signed"] == ""


def test_next_years_survey_is_a_draft_until_it_is_put_in_use(sign_in, world):
    client = sign_in("henshu")
    page = upload(client, IMPORT, text(code="survey-2027", year=2027, name="2027年の調査"), "s.json")
    [(code, parts)] = told(page)["新しく加わるもの"]
    assert code == "survey-2027"
    assert "年：2027" in parts
    assert apply(client, IMPORT, page).status_code == 302
    row = ReferenceSurvey.objects.get(code="survey-2027")
    assert (row.municipality, row.state) == (world.city, "draft")
    assert published(world.city.pk).survey.year == 2019
    client.post(reverse("competency:survey", args=[row.uuid]), {"act": "in_use", "version": "1"})
    assert published(world.city.pk).survey.year == 2027
    assert published(world.other_city.pk).survey.year == 2019


def test_a_file_of_a_common_one_shows_what_differs_and_is_kept_as_our_own(sign_in, world):
    client = sign_in("henshu")
    page = upload(client, IMPORT, one_more(), "s.json")
    assert told(page) == {"変わる行": [("Q3-1.1", ("両方確保：4 → 5", "職員数不足：4 → 3"))]}
    assert apply(client, IMPORT, page).status_code == 302
    own = ReferenceSurvey.objects.get(municipality=world.city)
    assert own.state == "draft"
    assert survey_file_of(own).content["skills"][0]["counts"]["both"] == 5
    assert survey_file_of(ReferenceSurvey.objects.get(municipality=None, code="survey-2019")) == SURVEY
    assert Event.objects.filter(action="survey.add").count() == 1
    # The same click again, and the same file again, are nothing new.
    assert apply(client, IMPORT, page).status_code == 302
    assert upload(client, IMPORT, one_more(), "s.json").context["plan"].is_empty
    assert Event.objects.filter(action__startswith="survey.").count() == 1


def test_an_own_one_in_use_changes_where_it_stands(sign_in, world):
    row = make_survey(SURVEY, world.city)
    client = sign_in("henshu")
    apply(client, IMPORT, upload(client, IMPORT, one_more(), "s.json"))
    row.refresh_from_db()
    assert (row.state, row.version) == ("in_use", 2)
    assert published(world.city.pk).answers[1].counts["both"] == 5


def test_rows_that_come_and_go_and_their_order_are_told(sign_in, world):
    client = sign_in("henshu")
    shape = json.loads(text())
    gone = shape["questions"].pop()
    shape["skills"].append({**shape["skills"][0], "number": 14, "label": "新しいスキル"})
    found = told(upload(client, IMPORT, json.dumps(shape), "s.json"))
    assert [code for code, _ in found["増える行"]] == ["Q3-1.14"]
    assert found["なくなる行"][0][0] == gone["code"]
    shape = json.loads(text())
    shape["skills"].reverse()
    page = upload(client, IMPORT, json.dumps(shape), "s.json")
    assert not page.context["plan"].is_empty
    assert "並び順が変わります" in page.content.decode()


def test_what_somebody_changed_meanwhile_is_shown_first(sign_in, world):
    row = make_survey(SURVEY, world.city)
    client = sign_in("henshu")
    page = upload(client, IMPORT, one_more(), "s.json")
    ReferenceSurvey.objects.filter(pk=row.pk).update(name="ほかの人の名前", version=2)
    answer = apply(client, IMPORT, page)
    assert answer.status_code == 409
    assert ("全体", ("名前：ほかの人の名前 → 2019年の調査",)) in told(answer)["変わる行"]
    row.refresh_from_db()
    assert row.name == "ほかの人の名前"
    assert apply(client, IMPORT, answer).status_code == 302


def test_a_common_one_copied_meanwhile_is_shown_first(sign_in, world):
    client = sign_in("henshu")
    page = upload(client, IMPORT, one_more(), "s.json")
    make_survey(SURVEY, world.city, name="ほかの人の写し")
    assert apply(client, IMPORT, page).status_code == 409


def test_one_retired_or_of_another_kind_refuses_the_file(sign_in, world):
    client = sign_in("henshu")
    page = upload(client, IMPORT, text("staffing-2018", code="survey-2019"), "s.json")
    assert page.status_code == 422
    assert "種類" in problems(page)[1][0]
    shown = upload(client, IMPORT, one_more(), "s.json")
    make_survey(SURVEY, world.city, state="retired")
    page = upload(client, IMPORT, one_more(), "s.json")
    assert page.status_code == 422
    assert apply(client, IMPORT, shown).status_code == 409


def test_every_fault_is_said_and_nothing_is_kept(sign_in, world):
    shape = json.loads(text(code="new", year=3000))
    shape["skills"][0]["counts"]["both"] = "四"
    shape["questions"][0]["rows"] = []
    page = upload(sign_in("henshu"), IMPORT, json.dumps(shape), "s.json")
    assert page.status_code == 422
    assert page.context["problems_count"] == 3
    assert not ReferenceSurvey.objects.filter(code="new").exists()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_table_of_figures_comes_back_as_nothing_new(sign_in, world, name, form):
    client = sign_in("henshu")
    row = ReferenceSurvey.objects.get(code=name)
    out = client.get(reverse("competency:survey_file", args=[row.uuid]), {"format": form})
    page = upload(client, IMPORT, out.content, f"x.{form}")
    assert page.status_code == 200, problems(page)
    assert page.context["plan"].is_empty


def test_a_table_changes_figures_alone(sign_in, world):
    client = sign_in("henshu")
    text = "符号,表,番号,列,数\nstaffing-2018,平均,,10万〜20万人未満,8.5\nstaffing-2018,training_held,,特別区,21\n"
    page = upload(client, IMPORT, text, "x.csv")
    assert told(page)["変わる行"] == [
        ("職員数", ("10万〜20万人未満：7.7 → 8.5",)), ("training_held", ("特別区：22 → 21",)),
    ]  # fmt: skip
    assert apply(client, IMPORT, page).status_code == 302
    own = survey_file_of(ReferenceSurvey.objects.get(municipality=world.city))
    assert own.content["staff_per_department"]["people"]["10万〜20万人未満"] == 8.5
    assert own.content["corrections"] == shipped_file("staffing-2018").content["corrections"]


def test_a_bad_table_is_refused_with_every_line(sign_in, world):
    client = sign_in("henshu")
    lines = [
        "survey-2019,Q3-1,1,両方確保,4", "survey-2019,Q3-1,1,両方確保,4", "survey-2019,Q3-1,99,両方確保,4",
        "other,Q3-1,1,両方確保,4", "survey-2019,Q3-1,2,両方確保,-1", "survey-2019,Q3-1,3,両方確保,４",
    ]  # fmt: skip
    page = upload(client, IMPORT, "\n".join(["符号,表,番号,列,数", *lines]), "x.csv")
    assert page.status_code == 422
    assert problems(page)[0] == [(3, "列"), (4, "列"), (5, "符号"), (6, "数"), (7, "数")]
    page = upload(client, IMPORT, "符号,表,番号,列,数\nsurvey-2019,Q3-1,1,両方確保,9\n", "x.csv")
    assert "超えています" in problems(page)[1][0]
    page = upload(client, IMPORT, "符号,表,番号,列,数\nnothing,Q3-1,1,両方確保,9\n", "x.csv")
    assert problems(page)[0] == [(2, "符号")]
    assert not ReferenceSurvey.objects.filter(municipality=world.city).exists()


@pytest.mark.parametrize("content", [b"", b"\xff\xff", b"kind: survey", b"x: &a [*a]", b"- 1", b"PK\x03\x04"])
def test_damaged_files_are_refused(sign_in, world, content):
    assert upload(sign_in("henshu"), IMPORT, content, "s.yaml").status_code == 422


def test_hostile_text_is_shown_as_text(sign_in, world):
    client = sign_in("henshu")
    page = upload(client, IMPORT, text(code="x", name="<script>alert(1)</script>"), "s.json")
    assert page.status_code == 200
    apply(client, IMPORT, page)
    row = ReferenceSurvey.objects.get(code="x")
    for name in ("survey", "survey_edit"):
        shown = client.get(reverse(f"competency:{name}", args=[row.uuid])).content.decode()
        assert "<script>alert(1)" not in shown


@pytest.mark.parametrize("who", ["honnin", "kacho", "jinji", "kansa", "sysadmin"])
def test_others_do_not(sign_in, world, who):
    client = sign_in(who)
    assert client.get(IMPORT).status_code == 403
    assert upload(client, IMPORT, one_more(), "s.json").status_code == 403


def test_another_municipality_keeps_its_own(sign_in, world):
    theirs = make_survey(SURVEY, world.other_city, code="same", name="となりの調査")
    client = sign_in("henshu")
    page = upload(client, IMPORT, text(code="same"), "s.json")
    assert list(told(page)) == ["新しく加わるもの"]
    apply(client, IMPORT, page)
    theirs.refresh_from_db()
    assert (theirs.name, theirs.version) == ("となりの調査", 1)
    b.make_grant(world.yoso, Role.EDITOR)
    assert apply(sign_in("yoso"), IMPORT, page).status_code == 422
