"""所属長 asks for three training places, changes one person, and makes three measures of it."""

import re

import pytest

from gaps.models import Measure, MeasurePerson
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import expect, look_on, reach, sign_in_as, told, with_password
from tests.gaps.records import ANALYSIS, PLANNING, POLICY, RUNNING, TALKING, confirmed, need

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office(world):
    """Nobody plans, policy and running rest on 𠮷田 alone; 髙橋, 小林 and 山﨑 are near."""
    confirmed(world.kakari, world.cycle, {POLICY: 3, ANALYSIS: 3, RUNNING: 3, PLANNING: 1, TALKING: 3})
    confirmed(world.kacho, world.cycle, {POLICY: 2, ANALYSIS: 3, PLANNING: 2, TALKING: 3})
    confirmed(world.dourei, world.cycle, {POLICY: 2, ANALYSIS: 1, RUNNING: 2, PLANNING: 2, TALKING: 2})
    confirmed(world.honnin, world.cycle, {POLICY: 1, RUNNING: 1, TALKING: 2})
    need(world.ka, world.cycle, {POLICY: 2, ANALYSIS: 2, PLANNING: 1, RUNNING: 1, TALKING: 3})
    with_password(world.kacho)
    return world


def test_from_three_places_to_three_measures_by_keyboard(office, live, axe):
    sign_in_as(live, "kacho")
    live.go(f"/departments/{office.ka.uuid}/")
    reach(live, live.get_by_role("link", name="育成の案を作る"))
    live.keyboard.press("Enter")
    expect(live.get_by_role("heading", level=1)).to_have_text("デジタル推進課の育成の案")
    look_on(live, axe, DESKTOP)
    reach(live, live.get_by_role("textbox", name=re.compile("^研修枠の数")))
    live.keyboard.type("3")
    live.keyboard.press("Enter")
    expect(live.locator(".answer")).to_contain_text("3枠で、不在が1項目、一人依存が2項目なくなります。")
    assert "places=3" in live.page.url
    look_on(live, axe, DESKTOP)
    live.shot("training")
    look_on(live, axe, PHONE)
    live.set_viewport_size(PHONE)
    live.shot("training-phone")
    live.set_viewport_size(DESKTOP)

    who = live.get_by_role("combobox", name="庁内情報化｜企画立案で育成する人")
    expect(who.locator("option:checked")).to_have_text("髙橋 誠一（2 → 3）")
    reach(live, who)
    live.keyboard.press("ArrowDown")
    live.keyboard.press("ArrowDown")
    expect(who.locator("option:checked")).to_have_text("小林 健（2 → 3）")
    reach(live, live.get_by_role("textbox", name="庁内情報化｜企画立案の研修・方法"))
    live.keyboard.press("Control+A")
    live.keyboard.type("県の研修（9月）")
    reach(live, live.get_by_role("button", name="印の行を対応方針にする"))
    live.keyboard.press("Enter")
    expect(told(live)).to_contain_text("3項目の育成を、対応方針にしました。")
    assert Measure.objects.count() == 3
    goal = MeasurePerson.objects.get(measure__cell__code=PLANNING)
    assert (goal.staff_id, goal.training) == (office.dourei.pk, "県の研修（9月）")
    live.shot("training-measures")


def test_without_javascript_and_with_what_changed_meanwhile(office, live_server, browser, axe):
    context = browser.new_context(java_script_enabled=False, locale="ja-JP", viewport=DESKTOP)
    page = context.new_page()
    page.goto(f"{live_server.url}/login/")
    page.get_by_label("ログイン名").fill("kacho")
    page.get_by_label("パスワード", exact=True).fill("mihon-shi-2026-demo")
    page.get_by_role("button", name="ログインする").click()
    page.goto(f"{live_server.url}/departments/{office.ka.uuid}/training/")
    page.get_by_role("textbox", name=re.compile("^研修枠の数")).fill("3")
    page.get_by_role("button", name="案を作る").click()
    page.get_by_role("textbox", name="システムの運用管理（初級）の研修・方法").fill("夜間の当番に入る")
    confirmed(office.henshu, office.cycle, {PLANNING: 3})
    confirmed(office.sysadmin, office.cycle, {PLANNING: 3})
    page.get_by_role("button", name="印の行を対応方針にする").click()
    expect(page.get_by_role("alert").first).to_contain_text("直すところが1件あります")
    expect(page.locator("tr.attention")).to_contain_text("この項目は、もう足りています。")
    expect(page.get_by_role("textbox", name="システムの運用管理（初級）の研修・方法")).to_have_value(
        "夜間の当番に入る"
    )
    page.get_by_role("checkbox", name="庁内情報化｜企画立案を対応方針にする").uncheck()
    page.get_by_role("button", name="印の行を対応方針にする").click()
    expect(page.locator(".messages")).to_contain_text("2項目の育成を、対応方針にしました。")
    context.close()
