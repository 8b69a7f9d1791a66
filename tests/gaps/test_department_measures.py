"""対応方針 in the gap report of a department."""

import pytest
from django.urls import reverse

from tests.gaps.measure_forms import body
from tests.gaps.records import PLANNING, POLICY, measure, need


def url(department):
    return reverse("gaps:department", args=[department.uuid])


def test_what_is_decided_about_the_gaps_stands_in_the_report(sign_in, section):
    measure(section.ka, section.cycle, POLICY, text="改定を2人で行う", owner=section.kakari)
    text = body(sign_in("kacho").get(url(section.ka)))
    assert "足りない4項目のうち1項目は方針が決まっています。" in text
    assert "改定を2人で行う" in text
    assert "未決定の3項目の方針を決める</a>" in text
    assert text.count("button primary") == 1
    below = body(sign_in("kakari").get(url(section.kakari_dept)))
    assert "改定を2人で行う" not in below


def test_who_leads_without_deciding_sees_them_without_a_way_to_change(sign_in, section):
    need(section.kakari_dept, section.cycle, {POLICY: 2, PLANNING: 1})
    measure(section.kakari_dept, section.cycle, POLICY, text="県に頼む")
    text = body(sign_in("kakari").get(url(section.kakari_dept)))
    assert "県に頼む" in text
    assert "まだ決まっていません。" in text
    assert "/measures/new/" not in text
    assert "項目の方針を決める" not in text
    assert text.count("button primary") == 1


@pytest.mark.parametrize("who", ["honnin", "kansa", "henshu"])
def test_who_sees_no_names_sees_no_measures(sign_in, section, who):
    need(section.kakari_dept, section.cycle, {POLICY: 2})
    measure(section.kakari_dept, section.cycle, POLICY, text="県に頼む", owner=section.kakari)
    page = sign_in(who).get(url(section.kakari_dept))
    assert page.context["section"] is None
    assert "県に頼む" not in body(page)
    assert "対応方針" not in body(page)
