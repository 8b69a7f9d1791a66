"""The line's year in a browser: the list, a sheet beside last year's, 一次確認, 確定, 差戻し, and what the person sees."""

import re

import pytest

from organization.models.position import LineRole
from tests import builders as b
from tests.assessments.sheets import in_state, last_year, submitted
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import (
    become,
    cell,
    choose,
    comment_on,
    expect,
    hand_in,
    leave,
    look_on,
    sign_in_as,
    told,
    with_password,
)

pytestmark = pytest.mark.django_db(transaction=True)

POLICY, ANALYSIS = "セキュリティポリシー", "業務分析"
WAITING = re.compile("^確認 ?1 ?件$")
SEEN = "三件の更新を一人で進めています。"
MEMO = "根拠の日付を面談で確かめる。"


@pytest.fixture
def year(world):
    """Return the world with 山﨑さん's sheet handed in: two steps up in one cell, one in another, the rest as last year."""
    last_year(world, step=2)
    hand_in(world.sheet, "新しい方針の案を書いた。", step=2, c0=4, c1=3)
    with_password(world.honnin, world.kakari, world.kacho, world.bucho, world.jinji)
    return world


def test_from_the_list_to_the_last_confirmation(year, live, axe):
    sign_in_as(live, "kakari")
    nav = live.get_by_role("navigation", name="主なメニュー")
    expect(nav.get_by_role("link", name=WAITING)).to_be_visible()
    nav.get_by_role("link", name=WAITING).click()
    expect(live.locator("main")).to_contain_text("あなたの確認を待っている年度票が1件あります。")
    row = live.get_by_role("row", name=re.compile("山﨑 美咲")).first
    expect(row).to_contain_text("2項目")
    expect(row).to_contain_text("1項目")
    expect(row).to_contain_text("一次確認")
    live.shot("line-list")

    row.get_by_role("link", name="山﨑 美咲").click()
    expect(live.locator("main")).to_contain_text(
        "昨年の確認から変わったのは2項目です。2段階以上の違いが1項目あります。"
    )
    changed = cell(live, POLICY)
    expect(changed).to_contain_text("昨年から＋2")
    expect(changed).to_contain_text("昨年の確認より2段階上がっています。")
    expect(changed).to_contain_text("新しい方針の案を書いた。")
    expect(changed.locator("dl")).to_contain_text(
        re.compile(r"昨年の確認\s*2 支援があればできる\s*本人\s*4 教えられる")
    )
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("line-first")

    live.get_by_role("button", name="変更のない項目をまとめて確認（4項目）").click()
    expect(told(live)).to_contain_text("4項目を保存しました。")
    expect(live.locator(".dock")).to_contain_text("4／6")
    choose(live, POLICY, 3)
    comment_on(live, POLICY, SEEN, "本人に見える")
    choose(live, ANALYSIS, 3)
    comment_on(live, ANALYSIS, MEMO, "管理メモ")
    look_on(live, axe, DESKTOP)
    live.get_by_role("button", name="一次確認する").click()
    expect(told(live)).to_contain_text("山﨑 美咲さんの年度票を一次確認しました。")
    expect(live.locator("main")).to_contain_text("いま確認を待っている年度票はありません。")

    become(live, "kacho")
    live.get_by_role("navigation", name="主なメニュー").get_by_role("link", name=WAITING).click()
    expect(live.get_by_role("row", name=re.compile("山﨑 美咲")).first).to_contain_text("確定")
    live.get_by_role("link", name="山﨑 美咲").first.click()
    expect(cell(live, POLICY)).to_contain_text(f"{SEEN}（本人に見える")
    expect(cell(live, ANALYSIS)).to_contain_text(f"{MEMO}（管理メモ")
    live.get_by_role("button", name="本人と一次確認が同じ項目をまとめて確認（5項目）").click()
    choose(live, POLICY, 3)
    look_on(live, axe, DESKTOP)
    live.shot("line-final")
    live.get_by_role("button", name="確定する").click()
    expect(told(live)).to_contain_text("山﨑 美咲さんの年度票を確定しました。")

    become(live, "honnin")
    for path in ("/sheet/", "/resume/", "/"):
        live.go(path)
        expect(live.locator("main")).not_to_contain_text(MEMO)
    live.go("/sheet/")
    expect(live.locator("main")).to_contain_text("確定した段階が本人の記入と違う項目が1あります。")
    expect(live.get_by_role("row", name=re.compile(POLICY))).to_contain_text(SEEN)
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("line-person-after")


def test_nothing_left_open_passes_and_the_page_says_where(year, live, axe):
    live.seen.expect("409")
    sign_in_as(live, "kakari")
    live.go(f"/sheets/{year.sheet.uuid}/")
    live.get_by_role("button", name="変更のない項目をまとめて確認（4項目）").click()
    choose(live, POLICY, 3)
    live.get_by_role("button", name="一次確認する").click()
    summary = live.get_by_role("alert")
    expect(summary).to_contain_text("直すところが1件あります")
    expect(summary).to_be_focused()
    look_on(live, axe, DESKTOP)
    summary.get_by_role("link").click()
    live.keyboard.press("Space")
    expect(cell(live, ANALYSIS).get_by_role("radio", name=re.compile("未経験"))).to_be_checked()
    expect(cell(live, POLICY).get_by_role("radio", name=re.compile("独力"))).to_be_checked()


def test_send_back_on_a_telephone_with_a_reason_that_the_person_reads(year, live, axe):
    live.set_viewport_size(PHONE)
    live.seen.expect("422")
    sign_in_as(live, "kakari")
    live.go("/review/")
    look_on(live, axe, PHONE)
    live.get_by_role("link", name="山﨑 美咲").first.click()
    live.get_by_role("button", name="差し戻す").click()
    expect(live.get_by_role("alert")).to_contain_text("直すところが1件あります")
    look_on(live, axe, PHONE)
    live.get_by_role("textbox", name=re.compile("^理由")).fill("いつ、何を教えたのかを書き足してください。")
    live.shot("line-send-back-390")
    live.get_by_role("button", name="差し戻す").click()
    expect(told(live)).to_contain_text("山﨑 美咲さんに差し戻しました。")

    become(live, "honnin")
    look_on(live, axe, PHONE)
    live.locator(".task-now").get_by_role("link").first.click()
    expect(live.locator("main")).to_contain_text("いつ、何を教えたのかを書き足してください。")
    expect(live.locator("main")).to_contain_text("差戻しの理由")
    choose(live, POLICY, 3)
    cell(live, POLICY).get_by_role("textbox").fill("五月に同僚へ方針の書き方を教えた。")
    look_on(live, axe, PHONE)
    live.get_by_role("button", name="確認して提出").first.click()
    look_on(live, axe, PHONE)
    live.get_by_role("button", name="提出する").click()
    expect(told(live)).to_contain_text("提出しました。")

    become(live, "kakari")
    live.go(f"/sheets/{year.sheet.uuid}/")
    expect(live.locator("main")).to_contain_text("いつ、何を教えたのかを書き足してください。")
    expect(cell(live, POLICY)).to_contain_text("五月に同僚へ方針の書き方を教えた。")


def test_the_whole_way_without_javascript(year, plain, axe):
    sign_in_as(plain, "kakari")
    plain.go("/review/")
    plain.get_by_role("link", name="山﨑 美咲").first.click()
    plain.get_by_role("button", name="変更のない項目をまとめて確認（4項目）").click()
    choose(plain, POLICY, 4)
    choose(plain, ANALYSIS, 2)
    comment_on(plain, ANALYSIS, SEEN, "本人に見える")
    plain.get_by_role("button", name="一時保存").first.click()
    expect(told(plain)).to_contain_text("2項目を保存しました。")
    expect(cell(plain, ANALYSIS).get_by_role("textbox")).to_have_value(SEEN)
    plain.get_by_role("button", name="一次確認する").click()
    expect(told(plain)).to_contain_text("一次確認しました。")
    become(plain, "kacho")
    plain.go("/review/")
    plain.get_by_role("link", name="山﨑 美咲").first.click()
    plain.get_by_role("button", name=re.compile("本人と一次確認が同じ項目")).click()
    choose(plain, ANALYSIS, 2)
    plain.get_by_role("button", name="確定する").click()
    expect(told(plain)).to_contain_text("確定しました。")
    become(plain, "honnin")
    plain.go("/sheet/")
    expect(plain.get_by_role("row", name=re.compile(ANALYSIS))).to_contain_text(SEEN)


def test_without_a_step_of_the_kakari_the_sheet_goes_on_to_the_head(year, live):
    year.kakari.postings.update(line_role=LineRole.NONE)
    sign_in_as(live, "kacho")
    live.go("/review/")
    row = live.get_by_role("row", name=re.compile("山﨑 美咲")).first
    expect(row).to_contain_text("確定")
    row.get_by_role("link").click()
    expect(live.get_by_role("button", name="確定する")).to_be_visible()
    leave(live)


def test_nobody_confirms_their_own_a_head_goes_to_the_head_above_and_the_highest_to_hr(year, live, axe):
    of_head = submitted(b.make_sheet(year.kacho, year.cycle, year.ka))
    submitted(b.make_sheet(year.bucho, year.cycle, year.bu))
    own_of_first = in_state(
        b.make_sheet(year.kakari, year.cycle, year.kakari_dept), "first_confirmed", year.kacho
    )

    for username, own, name in [("kakari", own_of_first, "𠮷田 由紀子"), ("kacho", of_head, "髙橋 誠一")]:
        sign_in_as(live, username)
        live.go("/review/")
        expect(live.locator("main").get_by_role("link", name=name)).to_have_count(0)
        live.go(f"/sheets/{own.uuid}/")
        expect(live.get_by_role("heading", name="わたしの年度票")).to_be_visible()
        expect(live.get_by_role("button", name=re.compile("一次確認する|確定する|差し戻す"))).to_have_count(0)
        leave(live)

    sign_in_as(live, "bucho")
    live.go("/review/")
    expect(live.locator("main").get_by_role("link", name="伊藤 正")).to_have_count(0)
    _confirm_all(live, "髙橋 誠一")
    become(live, "jinji")
    live.go("/review/")
    _confirm_all(live, "伊藤 正")
    look_on(live, axe, DESKTOP)


def _confirm_all(live, name):
    """From the list: open somebody's sheet, choose a step for every cell and make the 確定."""
    live.get_by_role("link", name=name).first.click()
    for radio in live.locator("input[name^='step-'][value='2']").all():
        radio.check()
    live.get_by_role("button", name="確定する").click()
    expect(told(live)).to_contain_text(f"{name}さんの年度票を確定しました。")
