"""職員数とスキルの確保 in a browser, and the one A4 page for 議会 or the 部長 at every size of a department."""

import re

import pytest
from django.core.management import call_command
from django.utils import timezone

from competency.models import Cell, FrameworkVersion
from gaps.models import Measure
from organization.models.position import LineRole
from tests import builders as b
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import FRAMEWORK, expect, look_on, reach, sign_in_as, told, with_password
from tests.gaps.duties import duty
from tests.gaps.records import confirmed, external, need, waiting
from tests.surveys import make_shipped

pytestmark = pytest.mark.django_db(transaction=True)

NEEDS = [2, 2, 1, 2, 2, 1, 1, 1, 0, 6, 3, 5, 3, 4, 7, 6, 3]
PAGES = re.compile(rb"/Type\s*/Page[^s]")


def department_of(size, *, crowded=False):
    """Return a department of this many people on the whole matrix, with needs, duties, records and measures.

    `crowded` makes every text as long as it gets: nobody can do anything, most are 未評価, some do not count.
    """
    call_command("load_framework", FRAMEWORK)
    make_shipped()
    version = FrameworkVersion.objects.get(framework__code="lasdec")
    city = b.make_municipality(population_band="100")
    top = b.make_department(city, "政策経営部", code="010000")
    name = "デジタル行政推進戦略統括情報システム管理課" if crowded else "デジタル推進課"
    place = b.make_department(city, name, parent=top, code="010100")
    cycle = b.make_cycle(city, version)
    cells = list(Cell.objects.filter(version=version).order_by("rank"))
    people = []
    for number in range(size):
        staff = b.make_staff(city, f"職員 {number}号", username="kacho" if number == 0 else None)
        b.make_posting(staff, place, line_role=LineRole.HEAD if number == 0 else LineRole.NONE)
        people.append(staff)
        if crowded:
            if number % 5 == 1:
                b.make_leave(staff)
            elif number % 5 == 2:
                waiting(staff, cycle, default=3)
            elif number % 5 == 3:
                confirmed(staff, cycle, default=1)
            continue
        given = {cell.code: (number + at) % 5 for at, cell in enumerate(cells)}
        confirmed(staff, cycle, given)
    if crowded:
        external(place, cycle, {cell.code: 1 for cell in cells})
    need(place, cycle, {cell.code: min(count, size) for cell, count in zip(cells, NEEDS, strict=True)})
    for at, cell in enumerate(cells):
        duty(place, 2026, [cell.code], people[at % 2 : at % 5 + 1])
    for at, kind in enumerate(Measure.Kind):
        Measure.objects.create(
            municipality=city, department=place, cycle=cycle, kind=kind, text="する", cell=cells[at], cost=1250000,
            state="planned", owner=people[0], decided_status="none", decided_holders=0, created_at=timezone.now(),
            updated_at=timezone.now(),
        )  # fmt: skip
    with_password(people[0])
    return place


def test_the_head_gives_an_answer_of_their_own_by_keyboard(live, axe, transactional_db):
    place = department_of(8)
    live.seen.expect("422")
    sign_in_as(live, "kacho")
    live.go(f"/departments/{place.uuid}/")
    live.get_by_role("link", name="職員数とスキルの確保").click()
    expect(live.locator(".answer")).to_contain_text("13のスキルのうち、")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.reload()
    live.shot("four-way-1366")
    line = live.locator("tr").filter(has=live.get_by_role("rowheader", name=re.compile(r"^3\. ")))
    expect(line.locator(".status.boxed")).to_have_count(1)
    before = line.locator(".status.boxed").inner_text()
    details = line.locator("summary")
    reach(live, details)
    live.keyboard.press("Enter")
    expect(line).to_contain_text("自治体とベンダーの適切な役割分担：必要")
    expect(line).to_contain_text("スキル2と同じ項目で判定しています。")
    reach(live, line.get_by_role("link", name=re.compile("判断を付ける")))
    live.keyboard.press("Enter")
    form = live.locator("#override")
    expect(form).to_contain_text(f"計算では「{before}」です。")
    form.get_by_label("ともに不足").check()
    form.get_by_role("button", name="判断を保存する").click()
    expect(live.get_by_text("計算と違う判断には、理由を入力してください。").first).to_be_visible()
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("four-way-form")
    reach(live, live.get_by_label("理由"))
    live.keyboard.type("検収の担当が3月で替わるため")
    reach(live, live.get_by_role("button", name="判断を保存する"))
    live.keyboard.press("Enter")
    expect(told(live)).to_contain_text("判断を保存しました。")
    expect(line).to_contain_text(f"計算では「{before}」")
    expect(line.locator(".status.boxed")).to_have_text("両方不足")
    live.shot("four-way-own")
    live.set_viewport_size(PHONE)
    live.shot("four-way-390")


@pytest.mark.parametrize(("size", "crowded"), [(1, False), (3, False), (8, False), (40, False), (40, True)])
def test_the_summary_is_one_sheet_of_a4(live, axe, size, crowded, transactional_db):
    place = department_of(size, crowded=crowded)
    sign_in_as(live, "kacho")
    live.go(f"/departments/{place.uuid}/summary/" + ("?counts=1" if size == 3 else ""))
    expect(live.locator("main")).to_contain_text("7,500,000円")
    expect(live.locator("main")).not_to_contain_text("号")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    # As it comes out of the printer: A4 less the margins, at 96 dots an inch.
    live.page.emulate_media(media="print")
    live.set_viewport_size({"width": 703, "height": 1046})
    live.shot(f"summary-print-{size}{'-crowded' if crowded else ''}")
    assert live.evaluate("document.documentElement.scrollHeight") <= 1046
    paper = live.page.pdf(format="A4", print_background=True, prefer_css_page_size=True)
    assert len(PAGES.findall(paper)) == 1


def test_the_published_figures(live, axe, transactional_db):
    department_of(1)
    sign_in_as(live, "kacho")
    live.go("/reference/")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("reference-1366")
