"""所属長's year in a browser: 必要人数, the gap report, what a 確定 changes in it, and its files."""

import io
import re

import openpyxl
import pytest

from lib.tabular import read_table
from tests import builders as b
from tests.assessments.sheets import in_state, last_year, steps_of
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import downloaded, expect, look_on, reach, sign_in_as, told, with_password

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def year(world):
    """Return the world with a year behind it: 小林さん did everything alone, 山﨑さん nearly did.

    This year 山﨑さん has handed in one step more, and the 係長 came to the same.
    """
    last_year(world, step=2)
    last_year(world, staff=world.dourei, step=3)
    in_state(world.sheet, "first_confirmed", world.kakari, steps=steps_of(world.sheet, 2, c0=3))
    with_password(world.kacho, world.honnin)
    return world


def open_report(live):
    """Go from wherever to the report of the 課 through the menu."""
    live.get_by_role("navigation", name="主なメニュー").get_by_role("link", name="スキルギャップ").click()
    live.locator("main").get_by_role("link", name="デジタル推進課").first.click()
    expect(live.get_by_role("heading", level=1)).to_have_text("デジタル推進課のスキルギャップ")


def set_needs(live, needs):
    """Fill the form of 必要人数 with numbers by the name of the cell, and save."""
    for name, number in needs.items():
        live.get_by_role("textbox", name=f"{name}の必要人数").fill(number)
    live.get_by_role("button", name="必要人数を保存する").click()


NEEDS = {
    "セキュリティポリシー｜策定管理": "２",
    "庁内情報化｜業務分析": "1",
    "庁内情報化｜企画立案": "0",
    "コミュニケーション": "1",
}


def test_from_the_needs_to_the_files_of_the_gap_report(year, live, axe):
    sign_in_as(live, "kacho")
    open_report(live)
    answer, tile = live.locator(".answer"), live.locator(".tile").filter(has_text="策定管理")
    expect(answer).to_have_text("必要人数が未設定です。所属長が決めると、足りない項目がわかります。")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.get_by_role("link", name="必要人数を決める").click()
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    set_needs(live, NEEDS)

    expect(told(live)).to_contain_text("必要人数を保存しました。")
    expect(answer).to_contain_text(
        "必要な3項目のうち、足りている項目はありません。3項目は、できる人が1人以下です。"
    )
    expect(answer).to_contain_text("そのうち3項目は小林さん1人が支えています。")
    expect(live.locator(".figures li")).to_have_count(4)
    expect(live.locator(".figures li.ok")).to_contain_text("0 ／ 3項目")
    expect(live.locator(".figures li.none")).to_contain_text("一人依存 3、不在 0")
    expect(tile).to_contain_text("一人依存")
    expect(tile.locator(".count")).to_have_text(re.compile(r"^1\s*／\s*2"))
    expect(tile).to_contain_text("小林")
    expect(live.locator(".tile").filter(has_text="企画立案")).to_contain_text("対象外")
    expect(tile).to_contain_text("自己のみ")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("manager-before")

    live.get_by_role("link", name="「自己のみ」の値も含めて見る").click()
    expect(tile.locator(".count")).to_have_text(re.compile(r"^2\s*／\s*2"))
    expect(live.locator("main")).to_contain_text("自己のみを含む")
    live.get_by_role("link", name="確定した値だけに戻す").click()

    live.get_by_role("link", name="人と項目の表を見る").click()
    row = live.get_by_role("row", name=re.compile("山﨑 美咲"))
    expect(row.get_by_role("cell").first).to_have_text(re.compile(r"^2\s*自己 3$"))
    expect(live.get_by_role("row", name=re.compile("できる人／必要")).get_by_role("cell").first).to_have_text(
        "1／2"
    )
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("manager-heatmap")

    live.get_by_role("navigation", name="主なメニュー").get_by_role("link", name=re.compile("^確認")).click()
    live.get_by_role("link", name="山﨑 美咲").first.click()
    live.get_by_role("button", name="本人と一次確認が同じ項目をまとめて確認（6項目）").click()
    live.get_by_role("button", name="確定する").click()
    open_report(live)
    expect(tile.locator(".count")).to_have_text(re.compile(r"^2\s*／\s*2"))
    expect(tile).to_contain_text("充足")
    expect(answer).to_contain_text("必要な3項目のうち、1項目は足りています。2項目は、できる人が1人以下です。")
    below = live.locator("section").filter(has=live.get_by_role("heading", name="下の所属のようす"))
    expect(below).to_contain_text("情報政策係")
    look_on(live, axe, DESKTOP)
    live.shot("manager-after")

    name, content = downloaded(live, live.get_by_role("link", name="CSVに出す"))
    assert name == "充足状況_デジタル推進課_令和8年度.csv"
    assert content.startswith(b"\xef\xbb\xbf")
    table = read_table(content, name)
    rows = [dict(zip(table.header, row.cells, strict=True)) for row in table.rows]
    assert {row["所属コード"] for row in rows} == {"010100", "010101", "010102"}
    of_ours = {row["項目コード"]: row for row in rows if row["所属コード"] == "010100"}
    assert len(of_ours) == len(year.cells)
    done, alone = of_ours["security-policy.1"], of_ours["communication.1"]
    assert [done[key] for key in ("必要人数", "できる人数", "充足状況")] == ["2", "2", "充足"]
    assert [alone[key] for key in ("必要人数", "できる人数", "育成候補", "充足状況")] == [
        "1",
        "1",
        "1",
        "一人依存",
    ]
    assert of_ours["internal-it.2"]["充足状況"] == "対象外"

    name, content = downloaded(live, live.get_by_role("link", name="Excelに出す"))
    assert name.endswith(".xlsx")
    header, *lines = openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
    assert list(header) == table.header
    assert [["" if value is None else str(value) for value in line] for line in lines] == [
        row.cells for row in table.rows
    ]


def test_needs_are_reached_and_saved_by_keyboard_alone(year, live):
    live.go("/login/")
    live.keyboard.press("Tab")
    expect(live.get_by_role("link", name="本文へ移動")).to_be_focused()
    for control, text in [("ログイン名", "kacho"), ("パスワード", "mihon-shi-2026-demo")]:
        reach(live, live.get_by_label(control, exact=True))
        live.keyboard.type(text)
    live.keyboard.press("Enter")
    expect(live.get_by_role("navigation", name="主なメニュー")).to_be_visible()
    for name, address in [
        ("スキルギャップ", "/departments/$"),
        ("デジタル推進課", f"/departments/{year.ka.uuid}/$"),
        ("必要人数を決める", "/needs/$"),
    ]:
        reach(live, live.get_by_role("link", name=name, exact=True).first)
        live.keyboard.press("Enter")
        expect(live.page).to_have_url(re.compile(address))
    field = live.get_by_role("textbox", name="コミュニケーションの必要人数")
    reach(live, field)
    live.keyboard.type("3")
    reach(live, live.get_by_role("checkbox", name=re.compile("会計年度任用職員")))
    live.keyboard.press("Space")
    reach(live, live.get_by_role("button", name="必要人数を保存する"))
    live.keyboard.press("Enter")
    expect(told(live)).to_contain_text("必要人数を保存しました。")
    live.get_by_role("link", name="必要人数を変える").click()
    expect(field).to_have_value("3")
    expect(live.get_by_role("checkbox", name=re.compile("会計年度任用職員"))).to_be_checked()


def test_a_number_that_is_none_is_answered_beside_its_field(year, live, axe):
    live.seen.expect("422")
    sign_in_as(live, "kacho")
    live.go(f"/departments/{year.ka.uuid}/needs/")
    set_needs(live, {"コミュニケーション": "三人"})
    expect(live.get_by_role("alert")).to_contain_text("直すところが1件あります")
    expect(live.locator("tr").filter(has_text="コミュニケーション")).to_contain_text(
        "0から999までの数を入れてください。"
    )
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.get_by_role("alert").get_by_role("link").click()
    expect(live.get_by_role("textbox", name="コミュニケーションの必要人数")).to_be_focused()


def test_two_who_save_at_once_lose_nothing(year, live, axe):
    live.seen.expect("409")
    sign_in_as(live, "kacho")
    live.go(f"/departments/{year.ka.uuid}/needs/")
    other = live.context.new_page()
    other.goto(live.page.url)
    other.get_by_role("textbox", name="コミュニケーションの必要人数").fill("4")
    other.get_by_role("button", name="必要人数を保存する").click()
    expect(other.locator(".messages")).to_contain_text("必要人数を保存しました。")
    other.close()
    set_needs(live, {"コミュニケーション": "2"})
    expect(live.get_by_role("alert")).to_contain_text("まだ保存していません")
    line = live.locator("tr").filter(has_text="コミュニケーション")
    expect(line).to_contain_text("保存されている値：必要人数 4人")
    expect(live.get_by_role("textbox", name="コミュニケーションの必要人数")).to_have_value("2")
    look_on(live, axe, DESKTOP)
    live.get_by_role("button", name="必要人数を保存する").click()
    expect(told(live)).to_contain_text("必要人数を保存しました。")


def test_staff_see_the_coverage_of_their_department_without_names(year, live, axe):
    b.make_posting(year.dourei, year.kiban, kind="additional")
    sign_in_as(live, "honnin")
    live.go(f"/departments/{year.kakari_dept.uuid}/")
    expect(live.get_by_role("heading", level=1)).to_have_text("情報政策係のスキルギャップ")
    for name in ("小林", "𠮷田"):
        expect(live.locator("main")).not_to_contain_text(name)
    expect(live.get_by_role("link", name=re.compile("人と項目の表|必要人数を"))).to_have_count(0)
    look_on(live, axe, DESKTOP)
