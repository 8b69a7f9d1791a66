"""The head of a department in the sample, by keyboard alone: from the gap to a scenario, training, measures, paper."""

import re

import pytest
from django.core.management import call_command

from gaps.models import Measure, Scenario
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import (
    CROSSWALKS,
    DUTIES,
    FRAMEWORK,
    SURVEYS,
    expect,
    look_on,
    reach,
    sign_in_as,
    told,
)

pytestmark = pytest.mark.django_db(transaction=True)
PAGES_OF_A_PDF = re.compile(rb"/Type\s*/Page\b(?!s)")


@pytest.fixture
def sample(transactional_db):
    """Fill in みほん市 as `make run` does."""
    call_command("load_framework", FRAMEWORK)
    call_command("load_duties", DUTIES)
    call_command("load_catalogue")
    call_command("load_survey", *SURVEYS)
    call_command("load_crosswalk", *CROSSWALKS)
    call_command("demo")


def press(live, role, name):
    """Go to a control with Tab and press Enter."""
    reach(live, live.get_by_role(role, name=name).first, most=200)
    live.keyboard.press("Enter")


def open_report(live):
    """From anywhere through the menu to the report of the 課."""
    press(live, "link", re.compile("^スキルギャップ$"))
    expect(live.get_by_role("heading", level=1)).to_have_text("スキルギャップ")
    reach(live, live.locator("main").get_by_role("link", name="デジタル推進課", exact=True))
    live.keyboard.press("Enter")
    expect(live.get_by_role("heading", level=1)).to_have_text("デジタル推進課のスキルギャップ")


def test_from_the_gap_to_the_decision_by_keyboard(sample, live, axe):
    sign_in_as(live, "kacho")
    open_report(live)
    for viewport in (DESKTOP, PHONE):
        look_on(live, axe, viewport)
    live.shot("decisions-department")

    press(live, "link", "4月1日の異動を試す")
    reach(live, live.get_by_role("checkbox", name="𠮷田 由紀子 さんが抜ける"))
    live.keyboard.press("Space")
    press(live, "button", "この内容で試す")
    expect(live.locator(".answer")).to_contain_text("3項目でできる人がいなくなり")
    reach(live, live.locator("summary", has_text="案として残す"), most=200)
    live.keyboard.press("Enter")
    reach(live, live.get_by_label("案の名前"))
    live.keyboard.type("部長との打合せの案")
    press(live, "button", "案として保存する")
    expect(told(live)).to_contain_text("案「部長との打合せの案」を保存しました。")
    assert Scenario.objects.filter(name="部長との打合せの案").exists()

    open_report(live)
    before = Measure.objects.count()
    press(live, "link", "育成の案を作る")
    reach(live, live.get_by_role("textbox", name=re.compile("^研修枠の数")))
    live.keyboard.type("3")
    live.keyboard.press("Enter")
    expect(live.locator(".answer")).to_contain_text("3枠で、不在が1項目")
    press(live, "button", "印の行を対応方針にする")
    expect(told(live)).to_contain_text("3項目の育成を、対応方針にしました。")
    assert Measure.objects.count() == before + 3

    open_report(live)
    press(live, "link", "1枚のまとめ")
    expect(live.get_by_role("heading", level=1)).to_have_text("デジタル推進課のスキルのまとめ")
    for name in ("𠮷田", "渡邉", "佐藤"):
        expect(live.locator("main")).not_to_contain_text(name)
    live.emulate_media(media="print")
    paper = live.page.pdf(format="A4", print_background=True, prefer_css_page_size=True)
    assert len(PAGES_OF_A_PDF.findall(paper)) == 1
