"""henshu at the desk by keyboard: a draft of LASDEC 2012, two marks moved, one split, worded, confirmed, published."""

import re

import pytest
from django.db.models import F

from competency.models import FrameworkVersion
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import expect, look_on, reach, sign_in_as, told, with_password

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(world):
    """Return the world with an editor who can sign in."""
    with_password(world.henshu)
    return world


def press(live, name):
    """Go to a button by the Tab key and press Enter; what has the focus then is the same button, or its neighbour."""
    reach(live, live.get_by_role("button", name=name, exact=True))
    live.keyboard.press("Enter")
    expect(live.locator("[data-desk-said]")).to_have_text(f"{name}動かしました。")


def test_from_the_common_version_to_a_published_one(desk, live, axe):
    sign_in_as(live, "henshu")
    live.get_by_role("navigation", name="主なメニュー").get_by_role("link", name="体系").click()
    live.get_by_role("link", name="体系の編集").click()
    look_on(live, axe, DESKTOP)
    live.get_by_role("link", name="版をもとに下書きを作る").click()
    live.get_by_role("radio", name=re.compile("LASDEC 2012")).check()
    live.get_by_role("textbox", name="新しい版の名前").fill("令和8年度版")
    live.get_by_role("button", name="下書きを作る").click()
    expect(told(live)).to_contain_text("下書き「令和8年度版」を作りました。")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("desk-390")
    live.set_viewport_size(DESKTOP)
    live.shot("desk-1366")
    draft = FrameworkVersion.objects.get(state="draft")

    # Two marks by keyboard: the page is not loaded again, and the focus stays where it was.
    live.evaluate("window.sameDocument = true")
    press(live, "「策定管理」を易しい段階へ")
    focused = live.get_by_role("button", name="「策定管理」を易しい段階へ", exact=True)
    expect(focused).to_be_focused()
    press(live, "「コミュニケーション」を難しい段階へ")
    assert live.evaluate("window.sameDocument")
    assert draft.cells.get(code="security-policy.1").stage.name == "中級"
    assert draft.cells.get(code="communication.1").stage.name == "中級"
    # Somebody else moves a mark meanwhile: the matrix of now comes with a sentence, and the same key does it then.
    draft.cells.filter(code="security-policy.1").update(lock=F("lock") + 1)
    live.seen.expect("409")
    reach(live, live.get_by_role("button", name="「策定管理」を難しい段階へ", exact=True), 200)
    live.keyboard.press("Enter")
    expect(live.locator("[data-desk-said]")).to_contain_text("ほかの画面で先に変更されました")
    assert draft.cells.get(code="security-policy.1").stage.name == "中級"
    live.evaluate("document.querySelector('#main').focus()")
    press(live, "「企画立案」を前へ")
    # It is the first now and can go no further: the focus goes to what is beside it.
    assert live.evaluate("document.activeElement.closest('.tile') !== null")

    for label in ("策定管理", "コミュニケーション"):
        reach(live, live.get_by_role("checkbox", name=re.compile(f"「{label}」を")))
        live.keyboard.press("Space")
    reach(live, live.get_by_role("button", name="選んだ項目の位置を確認済みにする"))
    live.keyboard.press("Enter")
    expect(live.locator("[data-desk-said]")).to_contain_text("2項目の位置を確認済みにしました。")
    expect(live.locator("#cell-communication\\.1")).to_contain_text("石井 大輔")

    # Wording, shown as the sheet will show it while it is written.
    live.get_by_role("link", name="策定管理", exact=True).click()
    live.get_by_role("textbox", name="1 知識がある").fill("決まりの目的を説明できる。")
    expect(live.locator("[data-preview]")).to_contain_text("決まりの目的を説明できる。")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.set_viewport_size(DESKTOP)
    reach(live, live.get_by_role("button", name="項目を保存する"))
    live.keyboard.press("Enter")
    expect(told(live)).to_contain_text("項目「策定管理」を保存しました。")

    live.get_by_role("link", name="この項目を分ける").click()
    live.get_by_role("textbox", name=re.compile("^項目 ")).nth(0).fill("策定")
    live.get_by_role("textbox", name=re.compile("^項目 ")).nth(1).fill("見直し")
    look_on(live, axe, DESKTOP)
    live.get_by_role("button", name="項目を分ける").click()
    expect(told(live)).to_contain_text("項目「策定管理」を分けました。")

    live.get_by_role("link", name="もとの版と比べる").click()
    expect(live.get_by_role("row", name=re.compile("分割"))).to_have_count(2)
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.set_viewport_size(DESKTOP)
    live.go(f"/framework/drafts/{draft.uuid}/publish/")
    expect(live.locator("main")).to_contain_text("引き継いで、見直しの印を付ける項目")
    look_on(live, axe, DESKTOP)
    live.get_by_role("textbox", name="改定の説明").fill("策定管理を2つに分け、位置を確かめました。")
    reach(live, live.get_by_role("button", name="この版を公開する"))
    live.keyboard.press("Enter")
    expect(told(live)).to_contain_text("版「令和8年度版」を公開しました。")
    draft.refresh_from_db()
    assert (draft.state, draft.cells.count()) == ("published", 7)
