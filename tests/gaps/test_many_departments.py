"""The tree where there are more departments than a page holds (docs/adr/0074)."""

import importlib

from django.urls import reverse

from tests.gaps.records import POLICY, need

URL = "/departments/"
# The names of these modules in their package are those of the views.
DEPARTMENTS, OVERVIEW = (
    importlib.import_module(f"gaps.views.{name}") for name in ("departments", "overview")
)


def names(page):
    return [row.name for row in page.context["tree"].rows]


def test_a_page_repeats_what_stands_above_and_the_sum_once(sign_in, section, monkeypatch):
    monkeypatch.setattr(DEPARTMENTS, "UNITS_A_PAGE", 3)
    client = sign_in("jinji")
    assert names(client.get(URL)) == ["全庁", "政策経営部", "デジタル推進課", "情報政策係"]
    second = client.get(URL, {"page": 2})
    assert names(second) == ["政策経営部", "デジタル推進課", "基盤係", "総務部", "人事課"]
    assert [row.depth for row in second.context["tree"].rows] == [0, 1, 2, 0, 1]
    assert "全2ページ、6件" in second.content.decode()


def test_they_are_found_by_name_and_code(sign_in, section, monkeypatch):
    monkeypatch.setattr(DEPARTMENTS, "UNITS_A_PAGE", 3)
    client = sign_in("jinji")
    found = client.get(URL, {"q": "基盤"})
    assert names(found) == ["政策経営部", "デジタル推進課", "基盤係"]
    assert "「基盤」に合う所属が1あります" in found.content.decode()
    assert "基盤係" in names(client.get(URL, {"q": section.kiban.code}))
    nothing = client.get(URL, {"q": "水道"}).content.decode()
    assert "「水道」に合う所属はありません" in nothing
    # The line finds below what it leads, and is not told of anything else.
    assert names(sign_in("kacho").get(URL, {"q": "係"})) == ["デジタル推進課", "情報政策係", "基盤係"]
    assert names(sign_in("kacho").get(URL, {"q": "人事"})) == []


def test_where_all_stand_on_one_page_nobody_has_to_look(sign_in, section):
    page = sign_in("jinji").get(URL).content.decode()
    assert 'name="q"' not in page
    assert "ページ目" not in page


def test_a_report_shows_those_right_below_where_there_are_many(sign_in, section, monkeypatch):
    monkeypatch.setattr(DEPARTMENTS, "MOST_BELOW", 2)
    page = sign_in("jinji").get(reverse("gaps:department", args=[section.bu.uuid]))
    assert [row.name for row in page.context["below"].rows] == ["デジタル推進課"]
    assert "ほかの2の所属は" in page.content.decode()


def test_the_overview_shows_the_highest_where_there_are_many(sign_in, section, monkeypatch):
    need(section.jinjika, section.cycle, {POLICY: 1})
    client = sign_in("jinji")
    whole = client.get("/overview/")
    monkeypatch.setattr(OVERVIEW, "MOST_UNITS", 4)
    page = client.get("/overview/")
    assert sorted(names(page)) == sorted(["全庁", "政策経営部", "総務部"])
    # The figure above still counts all of them.
    assert page.context["figures"][3] == whole.context["figures"][3]
    assert "ほかの2の所属は" in page.content.decode()
