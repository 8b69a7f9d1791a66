"""充足状況 as CSV and Excel, read back as another system would (P16)."""

import datetime

import pytest
from django.urls import reverse

from assessments.models import Cycle
from audit.models import Event
from lib.tabular import read_table
from organization.models import Department
from tests.gaps.records import ANALYSIS, POLICY, RUNNING, confirmed, measure, need, waiting

HEADER = [
    "年度", "所属コード", "所属名", "分類", "区分", "段階", "項目", "項目コード", "必要人数", "できる人数",
    "自己のみ（別掲）", "育成候補", "充足状況", "対応方針", "担当", "期限", "進み",
]  # fmt: skip
KINDS = ["csv", "xlsx"]


def url(department, kind, query=""):
    return reverse(f"gaps:coverage_{kind}", args=[department.uuid]) + query


def table_of(response, kind):
    return read_table(response.content, filename=f"x.{kind}")


def lines(response, kind):
    """Return {(所属コード, 項目コード): line as a dict}."""
    table = table_of(response, kind)
    rows = [dict(zip(table.header, row.cells, strict=True)) for row in table.rows]
    return {(row["所属コード"], row["項目コード"]): row for row in rows}


@pytest.mark.parametrize("kind", KINDS)
def test_it_works(sign_in, section, last_cycle, kind):
    confirmed(section.honnin, last_cycle, {POLICY: 2})
    waiting(section.honnin, section.cycle, {POLICY: 3})
    answer = sign_in("kacho").get(url(section.ka, kind))
    assert answer.status_code == 200
    assert table_of(answer, kind).header == HEADER
    found = lines(answer, kind)
    assert len(found) == 3 * 6
    assert list(found["010100", POLICY].values()) == [
        "2026", "010100", "デジタル推進課", "概念化能力", "セキュリティポリシー", "上級", "策定管理", POLICY,
        "2", "1", "1", "2", "一人依存", "", "", "", "",
    ]  # fmt: skip
    assert found["010100", ANALYSIS]["充足状況"] == "充足"
    assert found["010100", RUNNING]["充足状況"] == "対象外"
    assert found["010100", RUNNING]["項目"] == "システムの運用管理（初級）"
    assert found["010100", "internal-it.2"]["充足状況"] == "不在（未評価2人）"
    unset = found["010102", POLICY]
    assert (unset["必要人数"], unset["充足状況"]) == ("", "必要人数が未設定")
    assert "_%E3%83%87" in answer["Content-Disposition"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_file_is_in_the_trail_with_its_rows(sign_in, section, kind):
    sign_in("kacho").get(url(section.ka, kind))
    event = Event.objects.get(action="export.coverage")
    expected = {"year": 2026, "rows": 18, "format": {"csv": "utf-8-sig"}.get(kind, kind)}
    assert (event.object_uuid, event.data) == (section.ka.uuid, expected)


def test_text_files_start_with_a_mark_and_end_lines_as_windows_does(sign_in, section):
    content = sign_in("kacho").get(url(section.ka, "csv")).content
    assert content.startswith("\ufeff年度,".encode())
    assert content.count(b"\r\n") == 19


def test_staff_of_a_small_unit_get_words_alone(sign_in, section):
    need(section.kakari_dept, section.cycle, {POLICY: 2})
    found = lines(sign_in("honnin").get(url(section.kakari_dept, "csv")), "csv")
    row = found["010101", POLICY]
    assert [row[name] for name in HEADER[8:13]] == ["", "", "", "", "一人依存"]


@pytest.mark.parametrize("who", ["kansa", "henshu"])
def test_editors_and_auditors_get_bands(sign_in, section, who):
    found = lines(sign_in(who).get(url(section.ka, "csv")), "csv")
    row = found["010100", POLICY]
    assert [row[name] for name in HEADER[8:13]] == ["2", "5人未満", "5人未満", "5人未満", ""]


def test_out_of_scope_is_as_nothing_and_leaves_no_trace(sign_in, section):
    for kind in KINDS:
        assert sign_in("kakari").get(url(section.ka, kind)).status_code == 404
        assert sign_in("jinji").get(url(section.foreign_department, kind)).status_code == 404
        assert sign_in("kacho").post(url(section.ka, kind)).status_code == 405
    assert not Event.objects.filter(action="export.coverage").exists()


def test_a_formula_in_a_name_stays_text(sign_in, section):
    Department.objects.filter(pk=section.kiban.pk).update(name="=1+1")
    raw = sign_in("kacho").get(url(section.ka, "csv")).content.decode("utf-8-sig")
    assert ",'=1+1," in raw
    assert lines(sign_in("kacho").get(url(section.ka, "xlsx")), "xlsx")["010102", POLICY]["所属名"] == "=1+1"


def test_cp932_by_choice(sign_in, section):
    content = sign_in("kacho").get(url(section.ka, "csv", "?encoding=cp932")).content
    assert content.decode("cp932").startswith("年度,所属コード")


def test_what_cp932_cannot_carry_is_shown_first(sign_in, section):
    Department.objects.filter(pk=section.kiban.pk).update(name="𠮷野係")
    client = sign_in("kacho")
    answer = client.get(url(section.ka, "csv", "?encoding=cp932"))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "U+20BB7" in text
    assert "1種類の文字" in text
    assert not Event.objects.filter(action="export.coverage").exists()
    replaced = client.get(url(section.ka, "csv", "?encoding=cp932&replace=1"))
    assert "〓野係" in replaced.content.decode("cp932")
    assert "?" not in replaced.content.decode("cp932")
    assert "𠮷野係" in client.get(url(section.ka, "csv")).content.decode()


def test_before_the_first_year(sign_in, world):
    Cycle.objects.filter(municipality=world.city).update(state="prepared", opened_at=None)
    assert sign_in("kacho").get(url(world.ka, "csv")).status_code == 409


# --- the whole municipality


@pytest.mark.parametrize("kind", KINDS)
def test_hr_gets_every_department_in_one_file(sign_in, section, kind):
    answer = sign_in("jinji").get(f"/overview/coverage.{kind}")
    found = lines(answer, kind)
    assert {code for code, _ in found} == {
        "010000", "010100", "010101", "010102", "020000", "020100",
    }  # fmt: skip
    assert found["010000", POLICY]["できる人数"] == "1"
    assert Event.objects.get(action="export.coverage").data["rows"] == 36


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("who", ["kacho", "kansa", "henshu", "honnin"])
def test_nobody_else_gets_the_whole(sign_in, section, who, kind):
    assert sign_in(who).get(f"/overview/coverage.{kind}").status_code == 403


@pytest.mark.parametrize(
    ("query", "wanted"),
    [("coverage.csv", "csv"), ("coverage.csv?encoding=cp932", "cp932"), ("coverage.xlsx", "xlsx")],
)
def test_what_takes_long_is_ordered_where_its_progress_is_shown(sign_in, section, settings, query, wanted):
    settings.EXPORT_AT_ONCE_ROWS = 35
    page = sign_in("jinji").get(f"/overview/{query}", follow=True)
    assert page.redirect_chain[0][0].startswith("/exports/coverage/?")
    assert "ほかの画面で仕事を続けられます" in page.content.decode()
    assert page.context["form"].initial["format"] == wanted
    assert not Event.objects.filter(action="export.coverage").exists()
    settings.EXPORT_AT_ONCE_ROWS = 36
    assert sign_in("jinji").get(f"/overview/{query}").status_code == 200


def test_a_long_file_of_a_department_is_ordered_by_its_line_and_sent_to_who_may_not_order(
    sign_in, section, settings
):
    settings.EXPORT_AT_ONCE_ROWS = 1
    answer = sign_in("kacho").get(url(section.ka, "csv"), follow=True)
    assert answer.context["form"].initial["department"] == str(section.ka.uuid)
    assert sign_in("kansa").get(url(section.ka, "csv")).status_code == 200


def test_the_whole_in_cp932_leads_back_to_the_overview(sign_in, section):
    Department.objects.filter(pk=section.kiban.pk).update(name="𠮷野係")
    text = sign_in("jinji").get("/overview/coverage.csv?encoding=cp932").content.decode()
    assert 'href="/overview/coverage.csv?encoding=cp932&amp;replace=1"' in text
    assert 'href="/overview/"' in text


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_decided_stands_beside_the_gap_for_those_who_see_names(sign_in, section, kind):
    need(section.kakari_dept, section.cycle, {POLICY: 2})
    due = datetime.date(2027, 3, 31)
    for place in (section.ka, section.kakari_dept):
        measure(place, section.cycle, POLICY, owner=section.kakari, due=due, state="ongoing")
        measure(place, section.cycle, POLICY, kind="none", text="", reason="県に移る")
        measure(place, section.cycle, POLICY, text="やめた", state="stopped")
    columns = HEADER[13:]
    row = lines(sign_in("kacho").get(url(section.ka, kind)), kind)["010100", POLICY]
    assert [row[name] for name in columns] == [
        "外部人材、行わない", "𠮷田 由紀子、未定", "令和9年3月31日、なし", "進行中、―",
    ]  # fmt: skip
    for who in ("honnin", "kansa"):
        row = lines(sign_in(who).get(url(section.kakari_dept, kind)), kind)["010101", POLICY]
        assert [row[name] for name in columns] == ["", "", "", ""]
