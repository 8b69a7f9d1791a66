"""From the coverage map to one item, and to what the department would miss: by keyboard, at a desk and on a phone."""

import datetime
import re

import pytest
from django.utils import timezone

from gaps.models import Measure
from tests import builders as b
from tests.assessments.sheets import confirmations, submitted
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import expect, look_on, reach, sign_in_as, with_password
from tests.gaps.records import ANALYSIS, PLANNING, POLICY, RUNNING, TALKING, confirmed, need, steps, waiting

pytestmark = pytest.mark.django_db(transaction=True)
APRIL = datetime.date(2025, 4, 1)


def said(staff, cycle, by_code, evidence):
    """Write a confirmed sheet with evidence."""
    sheet = b.make_sheet(staff, cycle, staff.postings.first().department)
    submitted(sheet, steps(cycle, 1, by_code), evidence=evidence)
    confirmations(sheet, staff)
    type(sheet).objects.filter(pk=sheet.pk).update(state="confirmed", confirmed_at=timezone.now())


@pytest.fixture
def year(world):
    """Eight people, a year before, somebody who went elsewhere, and what was decided."""
    before = b.make_cycle(world.city, world.version, fiscal_year=2025, state="closed")
    said(
        world.kakari,
        world.cycle,
        {POLICY: 4, ANALYSIS: 3, RUNNING: 3, TALKING: 3},
        "令和6年度の改定で素案を書き、3課と調整した",
    )
    said(world.kacho, world.cycle, {POLICY: 2, ANALYSIS: 3, TALKING: 3}, "係長のころに担当した")
    confirmed(world.dourei, world.cycle, {POLICY: 1, ANALYSIS: 3, RUNNING: 2, TALKING: 3})
    confirmed(world.henshu, before, {POLICY: 2, PLANNING: 3})
    waiting(world.honnin, world.cycle, {POLICY: 3})
    for name, code in (("渡邉 健", TALKING), ("伊藤 裕子", ANALYSIS)):
        staff = b.make_staff(world.city, name)
        b.make_posting(staff, world.kiban)
        confirmed(staff, world.cycle, {code: 4})
    gone = b.make_staff(world.city, "谷口 五郎")
    b.make_posting(gone, world.kakari_dept, end=APRIL)
    b.make_posting(gone, world.jinjika, start=APRIL)
    old = b.make_cycle(world.city, world.version, fiscal_year=2024, state="closed")
    sheet = b.make_sheet(gone, old, world.kakari_dept)
    submitted(sheet, steps(old, 0, {POLICY: 3}))
    confirmations(sheet, gone)
    type(sheet).objects.filter(pk=sheet.pk).update(state="confirmed", confirmed_at=timezone.now())
    for cycle in (before, world.cycle):
        need(
            world.ka,
            cycle,
            {POLICY: 2, ANALYSIS: 2, PLANNING: 1, RUNNING: 1, "system-operations.2": 1, TALKING: 5},
        )
    now = timezone.now()
    Measure.objects.create(
        municipality=world.city, department=world.ka, cycle=world.cycle, cell=world.cells[0], kind="train",
        text="来年度の改定に髙橋が加わり、𠮷田から引き継ぐ", owner=world.kakari, due=datetime.date(2027, 3, 31),
        decided_status="single", decided_holders=1, created_at=now, updated_at=now,
    )  # fmt: skip
    with_password(world.kacho, world.honnin)
    return world


def test_from_the_map_to_one_item_by_keyboard(year, live, axe):
    sign_in_as(live, "kacho")
    live.go(f"/departments/{year.ka.uuid}/")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("cell-map")
    live.set_viewport_size(PHONE)
    live.shot("cell-map-phone")
    live.set_viewport_size(DESKTOP)
    tile = live.locator(".tile").filter(has_text="策定管理").get_by_role("link")
    expect(tile).to_have_accessible_name("セキュリティポリシー｜策定管理")
    live.reload()
    reach(live, tile)
    live.keyboard.press("Enter")
    expect(live.get_by_role("heading", level=1)).to_have_text("セキュリティポリシー｜策定管理")
    expect(live.locator(".answer")).to_contain_text("できる人は𠮷田 由紀子さんだけです。")
    expect(live.locator("main")).to_contain_text("令和6年度の改定で素案を書き、3課と調整した")
    past = live.locator("section").filter(has=live.get_by_role("heading", name="経験者"))
    expect(past).to_contain_text("谷口 五郎")
    expect(past.get_by_role("link")).to_have_count(0)
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("cell")
    live.set_viewport_size(PHONE)
    live.shot("cell-phone")


def test_the_whole_tile_is_the_link(year, live):
    sign_in_as(live, "kacho")
    live.go(f"/departments/{year.ka.uuid}/")
    tile = live.locator(".tile").filter(has_text="業務分析")
    box = tile.bounding_box()
    tile.scroll_into_view_if_needed()
    tile.click(position={"x": box["width"] - 6, "y": box["height"] - 6})
    expect(live.page).to_have_url(re.compile("/cells/"))


def test_calibration_shows_counts_and_no_names(year, live, axe):
    sign_in_as(live, "kacho")
    live.go(f"/departments/{year.ka.uuid}/")
    live.get_by_role("link", name="記入と確認のくらべ").click()
    expect(live.get_by_role("heading", level=1)).to_have_text("デジタル推進課の記入と確認のくらべ")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("calibration")
    live.set_viewport_size(PHONE)
    live.shot("calibration-phone")


@pytest.mark.parametrize("people", [1, 3])
def test_small_departments_look_right(year, live, axe, people):
    place = b.make_department(year.city, "出張所", parent=year.bu)
    for number in range(people):
        staff = b.make_staff(year.city, f"出張 {number + 1}郎")
        b.make_posting(staff, place)
        confirmed(staff, year.cycle, {POLICY: 3 - number, TALKING: 3, RUNNING: number + 1})
    need(place, year.cycle, {POLICY: 1, TALKING: people, RUNNING: 1})
    with_password(year.bucho)
    sign_in_as(live, "bucho")
    live.go(f"/departments/{place.uuid}/")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot(f"small-{people}")
    live.set_viewport_size(PHONE)
    live.shot(f"small-{people}-phone")
    live.go(f"/departments/{place.uuid}/cells/{year.cells[0].uuid}/")
    look_on(live, axe, PHONE)
    live.set_viewport_size(DESKTOP)
    look_on(live, axe, DESKTOP)
    live.shot(f"small-{people}-cell")
