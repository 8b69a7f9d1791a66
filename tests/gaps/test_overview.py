"""全庁のようす for 人事 (P16, P33)."""

import datetime

import pytest
from django.utils import timezone

from assessments.models import Cycle, Sheet
from gaps.progress import progress_of
from organization.models import ImportBatch, Staff
from tests import builders as b
from tests.assessments.sheets import in_state
from tests.gaps.records import ANALYSIS, POLICY, TALKING, confirmed, measure, need, waiting

URL = "/overview/"
State = Sheet.State
TODAY = timezone.localdate()


def handed_out(world, *names):
    for name in names:
        staff = getattr(world, name)
        b.make_sheet(staff, world.cycle, staff.postings.first().department)


@pytest.fixture
def year(section):
    """Ten people with a sheet: 3 confirmed, 1 waiting, 1 drafting, 5 not started."""
    handed_out(section, "bucho", "betsuka", "jinji", "henshu", "kansa", "sysadmin")
    waiting(section.bucho, section.cycle)
    in_state(Sheet.objects.get(staff=section.henshu), State.DRAFTING)
    return section


def body(response):
    return response.content.decode().split("<main", 1)[1]


def test_it_works(sign_in, year):
    page = sign_in("jinji").get(URL)
    text = body(page)
    assert page.status_code == 200
    assert "10人のうち4人が提出し、3人が確定しました。" in text
    assert "総務部は全員が未着手です。" in text
    figures = [(figure.value, figure.unit, figure.hint) for figure in page.context["figures"]]
    assert figures == [
        ("4", "／ 10人", "40%"),
        ("3", "／ 10人", "確認待ち 1人（1つの所属）"),
        ("6", "人", "記入中 1人、未着手 5人"),
        ("2", "か所", "全員が未評価の所属を除く"),
    ]


def test_progress_by_department(sign_in, year):
    chart = sign_in("jinji").get(URL).context["chart"]
    assert [(row.name, row.values) for row in chart.rows] == [
        ("全庁", (3, 1, 1, 5)),
        ("政策経営部", (3, 1, 1, 2)),
        ("　デジタル推進課", (3, 0, 1, 2)),
        ("総務部", (0, 0, 0, 3)),
        ("　人事課", (0, 0, 0, 2)),
    ]
    assert [series.label for series in chart.series] == ["確定", "確認待ち", "記入中", "未着手"]


def test_who_has_not_handed_in_is_named_with_the_state_alone(sign_in, year):
    page = sign_in("jinji").get(URL)
    listed = [(sheet.name, sheet.state.label) for sheet in page.context["page_obj"]]
    assert sorted(listed) == sorted(
        [
            ("山﨑 美咲", "未着手"),
            ("石井 大輔", "記入中"),
            ("松本 圭", "未着手"),
            ("森 健太", "未着手"),
            ("大橋 香織", "未着手"),
            ("清水 綾", "未着手"),
        ]
    )
    assert "下書きの文章" not in body(page)


def test_sent_back_is_with_the_person_again(year):
    sheet = Sheet.objects.get(staff=year.bucho)
    Sheet.objects.filter(pk=sheet.pk).update(state=State.SENT_BACK)
    assert progress_of(year.cycle, TODAY).total == (3, 0, 2, 5)
    Sheet.objects.filter(pk=sheet.pk).update(state=State.FIRST_CONFIRMED)
    assert progress_of(year.cycle, TODAY).total == (3, 1, 1, 5)


def test_who_left_is_no_longer_waited_for(sign_in, year):
    Staff.objects.filter(pk=year.betsuka.pk).update(left_on=TODAY)
    assert "9人のうち4人が提出し" in body(sign_in("jinji").get(URL))
    later = TODAY + datetime.timedelta(days=1)
    Staff.objects.filter(pk=year.betsuka.pk).update(left_on=later)
    assert "10人のうち4人が提出し" in body(sign_in("jinji").get(URL))


def test_the_tree_holds_departments_down_to_the_section(sign_in, year):
    tree = sign_in("jinji").get(URL).context["tree"]
    assert [(row.name, row.css, row.depth) for row in tree.rows] == [
        ("全庁", "total", 0),
        ("政策経営部", "division", 1),
        ("デジタル推進課", "", 2),
        ("総務部", "division", 1),
        ("人事課", "", 2),
    ]


def test_when_all_is_done_it_says_so(sign_in, world):
    confirmed(world.honnin, world.cycle)
    page = sign_in("jinji").get(URL)
    assert "1人全員が確定しました。" in body(page)
    assert "全員が提出しました。" in body(page)


def test_nobody_has_a_sheet_yet(sign_in, world):
    Sheet.objects.filter(cycle=world.cycle).delete()
    assert "年度票のある職員はまだいません。" in body(sign_in("jinji").get(URL))


@pytest.mark.parametrize(
    ("due", "words"), [(3, "あと3日"), (0, "今日まで"), (-1, "締切を過ぎています"), (None, "")]
)
def test_the_days_that_are_left(sign_in, world, due, words):
    if due is None:
        Cycle.objects.filter(pk=world.cycle.pk).update(state="closed", closed_at=timezone.now())
        assert "締切 " not in body(sign_in("jinji").get(URL))
        return
    day = TODAY + datetime.timedelta(days=due)
    Cycle.objects.filter(pk=world.cycle.pk).update(
        starts_on=day, submit_by=day, confirm_by=day + datetime.timedelta(days=30)
    )
    assert words in body(sign_in("jinji").get(URL))


def test_before_the_first_year(sign_in, world):
    Cycle.objects.filter(municipality=world.city).update(state="prepared", opened_at=None)
    assert "受付を始めた年度がまだありません。" in body(sign_in("jinji").get(URL))


def test_the_last_files_that_came_in(sign_in, world):
    def batch(municipality, name, day):
        return ImportBatch.objects.create(
            municipality=municipality, kind="roster", file_name=name, sha256="0" * 64,
            uploaded_at=datetime.datetime(2026, 4, day, tzinfo=datetime.UTC), content=b"x" * 1000,
        )  # fmt: skip

    for number in range(1, 8):
        batch(world.city, f"meibo-{number}.csv", number)
    batch(world.other_city, "foreign.csv", 9)
    page = sign_in("jinji").get(URL)
    assert [one.file_name for one in page.context["imports"]] == [f"meibo-{n}.csv" for n in (7, 6, 5, 4, 3)]
    assert "foreign.csv" not in body(page)


@pytest.mark.parametrize("who", ["honnin", "kakari", "kacho", "bucho", "henshu", "kansa", "sysadmin"])
def test_it_is_for_hr_alone(sign_in, world, who):
    assert sign_in(who).get(URL).status_code == 403


def test_wrong_method(sign_in, world):
    assert sign_in("jinji").post(URL).status_code == 405


def test_another_municipality_is_not_counted(sign_in, year):
    confirmed(year.yoso, year.foreign_cycle, {POLICY: 3})
    text = body(sign_in("jinji").get(URL))
    assert "10人のうち" in text
    assert "他部署" not in text


def test_a_long_list_has_pages_and_no_more_queries(sign_in, year, django_assert_max_num_queries):
    client = sign_in("jinji")
    with django_assert_max_num_queries(15) as few:
        client.get(URL)
    for number in range(60):
        staff = b.make_staff(year.city, f"職員 {number:02}")
        b.make_posting(staff, year.kiban)
        b.make_sheet(staff, year.cycle, year.kiban)
    with django_assert_max_num_queries(15) as many:
        page = client.get(URL)
    assert len(few) == len(many)
    assert len(page.context["page_obj"]) == 50
    assert page.context["not_handed_in"] == 66


def test_departments_with_more_lacking_come_first_among_their_siblings(sign_in, year):
    client = sign_in("jinji")
    kikaku = b.make_department(year.city, "企画政策課", parent=year.bu, code="010050")
    b.make_posting(b.make_staff(year.city, "井上 涼"), kikaku)
    need(kikaku, year.cycle, {POLICY: 1})
    need(year.jinjika, year.cycle, {POLICY: 1, ANALYSIS: 1, TALKING: 1})

    def names(**query):
        return [row.name for row in client.get(URL, query).context["tree"].rows]

    assert names(order="tree") == ["全庁", "政策経営部", "企画政策課", "デジタル推進課", "総務部", "人事課"]
    # 総務部 lacks three cells, 政策経営部 two; デジタル推進課 two, 企画政策課 one.
    assert names() == ["全庁", "総務部", "人事課", "政策経営部", "デジタル推進課", "企画政策課"]
    assert "組織の順に並べる" in body(client.get(URL))


def test_measures_whose_date_has_passed_stand_apart(sign_in, year):
    assert "期限を過ぎたものはありません。" in body(sign_in("jinji").get(URL))
    for days in range(12):
        measure(
            year.ka, year.cycle, POLICY, text=f"{days}日おくれ", due=TODAY - datetime.timedelta(days=days)
        )
    measure(year.ka, year.cycle, POLICY, due=TODAY - datetime.timedelta(days=9), state="done", text="済み")
    page = sign_in("jinji").get(URL)
    text = body(page)
    # Today is not late; the oldest come first.
    assert "11件の期限が過ぎています。古いものから10件を出しています。" in text
    assert [row.text for row in page.context["overdue"]][::9] == ["11日おくれ", "2日おくれ"]
    assert 'href="/measures/?overdue=1"' in text
    assert "済み" not in text
