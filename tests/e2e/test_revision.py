"""A revision from the desk to the trend: 体系の編集 splits a cell and publishes, 人事 moves the year, a person looks again."""

import re

import jsonschema
import pytest
from django.utils import timezone

from assessments.models import Draft, Sheet
from competency.exports import framework_file_of
from competency.interchange import read
from competency.models import Cell, FrameworkVersion
from tests import builders as b
from tests.assessments.sheets import in_state, last_year, steps_of
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import expect, leave, look_on, sign_in_as, with_password
from tests.gaps.records import need
from tests.official import schema

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def year(world):
    """Return the world with a year behind it; 山﨑さん is half way through the sheet, 小林さん has been confirmed."""
    last_year(world, step=2, c1=3)
    last_year(world, staff=world.dourei, step=3)
    last = world.dourei.sheets.get(fiscal_year=2025).cycle
    codes = world.version.cells.values_list("code", flat=True)
    for cycle in (last, world.cycle):
        need(world.ka, cycle, dict.fromkeys(codes, 1))
    in_state(b.make_sheet(world.dourei, world.cycle, world.kakari_dept), "confirmed", world.kacho)
    for cell, step in list(steps_of(world.sheet, 2, c1=3).items())[:4]:
        Draft.objects.create(
            municipality=world.city, sheet=world.sheet, cell_id=cell, step=step, evidence="窓口の受付を見直した",
            updated_at=timezone.now(),
        )  # fmt: skip
    Sheet.objects.filter(pk=world.sheet.pk).update(state=Sheet.State.DRAFTING)
    with_password(world.henshu, world.jinji, world.honnin, world.kacho)
    return world


def test_from_the_draft_to_the_joint_in_the_years(year, live, axe):
    sign_in_as(live, "henshu")
    _draft(year, live, axe)
    _publish(live, axe)
    _take_out(live)
    leave(live)
    sign_in_as(live, "jinji")
    _move_the_year(year, live, axe)
    leave(live)
    sign_in_as(live, "honnin")
    _look_again(year, live, axe)
    leave(live)
    sign_in_as(live, "kacho")
    _see_the_joint(year, live, axe)


def _draft(year, live, axe):
    """Make a draft of the version in use, move two marks, split one cell, write its words, confirm the placements."""
    live.go("/framework/drafts/new/")
    live.get_by_role("radio").first.check()
    live.get_by_role("textbox", name="新しい版の名前").fill("2026")
    live.get_by_role("button", name="下書きを作る").click()
    expect(live.get_by_role("heading", level=1)).to_have_text("2026")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.set_viewport_size(DESKTOP)
    # By keyboard alone: the button has the focus, and keeps it after the page is there again.
    for name, way, back in (("策定管理", "易しい", "難しい"), ("コミュニケーション", "難しい", "易しい")):
        button = live.get_by_role("button", name=f"「{name}」を{way}段階へ")
        button.focus()
        live.keyboard.press("Enter")
        # From the edge of the matrix there was no way back before.
        expect(live.get_by_role("button", name=f"「{name}」を{back}段階へ")).to_be_enabled()
        expect(button).to_be_focused()
    live.get_by_role("link", name="業務分析").click()
    live.get_by_role("link", name="この項目を分ける").click()
    look_on(live, axe, DESKTOP)
    for number, task in enumerate(("業務の流れ", "データの整理")):
        live.locator(f"[name=piece-{number}-task]").fill(task)
    live.locator("[name=rule][value=review]").check()
    live.locator("main form").get_by_role("button", name="分ける").click()
    live.get_by_role("link", name="データの整理").click()
    live.get_by_role("textbox", name="3 独力でできる").fill("1人で、業務のデータを表に整理できる。")
    look_on(live, axe, DESKTOP)
    live.get_by_role("button", name="項目を保存する").click()
    draft = FrameworkVersion.objects.get(name="2026")
    live.go(f"/framework/drafts/{draft.uuid}/")
    for box in live.get_by_role("checkbox").all():
        box.check()
    live.get_by_role("button", name="選んだ項目の位置を確認済みにする").click()
    expect(live.locator("main").get_by_text("要確認の位置 0")).to_be_visible()
    assert not Cell.objects.filter(version=draft, placement_confirmed=False).exists()
    for moved in (
        Cell.objects.get(version=draft, task="策定管理"),
        Cell.objects.get(version=draft, label="コミュニケーション"),
    ):
        assert moved.stage.rank == 1


def _publish(live, axe):
    live.get_by_role("link", name="公開の前に確かめる").click()
    expect(live.locator("main")).to_contain_text("分割")
    look_on(live, axe, DESKTOP)
    live.get_by_role("textbox", name="改定の説明").fill("業務分析を、流れとデータに分けました。")
    live.get_by_role("button", name="この版を公開する").click()
    expect(live.locator("main")).to_contain_text("公開しました")


def _take_out(live):
    """The package that leaves is valid by the official schema, and what comes back is what left."""
    version = FrameworkVersion.objects.get(name="2026")
    taken = live.page.request.get(f"{live.url}/framework/{version.uuid}/export/?format=case")
    assert taken.ok
    checker = jsonschema.Draft201909Validator(schema("case-1.1-cfpackage.schema.json"))
    assert [error.message for error in checker.iter_errors(taken.json())] == []
    framework, _ = read(taken.text())
    assert framework == framework_file_of(version)


def _move_the_year(year, live, axe):
    live.go(f"/cycles/{year.cycle.uuid}/")
    live.get_by_role("link", name="体系の版を移す画面へ").click()
    live.get_by_role("button", name="変わるところを見る").click()
    expect(live.locator(".answer")).to_contain_text("見直しの印が付く項目は2つ")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.set_viewport_size(DESKTOP)
    live.get_by_role("button", name=re.compile("に移す$")).click()
    expect(live.locator("main")).to_contain_text("移しました")


def _look_again(year, live, axe):
    live.go(f"/sheets/{year.sheet.uuid}/edit/")
    note = live.locator("#to-review")
    expect(note).to_contain_text("見直しをお願いする項目が2つあります")
    expect(note).to_contain_text("もとは「業務分析」")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.set_viewport_size(DESKTOP)
    live.get_by_role("button", name=re.compile("このままでよい.*業務の流れ")).click()
    expect(note).to_contain_text("見直しをお願いする項目が1つあります")
    kept = Draft.objects.get(sheet=year.sheet, cell__task="業務の流れ")
    assert (kept.step, kept.evidence, kept.review) == (3, "窓口の受付を見直した", False)


def _see_the_joint(year, live, axe):
    live.go(f"/departments/{year.ka.uuid}/trend/")
    expect(live.locator("#joints")).to_contain_text("体系が版「2026」に変わりました")
    assert live.locator("svg path.joint").count() > 1
    look_on(live, axe, DESKTOP)
