"""事務分掌 in a browser: chosen by keyboard alone, taken from a file, a bad file put right, a department of forty."""

import pytest

from competency.models import DepartmentDuty
from lib.tabular import read_table, write_csv
from tests import builders as b
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import downloaded, expect, look_on, reach, sign_in_as, told, with_password
from tests.gaps.assigned import assign, make_duty, make_plan, shares_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office(world):
    """Return the world with three duties of the 課, one of them outsourced, and one in the catalogue."""
    world.planning = make_duty("情報化の企画・調整", code="planning")
    world.running = make_duty("基幹システムの運用", code="running")
    world.buying = make_duty("機器の調達と保守", code="buying")
    world.open_data = make_duty("オープンデータの推進", code="open-data")
    world.plan = make_plan(world.ka, [world.planning, world.running, world.buying])
    DepartmentDuty.objects.filter(duty=world.buying).update(done_by="outsourced")
    b.make_leave(world.dourei)
    with_password(world.kacho)
    return world


def control(live, duty, person):
    """Return the control of a person in a duty."""
    return live.get_by_role("group", name=duty.name).get_by_label(person.name)


def test_main_and_deputy_are_chosen_by_keyboard_alone(office, live, axe):
    assign(office.plan, office.running, office.betsuka)
    sign_in_as(live, "kacho")
    live.go(f"/departments/{office.ka.uuid}/duties/assignments/")
    expect(live.get_by_role("heading", level=1)).to_have_text("デジタル推進課の事務分掌")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    reach(live, control(live, office.planning, office.kacho))
    live.keyboard.press("ArrowDown")
    reach(live, control(live, office.planning, office.kakari))
    live.keyboard.press("ArrowDown")
    live.keyboard.press("ArrowDown")
    reach(live, control(live, office.running, office.betsuka))
    live.keyboard.press("ArrowUp")
    live.shot("assignments-form")
    reach(live, live.get_by_role("button", name="事務分掌を保存する"))
    live.keyboard.press("Enter")
    expect(told(live)).to_contain_text("事務分掌を保存しました。")
    assert shares_of(office.ka) == {
        ("情報化の企画・調整", "髙橋 誠一"): "main",
        ("情報化の企画・調整", "𠮷田 由紀子"): "deputy",
    }
    warning = live.locator(".banner.warning")
    expect(warning).to_contain_text("主担当のいない業務：基幹システムの運用。")
    expect(warning).to_contain_text("山﨑 美咲")
    look_on(live, axe, DESKTOP)
    live.shot("assignments-saved")
    live.set_viewport_size(PHONE)
    live.shot("assignments-saved-phone")


def test_a_bad_file_is_put_right_and_taken(office, live, axe, tmp_path):
    live.seen.expect("422")
    assign(office.plan, office.planning, office.kacho)
    assign(office.plan, office.running, office.kacho)
    sign_in_as(live, "kacho")
    live.go(f"/departments/{office.ka.uuid}/duties/assignments/")
    live.get_by_role("link", name="Excelの事務分掌表を取り込む").click()
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("assignments-import")
    name, content = downloaded(live, live.get_by_role("link", name="いまの事務分掌の表（Excel）"))
    assert name == "事務分掌_デジタル推進課_令和8年度.xlsx"
    table = read_table(content, name)
    rows = [row.cells for row in table.rows]
    assert [row[2:] for row in rows][:1] == [
        ["情報化の企画・調整", office.kacho.staff_number, "髙橋 誠一", "主担当"]
    ]

    file = tmp_path / "事務分掌表.csv"
    more = [
        ["", "", "情報化の企画・調整", "", "山崎美咲", "副"],
        ["", "", "オープンデータの推進", "", "𠮷田　由紀子", "◎"],
        ["", "", "庶務", "", "小林健", "主"],
    ]
    file.write_bytes(b"".join(write_csv(table.header, [*rows, *more])))
    live.locator("input[type=file]").set_input_files(file)
    live.get_by_role("button", name="内容を確かめる").click()
    main = live.locator("main")
    expect(main).to_contain_text("2件の直すところがあるため、1行も取り込みません。")
    expect(live.get_by_role("row").filter(has_text="山崎美咲")).to_contain_text("この氏名の人はいません")
    expect(live.get_by_role("row").filter(has_text="庶務")).to_contain_text("「業務の一覧」にもありません")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("assignments-refused")

    more = [["", "", "情報化の企画・調整", "", "山﨑美咲", "副"], more[1]]
    rows = [
        [*row[:3], office.dourei.staff_number, "", "主担当"] if row[1] == "running" else row for row in rows
    ]
    file.write_bytes(b"".join(write_csv(table.header, [*rows, *more])))
    live.locator("input[type=file]").set_input_files(file)
    live.get_by_role("button", name="内容を確かめる").click()
    expect(main).to_contain_text("まだ取り込んでいません")
    row = live.get_by_role("row").filter(has_text="基幹システムの運用")
    expect(row).to_contain_text("小林 健（主担当）")
    expect(row).to_contain_text("髙橋 誠一（主担当）")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("assignments-preview")
    live.set_viewport_size(PHONE)
    live.shot("assignments-preview-phone")
    live.get_by_role("button", name="この内容で取り込む").click()
    expect(told(live)).to_contain_text("事務分掌を取り込みました。")
    assert shares_of(office.ka) == {
        ("情報化の企画・調整", "髙橋 誠一"): "main",
        ("情報化の企画・調整", "山﨑 美咲"): "deputy",
        ("基幹システムの運用", "小林 健"): "main",
        ("オープンデータの推進", "𠮷田 由紀子"): "main",
    }


def test_two_who_save_at_once_lose_nothing(office, live, axe):
    live.seen.expect("409")
    sign_in_as(live, "kacho")
    live.go(f"/departments/{office.ka.uuid}/duties/assignments/")
    other = live.context.new_page()
    other.goto(live.page.url)
    control(other, office.planning, office.honnin).select_option("主担当")
    other.get_by_role("button", name="事務分掌を保存する").click()
    expect(other.locator(".messages")).to_contain_text("事務分掌を保存しました。")
    other.close()
    control(live, office.planning, office.honnin).select_option("副担当")
    live.get_by_role("button", name="事務分掌を保存する").click()
    expect(live.get_by_role("alert")).to_contain_text("まだ保存していません")
    group = live.get_by_role("group", name=office.planning.name)
    expect(group).to_contain_text("保存されている値：主担当")
    expect(control(live, office.planning, office.honnin)).to_have_value("deputy")
    look_on(live, axe, DESKTOP)
    live.shot("assignments-conflict")
    live.get_by_role("button", name="事務分掌を保存する").click()
    expect(told(live)).to_contain_text("事務分掌を保存しました。")
    assert shares_of(office.ka) == {("情報化の企画・調整", "山﨑 美咲"): "deputy"}


def test_a_department_of_forty_opens_one_duty_at_a_time(office, live, axe):
    positions = ["課長補佐", "係長", "主査", "主任", "主事", ""]
    for number in range(34):
        staff = b.make_staff(office.city, f"見本 {number}番", kana=f"ミホン {number:02d}")
        b.make_posting(staff, office.kiban, position=positions[number % 6])
    for number in range(9):
        duty = make_duty(f"住民情報・税・福祉システムの運用その{number}")
        DepartmentDuty.objects.create(municipality=office.city, plan=office.plan, duty=duty)
        assign(office.plan, duty, staff, "main" if number % 2 else "deputy")
    sign_in_as(live, "kacho")
    live.go(f"/departments/{office.ka.uuid}/duties/assignments/")
    group = live.get_by_role("group", name=office.planning.name)
    assert not group.is_visible()
    live.shot("assignments-forty")
    summary = live.locator("summary").filter(has_text=office.planning.name)
    reach(live, summary)
    live.keyboard.press("Enter")
    expect(group).to_be_visible()
    control(live, office.planning, staff).select_option("副担当")
    live.shot("assignments-forty-open")
    live.set_viewport_size(PHONE)
    live.shot("assignments-forty-phone")
    look_on(live, axe, PHONE)
    look_on(live, axe, {"width": 320, "height": 700})
    live.get_by_role("button", name="事務分掌を保存する").click()
    expect(told(live)).to_contain_text("事務分掌を保存しました。")
    assert shares_of(office.ka)[office.planning.name, staff.name] == "deputy"
