"""確認への返事 and 再確認 in a browser: the person, their 課長, 人事; with the keyboard and without a script."""

import re

import pytest

from tests.assessments.test_sheet_reply import settled
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import become, expect, look_on, sign_in_as, told, with_password

pytestmark = pytest.mark.django_db(transaction=True)

POLICY, ANALYSIS = "セキュリティポリシー", "業務分析"
WHY = "運用の記録を付けています。見ていただけますか。"


@pytest.fixture
def year(world):
    """Return the world with 山﨑さん's sheet confirmed, one cell lower than the person's own step."""
    settled(
        world, comment="企画は任せられます。", steps={cell.pk: 1 + (cell.rank > 0) for cell in world.cells}
    )
    with_password(world.honnin, world.kacho, world.jinji)
    return world


def field_of(live, name):
    return live.get_by_role("group", name=re.compile(name))


def test_the_person_replies_by_keyboard_and_the_line_answers(year, live, axe):
    sign_in_as(live, "honnin")
    live.go("/sheet/")
    look_on(live, axe, PHONE)
    look_on(live, axe, DESKTOP)
    live.get_by_role("link", name="確認に返事をする・再確認を頼む").click()
    live.shot("sheet-reply")
    look_on(live, axe, PHONE)
    live.shot("sheet-reply-phone")
    look_on(live, axe, DESKTOP)
    # A mark without a reason is said next to the field, and what was written stays.
    field_of(live, ANALYSIS).get_by_role("textbox").fill("ありがとうございます。")
    field_of(live, POLICY).get_by_role("checkbox").focus()
    live.keyboard.press("Space")
    live.seen.expect("422")
    live.get_by_role("button", name="返事を送る").press("Enter")
    expect(field_of(live, POLICY)).to_contain_text("再確認を頼む理由を書いてください。")
    expect(field_of(live, ANALYSIS).get_by_role("textbox")).to_have_value("ありがとうございます。")
    look_on(live, axe, DESKTOP)
    field_of(live, POLICY).get_by_role("textbox").focus()
    live.keyboard.type(WHY)
    live.get_by_role("button", name="返事を送る").press("Enter")
    expect(told(live)).to_contain_text("再確認を頼みました。")
    expect(live.locator("main")).to_contain_text("答えを待っています")
    look_on(live, axe, DESKTOP)
    live.shot("sheet-replied")

    become(live, "kacho")
    live.go("/review/")
    expect(live.locator("main")).to_contain_text("再確認の依頼が1件あります。")
    look_on(live, axe, PHONE)
    look_on(live, axe, DESKTOP)
    live.shot("review-again")
    live.get_by_role("table", name=re.compile("再確認")).get_by_role("link", name="山﨑 美咲").click()
    expect(live.locator("main")).to_contain_text(WHY)
    look_on(live, axe, PHONE)
    live.shot("sheet-reconfirm-phone")
    look_on(live, axe, DESKTOP)
    live.shot("sheet-reconfirm")
    live.get_by_role("button", name="答える", exact=True).click()
    live.seen.expect("422")
    expect(live.locator("main")).to_contain_text("見直した結果を選んでください")
    live.get_by_role("radio", name="人事に訂正を頼む").check()
    live.get_by_role("textbox", name=re.compile("理由")).fill("記録を見落としていました。")
    live.get_by_role("button", name="答える", exact=True).click()
    expect(told(live)).to_contain_text("人事に訂正を頼みました。")

    become(live, "jinji")
    live.go("/review/")
    live.get_by_role("table", name=re.compile("再確認")).get_by_role("link", name="山﨑 美咲").click()
    expect(live.locator("main")).to_contain_text("記録を見落としていました。")
    look_on(live, axe, DESKTOP)
    live.shot("sheet-reconfirm-hr")
    live.get_by_role("link", name="訂正の画面を開く").click()
    live.get_by_role("combobox", name=re.compile(f"{POLICY}.*確認した")).select_option("2")
    live.get_by_role("textbox", name=re.compile("理由")).fill("見落としのため")
    live.get_by_role("button", name="訂正する").click()
    expect(live.locator("main")).to_contain_text("訂正しました")

    become(live, "honnin")
    live.go("/")
    expect(live.locator("main")).to_contain_text("再確認：訂正しました")


def test_without_a_script(year, plain):
    sign_in_as(plain, "honnin")
    plain.go("/sheet/")
    plain.get_by_role("link", name="確認に返事をする・再確認を頼む").click()
    field_of(plain, POLICY).get_by_role("textbox").fill(WHY)
    field_of(plain, POLICY).get_by_role("checkbox").check()
    plain.get_by_role("button", name="返事を送る").click()
    expect(told(plain)).to_contain_text("再確認を頼みました。")
    become(plain, "kacho")
    plain.go("/review/")
    plain.get_by_role("table", name=re.compile("再確認")).get_by_role("link", name="山﨑 美咲").click()
    plain.get_by_role("radio", name="確定のままにする").check()
    plain.get_by_role("textbox", name=re.compile("理由")).fill("面談で確かめました。")
    plain.get_by_role("button", name="答える", exact=True).click()
    expect(told(plain)).to_contain_text("確定のままです。")
    become(plain, "honnin")
    plain.go("/sheet/")
    expect(plain.locator("main")).to_contain_text("面談で確かめました。")
