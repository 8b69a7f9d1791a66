"""Records out: rows, files, the page, the command."""

import io
import zipfile

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from assessments.export_check import unencodable
from assessments.export_files import CP932, CSV, XLSX, export_of, write
from assessments.export_kind import Column, Table, Wish, export_kinds
from assessments.exports import LONG_HEADER, exportable, long_rows, wide_header, wide_rows
from assessments.models import Cycle, Sheet
from audit.models import Event
from lib.cp932 import CannotEncode
from lib.tabular_read import read_table
from organization.models import Posting
from tests import builders as b
from tests.assessments.sheets import confirmations, in_state, steps_of, submitted

BACKEND = "organization.backends.StaffBackend"
State = Sheet.State
LONG, WIDE = "records", "records-wide"


@pytest.fixture
def records(world):
    """honnin confirmed one step above their own in the first cell, dourei submitted, kakari in the making."""
    steps = steps_of(world.sheet, 2)
    final = {**steps, world.cells[0].pk: 3}
    in_state(world.sheet, State.CONFIRMED, confirmer=world.kacho, steps=steps, final=final)
    dourei = submitted(
        b.make_sheet(world.dourei, world.cycle, world.kakari_dept), evidence="=1+1 手順書\n作成"
    )
    confirmations(dourei, world.kakari, "first", dict.fromkeys(steps, 0))
    confirmations(dourei, world.kacho, "final", dict.fromkeys(steps, 4))
    in_state(b.make_sheet(world.kakari, world.cycle, world.kakari_dept), State.DRAFTING)
    return world


def table(world, rows, header=LONG_HEADER):
    return [dict(zip(header, row, strict=True)) for row in rows]


def of_actor(world, who, cycle=None, department=None):
    sheets = exportable(b.actor_of(who) if who else None, cycle or world.cycle, department)
    return sorted(sheets.values_list("staff__username", flat=True))


def wanted(world, name=LONG, *, department=None, **more):
    """Return an export of the operator, who sees everybody."""
    return export_of(
        name, export_kinds()[name], None, Wish(world.cycle, department), **{"format": CSV, **more}
    )


def content(written):
    with written.file:
        return written.file.read()


def body(response):
    return b"".join(response.streaming_content)


def posted(world, **changes):
    form = {"cycle": str(world.cycle.uuid), "format": "csv", "reason": "研修計画の資料"}
    return {**form, **changes}


def test_the_long_form_has_one_row_per_rating(records):
    rows = table(records, long_rows(exportable(None, records.cycle), records.cycle))
    assert len(rows) == 12
    mine = [row for row in rows if row["職員番号"] == records.honnin.staff_number]
    first = mine[0]
    assert {name: first[name] for name in LONG_HEADER if name not in ("提出日時", "確定日時")} == {
        "年度": 2026, "団体コード": "011002", "団体名": "みほん市", "所属コード": "010101", "所属名": "情報政策係",
        "職員番号": records.honnin.staff_number, "氏名": "山﨑 美咲", "フリガナ": "", "職員区分": "正規", "職位": "",
        "体系": "LASDEC", "版": "2012", "分類": "概念化能力", "区分": "セキュリティポリシー", "段階": "上級",
        "項目": "策定管理", "項目コード": "security-policy.1", "自己到達度": 2, "確認到達度": 3, "状態": "確定",
        "根拠": "",
    }  # fmt: skip
    assert first["提出日時"] <= first["確定日時"]
    assert [row["項目コード"] for row in mine] == [cell.code for cell in records.cells]


def test_a_confirmation_in_the_making_does_not_leave(records):
    rows = table(records, long_rows(exportable(None, records.cycle), records.cycle))
    theirs = [row for row in rows if row["職員番号"] == records.dourei.staff_number]
    assert {(row["自己到達度"], row["確認到達度"], row["状態"], row["確定日時"]) for row in theirs} == {
        (2, None, "提出", None)
    }


def test_the_wide_form_has_one_row_per_person(records):
    header = wide_header(records.cycle)
    assert header[-7:] == ["状態", *(cell.code for cell in records.cells)]
    rows = {
        row["氏名"]: row
        for row in table(records, wide_rows(exportable(None, records.cycle), records.cycle), header)
    }
    assert [rows["山﨑 美咲"][cell.code] for cell in records.cells] == [3, 2, 2, 2, 2, 2]
    assert [rows["小林 健"][cell.code] for cell in records.cells] == [2] * 6
    assert rows["𠮷田 由紀子"]["状態"] == "記入中"
    assert [rows["𠮷田 由紀子"][cell.code] for cell in records.cells] == [None] * 6


@pytest.mark.parametrize("state", [State.NOT_STARTED, State.DRAFTING, State.SENT_BACK])
def test_what_is_not_handed_in_is_a_state_alone(world, state):
    in_state(world.sheet, state)
    sheets = exportable(None, world.cycle)
    assert list(long_rows(sheets, world.cycle)) == []
    (row,) = wide_rows(sheets, world.cycle)
    assert row[-7:] == [State(state).label, *[None] * 6]


def test_a_sheet_without_confirmer_says_so(world):
    in_state(world.sheet, State.CONFIRMED, confirmer=world.honnin)
    other = in_state(b.make_sheet(world.jinji, world.cycle, world.jinjika), State.SUBMITTED)
    Sheet.objects.filter(pk=other.pk).update(
        state=State.CONFIRMED, confirmed_at=timezone.now(), without_confirmer=True
    )
    states = {row[10] for row in wide_rows(exportable(None, world.cycle), world.cycle)}
    assert states == {"確定", "確定（確認者なし）"}


def test_everyone_gets_what_they_may_see(records):
    everyone = ["dourei", "honnin", "kakari"]
    expected = {
        "honnin": ["honnin"], "dourei": ["dourei"], "kakari": everyone, "kacho": everyone, "bucho": everyone,
        "jinji": everyone, "betsuka": [], "henshu": [], "kansa": [], "sysadmin": [],
    }  # fmt: skip
    assert {who: of_actor(records, getattr(records, who)) for who in expected} == expected
    assert of_actor(records, None) == everyone
    assert of_actor(records, records.kacho, department=records.kiban) == []
    assert of_actor(records, records.kacho, cycle=records.foreign_cycle) == []


def test_of_a_closed_year_the_line_takes_what_was_confirmed(records):
    Cycle.objects.filter(pk=records.cycle.pk).update(state="closed", closed_at=timezone.now())
    cycle = Cycle.objects.get(pk=records.cycle.pk)
    assert of_actor(records, records.kacho, cycle) == ["honnin"]
    assert of_actor(records, records.kakari, cycle) == ["honnin", "kakari"]
    assert of_actor(records, records.dourei, cycle) == ["dourei"]
    assert of_actor(records, records.jinji, cycle) == ["dourei", "honnin", "kakari"]


def test_from_the_day_of_a_transfer_the_former_head_takes_nothing(records):
    today = timezone.localdate()
    Posting.objects.filter(staff=records.honnin).update(end=today)
    b.make_posting(records.honnin, records.jinjika, start=today)
    assert "honnin" not in of_actor(records, records.kacho)
    assert "honnin" in of_actor(records, records.jinji)


@pytest.mark.parametrize("people", [3, 40])
@pytest.mark.parametrize(("rows", "queries"), [(long_rows, 5), (wide_rows, 5)])
def test_rows_cost_the_same_at_any_size(world, django_assert_num_queries, rows, queries, people):
    for number in range(people):
        staff = b.make_staff(world.city, f"職員 {number}")
        b.make_posting(staff, world.kiban)
        in_state(b.make_sheet(staff, world.cycle, world.kiban), State.CONFIRMED, confirmer=world.kacho)
    cycle = Cycle.objects.select_related("municipality", "framework_version__framework").get(
        pk=world.cycle.pk
    )
    with django_assert_num_queries(queries):
        assert len(list(rows(exportable(None, cycle), cycle))) >= people


def test_more_people_than_a_chunk(world, monkeypatch):
    monkeypatch.setattr("assessments.exports._CHUNK", 2)
    for number in range(5):
        staff = b.make_staff(world.city, f"職員 {number}", kana=f"シヨクイン {number}")
        submitted(b.make_sheet(staff, world.cycle, world.kiban))
    names = [row[6] for row in wide_rows(exportable(None, world.cycle, world.kiban), world.cycle)]
    assert names == [f"職員 {number}" for number in range(5)]
    assert len(list(long_rows(exportable(None, world.cycle), world.cycle))) == 30


@pytest.mark.parametrize("name", [LONG, WIDE])
@pytest.mark.parametrize("form", [CSV, XLSX])
def test_a_file_comes_back_as_it_went(records, name, form):
    export = wanted(records, name, format=form)
    written = write(export)
    read = read_table(content(written), written.name)
    expected = [
        ["" if cell is None else str(cell) for cell in row[:-2] + ([] if name == LONG else row[-2:])]
        for row in export.table.rows()
    ]
    assert read.header == export.table.header
    assert [row.cells[:-2] + ([] if name == LONG else row.cells[-2:]) for row in read.rows] == expected
    assert written.rows == len(expected)
    assert (
        written.name
        == f"スキル記録_{'明細' if name == LONG else '一覧'}_令和8年度.{'csv' if form == CSV else 'xlsx'}"
    )


def test_text_stays_harmless_and_zeros_stay(records):
    raw = content(write(wanted(records))).decode("utf-8-sig")
    assert "'=1+1 手順書" in raw
    assert f",{records.honnin.staff_number}," in raw
    assert records.honnin.staff_number.startswith("0")
    assert raw.count("\r\n") == 13
    book = openpyxl.load_workbook(io.BytesIO(content(write(wanted(records, format=XLSX)))))
    cells = [cell for page in book for row in page.iter_rows() for cell in row if cell.value]
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_what_cp932_cannot_carry_is_found_once_per_person(records):
    submitted(b.make_sheet(records.kacho, records.cycle, records.ka), evidence="𠮷田さんと〜作成")
    export = wanted(records, format=CP932)
    found = [
        (each.staff_number, each.name, each.column, each.char, each.replacement, each.where)
        for each in export.findings()
    ]
    number = records.kacho.staff_number
    assert found == [
        (number, "髙橋 誠一", "根拠", "𠮷", "〓", ""),
        (number, "髙橋 誠一", "根拠", "〜", "～", ""),
    ]
    with pytest.raises(CannotEncode):
        write(export)


def test_what_many_rows_share_is_found_once_with_its_line():
    columns = [Column("所属名"), Column("職員番号"), Column("氏名", personal=True)]
    rows = [["総務課", "01", "山田"], ["𠮷係", "02", "𠮷田"], ["𠮷係", "03", "山田"]]
    found = unencodable(Table(columns, lambda: 3, lambda: iter(rows)))
    assert [(each.staff_number, each.where, each.column) for each in found] == [
        ("", "3行目ほか1行", "所属名"), ("02", "", "氏名"),
    ]  # fmt: skip
    plain = unencodable(Table([Column("担当", personal=True)], lambda: 1, lambda: iter([["𠮷田"]])))
    assert [(each.staff_number, each.where) for each in plain] == [("", "2行目")]


def test_replaced_characters_come_with_their_list(records):
    submitted(b.make_sheet(records.kacho, records.cycle, records.ka), evidence="𠮷田さんと〜作成")
    records.ka.name = "情報/政策"
    written = write(wanted(records, department=records.ka, format=CP932, replace=True))
    assert (written.name, written.content_type) == (
        "スキル記録_明細_令和8年度_情報／政策.zip",
        "application/zip",
    )
    package = zipfile.ZipFile(io.BytesIO(content(written)))
    main, listed = package.namelist()
    records_read = read_table(package.read(main), main)
    assert records_read.encoding == "cp932"
    assert "〓田さんと～作成" in {row.cells[20] for row in records_read.rows}
    rows = [row.cells for row in read_table(package.read(listed), listed).rows]
    assert rows[0] == [records.kacho.staff_number, "髙橋 誠一", "", "根拠", "𠮷", "U+20BB7", "〓"]


@pytest.fixture
def hr(client, world):
    client.force_login(world.jinji, backend=BACKEND)
    return client


URL, WIDE_URL = "/exports/records/", "/exports/records-wide/"


def test_hr_downloads_with_a_reason(hr, records):
    assert reverse("assessments:export", args=[LONG]) == URL
    assert hr.get(URL).status_code == 200
    response = hr.post(URL, posted(records, department=str(records.ka.uuid)))
    assert response.status_code == 200
    assert "attachment" in response["Content-Disposition"]
    assert "filename*=utf-8''" in response["Content-Disposition"]
    assert "%E5%B1%B1" not in response["Content-Disposition"]  # no person's name
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert len(read_table(body(response), "x.csv").rows) == 12
    event = Event.objects.get(action="export.records")
    assert event.data == {
        "kind": "records", "fiscal_year": 2026, "department": "010100", "state": "", "format": "csv", "split": False,
        "rows": 12, "replaced": 0, "reason": "研修計画の資料", "role": "H",
    }  # fmt: skip
    assert event.actor_uuid == records.jinji.uuid


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("url", [URL, WIDE_URL])
def test_every_form_and_format(hr, records, url, kind):
    response = hr.post(url, posted(records, format=kind))
    assert read_table(body(response), f"x.{kind}").rows


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reason": " "}, "理由を入力"),
        ({"cycle": ""}, "年度を選んで"),
        ({"format": "pdf"}, "選択"),
        ({"state": "none"}, "選択"),
    ],
)
def test_a_bad_form_shows_its_error(hr, records, changes, said):
    response = hr.post(URL, posted(records, **changes))
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not Event.objects.filter(action="export.records").exists()


def test_foreign_years_and_departments_are_no_choice(hr, client, records):
    for changes in (
        {"cycle": str(records.foreign_cycle.uuid)},
        {"department": str(records.foreign_department.uuid)},
    ):
        assert hr.post(URL, posted(records, **changes)).status_code == 422
    client.force_login(records.kacho, backend=BACKEND)
    assert client.post(URL, posted(records, department=str(records.jinjika.uuid))).status_code == 422


def test_a_member_takes_their_own_and_gives_no_reason(client, records):
    client.force_login(records.honnin, backend=BACKEND)
    page = client.get(URL).content.decode()
    assert "自分の記録" in page
    assert 'name="department"' not in page
    rows = read_table(body(client.post(URL, posted(records, reason=""))), "x.csv").rows
    assert {row.cells[5] for row in rows} == {records.honnin.staff_number}


def test_cp932_asks_before_it_sends_anything(hr, records):
    submitted(b.make_sheet(records.kacho, records.cycle, records.ka), evidence="𠮷田さん")
    form = posted(records, format="cp932")
    asked = hr.post(URL, form)
    page = asked.content.decode()
    assert asked.status_code == 422
    for word in ("髙橋 誠一", "根拠", "𠮷", "U+20BB7", "〓", "1件（1人分）"):
        assert word in page
    assert not Event.objects.filter(action="export.records").exists()
    utf8 = hr.post(URL, {**form, "unencodable": "utf-8"})
    assert utf8["Content-Type"] == "text/csv; charset=utf-8"
    body(utf8)
    replaced = hr.post(URL, {**form, "unencodable": "replace"})
    assert zipfile.ZipFile(io.BytesIO(body(replaced))).testzip() is None
    assert [
        event.data["replaced"] for event in Event.objects.filter(action="export.records").order_by("pk")
    ] == [
        0,
        1,
    ]


def test_cp932_without_a_problem_comes_at_once(hr, records):
    response = hr.post(URL, posted(records, format="cp932"))
    assert response["Content-Type"] == "text/csv; charset=windows-31j"
    assert read_table(body(response), "x.csv").encoding == "cp932"


def test_the_page_costs_little(hr, records, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        hr.get(URL)


def test_the_command_writes_the_same_rows(records, tmp_path, capfdbinary):
    target = tmp_path / "out.csv"
    call_command("export_records", year=2026, format="csv", municipality="011002", output=str(target))
    assert len(read_table(target.read_bytes(), "out.csv").rows) == 12
    capfdbinary.readouterr()
    call_command(
        "export_records", year=2026, format="xlsx", municipality="011002", department="010100", form="wide"
    )
    assert len(read_table(capfdbinary.readouterr().out, "out.xlsx").rows) == 3
    assert [event.actor_uuid for event in Event.objects.filter(action="export.records")] == [None, None]


def test_the_command_refuses_to_lose_a_character(records, tmp_path, capsys):
    target = tmp_path / "out.zip"
    options = {"year": 2026, "format": "csv", "encoding": "cp932", "municipality": "011002", "form": "wide"}
    with pytest.raises(CommandError, match="1 件"):
        call_command("export_records", output=str(target), **options)
    assert "U+20BB7" in capsys.readouterr().err
    assert not target.exists()
    call_command("export_records", output=str(target), replace=True, **options)
    assert zipfile.is_zipfile(target)


def test_the_command_says_what_is_missing(world):
    with pytest.raises(CommandError, match="2019"):
        call_command("export_records", year=2019, format="csv", municipality="011002")
    with pytest.raises(CommandError, match="99"):
        call_command("export_records", year=2026, format="csv", municipality="011002", department="99")
