"""事務分掌表 as a file: shown before it is taken, taken as it was shown, refused whole (P17d)."""

import io

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from assessments.models import Cycle
from audit.models import Event
from competency.models import DutyAssignment, DutyPlan
from lib.tabular import Sheet, read_table, write_xlsx
from organization.models import Posting
from tests import builders as b
from tests.gaps.assigned import assign, make_duty, make_plan, shares_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def office(world):
    """Return the world with two duties of the 課, and one in the catalogue."""
    world.planning = make_duty("情報化の企画", code="planning")
    world.running = make_duty("基幹システムの運用", code="running")
    world.open_data = make_duty("オープンデータ", code="open-data")
    world.plan = make_plan(world.ka, [world.planning, world.running])
    return world


def url(department):
    return reverse("gaps:assignments_import", args=[department.uuid])


def template_url(department):
    return reverse("gaps:assignments_template", args=[department.uuid])


def text(*lines, header="業務,氏名,担当"):
    return "\r\n".join([header, *lines]).encode()


def upload(client, department, content, name="bunsho.csv"):
    return client.post(url(department), {"file": SimpleUploadedFile(name, content)})


def apply(client, department, page):
    return client.post(url(department), {"plan": page.context["signed"]})


GOOD = text("情報化の企画,山﨑　美咲,主", "情報化の企画,𠮷田由紀子,○", "オープンデータ,小林 健,◎")


def test_it_works(sign_in, office):
    assign(office.plan, office.planning, office.kacho)
    assign(office.plan, office.planning, office.kakari)
    assign(office.plan, office.running, office.kacho)
    client = sign_in("kacho")
    assert client.get(url(office.ka)).status_code == 200
    page = upload(client, office.ka, GOOD)
    assert page.status_code == 200
    planning, opened = page.context["rows"]
    assert (planning.name, planning.is_added, planning.unchanged) == ("情報化の企画", False, "")
    assert planning.new == "山﨑 美咲（主担当）"
    assert planning.changed == "𠮷田 由紀子（主担当 → 副担当）"
    assert planning.removed == "髙橋 誠一（主担当）"
    assert (opened.name, opened.is_added, opened.new) == ("オープンデータ", True, "小林 健（主担当）")
    assert page.context["untouched"] == ["基幹システムの運用"]
    assert DutyAssignment.objects.count() == 3
    answer = apply(client, office.ka, page)
    assert answer.status_code == 302
    assert answer["Location"] == reverse("gaps:assignments", args=[office.ka.uuid])
    assert shares_of(office.ka) == {
        ("情報化の企画", "山﨑 美咲"): "main",
        ("情報化の企画", "𠮷田 由紀子"): "deputy",
        ("オープンデータ", "小林 健"): "main",
        ("基幹システムの運用", "髙橋 誠一"): "main",
    }
    event = Event.objects.get(action="assignments.import")
    assert event.data == {"year": 2026, "new": 2, "changed": 1, "removed": 1, "added": 1}


def test_the_same_file_again_and_a_second_click_change_nothing(sign_in, office):
    client = sign_in("kacho")
    page = upload(client, office.ka, GOOD)
    assert [apply(client, office.ka, page).status_code for _ in range(2)] == [302, 302]
    assert DutyPlan.objects.get().version == 2
    again = upload(client, office.ka, GOOD)
    assert again.context["plan"].is_empty
    assert again.context["signed"] == ""
    assert "取り込むものはありません" in again.content.decode()
    assert Event.objects.filter(action="assignments.import").count() == 1


def test_the_template_goes_round(sign_in, office):
    assign(office.plan, office.planning, office.kakari)
    assign(office.plan, office.planning, office.honnin, "deputy")
    assign(office.plan, office.planning, office.betsuka)
    client = sign_in("kacho")
    answer = client.get(template_url(office.ka))
    assert (answer.status_code, answer["Content-Type"]) == (200, XLSX)
    assert "filename*=utf-8''" in answer["Content-Disposition"]
    table = read_table(answer.content, "a.xlsx")
    assert [row.cells for row in table.rows] == [
        ["010100", "planning", "情報化の企画", office.kakari.staff_number, "𠮷田 由紀子", "主担当"],
        ["010100", "planning", "情報化の企画", office.honnin.staff_number, "山﨑 美咲", "副担当"],
        ["010100", "running", "基幹システムの運用", "", "", ""],
    ]
    event = Event.objects.get(action="assignments.export")
    assert event.data == {"year": 2026, "rows": 3, "format": "xlsx"}
    page = upload(client, office.ka, answer.content, "a.xlsx")
    assert page.context["plan"].is_empty
    assert len(shares_of(office.ka)) == 3


def test_a_department_without_a_plan_gets_the_catalogue_to_fill_in(sign_in, office):
    client = sign_in("kacho")
    table = read_table(client.get(template_url(office.kakari_dept)).content, "a.xlsx")
    assert [row.cells[1:3] for row in table.rows] == [
        ["planning", "情報化の企画"], ["running", "基幹システムの運用"], ["open-data", "オープンデータ"],
    ]  # fmt: skip
    lines = [[*row.cells[:3], "", "", ""] for row in table.rows]
    lines[1][3:] = [office.honnin.staff_number, "", "主担当"]
    file = io.BytesIO()
    write_xlsx(file, [Sheet("事務分掌", table.header, lines)])
    page = upload(client, office.kakari_dept, file.getvalue(), "a.xlsx")
    assert [row.name for row in page.context["rows"]] == ["基幹システムの運用"]
    assert apply(client, office.kakari_dept, page).status_code == 302
    assert shares_of(office.kakari_dept) == {("基幹システムの運用", office.honnin.name): "main"}


def test_the_wide_table(sign_in, office):
    client = sign_in("kacho")
    content = text('情報化の企画,髙橋誠一,"山﨑美咲、\n小林健"', header="分掌事務,主担当者,副担当者")
    assert apply(client, office.ka, upload(client, office.ka, content)).status_code == 302
    assert shares_of(office.ka) == {
        ("情報化の企画", "髙橋 誠一"): "main",
        ("情報化の企画", "山﨑 美咲"): "deputy",
        ("情報化の企画", "小林 健"): "deputy",
    }


def test_a_bad_file_is_refused_whole_with_every_line(sign_in, office):
    client = sign_in("kacho")
    page = upload(
        client, office.ka, text("情報化の企画,小林 健,主", "庶務,小林 健,主", "情報化の企画,森 健太,<b>主")
    )
    assert page.status_code == 422
    problems = [(each.line, each.column, each.value) for each in page.context["file_problems"]]
    assert problems == [(3, "業務", "庶務"), (4, "担当", "<b>主"), (4, "氏名", "森 健太")]
    content = page.content.decode()
    assert "3件の直すところ" in content
    assert "&lt;b&gt;主" in content
    assert not DutyAssignment.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("a.csv", b"", "ファイルが空です"),
        ("a.csv", "業務,氏名,担当\r\n".encode(), "データの行がありません"),
        ("a.csv", b"PK\x03\x04rest", "中身はExcel"),
        ("a.xlsx", GOOD, "中身はExcelではありません"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "古い形式のExcel"),
        ("a.xlsx", b"PK\x03\x04rest", "読めません"),
        ("a.pdf", b"%PDF-1.7 \x80\x81\xff\n", "文字コード"),
        ("a.csv", "氏名,担当\r\n小林 健,主\r\n".encode(), "「業務」の列が見つかりません"),
    ],
)
def test_what_is_no_table_is_said_in_a_sentence(sign_in, office, name, content, part):
    page = upload(sign_in("kacho"), office.ka, content, name)
    assert page.status_code == 422
    assert part in page.content.decode()


def test_no_file_too_many_lines_and_too_many_bytes(sign_in, office, settings):
    client = sign_in("kacho")
    page = client.post(url(office.ka), {})
    assert page.status_code == 422
    assert "ファイルを選んでください" in page.content.decode()
    page = upload(client, office.ka, text(*["情報化の企画,小林 健,主"] * 30_001))
    assert page.status_code == 422
    assert "30,000行を超えています" in page.content.decode()
    settings.IMPORT_MAX_BYTES = 10
    assert upload(client, office.ka, GOOD).status_code == 413


def test_what_changed_since_it_was_shown_is_shown_again(sign_in, office):
    client = sign_in("kacho")
    page = upload(client, office.ka, GOOD)
    assign(office.plan, office.planning, office.kacho)
    DutyPlan.objects.update(version=2)
    answer = apply(client, office.ka, page)
    assert answer.status_code == 409
    assert "取り込みませんでした" in answer.content.decode()
    assert answer.context["rows"][0].removed == "髙橋 誠一（主担当）"
    assert shares_of(office.ka) == {("情報化の企画", "髙橋 誠一"): "main"}
    assert apply(client, office.ka, answer).status_code == 302
    assert len(shares_of(office.ka)) == 3


def test_somebody_who_left_meanwhile_stops_it(sign_in, office):
    client = sign_in("kacho")
    page = upload(client, office.ka, GOOD)
    Posting.objects.filter(staff=office.honnin).update(end=timezone.localdate())
    answer = apply(client, office.ka, page)
    assert answer.status_code == 409
    assert "もう一度ファイルを選んで" in answer.content.decode()
    assert not DutyAssignment.objects.exists()


def test_only_what_we_signed_for_this_person_and_place_is_taken(sign_in, office, client):
    page = upload(sign_in("kacho"), office.ka, GOOD)
    signed = page.context["signed"]
    assert office.honnin.name not in signed
    assert client.post(url(office.ka), {"plan": signed + "x"}).status_code == 422
    assert client.post(url(office.ka), {"plan": ""}).status_code == 422
    assert client.post(url(office.ka), {"plan": signing.dumps({"by": "x"})}).status_code == 422
    assert client.post(url(office.kakari_dept), {"plan": signed}).status_code == 422
    assert sign_in("jinji").post(url(office.ka), {"plan": signed}).status_code == 422
    assert not DutyAssignment.objects.exists()


def test_what_was_shown_long_ago_is_asked_for_again(sign_in, office, monkeypatch):
    client = sign_in("kacho")
    page = upload(client, office.ka, GOOD)
    monkeypatch.setattr("organization.views.posted._KEPT_FOR", timezone.timedelta(seconds=-1))
    answer = apply(client, office.ka, page)
    assert answer.status_code == 409
    assert "もう一度ファイルを選んで" in answer.content.decode()


@pytest.mark.parametrize(
    ("who", "status"), [("kakari", 403), ("honnin", 403), ("henshu", 403), ("kansa", 403), ("betsuka", 404)]
)
def test_nobody_else_imports_or_downloads(sign_in, office, who, status):
    client = sign_in(who)
    assert client.get(url(office.kakari_dept)).status_code == status
    assert client.get(template_url(office.kakari_dept)).status_code == status
    assert upload(client, office.kakari_dept, GOOD).status_code == status


@pytest.mark.parametrize("who", ["bucho", "jinji"])
def test_those_above_and_hr_import_too(sign_in, office, who):
    client = sign_in(who)
    assert apply(client, office.ka, upload(client, office.ka, GOOD)).status_code == 302


def test_another_municipality_a_wrong_method_and_an_ended_year(sign_in, office):
    client = sign_in("jinji")
    assert client.get(url(office.foreign_department)).status_code == 404
    assert client.get(template_url(office.foreign_department)).status_code == 404
    assert client.delete(url(office.ka)).status_code == 405
    assert client.post(template_url(office.ka)).status_code == 405
    page = upload(client, office.ka, GOOD)
    Cycle.objects.filter(pk=office.cycle.pk).update(state="closed", closed_at=timezone.now())
    assert client.get(url(office.ka)).status_code == 409
    assert apply(client, office.ka, page).status_code == 409
    assert not DutyAssignment.objects.exists()


def test_queries_do_not_grow(sign_in, office, django_assert_max_num_queries):
    client = sign_in("kacho")
    with django_assert_max_num_queries(15) as small:
        page = upload(client, office.ka, text("情報化の企画,山﨑 美咲,主"))
    for number in range(30):
        b.make_posting(b.make_staff(office.city, f"見本 {number}番"), office.kiban)
    lines = [f"オープンデータ,見本{number}番,副" for number in range(30)]
    with django_assert_max_num_queries(15) as large:
        page = upload(client, office.ka, text("情報化の企画,山﨑 美咲,主", *lines))
    assert page.status_code == 200
    assert len(large) == len(small)
