"""From what the department does to 必要人数, in a browser: ticks, the proposal, one number changed with a note."""

import re

import pytest

from gaps.workflow import CellNeed, load_needs, load_plan
from tests.competency.duty_records import make_duty
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import expect, look_on, reach, sign_in_as, told, with_password

pytestmark = pytest.mark.django_db(transaction=True)
SECURITY, NETWORK = "情報セキュリティに関すること", "ネットワークや機器に関すること"


@pytest.fixture
def catalogue(world):
    """Return the world with a catalogue on the small matrix of tests."""
    make_duty(SECURITY, {"security-policy.1": 2, "communication.1": 9}, source="試験用の本")
    make_duty(NETWORK, {"system-operations.1": 2, "system-operations.2": 2}, source="試験用の本")
    make_duty(
        "デジタル化の旗振り役、マネジメント役", {"internal-it.2": 2}, group="role",
        examples="経営層の戦略的判断の支援、総合計画へのICT活用の考え方の導入",
    )  # fmt: skip
    make_duty("障害発生時の対処", {"system-operations.1": 1}, group="single", suited="outsource")
    with_password(world.kacho, world.jinji)
    return world


def test_from_the_duties_to_the_needs(catalogue, live, axe):
    sign_in_as(live, "kacho")
    live.go(f"/departments/{catalogue.ka.uuid}/")
    live.get_by_role("link", name="業務を決める").click()
    expect(live.get_by_role("heading", level=1)).to_have_text("デジタル推進課の業務")
    # By keyboard: a tick, another with a 担い手, one of the department's own.
    reach(live, live.get_by_role("checkbox", name=re.compile(SECURITY)))
    live.keyboard.press("Space")
    reach(live, live.get_by_role("checkbox", name=re.compile(NETWORK)))
    live.keyboard.press("Space")
    live.get_by_role("combobox", name=f"{NETWORK}の担い手").select_option(label="外部に委託する")
    live.get_by_role("textbox", name="所属だけの業務を加える").fill("庁内放送の機器")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    reach(live, live.get_by_role("button", name="業務を保存する"))
    live.keyboard.press("Enter")
    expect(told(live)).to_contain_text("業務を保存しました。")
    expect(live.get_by_role("checkbox", name="庁内放送の機器")).to_be_checked()
    live.shot("duties-1366")
    live.set_viewport_size(PHONE)
    live.shot("duties-390")
    live.set_viewport_size(DESKTOP)

    live.get_by_role("link", name=re.compile("項目を決める.*庁内放送の機器")).click()
    live.get_by_role("textbox", name="庁内情報化｜業務分析の人数").fill("１")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("duty-1366")
    live.get_by_role("button", name="業務を保存する").click()
    expect(told(live)).to_contain_text("業務「庁内放送の機器」を保存しました。")
    live.get_by_role("link", name="保存せずに戻る").click()

    live.get_by_role("link", name="必要人数の案を見る").click()
    line = live.locator("tr").filter(has_text="策定管理")
    expect(line).to_contain_text(f"{SECURITY}：2人")
    reach(live, live.get_by_role("link", name="案を入れる"))
    live.keyboard.press("Enter")
    expect(live.locator("tr").filter(has_text="コミュニケーション")).to_contain_text(
        "人数の上限 6人に合わせた"
    )
    policy = live.get_by_role("textbox", name="セキュリティポリシー｜策定管理の必要人数")
    expect(policy).to_have_value("2")
    expect(live.get_by_role("textbox", name="庁内情報化｜企画立案の必要人数")).to_have_value("0")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("needs-proposal-1366")
    live.set_viewport_size(PHONE)
    live.shot("needs-proposal-390")
    live.set_viewport_size(DESKTOP)
    policy.fill("3")
    live.get_by_role("textbox", name="セキュリティポリシー｜策定管理のメモ").fill("今年度は改定がある")
    live.get_by_role("button", name="必要人数を保存する").click()
    expect(told(live)).to_contain_text("必要人数を保存しました。")

    stored = load_needs(catalogue.ka, catalogue.cycle).cells
    assert stored["security-policy.1"] == CellNeed(3, "今年度は改定がある")
    assert {code: one.needed for code, one in stored.items()} == {
        "security-policy.1": 3, "communication.1": 6, "internal-it.1": 1, "internal-it.2": 0,
        "system-operations.1": 0, "system-operations.2": 0,
    }  # fmt: skip
    assert sorted(load_plan(catalogue.ka, 2026).done_by.values()) == ["outsourced", "staff", "staff"]


def test_hr_makes_a_common_duty_its_own(catalogue, live, axe):
    sign_in_as(live, "jinji")
    live.go("/duties/")
    expect(live.locator(".tag.check")).to_have_count(4)
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("catalogue-1366")
    live.get_by_role("link", name=SECURITY).click()
    live.get_by_role("textbox", name="コミュニケーションの人数").fill("3")
    live.shot("duty-common-1366")
    live.get_by_role("button", name="業務を保存する").click()
    expect(told(live)).to_contain_text("を保存しました。")
    live.get_by_role("navigation", name="現在の場所").get_by_role("link", name="業務の一覧").click()
    expect(live.locator(".tag.check")).to_have_count(3)
    expect(live.locator("tr").filter(has_text=SECURITY)).to_contain_text("コミュニケーション 3人")
