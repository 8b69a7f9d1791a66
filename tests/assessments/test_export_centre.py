"""The export centre: what each role finds there, forms, workbooks that say what they are."""

import csv
import datetime
import io
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from django.utils import timezone

from access.actor import Role
from assessments import export_book
from assessments.export_kind import Column, ExportKind, Table, Type, Wish, export_kinds
from audit.models import Event
from lib.tabular_read import read_table
from tests import builders as b
from tests.assessments.exporting import LIST, body, book_of, hand_in_two, posted, text, url

DAY = datetime.date(2026, 4, 1)
# Kinds of a made-up app: neither a year nor a 所属, and hostile text of every type.
HOSTILE = [
    ["0012", "庶務[係]", "=1+1", 12, DAY, "𠮷"], ["0012", "庶務[係]", "改\n行\tと\"引用\"", None, None, ""],
    ["0013", "庶務[係]", "@SUM(A1)", -3, DAY, "01"], ["0014", "と" * 40, "http://example.jp", 0, DAY, " 前後 "],
    [None, None, "〜－", 2, DAY, "\U000e0100"],
]  # fmt: skip
COLUMNS = [
    Column("所属コード"), Column("所属名"), Column("内容"), Column("件数", Type.INTEGER), Column("日", Type.DATE),
    Column("備考"),
]  # fmt: skip


def _plain(actor, wish):
    return Table(COLUMNS, lambda: len(HOSTILE), lambda: iter(HOSTILE), 1)


PLAIN = ExportKind(
    label="備品", help="1件1行です。", stem="備品", allowed=lambda actor: actor.has(Role.HR), table=_plain,
    years=False, departments=False,
)  # fmt: skip
BY_PLACE = ExportKind(
    label="備品", help="1件1行です。", stem="備品", allowed=lambda actor: True, table=_plain
)


@pytest.fixture
def filled(world):
    return hand_in_two(world)


@pytest.fixture
def registered(settings):
    """The kinds of the product and two made-up ones."""
    settings.EXPORT_KINDS = {
        **settings.EXPORT_KINDS,
        "plain": "tests.assessments.test_export_centre.PLAIN",
        "by-place": "tests.assessments.test_export_centre.BY_PLACE",
    }


@pytest.mark.parametrize(
    ("who", "there", "missing"),
    [
        ("jinji", ["records", "coverage", "measures", "training-plan", "certifications", "trainings"], []),
        ("kacho", ["records", "coverage", "measures", "training-plan"], []),
        ("honnin", ["records", "records-wide", "certifications", "trainings"], ["coverage", "measures", "training-plan"]),
        ("kansa", ["records"], ["coverage", "measures", "training-plan"]),
    ],
)  # fmt: skip
def test_everybody_finds_their_kinds(world, sign_in, who, there, missing):
    client = sign_in(who)
    page = text(client.get(LIST))
    for kind in there:
        assert f'href="{url(kind)}"' in page
        assert export_kinds()[kind].help in page
        assert export_kinds()[kind].use in page
        assert client.get(url(kind)).status_code == 200
    for kind in missing:
        assert f'href="{url(kind)}"' not in page
        assert client.get(url(kind)).status_code == 403
        assert client.post(url(kind), posted(world)).status_code == 403
    assert client.get(url("none")).status_code == 404


@pytest.mark.parametrize("kind", list(export_kinds()))
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_every_kind_comes_in_every_format_with_its_event(filled, sign_in, kind, form):
    answer = sign_in("jinji").post(url(kind), posted(filled, format=form))
    content = body(answer)
    if form == "xlsx":
        rows = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].max_row - 1
    else:
        rows = len(list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))) - 1
    event = Event.objects.get(action=export_kinds()[kind].action)
    assert (event.data["kind"], event.data["rows"], event.data["format"], event.data["reason"]) == (
        kind, rows, form, "研修計画の資料",
    )  # fmt: skip
    assert event.object_uuid == filled.cycle.uuid


def test_the_line_takes_its_own_departments_and_may_leave_the_reason_out(filled, sign_in):
    client = sign_in("kacho")
    page = text(client.get(url("records")))
    assert filled.jinjika.name not in page
    rows = read_table(body(client.post(url("records"), posted(filled, reason=""))), "x.csv").rows
    assert len(rows) == 12
    narrowed = posted(filled, reason="", department=str(filled.kiban.uuid), state="submitted")
    rows = read_table(body(client.post(url("records"), narrowed)), "x.csv").rows
    assert {row.cells[5] for row in rows} == {filled.dourei.staff_number}
    assert Event.objects.latest("pk").data["state"] == "submitted"


def test_a_kind_without_years_and_departments_asks_for_neither(world, registered, sign_in):
    client = sign_in("jinji")
    page = text(client.get(url("plain")))
    for name in ("department", "split", "state"):
        assert f'name="{name}"' not in page
    assert ">年度<" not in page
    answer = client.post(url("plain"), {"format": "csv", "reason": "棚卸し"})
    assert "%E5%82%99%E5%93%81.csv" in answer["Content-Disposition"]
    assert len(read_table(body(answer), "x.csv").rows) == len(HOSTILE)


def test_a_workbook_keeps_every_cell_and_its_type(world, registered, sign_in):
    book = book_of(sign_in("jinji").post(url("by-place"), posted(world, format="xlsx")))
    page, about = book.worksheets
    assert (page.title, about.title) == ("備品", "この出力について")
    read = [[cell.value for cell in row] for row in page.iter_rows()]
    assert read[0] == [column.name for column in COLUMNS]
    midnight = datetime.datetime.combine(DAY, datetime.time())
    expected = [[midnight if cell == DAY else cell for cell in row] for row in HOSTILE]
    assert read[1:] == expected
    kinds = {type(cell.value) for cell in page["D"][1:]}
    assert kinds == {int, type(None)}
    assert page["E2"].is_date
    assert all(cell.data_type in ("s", "n", "d") for row in page.iter_rows() for cell in row)
    assert (page.freeze_panes, page.auto_filter.ref) == ("A2", f"A1:F{len(HOSTILE) + 1}")
    assert page.print_title_rows == "$1:$1"
    assert page.page_setup.orientation == "landscape"


@pytest.mark.parametrize("kind", list(export_kinds()))
def test_every_cell_of_every_kind_is_read_back_as_it_is(filled, sign_in, kind):
    day = datetime.date(2026, 5, 1)
    b.make_training(filled.honnin, start=day, end=day, hours=Decimal("6.5"), fee=12000)
    book = book_of(sign_in("jinji").post(url(kind), posted(filled, format="xlsx")))
    table = export_kinds()[kind].table(b.actor_of(filled.jinji), Wish(filled.cycle))
    rows = book.worksheets[0].iter_rows(max_col=len(table.header))
    read = [[as_excel(cell.value) for cell in row] for row in rows]
    assert read == [table.header, *([as_excel(cell) for cell in row] for row in table.rows())]


def as_excel(cell):
    """Return a value as Excel keeps it: a moment in Japan, here to the second, a number without its type."""
    if isinstance(cell, datetime.datetime):
        local = timezone.localtime(cell).replace(tzinfo=None) if timezone.is_aware(cell) else cell
        return (local + datetime.timedelta(milliseconds=500)).replace(microsecond=0)
    if isinstance(cell, datetime.date):
        return datetime.datetime.combine(cell, datetime.time())
    return float(cell) if isinstance(cell, Decimal) else cell


def test_a_workbook_says_what_it_is_on_every_page_and_on_a_sheet(filled, sign_in):
    reason = "A&B の資料" + "　長い理由" * 30
    answer = sign_in("jinji").post(
        url("records"),
        posted(filled, format="xlsx", department=str(filled.ka.uuid), state="confirmed", reason=reason),
    )
    page, about = book_of(answer).worksheets
    head, foot = page.oddHeader.left.text, page.oddFooter.left.text
    assert head.startswith("記録（明細）　令和8年度（2026年度）　デジタル推進課と下の所属　確定")
    assert filled.jinji.name in foot
    assert "6行" in foot
    assert "理由：A" in foot
    assert page.oddFooter.right.text == "&P / &N"
    facts = {row[0].value: row[1].value for row in about.iter_rows(min_row=2)}
    assert facts["出力した人"] == filled.jinji.name
    assert facts["行数"] == 6
    assert facts["状態"] == "確定"
    assert facts["理由"] == reason.strip()
    assert isinstance(facts["出力した日時"], datetime.datetime)
    assert about.oddFooter.left.text == foot


def test_one_sheet_for_each_department(world, registered, sign_in):
    book = book_of(sign_in("jinji").post(url("by-place"), posted(world, format="xlsx", split="on")))
    assert book.sheetnames == ["庶務_係_", "庶務_係_ (2)", "と" * 31, "所属なし", "この出力について"]
    counts = [page.max_row - 1 for page in book.worksheets[:-1]]
    assert counts == [2, 1, 1, 1]
    told = [(row[0].value, row[1].value) for row in book.worksheets[-1].iter_rows()]
    assert told[-4:] == list(zip(book.sheetnames, counts, strict=False))
    assert ("行数", 5) in told


def test_more_departments_than_sheets_are_refused_with_everything_kept(
    world, registered, sign_in, monkeypatch
):
    monkeypatch.setattr(export_book, "MOST_SHEETS", 3)
    answer = sign_in("jinji").post(url("by-place"), posted(world, format="xlsx", split="on"))
    assert answer.status_code == 422
    assert "シートを分けられません" in text(answer)
    assert "研修計画の資料" in text(answer)
    assert not Event.objects.filter(action="export.table").exists()


def test_cp932_is_asked_about_for_every_kind_by_row(world, registered, sign_in):
    client = sign_in("jinji")
    form = posted(world, format="cp932")
    asked = client.post(url("by-place"), form)
    assert asked.status_code == 422
    for word in ("備考", "2行目", "6行目", "𠮷", "〓"):
        assert word in text(asked)
    package = zipfile.ZipFile(
        io.BytesIO(body(client.post(url("by-place"), {**form, "unencodable": "replace"})))
    )
    assert package.namelist() == ["備品_令和8年度.csv", "置き換えた文字の一覧.csv"]
    assert "〓" in package.read("備品_令和8年度.csv").decode("cp932")
    answer = client.post(url("by-place"), {**form, "unencodable": "utf-8"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "𠮷" in body(answer).decode("utf-8-sig")
    assert Event.objects.filter(action="export.table").count() == 2


def test_too_much_for_cp932_says_what_to_do(world, registered, sign_in, settings):
    settings.EXPORT_CHECKED_ROWS = 4
    answer = sign_in("jinji").post(url("by-place"), posted(world, format="cp932"))
    assert answer.status_code == 422
    assert "CP932で出せるのは、4行までです。いまの条件では5行あります。" in text(answer)


@pytest.mark.parametrize("size", [0, 30])
def test_the_pages_cost_the_same_at_any_size(world, sign_in, django_assert_max_num_queries, size):
    for number in range(size):
        b.make_saved_export(world.jinji, department=str(world.ka.uuid), name=f"条件{number}")
        b.make_department(world.city, f"第{number}課", parent=world.bu)
    saved = b.make_saved_export(world.jinji, department=str(world.ka.uuid))
    client = sign_in("jinji")
    with django_assert_max_num_queries(9):
        client.get(LIST)
    with django_assert_max_num_queries(12):
        client.get(f"{url('records')}?saved={saved.uuid}")
