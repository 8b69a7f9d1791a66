"""Surveys and statistics on screen: read by everyone, put in use by 体系の編集; the newest in use is used (P23, P24)."""

import pytest
import yaml
from django.urls import reverse

from access.actor import Role
from audit.models import Event
from competency import reference
from competency.models import ReferenceSurvey
from competency.reference import published
from competency.survey_file import parse_survey
from tests import builders as b
from tests.surveys import make_survey, shipped_file

LIST = reverse("competency:reference")
EVERYBODY = ["honnin", "kakari", "kacho", "jinji", "henshu", "kansa", "sysadmin"]
SURVEY, STAFFING = shipped_file("survey-2019"), shipped_file("staffing-2018")


def url(row, name="survey"):
    return reverse(f"competency:{name}", args=[row.uuid])


def act(client, row, what, version=None):
    return client.post(url(row), {"act": what, "version": str(version or row.version)})


def standing(page):
    return [line.row.name for line in page.context["lines"] if line.standing]


@pytest.mark.parametrize("who", EVERYBODY)
def test_everybody_reads_the_list_and_each(sign_in, world, who):
    make_survey(SURVEY, world.city, code="old", name="前の調査", year=2015, state="retired")
    make_survey(SURVEY, world.city, code="new", name="次の調査", year=2027, state="draft")
    client = sign_in(who)
    page = client.get(LIST)
    names = [line.row.name for line in page.context["lines"]]
    drafts = ["次の調査"] if who == "henshu" else []
    assert names == [*drafts, "2019年の調査", "2018年の統計", "前の調査"]
    assert standing(page) == ["2019年の調査", "2018年の統計"]
    assert ("ファイルから取り込む" in page.content.decode()) == (who == "henshu")
    for row in ReferenceSurvey.objects.all():
        answer = client.get(url(row))
        assert answer.status_code == (404 if row.state == "draft" and not drafts else 200)
        assert ("数字を直す" in answer.content.decode()) == (who == "henshu" and row.state != "retired")


def test_older_ones_stay_readable_with_n_and_source(sign_in, world):
    old = make_survey(SURVEY, world.city, code="old", name="前の調査", year=2015, state="retired")
    text = sign_in("honnin").get(url(old)).content.decode()
    assert "16団体に聞き、15団体が答えました" in text
    assert SURVEY.source in text
    assert "使用終了" in text


def test_the_newest_in_use_is_used_the_own_before_the_common(world):
    here, there = world.city.pk, world.other_city.pk
    assert published(here).survey.name == "2019年の調査"
    own = make_survey(SURVEY, world.city, name="直したもの")
    assert published(here).survey.name == "直したもの"
    assert published(there).survey.name == "2019年の調査"
    newer = make_survey(SURVEY, None, code="survey-2027", name="2027年の調査", year=2027)
    assert published(here).survey.name == "2027年の調査"
    # A draft is nobody's; one that is retired takes the common one of its 符号 along.
    draft = make_survey(SURVEY, world.city, code="survey-2027", name="下書き", year=2027, state="draft")
    assert published(here).survey.name == "2027年の調査"
    ReferenceSurvey.objects.filter(pk=draft.pk).update(state="retired", version=2)
    assert published(here).survey.name == "直したもの"
    ReferenceSurvey.objects.filter(pk__in=[own.pk, newer.pk]).update(state="retired")
    assert published(here).survey is None
    assert published(here).tables is not None


def test_what_stands_in_a_survey_is_read_once_and_again_after_a_change(world, django_assert_num_queries):
    published(world.city.pk)
    with django_assert_num_queries(1):
        before = published(world.city.pk)
    ReferenceSurvey.objects.filter(code="survey-2019").update(name="別の名前", version=3)
    with django_assert_num_queries(2):
        assert published(world.city.pk).survey.name == "別の名前"
    assert before.survey.name == "2019年の調査"


def test_without_any_survey_every_page_says_so(sign_in, world):
    ReferenceSurvey.objects.all().delete()
    client = sign_in("kacho")
    assert "調査がありません" in client.get(LIST).content.decode()
    for name in ("gaps:four_way", "gaps:summary", "gaps:four_way_xlsx", "gaps:four_way_csv"):
        answer = client.get(reverse(name, args=[world.ka.uuid]))
        assert answer.status_code == 200, name
        if "html" in answer["Content-Type"]:
            assert "調査がありません" in answer.content.decode(), name
    assert client.post(reverse("gaps:four_way", args=[world.ka.uuid]), {"skill": "1"}).status_code == 422


def test_with_only_one_of_the_two_the_other_is_missed(sign_in, world):
    ReferenceSurvey.objects.filter(code="staffing-2018").delete()
    client = sign_in("kacho")
    assert client.get(LIST).status_code == 200
    page = client.get(reverse("gaps:four_way", args=[world.ka.uuid]))
    assert len(page.context["rows"]) == 13
    assert "調査がありません" in page.content.decode()


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_the_file_is_the_survey(sign_in, world, form):
    row = ReferenceSurvey.objects.get(code="staffing-2018")
    answer = sign_in("honnin").get(url(row, "survey_file"), {"format": form})
    assert parse_survey(answer.content.decode()) == STAFFING
    assert f"staffing-2018.{form}" in answer["Content-Disposition"]
    assert yaml.safe_load(answer.content)["corrections"] == STAFFING.content["corrections"]
    assert sign_in("honnin").get(url(row, "survey_file"), {"format": "exe"}).status_code == 422


def test_a_draft_is_put_in_use_retired_and_used_again(sign_in, world):
    row = make_survey(SURVEY, world.city, code="own", name="うちの調査", year=2026, state="draft")
    client = sign_in("henshu")
    assert act(client, row, "in_use").status_code == 302
    assert standing(client.get(LIST)) == ["うちの調査", "2018年の統計"]
    assert act(client, row, "retired", 2).status_code == 302
    assert standing(client.get(LIST)) == ["2019年の調査", "2018年の統計"]
    assert act(client, row, "in_use", 3).status_code == 302
    actions = list(Event.objects.filter(object_uuid=row.uuid).order_by("pk").values_list("action", flat=True))
    assert actions == ["survey.use", "survey.retire", "survey.use"]
    # The same click twice is no second act.
    assert act(client, row, "in_use", 3).status_code == 302
    assert Event.objects.filter(action="survey.use").count() == 2


def test_a_draft_is_thrown_away_and_nothing_else(sign_in, world):
    draft = make_survey(SURVEY, world.city, code="draft", state="draft")
    used = make_survey(SURVEY, world.city, code="used")
    client = sign_in("henshu")
    assert act(client, draft, "discard").status_code == 302
    assert not ReferenceSurvey.objects.filter(pk=draft.pk).exists()
    assert act(client, used, "discard").status_code == 409
    assert ReferenceSurvey.objects.filter(pk=used.pk).exists()


def test_an_old_version_is_a_conflict_and_nonsense_is_refused(sign_in, world):
    row = make_survey(SURVEY, world.city, code="own", state="draft", version=3)
    client = sign_in("henshu")
    assert act(client, row, "in_use", 2).status_code == 409
    assert act(client, row, "retired").status_code == 422
    assert act(client, row, "draft").status_code == 422
    assert client.post(url(row), {"act": "in_use", "version": "x"}).status_code == 422
    row.refresh_from_db()
    assert (row.state, row.version) == ("draft", 3)


def test_a_common_one_is_moved_by_nobody(sign_in, world):
    row = ReferenceSurvey.objects.get(code="survey-2019")
    answer = act(sign_in("henshu"), row, "retired")
    assert answer.status_code == 409
    row.refresh_from_db()
    assert row.state == "in_use"


@pytest.mark.parametrize("who", [who for who in EVERYBODY if who != "henshu"])
def test_others_change_nothing(sign_in, world, who):
    row = make_survey(SURVEY, world.city, code="own")
    client = sign_in(who)
    assert act(client, row, "retired").status_code == 403
    assert client.get(url(row, "survey_edit")).status_code == 403
    assert client.get(reverse("competency:survey_import")).status_code == 403
    row.refresh_from_db()
    assert row.state == "in_use"


def test_another_municipality_sees_none_of_it(sign_in, world):
    row = make_survey(SURVEY, world.city, code="own", name="うちの調査", year=2030)
    b.make_grant(world.yoso, Role.EDITOR)
    client = sign_in("yoso")
    assert "うちの調査" not in client.get(LIST).content.decode()
    for name in ("survey", "survey_edit", "survey_file"):
        assert client.get(url(row, name)).status_code == 404
    assert act(client, row, "retired").status_code == 404


def test_the_queries_do_not_grow_with_the_years(sign_in, world, django_assert_max_num_queries):
    client = sign_in("henshu")
    counted = []
    for more in (1, 10):
        for number in range(more):
            make_survey(SURVEY, world.city, code=f"s{more}-{number}", year=1990 + number)
        reference.published(world.city.pk)
        with django_assert_max_num_queries(15) as queries:
            client.get(LIST)
        counted.append(len(queries))
    assert counted[0] == counted[1]
