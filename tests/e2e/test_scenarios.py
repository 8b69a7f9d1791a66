"""異動シミュレーション in a browser: tried by keyboard, kept, compared, shared with 人事, printed."""

import re

import pytest
from django.utils import timezone

from gaps.scenario_form import next_first_of_april
from lib.dates import format_wareki
from tests.assessments.sheets import last_year
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import become, expect, look_on, reach, sign_in_as, told, with_password
from tests.gaps.records import ANALYSIS, PLANNING, POLICY, TALKING, confirmed, need

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def year(world):
    """𠮷田 alone writes policy and plans; three people analyse, two of whom could learn the rest."""
    confirmed(world.kakari, world.cycle, {POLICY: 4, ANALYSIS: 3, PLANNING: 3, TALKING: 3})
    confirmed(world.kacho, world.cycle, {POLICY: 2, ANALYSIS: 3, TALKING: 3})
    confirmed(world.dourei, world.cycle, {ANALYSIS: 1, PLANNING: 2, TALKING: 3})
    need(world.ka, world.cycle, {POLICY: 2, ANALYSIS: 2, PLANNING: 1, TALKING: 2, "system-operations.1": 1})
    with_password(world.kacho, world.jinji)
    return world


def test_from_the_department_to_two_scenarios_side_by_side(year, live, axe):
    sign_in_as(live, "kacho")
    live.go(f"/departments/{year.ka.uuid}/")
    reach(live, live.get_by_role("link", name="4月1日の異動を試す"))
    live.keyboard.press("Enter")
    expect(live.get_by_role("heading", level=1)).to_have_text("異動シミュレーション")
    expect(live.locator(".answer")).to_contain_text("抜ける人と入る人を選ぶと")
    look_on(live, axe, DESKTOP)

    reach(live, live.get_by_role("checkbox", name="𠮷田 由紀子 さんが抜ける"))
    live.keyboard.press("Space")
    reason = live.get_by_label("𠮷田 由紀子さんの理由")
    reach(live, reason)
    live.keyboard.press("End")
    reach(live, live.get_by_role("button", name="この内容で試す"))
    live.keyboard.press("Enter")
    expect(live.locator(".answer")).to_have_text(
        "1人が抜けると、2項目でできる人がいなくなり、1項目が1人だけになります。"
    )
    policy = live.locator(".tile").filter(has_text="策定管理")
    expect(policy).to_have_class(re.compile("none"))
    expect(policy).to_contain_text("1 → 0")
    expect(policy).to_contain_text("一人依存から")
    expect(live.locator(".tile.none, .tile.single, .tile.short, .tile.ok")).to_have_count(3)
    expect(live.get_by_role("row", name=re.compile("庁内情報化｜企画立案")).first).to_contain_text("小林 健")
    expect(reason).to_have_value("term")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.evaluate("document.querySelectorAll('details').forEach(one => one.open = false)")
    live.shot("scenario-tried")
    live.set_viewport_size(PHONE)
    live.shot("scenario-tried-390")
    live.set_viewport_size(DESKTOP)
    live.emulate_media(media="print")
    expect(live.locator("form").first).to_be_hidden()
    expect(live.locator(".ticks")).to_contain_text("引継ぎメモがある")
    live.emulate_media(media="screen")
    live.evaluate("document.querySelectorAll('details').forEach(one => one.open = false)")

    reach(live, live.locator("summary", has_text="案として残す"))
    live.keyboard.press("Enter")
    reach(live, live.get_by_label("案の名前"))
    live.keyboard.type("𠮷田さんが抜ける案")
    reach(live, live.get_by_role("button", name="案として保存する"))
    live.keyboard.press("Enter")
    expect(told(live)).to_contain_text("案「𠮷田さんが抜ける案」を保存しました。")
    expect(live.get_by_role("heading", level=1)).to_have_text("𠮷田さんが抜ける案")

    newcomer = live.get_by_role("checkbox", name=re.compile("新規採用・配属 1人目"))
    newcomer.check()
    live.locator("summary", has_text="呼び名と段階を選ぶ").first.click()
    live.get_by_label(re.compile(r"概念化能力のめやす.*1人目")).select_option("3")
    live.get_by_label("案の名前").fill("後任が来る案")
    live.get_by_label("人事と共有する").check()
    live.get_by_role("button", name="別の案として保存する").click()
    expect(live.get_by_role("heading", level=1)).to_have_text("後任が来る案")
    expect(live.locator(".answer")).to_have_text("1人が抜けて1人が入ると、どの項目の充足状況も変わりません。")
    expect(live.locator("main")).to_contain_text("人事だけが見ます")

    live.get_by_role("navigation", name="主なメニュー").get_by_role("link", name="異動").click()
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("scenario-list")
    for name in ("𠮷田さんが抜ける案", "後任が来る案"):
        live.get_by_role("checkbox", name=re.compile(f"{name}を比べる")).check()
    live.get_by_role("button", name="選んだ案を比べる").click()
    row = live.get_by_role("row", name=re.compile("策定管理"))
    expect(row).to_contain_text("不在")
    expect(row).to_contain_text("一人依存のまま")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("scenario-compare")

    become(live, "jinji")
    live.get_by_role("navigation", name="主なメニュー").get_by_role("link", name="異動").click()
    expect(live.locator("main")).not_to_contain_text("𠮷田さんが抜ける案")
    live.get_by_role("link", name="後任が来る案").click()
    expect(live.get_by_role("button", name="写して自分の案にする")).to_be_attached()
    expect(live.get_by_role("button", name="この案を保存する")).to_have_count(0)
    look_on(live, axe, DESKTOP)


def test_somebody_is_found_by_name_and_a_wrong_day_is_said(year, live, axe):
    live.seen.expect("422")
    last_year(year, staff=year.betsuka, step=3)
    sign_in_as(live, "jinji")
    live.go(f"/scenarios/new/?department={year.ka.uuid}")
    live.get_by_label("入る人をさがす").fill("森")
    live.keyboard.press("Enter")
    live.get_by_role("checkbox", name=re.compile("森 健太")).check()
    live.get_by_label("異動の日").fill("4月")
    live.get_by_role("button", name="この内容で試す").click()
    expect(live.get_by_role("alert")).to_contain_text("直すところが1件あります")
    look_on(live, axe, PHONE)
    live.get_by_label("異動の日").fill(format_wareki(next_first_of_april(timezone.localdate())))
    live.get_by_role("button", name="この内容で試す").click()
    expect(live.locator(".answer")).to_contain_text("1人が入ると、")
    expect(live.get_by_role("checkbox", name=re.compile("森 健太"))).to_be_checked()
