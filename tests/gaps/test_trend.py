"""The page of the years: by 分類 and item, without numbers for those who see no names."""

import pytest
from django.urls import reverse

from tests import builders as b
from tests.gaps.records import ANALYSIS, PLANNING, POLICY, confirmed, need


@pytest.fixture
def years(section, last_cycle):
    """Last year 𠮷田 was one of two who wrote policy, and nobody analysed."""
    confirmed(section.kakari, last_cycle, {POLICY: 3})
    confirmed(section.honnin, last_cycle, {POLICY: 3})
    need(section.ka, last_cycle, {POLICY: 2, ANALYSIS: 1, PLANNING: 0})
    return section


def page_of(client, department):
    return client.get(reverse("gaps:trend", args=[department.uuid]))


def marks_of(page, code):
    rows = [row for part in page.context["parts"] for row in part.rows]
    return [(mark.label, mark.word, mark.text) for row in rows if row.cell.code == code for mark in row.marks]


def test_each_item_and_each_category_over_the_years(sign_in, years):
    page = page_of(sign_in("kacho"), years.ka)
    assert page.status_code == 200
    assert marks_of(page, POLICY) == [("令和7", "充足", "2／2"), ("令和8", "充足", "2／2")]
    assert marks_of(page, ANALYSIS) == [("令和7", "不在", "0／1"), ("令和8", "充足", "3／2")]
    assert marks_of(page, PLANNING) == [("令和7", "対象外", ""), ("令和8", "不在", "0／1")]
    assert marks_of(page, "communication.1") == [("令和7", "未設定", ""), ("令和8", "不足", "3／4")]
    concept = page.context["parts"][0]
    assert {row.label: row.values for row in concept.chart.rows} == {
        "令和7": (1, 0, 0, 1),
        "令和8": (2, 0, 0, 1),
    }
    assert "不在は1項目から" in page.content.decode()


def test_a_category_that_nobody_ever_needed_has_words_instead_of_a_chart(sign_in, years, last_cycle):
    need(years.kakari_dept, last_cycle, {POLICY: 1})
    need(years.kakari_dept, years.cycle, {POLICY: 1})
    page = page_of(sign_in("kacho"), years.kakari_dept)
    assert [part.chart is None for part in page.context["parts"]] == [False, True, True]
    assert "必要とした項目がありません" in page.content.decode()


def test_one_year_alone_is_said_in_words(sign_in, section):
    page = page_of(sign_in("kacho"), section.ka)
    assert "比べられる年度がまだありません。" in page.content.decode()


def test_staff_of_the_department_see_states_without_numbers(sign_in, years):
    b.make_posting(years.dourei, years.ka, kind="additional")
    page = page_of(sign_in("dourei"), years.ka)
    assert marks_of(page, POLICY) == [("令和7", "充足", ""), ("令和8", "充足", "")]


@pytest.mark.parametrize("persona", ["henshu", "kansa"])
def test_who_sees_bands_is_sent_to_the_report(sign_in, years, persona):
    place = years.jinjika
    assert page_of(sign_in(persona), place)["Location"] == reverse("gaps:department", args=[place.uuid])


def test_before_the_first_year_there_is_only_the_report(sign_in, world):
    type(world.cycle).objects.filter(pk=world.cycle.pk).update(state="prepared", opened_at=None)
    assert page_of(sign_in("kacho"), world.ka).status_code == 302


def test_as_many_queries_for_few_people_as_for_many(sign_in, years, django_assert_max_num_queries):
    client = sign_in("kacho")
    with django_assert_max_num_queries(15) as few:
        page_of(client, years.ka)
    for number in range(30):
        staff = b.make_staff(years.city, f"職員 {number}")
        b.make_posting(staff, years.kiban)
        confirmed(staff, years.cycle, {POLICY: number % 5})
    with django_assert_max_num_queries(15) as many:
        page_of(client, years.ka)
    assert len(few) == len(many)
