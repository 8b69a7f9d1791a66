"""期待像 in a browser: 人事 sets it, the person meets the target where they write and in the résumé, the line in the table."""

import re
import uuid

import pytest
from django.utils import timezone

from assessments.models import Sheet
from assessments.workflow.confirmation import confirm_final, confirm_first
from organization.models import Posting
from tests import builders as b
from tests.assessments.sheets import confirmations
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import become, cell, expect, hand_in, look_on, reach, sign_in_as, told, with_password

pytestmark = pytest.mark.django_db(transaction=True)

NOTE = "目標は、担当する業務と職位から決まる目安です。評価ではありません。"


@pytest.fixture
def staffed(world):
    """Return the world in which 山﨑さん is 主任 and has a duty, and 人事, the person and the 所属長 can sign in."""
    b.make_position(world.city, "係長", rank=1)
    b.make_position(world.city, "主任", rank=2)
    b.make_position(world.city, "主査補", rank=3, retired=True)
    Posting.objects.filter(staff=world.honnin).update(position="主任")
    Posting.objects.filter(staff=world.kakari).update(position="係長")
    b.make_assignment(world.honnin, world.ka, ["security-policy.1"], name="情報セキュリティに関すること")
    with_password(world.jinji, world.honnin, world.kacho)
    return world


def confirm(world):
    """Take the submitted sheet through the line, with the person's own steps."""
    for level, who, act in (("first", world.kakari, confirm_first), ("final", world.kacho, confirm_final)):
        sheet = Sheet.objects.get(pk=world.sheet.pk)
        confirmations(sheet, who, level)
        act(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=b.actor_of(who), now=timezone.now())


def test_from_the_profile_of_a_position_to_the_target_of_a_person(staffed, live, axe):
    sign_in_as(live, "jinji")
    live.go("/organization/positions/")
    live.locator("main").get_by_role("link", name="職位の期待像").click()
    expect(live.get_by_role("heading", level=1)).to_have_text("職位の期待像")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    reach(live, live.get_by_role("link", name="主任", exact=True))
    live.keyboard.press("Enter")
    expect(live.get_by_role("heading", level=1)).to_have_text("主任の期待像")
    reach(live, live.get_by_label("庁内情報化｜業務分析の目標"))
    live.keyboard.type("3")
    live.get_by_label("コミュニケーションの目標").select_option("2 支援があればできる")
    look_on(live, axe, DESKTOP)
    live.shot("profile")
    look_on(live, axe, PHONE)
    live.get_by_role("button", name="期待像を保存する").click()
    expect(told(live)).to_contain_text("主任の期待像を保存しました。")
    expect(live.get_by_role("row", name=re.compile("^主任"))).to_contain_text("2／6項目")
    live.shot("profiles")
    live.get_by_role("link", name="係長", exact=True).click()
    live.get_by_label("ほかの職位から写す").select_option("主任")
    live.get_by_role("button", name="写す", exact=True).click()
    expect(live.get_by_text("「主任」の目標を入れました")).to_be_visible()
    expect(live.get_by_label("庁内情報化｜業務分析の目標")).to_have_value("3")
    look_on(live, axe, DESKTOP)

    become(live, "honnin")
    live.go("/sheet/")
    expect(live.get_by_text(NOTE)).to_be_visible()
    policy, analysis = cell(live, "策定管理"), cell(live, "業務分析")
    expect(policy).to_contain_text("目標 3 独力でできる")
    expect(policy).to_contain_text("主担当：情報セキュリティに関すること")
    expect(analysis).to_contain_text("職位：主任")
    expect(cell(live, "企画立案")).not_to_contain_text("目標")
    look_on(live, axe, DESKTOP)
    live.shot("target-sheet")
    look_on(live, axe, PHONE)
    live.set_viewport_size(PHONE)
    live.shot("target-sheet-phone")
    live.set_viewport_size(DESKTOP)

    hand_in(staffed.sheet, "担当した。", step=2, c0=4)
    live.go("/sheet/")
    expect(live.get_by_role("row", name=re.compile("策定管理"))).to_contain_text("4（＋1）")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    confirm(staffed)
    live.go("/resume/")
    expect(live.locator(".tile").filter(has_text="業務分析")).to_contain_text("目標 3")
    expect(live.locator(".tile").filter(has_text="業務分析")).to_contain_text("−1")
    look_on(live, axe, DESKTOP)
    live.shot("target-resume")
    look_on(live, axe, PHONE)
    live.set_viewport_size(PHONE)
    live.shot("target-resume-phone")
    live.set_viewport_size(DESKTOP)

    become(live, "kacho")
    live.go(f"/departments/{staffed.ka.uuid}/heatmap/")
    row = live.get_by_role("row", name=re.compile("山﨑 美咲"))
    expect(row).to_contain_text("2（−1）")
    expect(row).to_contain_text("4（＋1）")
    expect(row).to_contain_text("2（±0）")
    look_on(live, axe, DESKTOP)
    live.shot("target-heatmap")
    look_on(live, axe, PHONE)
    live.go(f"/sheets/{staffed.sheet.uuid}/")
    expect(live.get_by_text("目標との差").first).to_be_visible()
    look_on(live, axe, DESKTOP)
    live.shot("target-confirmed")
    look_on(live, axe, PHONE)
