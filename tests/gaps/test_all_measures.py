"""対応方針 of all departments for 人事 (P33o), and the files of a list."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.export_kind import Wish, export_kinds
from assessments.models import Cycle
from audit.models import Event
from gaps.measures_page import costs_by_year
from lib import fiscal
from lib.tabular import read_table
from tests import builders as b
from tests.gaps.records import ANALYSIS, POLICY, measure, need

URL = "/measures/"
KINDS = ["csv", "xlsx"]
TODAY = timezone.localdate()
YESTERDAY = TODAY - datetime.timedelta(days=1)
HEADER = [
    "所属コード", "所属名", "項目", "項目コード", "決めた年度", "決めたときの状態", "いまの状態", "状態の変化",
    "方針", "すること", "理由", "育成する職員", "担当", "期限", "費用（円）", "進み", "結果",
]  # fmt: skip


def body(response):
    return response.content.decode().split("<main", 1)[1]


def of_all(kind, query=""):
    return f"/measures/measures.{kind}{query}"


def of_place(department, kind):
    return reverse(f"gaps:department_measures_{kind}", args=[department.uuid])


def lines(response, kind):
    table = read_table(response.content, filename=f"x.{kind}")
    assert table.header == HEADER
    return [dict(zip(table.header, row.cells, strict=True)) for row in table.rows]


def texts(response):
    return [row.line.text for row in response.context["rows"]]


@pytest.fixture
def decided(section, last_cycle):
    """Measures of three departments and two years, one late, one done, one of a foreign city."""
    measure(
        section.ka, last_cycle, POLICY, text="続ける", owner=section.kakari, due=YESTERDAY, cost=100_000,
        decided_status="none", state="ongoing",
    )  # fmt: skip
    measure(
        section.kakari_dept, section.cycle, ANALYSIS, section.honnin, kind="train", text="研修",
        due=datetime.date(2027, 6, 30), cost=1_200_000, decided_status="unset",
    )  # fmt: skip
    measure(section.jinjika, section.cycle, POLICY, kind="none", text="", reason="県に移る")
    measure(section.ka, section.cycle, ANALYSIS, text="済み", state="done", cost=7, decided_status="ok")
    measure(section.foreign_department, section.foreign_cycle, POLICY, text="よその方針")
    return section


def test_it_works(sign_in, decided):
    page = sign_in("jinji").get(URL)
    text = body(page)
    assert page.status_code == 200
    assert texts(page) == ["続ける", "研修", "県に移る"]
    first = page.context["rows"][0]
    assert (first.place, first.year, first.outcome.label, first.line.overdue) == (
        "デジタル推進課", "令和7年度", "改善", True,
    )  # fmt: skip
    assert "過ぎています" in text
    assert "3件あります。終わっていないものの費用は、合わせて1,300,000円です。" in text
    assert page.context["costs"] == [
        (fiscal.label(fiscal.fiscal_year(YESTERDAY)), 100_000),
        ("令和9年度（2027年度）", 1_200_000),
    ]
    assert "よその方針" not in text
    assert text.count("button primary") == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?state=all", ["続ける", "済み", "研修", "県に移る"]),
        ("?state=done", ["済み"]),
        ("?state=ongoing", ["続ける"]),
        ("?kind=train", ["研修"]),
        ("?overdue=1", ["続ける"]),
        ("?state=done&overdue=1", []),
        ("?state=x&kind=y&department=z", ["続ける", "研修", "県に移る"]),
    ],
)
def test_filters(sign_in, decided, query, found):
    page = sign_in("jinji").get(URL + query)
    assert sorted(texts(page)) == sorted(found)


def test_a_department_with_those_below(sign_in, decided):
    client = sign_in("jinji")
    assert texts(client.get(f"{URL}?department={decided.bu.uuid}")) == ["続ける", "研修"]
    assert texts(client.get(f"{URL}?department={decided.kakari_dept.uuid}")) == ["研修"]
    foreign = client.get(f"{URL}?department={decided.foreign_department.uuid}")
    assert len(texts(foreign)) == 3


def test_nothing_is_there_yet(sign_in, world):
    assert "あてはまる対応方針はありません。" in body(sign_in("jinji").get(URL))
    Cycle.objects.filter(pk=world.cycle.pk).update(state="prepared", opened_at=None)
    client = sign_in("jinji")
    assert "受付を始めた年度がまだありません。" in body(client.get(URL))
    assert client.get(of_all("csv")).status_code == 409


@pytest.mark.parametrize("who", ["kacho", "bucho", "honnin", "kansa", "henshu", "sysadmin"])
def test_nobody_but_hr(sign_in, decided, who):
    client = sign_in(who)
    for address in (URL, of_all("csv"), of_all("xlsx")):
        assert client.get(address).status_code == 403


def test_fifty_a_page_and_no_more_queries(sign_in, decided, django_assert_max_num_queries):
    client = sign_in("jinji")
    with django_assert_max_num_queries(15) as few:
        client.get(URL)
    for number in range(60):
        place = b.make_department(decided.city, f"第{number}課", parent=decided.bu)
        staff = b.make_staff(decided.city, f"職員 {number}")
        b.make_posting(staff, place)
        need(place, decided.cycle, {POLICY: 1})
        measure(place, decided.cycle, POLICY, owner=staff, due=TODAY)
    with django_assert_max_num_queries(15) as many:
        page = client.get(URL + "?kind=expert")
    assert len(many) == len(few)
    assert len(page.context["rows"]) == 50
    assert "kind=expert&amp;page=2" in body(page)


def test_costs_stand_by_the_year_in_which_they_are_due():
    rows = [
        (None, 5), (datetime.date(2027, 3, 31), 10), (datetime.date(2027, 4, 1), 20),
        (datetime.date(2026, 4, 1), 1), (datetime.date(2028, 1, 1), None),
    ]  # fmt: skip
    assert costs_by_year(rows) == [
        ("令和8年度（2026年度）", 11), ("令和9年度（2027年度）", 20), ("期限なし", 5),
    ]  # fmt: skip


# --- files


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_holds_what_the_list_shows(sign_in, decided, kind):
    client = sign_in("jinji")
    answer = client.get(of_all(kind, "?kind=train"))
    assert answer.status_code == 200
    (row,) = lines(answer, kind)
    assert row == dict(
        zip(
            HEADER,
            [
                "010101", "情報政策係", "庁内情報化｜業務分析", ANALYSIS, "2026", "必要人数が未設定",
                "必要人数が未設定", "", "育成", "研修", "", "山﨑 美咲（「独力でできる」まで）", "", "2027-06-30",
                "1200000", "予定", "",
            ],
            strict=True,
        )
    )  # fmt: skip
    assert len(lines(client.get(of_all(kind, "?state=all")), kind)) == 4
    events = Event.objects.filter(action="export.measures").order_by("pk")
    sent_as = {"csv": "utf-8-sig"}.get(kind, kind)
    assert [event.data for event in events] == [
        {"rows": 1, "format": sent_as, "filter": {"kind": "train"}},
        {"rows": 4, "format": sent_as, "filter": {"state": "all"}},
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_the_line_takes_its_own_with_those_below(sign_in, decided, kind):
    answer = sign_in("kacho").get(of_place(decided.ka, kind))
    assert [row["すること"] for row in lines(answer, kind)] == ["続ける", "済み", "研修"]
    event = Event.objects.get(action="export.measures")
    assert event.object_uuid == decided.ka.uuid
    below = sign_in("kakari").get(of_place(decided.kakari_dept, kind))
    assert [row["すること"] for row in lines(below, kind)] == ["研修"]


@pytest.mark.parametrize("kind", KINDS)
def test_who_sees_no_names_gets_no_file(sign_in, decided, kind):
    for who in ("honnin", "kansa", "henshu"):
        answer = sign_in(who).get(of_place(decided.kakari_dept, kind))
        assert answer.status_code == 302
    assert sign_in("kakari").get(of_place(decided.ka, kind)).status_code == 404
    assert not Event.objects.filter(action="export.measures").exists()


def test_what_cp932_cannot_carry_is_shown_first(sign_in, decided):
    client = sign_in("jinji")
    answer = client.get(of_all("csv", "?kind=expert&encoding=cp932"))
    text = body(answer)
    assert answer.status_code == 422
    assert "𠮷" in text
    assert 'href="/measures/measures.csv?kind=expert&amp;encoding=cp932&amp;replace=1"' in text
    assert not Event.objects.filter(action="export.measures").exists()
    replaced = client.get(of_all("csv", "?kind=expert&encoding=cp932&replace=1"))
    assert replaced.status_code == 200
    replaced.content.decode("cp932")


@pytest.mark.parametrize(("who", "seen"), [
    ("jinji", {"続ける", "研修", "", "済み"}), ("kacho", {"続ける", "研修", "済み"}), ("kakari", {"研修"}),
])  # fmt: skip
def test_the_export_holds_what_one_leads(decided, who, seen):
    table = export_kinds()["measures"].table(b.actor_of(getattr(decided, who)), Wish(decided.cycle))
    at = table.header.index("すること")
    assert {row[at] for row in table.rows()} == seen
    assert table.count() == len(seen)
