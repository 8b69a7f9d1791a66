"""People × cells (P16)."""

import pytest
from django.urls import reverse

from organization.models import Posting
from tests import builders as b
from tests.gaps.records import ANALYSIS, PLANNING, POLICY, RUNNING, TALKING, confirmed, waiting


def url(department, query=""):
    return reverse("gaps:heatmap", args=[department.uuid]) + query


def test_it_works(sign_in, section, last_cycle):
    confirmed(section.honnin, last_cycle, {POLICY: 1, ANALYSIS: 2})
    waiting(section.honnin, section.cycle, {POLICY: 3, ANALYSIS: 2})
    page = sign_in("kacho").get(url(section.ka))
    found = {row.person.name: row for row in page.context["rows"]}
    assert len(found) == 6
    mine = found["山﨑 美咲"]
    assert [(field.css, field.text, field.own) for field in mine.fields[:2]] == [
        ("step1", "1", "自己 3"),
        ("step2", "2", ""),
    ]
    assert mine.note == "令和7年度の値"
    nothing = found["石井 大輔"].fields
    assert {(field.css, field.text) for field in nothing} == {("unknown", "未評価")}
    assert [column.count for column in page.context["columns"]] == [
        "1／2",
        "3／2",
        "0／1",
        "1／0",
        "0／1",
        "3／4",
    ]
    text = page.content.decode()
    assert 'role="region" aria-label="人と項目の表"' in text
    assert '<th scope="colgroup" colspan="2">庁内情報化</th>' in text


def test_who_does_not_count_says_why(sign_in, section):
    b.make_leave(section.dourei)
    section.kakari.employment = "fiscal_year"
    section.kakari.save(update_fields=["employment"])
    notes = {row.person.name: row.note for row in sign_in("kacho").get(url(section.ka)).context["rows"]}
    assert notes["小林 健"] == "休職・育休中"
    assert notes["𠮷田 由紀子"] == "別掲"


@pytest.mark.parametrize(("who", "place"), [("honnin", "kakari_dept"), ("kansa", "ka"), ("henshu", "ka")])
def test_who_sees_no_names_is_sent_to_the_report(sign_in, section, who, place):
    department = getattr(section, place)
    answer = sign_in(who).get(url(department))
    assert answer.status_code == 302
    assert answer["Location"] == reverse("gaps:department", args=[department.uuid])


def test_out_of_scope_is_as_nothing(sign_in, section):
    assert sign_in("kakari").get(url(section.ka)).status_code == 404
    assert sign_in("betsuka").get(url(section.ka)).status_code == 404
    assert sign_in("jinji").get(url(section.foreign_department)).status_code == 404


def test_fifty_people_a_page_and_no_more_queries(sign_in, section, django_assert_max_num_queries):
    client = sign_in("kacho")
    with django_assert_max_num_queries(15) as few:
        client.get(url(section.ka))
    for number in range(60):
        staff = b.make_staff(section.city, f"職員 {number:02}")
        b.make_posting(staff, section.kiban)
        confirmed(staff, section.cycle, {POLICY: 3})
    with django_assert_max_num_queries(15) as many:
        first = client.get(url(section.ka))
    assert len(few) == len(many)
    assert len(first.context["rows"]) == 50
    second = client.get(url(section.ka, "?page=2"))
    assert len(second.context["rows"]) == 16
    # The feet count the whole department on every page.
    assert first.context["columns"] == second.context["columns"]
    assert first.context["columns"][0].count == "61／2"


def test_an_empty_department(sign_in, world):
    place = b.make_department(world.city, "空の課")
    assert "在籍する職員がいません" in sign_in("jinji").get(url(place)).content.decode()


def test_wrong_method(sign_in, world):
    assert sign_in("kacho").post(url(world.ka)).status_code == 405


def test_with_targets_a_field_tells_the_distance(sign_in, section, last_cycle):
    b.make_profile(b.make_position(section.city, "主任"), {PLANNING: 2})
    Posting.objects.filter(staff__in=[section.honnin, section.henshu]).update(position="主任")
    b.make_assignment(section.honnin, section.ka, [POLICY, ANALYSIS, RUNNING], fiscal_year=2026)
    confirmed(section.honnin, section.cycle, {POLICY: 2, ANALYSIS: 4, PLANNING: 2, RUNNING: 1, TALKING: 3})
    page = sign_in("kacho").get(url(section.ka))
    found = {row.person.name: row.fields for row in page.context["rows"]}
    cells = [column.cell.code for column in page.context["columns"]]
    mine = {code: (field.css, field.text) for code, field in zip(cells, found["山﨑 美咲"], strict=True)}
    assert mine == {
        POLICY: ("minus1", "2（−1）"),
        ANALYSIS: ("plus", "4（＋1）"),
        PLANNING: ("zero", "2（±0）"),
        RUNNING: ("minus2", "1（−2）"),
        "system-operations.2": ("free", "0"),
        TALKING: ("free", "3"),
    }
    unrated = dict(zip(cells, found["石井 大輔"], strict=True))
    assert (unrated[PLANNING].text, unrated[PLANNING].unrated_target) == ("未評価", "目標 2")
    assert unrated[POLICY].unrated_target == ""
    text = page.content.decode()
    assert "−2以下" in text
    assert "かっこの中は目標との差" in text
    assert "評価ではありません" in text
    assert "▲" not in text


def test_without_any_target_the_ground_tells_the_step(sign_in, section):
    text = sign_in("kacho").get(url(section.ka)).content.decode()
    assert "−2以下" not in text
    assert "評価ではありません" not in text
