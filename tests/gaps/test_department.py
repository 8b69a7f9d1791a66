"""The gap report, as each kind of person sees it (P16)."""

import datetime
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Cycle
from gaps.models import Need
from organization.models import Posting
from tests import builders as b
from tests.gaps.records import (
    ANALYSIS,
    PLANNING,
    POLICY,
    RUNNING,
    TALKING,
    confirmed,
    external,
    measure,
    need,
    rule,
    waiting,
)

PEOPLE = ["髙橋 誠一", "𠮷田 由紀子", "小林 健", "山﨑 美咲", "石井 大輔", "松本 圭"]
FAMILIES = [name.split(" ")[0] for name in PEOPLE]


def url(department, query=""):
    return reverse("gaps:department", args=[department.uuid]) + query


def body(response):
    """Return the page without the menu, in which the reader's own name stands."""
    return response.content.decode().split("<main", 1)[1]


def tiles(response):
    return {
        tile.code: tile
        for group in response.context["matrix"]
        for row in group.rows
        for slot in row.slots
        for tile in slot
    }


def test_it_works(sign_in, section):
    page = sign_in("kacho").get(url(section.ka))
    text = body(page)
    assert page.status_code == 200
    assert "必要な5項目のうち、1項目は足りています。3項目は、できる人が1人以下です。" in text
    assert page.context["sight"] == "names"
    found = tiles(page)
    assert (found[POLICY].word, found[POLICY].names, found[POLICY].tail) == ("一人依存", ("𠮷田",), "だけ")
    assert (found[ANALYSIS].count, found[ANALYSIS].of, found[ANALYSIS].word) == ("3", "／ 2人", "充足")
    assert (found[PLANNING].word, found[PLANNING].word_note) == ("不在", "（未評価3人）")
    assert "6人中3人は今年度の値です。3人は未評価です（0とは数えません）。" in text
    assert "段階の位置は要確認" in text
    assert all(name in text for name in PEOPLE)


def test_the_ones_to_look_after_first(sign_in, section):
    items = sign_in("kacho").get(url(section.ka)).context["urgent"]
    assert [(item.word, item.name) for item in items] == [
        ("不在", "庁内情報化｜企画立案"),
        ("不在", "システムの運用管理（中級）"),
        ("一人依存", "セキュリティポリシー｜策定管理"),
        ("不足", "コミュニケーション"),
    ]
    assert items[2].nearest == ("髙橋",)


@pytest.mark.parametrize("who", ["jinji", "bucho"])
def test_hr_and_the_head_above_see_names(sign_in, section, who):
    page = sign_in(who).get(url(section.ka))
    assert page.context["sight"] == "names"
    assert "𠮷田" in body(page)


def test_the_line_of_a_part_sees_that_part_alone(sign_in, section):
    client = sign_in("kakari")
    assert client.get(url(section.kakari_dept)).context["sight"] == "names"
    assert client.get(url(section.kiban)).status_code == 404
    assert client.get(url(section.ka)).status_code == 404


def test_staff_see_their_own_department_without_names(sign_in, section):
    Posting.objects.filter(staff=section.honnin).update(department=section.ka)
    page = sign_in("honnin").get(url(section.ka))
    assert page.context["sight"] == "counts"
    assert tiles(page)[POLICY].count == "1"
    text = body(page)
    assert not any(family in text for family in FAMILIES)
    assert page.context["people"] == []
    assert "職員</h2>" not in text
    # Of the departments below only those the person belongs to.
    assert page.context["below"] is None


def test_staff_of_a_small_unit_see_words_without_counts(sign_in, section):
    need(section.kakari_dept, section.cycle, {POLICY: 2, ANALYSIS: 2, PLANNING: 1})
    page = sign_in("honnin").get(url(section.kakari_dept))
    assert page.context["sight"] == "words"
    found = tiles(page)
    assert (found[POLICY].word, found[POLICY].count, found[POLICY].of, found[POLICY].pips) == (
        "一人依存", "", "", (),
    )  # fmt: skip
    assert found[PLANNING].word_note == ""
    text = body(page)
    assert not any(family in text for family in FAMILIES)
    assert "／ 3人" not in text
    assert "5人未満の所属のため、人数は出しません" in text


def test_a_colleague_elsewhere_meets_nothing(sign_in, section):
    client = sign_in("betsuka")
    missing = client.get(url(section.ka).replace(str(section.ka.uuid), str(uuid.uuid4())))
    other = client.get(url(section.ka))
    assert other.status_code == missing.status_code == 404
    assert other.content == missing.content


@pytest.mark.parametrize("who", ["jinji", "kacho", "kansa", "henshu"])
def test_another_municipality_is_as_nothing(sign_in, section, who):
    assert sign_in(who).get(url(section.foreign_department)).status_code == 404


def test_a_bad_id_and_a_wrong_method(sign_in, section):
    client = sign_in("kacho")
    assert client.get("/departments/x/").status_code == 404
    assert client.post(url(section.ka)).status_code == 405


@pytest.mark.parametrize("who", ["kansa", "henshu"])
def test_editors_and_auditors_see_bands_and_no_names(sign_in, section, who):
    for number in range(6):
        staff = b.make_staff(section.city, f"外部 {number}")
        b.make_posting(staff, section.bu)
        confirmed(staff, section.cycle, {TALKING: 3})
    page = sign_in(who).get(url(section.bu))
    assert page.context["sight"] == "bands"
    found = tiles(page)
    assert (found[POLICY].count, found[POLICY].word) == ("5人未満", "")
    assert (found[PLANNING].count, found[PLANNING].word) == ("5人未満", "")
    assert (found[TALKING].count, found[TALKING].word) == ("5〜9人", "充足")
    text = body(page)
    assert not any(family in text for family in [*FAMILIES, "外部"])
    assert (page.context["figures"], page.context["urgent"], page.context["people"]) == ([], [], [])
    assert page.context["trend"] is None


def test_an_auditor_sees_their_own_department_as_staff_do(sign_in, section):
    assert sign_in("kansa").get(url(section.soumu)).context["sight"] == "words"


def test_self_only_stands_apart_until_the_switch(sign_in, section, last_cycle):
    confirmed(section.honnin, last_cycle, {POLICY: 2})
    waiting(section.honnin, section.cycle, {POLICY: 3})
    client = sign_in("kacho")
    page = client.get(url(section.ka))
    assert tiles(page)[POLICY].apart == ("自己のみ 山﨑",)
    assert (tiles(page)[POLICY].count, tiles(page)[POLICY].word) == ("1", "一人依存")
    assert 'href="?self=1"' in body(page)
    switched = client.get(url(section.ka, "?self=1"))
    assert (tiles(switched)[POLICY].count, tiles(switched)[POLICY].word) == ("2", "充足")
    assert "自己のみを含む" in body(switched)


def test_who_is_not_counted_is_shown_apart(sign_in, section):
    b.make_leave(section.dourei)
    external(section.ka, section.cycle, {PLANNING: 1})
    text = body(sign_in("kacho").get(url(section.ka)))
    assert "休職・育休の小林 健さんは数えていません。" in text
    assert "委託で常駐する人は数えていません。" in text
    assert "休職・育休中（数えない）" in text


def test_people_of_two_posts_are_listed_once_with_both(sign_in, section):
    b.make_posting(section.honnin, section.kiban, kind=Posting.Kind.ADDITIONAL)
    rows = sign_in("kacho").get(url(section.ka)).context["people"]
    (row,) = [row for row in rows if row.person.id == section.honnin.pk]
    assert (row.place, row.note) == ("情報政策係、基盤係", "")


@pytest.mark.parametrize(
    ("kind", "word"), [("additional", "兼務"), ("seconded", "派遣"), ("acting", "事務取扱")]
)
def test_a_person_without_a_main_post_here_is_named_by_the_kind_of_post(sign_in, section, kind, word):
    b.make_posting(section.betsuka, section.kiban, kind=kind, end=datetime.date(2099, 4, 1))
    rows = sign_in("kacho").get(url(section.ka)).context["people"]
    assert [row.note for row in rows if row.person.id == section.betsuka.pk] == [word]


def test_the_state_of_each_is_what_the_line_may_know(sign_in, section, last_cycle):
    confirmed(section.honnin, last_cycle)
    waiting(section.honnin, section.cycle)
    rows = {row.person.name: row for row in sign_in("kacho").get(url(section.ka)).context["people"]}
    assert (rows["山﨑 美咲"].value, rows["山﨑 美咲"].state) == ("令和7年度", "確認待ち")
    assert (rows["𠮷田 由紀子"].value, rows["𠮷田 由紀子"].state) == ("今年度", "確定")
    assert (rows["石井 大輔"].value, rows["石井 大輔"].state) == ("未評価", "未提出")


def test_the_departments_below_follow(sign_in, section):
    need(section.kiban, section.cycle, {POLICY: 1})
    rows = sign_in("kacho").get(url(section.ka)).context["below"].rows
    assert [(row.name, row.message) for row in rows] == [
        ("情報政策係", "必要人数が未設定"),
        ("基盤係", "未評価（2人全員に確定した記録がありません）"),
    ]


def test_the_last_years(sign_in, section, last_cycle):
    confirmed(section.kakari, last_cycle, {POLICY: 3})
    need(section.ka, last_cycle, {POLICY: 1, PLANNING: 1})
    page = sign_in("kacho").get(url(section.ka))
    rows = {row.label: row.values for row in page.context["trend"].rows}
    assert rows == {"令和7": (0, 0, 1, 1), "令和8": (1, 1, 1, 2)}
    assert "昨年度から 1 増えた" in body(page)


def test_a_department_of_one_says_so(sign_in, world):
    alone = b.make_department(world.city, "出張所", parent=world.bu)
    staff = b.make_staff(world.city, "一人 太郎")
    b.make_posting(staff, alone)
    confirmed(staff, world.cycle, {POLICY: 4})
    need(alone, world.cycle, {POLICY: 1})
    text = body(sign_in("jinji").get(url(alone)))
    assert "この所属は1人体制です。" in text
    assert "1人体制</span>" in text
    assert "1人体制のため、この人が休むと" in text
    assert "抜けた後を試す" not in text


def test_without_needs_it_says_what_to_do(sign_in, world):
    page = sign_in("kacho").get(url(world.ka))
    text = body(page)
    assert "必要人数が未設定です。" in text
    assert f'class="button primary" href="{reverse("gaps:needs", args=[world.ka.uuid])}"' in text
    # The 係長 sets no needs.
    assert "gaps:needs" not in body(sign_in("kakari").get(url(world.kakari_dept)))
    assert "必要人数を決める" not in body(sign_in("kakari").get(url(world.kakari_dept)))


def test_before_the_first_year_there_is_nothing_to_count(sign_in, world):
    Cycle.objects.filter(municipality=world.city).update(state="prepared", opened_at=None)
    page = sign_in("kacho").get(url(world.ka))
    assert "受付を始めた年度がまだないため" in body(page)


def test_of_several_years_the_newest_open_one(sign_in, world):
    b.make_cycle(world.city, world.version, fiscal_year=2027, state="closed")
    assert sign_in("kacho").get(url(world.ka)).context["cycle"] == world.cycle
    Cycle.objects.filter(pk=world.cycle.pk).update(state="closed", closed_at=timezone.now())
    assert sign_in("kacho").get(url(world.ka)).context["cycle"].fiscal_year == 2027


def test_a_transfer_takes_the_person_out_of_the_report(sign_in, section):
    today = timezone.localdate()
    Posting.objects.filter(staff=section.kakari).update(end=today)
    b.make_posting(section.kakari, section.jinjika, start=today)
    text = body(sign_in("kacho").get(url(section.ka)))
    assert "𠮷田" not in text
    Posting.objects.filter(staff=section.kakari, end=today).update(end=today + datetime.timedelta(days=1))
    assert "𠮷田" in body(sign_in("kacho").get(url(section.ka)))


def test_as_many_queries_at_eight_people_as_at_eighty(
    sign_in, section, last_cycle, django_assert_max_num_queries
):
    need(section.ka, last_cycle, {POLICY: 1})
    client = sign_in("kacho")
    counted = []
    for more in (2, 72):
        for number in range(more):
            staff = b.make_staff(section.city, f"職員 {more}-{number}")
            b.make_posting(staff, section.kiban)
            confirmed(staff, section.cycle, {POLICY: number % 5})
            measure(section.ka, section.cycle, PLANNING, owner=staff)
        with django_assert_max_num_queries(15) as queries:
            page = client.get(url(section.ka))
        counted.append(len(queries))
    assert page.context["matrix"][0].tiles[0].count
    assert counted[0] == counted[1]


@pytest.mark.parametrize("who", ["honnin", "kansa"])
def test_who_sees_no_counts_cannot_switch_to_self_only(sign_in, section, who):
    need(section.kakari_dept, section.cycle, {PLANNING: 1})
    waiting(section.honnin, section.cycle, {PLANNING: 3})
    client = sign_in(who)
    plain, switched = (client.get(url(section.kakari_dept, query)) for query in ("", "?self=1"))
    assert tiles(switched)[PLANNING] == tiles(plain)[PLANNING]
    assert "自己のみを含む" not in body(switched)


def test_who_counts_by_choice_is_said_too(sign_in, section):
    section.dourei.employment = "fiscal_year"
    section.dourei.save(update_fields=["employment"])
    client = sign_in("kacho")
    text = body(client.get(url(section.ka)))
    assert "会計年度任用の小林 健さんは数えていません。" in text
    assert "別掲（数えない）" in text
    rule(section.ka, section.cycle, fiscal_year_staff=True, counts_external=True)
    external(section.ka, section.cycle, {PLANNING: 1})
    text = body(client.get(url(section.ka)))
    assert "会計年度任用の職員も数えています。" in text
    assert "委託で常駐する人も数えています。" in text
    assert "別掲（数えない）" not in text


def test_tiles_and_gaps_lead_to_the_cell_for_those_who_see_names(sign_in, section):
    address = reverse("gaps:cell", args=[section.ka.uuid, section.cells[0].uuid])
    page = sign_in("kacho").get(url(section.ka))
    assert tiles(page)[POLICY].url == address
    assert body(page).count(f'href="{address}"') == 3  # the tile, what to look after first, the warning
    assert '<span class="hidden">セキュリティポリシー｜策定管理</span></a>' in body(page)
    for who, place in (("honnin", section.kakari_dept), ("kansa", section.ka)):
        assert "/cells/" not in body(sign_in(who).get(url(place)))


def test_who_if_they_left_would_leave_a_cell_empty(sign_in, section):
    Need.objects.filter(department=section.ka, cell__code=RUNNING).update(count=1)
    page = sign_in("kacho").get(url(section.ka))
    (row,) = page.context["keystones"]
    assert row.person.name == "𠮷田 由紀子"
    assert [(line.name, line.cover) for line in row.cells] == [
        ("セキュリティポリシー｜策定管理", "近いのは 髙橋（2 支援があればできる）"),
        ("システムの運用管理（初級）", "近いのは 小林（2 支援があればできる）"),
    ]
    assert "𠮷田 由紀子さんが抜けると、2項目で「できる人」がいなくなります。" in body(page)
    for who, place in (("honnin", section.kakari_dept), ("kansa", section.ka)):
        assert "抜けると困ること" not in body(sign_in(who).get(url(place)))


def test_the_page_says_when_on_whom_and_from_what_it_was_worked_out(sign_in, section, last_cycle):
    confirmed(section.honnin, last_cycle, {POLICY: 2})
    waiting(section.honnin, section.cycle, {POLICY: 3})
    client = sign_in("kacho")
    now = timezone.localtime()
    text = body(client.get(url(section.ka)))
    assert f"令和{now.year - 2018}年{now.month}月{now.day}日 " in text
    assert (
        "在籍する6人を数え、確定した段階だけで計算しています。6人中3人は今年度、1人は昨年度の値です。" in text
    )
    switched = body(client.get(url(section.ka, "?self=1")))
    assert "確定した段階に、確認を待っている「自己のみ」の段階を加えて計算しています。" in switched
    words = body(sign_in("honnin").get(url(section.kakari_dept)))
    assert "在籍する職員を数え、確定した段階だけで計算しています。" in words
