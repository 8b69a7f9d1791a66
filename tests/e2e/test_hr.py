"""人事's year in a browser, from a municipality with nobody in it; and every file that is refused whole."""

import io
import re
from datetime import date, timedelta

import openpyxl
import pytest
from django.utils import timezone

from assessments.models import Sheet
from lib.dates import format_wareki
from lib.tabular import write_csv
from organization.models import Department, Posting, Staff
from tests import builders as b
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import (
    become,
    choose_password,
    downloaded,
    empty_city,
    expect,
    hand_in,
    leave,
    look_on,
    on_the_slip,
    prepare_the_year,
    sign_in_as,
    told,
    upload,
)

pytestmark = pytest.mark.django_db(transaction=True)

# As a personnel system writes it: names of its own for the columns, zeros in front, dates in three ways, half a
# dozen characters that only CP932 has.
ORGANISATION = """所属CD,所属名称,上位所属CD,開始年月日,終了年月日
010000,総務部,,平成31年4月1日,
010100,情報政策課,010000,H31.4.1,
010101,窓口①係,010100,2020/4/1,
010200,人事課,010000,2020-04-01,
019900,旧電算課,010000,2010/4/1,2019/3/31
"""
ROSTER = """職員コード,氏名漢字,氏名カナ,任用区分,所属CD,所属名称,役職名,確認者区分,発令区分,発令年月日,終了年月日
0030001,大橋 香織,オオハシ カオリ,正規職員,010200,人事課,主査,,本務,令和8年4月1日,
0012014,髙木 徹,タカギ トオル,正規職員,010100,情報政策課,課長,所属長,本務,令和8年4月1日,
0012027,德永 早苗,トクナガ サナエ,正規職員,010101,窓口①係,係長,係長級,本務,R8.4.1,
0012027,德永 早苗,トクナガ サナエ,正規職員,010100,情報政策課,,,兼務,R8.4.1,
0012033,濵﨑 翔,ハマサキ ショウ,正規職員,010101,窓口①係,技術員（㈱みほん情報から）,,本務,2026/4/1,
"""


@pytest.fixture
def city(db):
    """Return an empty municipality with 人事 in it."""
    return empty_city()


def as_file(name, text, encoding="cp932"):
    """Return a file for the browser, with the line ends of Windows."""
    return {"name": name, "mimeType": "text/csv", "buffer": text.replace("\n", "\r\n").encode(encoding)}


def figure(live, label):
    """Return one figure of the preview."""
    return live.locator(".figures li").filter(has_text=label)


def test_from_an_empty_municipality_to_the_exported_records(city, live, axe):
    sign_in_as(live, "jinji")
    live.get_by_role("navigation", name="主なメニュー").get_by_role("link", name="取込み").click()
    expect(live.locator("main")).to_contain_text("組織、職員名簿の順に取り込んでください。")
    look_on(live, axe, PHONE)

    upload(live, "組織", as_file("soshiki.csv", ORGANISATION))
    expect(live.locator("main")).to_contain_text("5行を確かめました。まだ取り込んでいません。")
    expect(figure(live, "新規")).to_contain_text("5")
    assert not Department.objects.exists()
    look_on(live, axe, DESKTOP)
    live.get_by_role("button", name="取り込む").click()
    expect(told(live)).to_contain_text("取り込みました。")
    live.get_by_role("link", name="組織を見る").click()
    expect(live.locator("main")).to_contain_text("窓口①係")
    look_on(live, axe, PHONE)

    upload(live, "職員名簿", as_file("meibo.csv", ROSTER))
    expect(live.locator("main")).to_contain_text("5行を確かめました。まだ取り込んでいません。")
    expect(figure(live, "新規")).to_contain_text("3")
    expect(figure(live, "兼務追加")).to_contain_text("1")
    lines = live.get_by_role("table", name="取り込むと変わること")
    for text in ("0012033", "髙木 徹", "德永 早苗", "濵﨑 翔"):
        expect(lines).to_contain_text(text)
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("hr-preview")
    figure(live, "兼務追加").get_by_role("link").click()
    expect(live.get_by_role("heading", name="兼務追加（1件）")).to_be_visible()
    assert Staff.objects.count() == 1
    live.get_by_role("button", name="取り込む").click()
    expect(told(live)).to_contain_text("取り込みました。")
    look_on(live, axe, DESKTOP)
    hamasaki = Staff.objects.get(staff_number="0012033")
    assert (hamasaki.name, hamasaki.kana) == ("濵﨑 翔", "ハマサキ ショウ")
    assert set(Posting.objects.values_list("start", flat=True)) == {date(2026, 4, 1)}

    live.get_by_role("link", name="初回ログインの番号を出す").click()
    look_on(live, axe, DESKTOP)
    live.get_by_label("総務部").check()
    live.get_by_role("button", name="番号を出す").click()
    expect(live.locator(".slip")).to_have_count(3)
    slip = live.locator(".slip").filter(has_text="濵﨑 翔")
    expect(slip).to_contain_text("窓口①係")
    expect(slip).to_contain_text(f"{live.url}/")
    name, code = on_the_slip(live, "濵﨑 翔")
    look_on(live, axe, DESKTOP)
    live.emulate_media(media="print")
    expect(live.get_by_role("navigation", name="主なメニュー")).not_to_be_visible()
    expect(slip).to_be_visible()
    live.shot("hr-slips")
    live.emulate_media(media="screen")

    _open_the_year(live, axe)
    sheet = Sheet.objects.get(staff=hamasaki)
    become(live, name, code)
    _must_choose_a_password(live, axe)
    hand_in(sheet, "昨年度に担当した。", step=3)

    become(live, "jinji")
    live.get_by_role("navigation", name="主なメニュー").get_by_role("link", name="年度と締切").click()
    live.locator("main tbody").get_by_role("link").click()
    expect(live.get_by_role("row", name=re.compile("^提出"))).to_contain_text("1")
    live.get_by_role("navigation", name="主なメニュー").get_by_role("link", name="全庁のようす").click()
    expect(live.locator(".answer")).to_contain_text("4人のうち1人が提出し、0人が確定しました。")
    live.get_by_text("数字を表で見る").click()
    progress = live.get_by_role("table", name="所属ごとの提出と確認の進み")
    expect(progress.get_by_role("row", name=re.compile("総務部"))).to_have_text(
        re.compile(r"総務部\s*0\s*1\s*0\s*3\s*4")
    )
    expect(live.get_by_role("table", name="未提出の職員")).to_contain_text("德永 早苗")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("hr-progress")
    live.get_by_role("navigation", name="主なメニュー").get_by_role("link", name="出力").click()
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.set_viewport_size(DESKTOP)
    live.get_by_role("link", name="記録（明細）").click()
    look_on(live, axe, DESKTOP)
    live.get_by_label("Excel").check()
    live.get_by_role("textbox", name=re.compile("^理由")).fill("研修計画の資料")
    name, content = downloaded(live, live.get_by_role("button", name="ファイルを作る"))
    assert name.endswith(".xlsx")
    records = list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
    at = {label: number for number, label in enumerate(records[0])}
    mine = [row for row in records[1:] if row[at["職員番号"]] == "0012033"]
    assert len(mine) == len(records) - 1 == 17
    assert {row[at["氏名"]] for row in mine} == {"濵﨑 翔"}
    assert {row[at["所属名"]] for row in mine} == {"窓口①係"}
    assert {(row[at["自己到達度"]], row[at["状態"]]) for row in mine} == {(3, "提出")}


def _open_the_year(live, axe):
    """Prepare this year with its dates and start it."""
    today = timezone.localdate()
    live.go("/cycles/new/")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    prepare_the_year(
        live, (format_wareki(today + timedelta(days=30)), f"{today + timedelta(days=60):%Y/%m/%d}")
    )
    expect(live.locator("main")).to_contain_text("受付を始めると、4人に年度票を配ります。")
    look_on(live, axe, PHONE)
    live.get_by_role("button", name="受付を始める").click()
    expect(live.locator("main")).to_contain_text("4件の年度票のうち、4件がまだ確定していません。")
    look_on(live, axe, DESKTOP)
    live.shot("hr-year")


def _must_choose_a_password(live, axe):
    """Whoever came with a code gets no further than the page of the password, until there is a good one."""
    live.go("/sheet/")
    expect(live.page).to_have_url(re.compile("/password/"))
    look_on(live, axe, PHONE)
    live.seen.expect("422")
    for password, answer in [
        ("0012033", "直すところが"),
        ("秋の窓口は朝が早い", "パスワードを変更しました。"),
    ]:
        choose_password(live, password * 2)
        expect(live.locator("main")).to_contain_text(answer)
    live.go("/sheet/")
    expect(live.page).to_have_url(re.compile("/sheets/"))


@pytest.fixture
def organisation(city):
    """Return the city with its departments, as an earlier import left them."""
    root = b.make_department(city, "総務部", code="010000")
    office = b.make_department(city, "情報政策課", code="010100", parent=root)
    b.make_department(city, "窓口①係", code="010101", parent=office)
    return city


BROKEN = """職員番号,氏名,職員区分,所属コード,発令種別,発令日
0012014,髙木 徹,正規,010100,本務,令和8年4月1日
0012014,髙木 徹,正規,010101,本務,令和8年4月1日
0012027,德永 早苗,正規,010109,本務,R8.4.1
0012033,濵﨑 翔,正規,010101,本務,令和8年2月30日
0012041,北村 蓮,常勤,010101,本務,2026/4/1
００１２０５８,栁沢 剛,正規,010101,本務,2026/4/1
"""


def test_a_broken_roster_is_refused_whole_with_line_column_and_value(organisation, live, axe):
    live.seen.expect("422")
    sign_in_as(live, "jinji")
    upload(live, "職員名簿", as_file("meibo.csv", BROKEN))
    expect(live.locator("main")).to_contain_text("直すところがあるため、1行も取り込みません。")
    listed = live.get_by_role("table", name="直すところの一覧")
    for line, column, value in [
        (4, "所属コード", "010109"),
        (5, "発令日", "令和8年2月30日"),
        (6, "職員区分", "常勤"),
        (7, "職員番号", "００１２０５８"),
    ]:
        row = listed.get_by_role("row").filter(has=live.get_by_role("rowheader", name=f"{line}行目"))
        expect(row).to_contain_text(column)
        expect(row).to_contain_text(value)
    expect(listed.get_by_role("row").filter(has_text="3行目")).to_contain_text(
        "2行目と職員番号が同じで、期間が重なります。"
    )
    expect(live.get_by_role("button", name="取り込む", exact=True)).to_have_count(0)
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("hr-refused")
    assert Staff.objects.count() == 1
    assert not Posting.objects.exists()

    mended = ROSTER.replace("010200,人事課", "010000,総務部")
    live.get_by_role("link", name="もう一度選んでください").click()
    upload(live, "職員名簿", as_file("meibo.csv", mended))
    live.get_by_role("button", name="取り込む", exact=True).click()
    expect(told(live)).to_contain_text("取り込みました。")
    leave(live)


def _workbook():
    book = openpyxl.Workbook()
    book.active.append(["職員番号", "氏名", "所属コード", "発令日"])
    book.active.append(["0012014", "髙木 徹", "010100", "2026/4/1"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


REFUSED = [
    ("meibo.csv", _workbook(), "中身はExcelなどのファイルです"),
    ("meibo.xlsx", "職員番号,氏名\r\n".encode("cp932"), "中身はExcelではありません"),
    ("meibo.csv", b"", "空"),
    (
        "meibo.csv",
        b"".join(write_csv(["氏名", "部署"], [["髙木 徹", "情報政策課"]])),
        "「職員番号」の列が見つかりません",
    ),
    ("meibo.csv", "職員番号,氏名,所属コード,発令日\r\n0012014,髙木".encode("utf-16"), "文字コード"),
]


def test_a_file_that_is_no_roster_is_refused_with_what_to_do(organisation, live, axe):
    live.seen.expect("422")
    sign_in_as(live, "jinji")
    for name, content, sentence in REFUSED:
        upload(live, "職員名簿", {"name": name, "mimeType": "text/csv", "buffer": content})
        expect(live.locator("main")).to_contain_text(sentence)
        expect(live.get_by_role("button", name="取り込む", exact=True)).to_have_count(0)
        look_on(live, axe, DESKTOP)
    assert Staff.objects.count() == 1
    assert not Posting.objects.exists()
