"""対応方針 in a browser: 所属長 decides three by keyboard and ends one; 人事 sees them and takes the file."""

import re

import pytest

from lib.tabular import read_table
from tests.assessments.sheets import last_year
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import become, downloaded, expect, look_on, reach, sign_in_as, told, with_password
from tests.gaps.records import ANALYSIS, PLANNING, POLICY, TALKING, confirmed, need

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def year(world):
    """Return the world with four gaps: 山﨑さん and 小林さん are next in what nobody or one person can do."""
    last_year(world, step=2)
    last_year(world, staff=world.dourei, step=2)
    confirmed(world.kakari, world.cycle, {POLICY: 4, ANALYSIS: 3, TALKING: 3})
    need(world.ka, world.cycle, {POLICY: 2, ANALYSIS: 2, PLANNING: 1, TALKING: 1})
    with_password(world.kacho, world.jinji)
    return world


def decide_next(live, fields, people=()):
    """By keyboard: from the list to the first undecided gap, fill in the form and send it."""
    reach(live, live.get_by_role("link", name="先に手当てする項目から決める"))
    live.keyboard.press("Enter")
    for control, value in fields:
        if control == "方針":
            first = live.get_by_role("radio").first
            reach(live, first)
            live.keyboard.press("Space")
            for _ in range(value):
                live.keyboard.press("ArrowDown")
            for name, training in people:
                reach(live, live.get_by_role("checkbox", name=re.compile(f"{name}.*を育成する")))
                live.keyboard.press("Space")
                reach(live, live.get_by_role("textbox", name=f"{name}の研修・方法"))
                live.keyboard.type(training)
            continue
        reach(live, live.get_by_role("textbox", name=re.compile(f"^{control}")))
        live.keyboard.type(value)
    reach(live, live.get_by_role("button", name="この方針に決める"))
    live.keyboard.press("Enter")
    expect(told(live)).to_contain_text("の方針を決めました。")


def test_three_measures_by_keyboard_and_their_list_at_hr(year, live, axe):
    sign_in_as(live, "kacho")
    live.go(f"/departments/{year.ka.uuid}/")
    reach(live, live.get_by_role("link", name="未決定の4項目の方針を決める"))
    live.keyboard.press("Enter")
    expect(live.get_by_role("heading", level=1)).to_have_text("デジタル推進課の対応方針")
    look_on(live, axe, DESKTOP)
    decide_next(
        live,
        [("方針", 0), ("すること", "次の計画づくりを2人で担当する"), ("期限", "令和9年3月31日")],
        [("山﨑 美咲", "市町村アカデミー"), ("小林 健", "計画の下書き")],
    )
    decide_next(
        live,
        [("方針", 1), ("すること", "経験者1人を来年度の異動要望に入れる"), ("理由", "育成では間に合わないため"),
         ("期限", "R8.11.30"), ("費用", "1,200,000")],
    )  # fmt: skip
    decide_next(live, [("方針", 5), ("理由", "県の共同利用に移るため")])
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("measures")
    live.set_viewport_size(PHONE)
    live.shot("measures-phone")
    live.set_viewport_size(DESKTOP)

    live.get_by_role("link", name="次の計画づくりを2人で担当する").click()
    expect(live.get_by_role("checkbox", name=re.compile("小林 健.*を育成する"))).to_be_checked()
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("measure")
    live.get_by_role("combobox", name=re.compile("^進み")).select_option(label="完了")
    live.get_by_role("textbox", name=re.compile("^結果")).fill("2人とも計画を書けるようになった")
    live.get_by_role("button", name="方針を保存する").click()
    expect(told(live)).to_contain_text("方針を保存しました。")
    live.get_by_text("1件と、その結果を見る").click()
    expect(live.locator("main")).to_contain_text("2人とも計画を書けるようになった")
    live.go(f"/departments/{year.ka.uuid}/")
    expect(live.get_by_role("link", name="未決定の1項目の方針を決める")).to_be_visible()
    live.shot("measures-department")

    become(live, "jinji")
    live.go("/overview/")
    live.get_by_role("link", name="全庁の対応方針を見る").click()
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    expect(live.locator("main")).to_contain_text("1,200,000円")
    live.get_by_role("combobox", name=re.compile("^進み")).select_option(label="すべて")
    live.get_by_role("button", name="しぼる").click()
    expect(live.locator("main")).to_contain_text("3件あります。")
    live.shot("measures-all")
    name, content = downloaded(live, live.get_by_role("link", name="CSVに出す"))
    assert re.fullmatch(r"対応方針_全庁_令和.*\.csv", name)
    table = read_table(content, name)
    rows = [dict(zip(table.header, row.cells, strict=True)) for row in table.rows]
    assert sorted(row["進み"] for row in rows) == ["―", "予定", "完了"]
    (trained,) = (row for row in rows if row["方針"] == "育成")
    assert "小林 健（「独力でできる」まで、計画の下書き）" in trained["育成する職員"]


def test_what_is_missing_is_said_beside_its_field(year, live, axe):
    live.seen.expect("422")
    sign_in_as(live, "kacho")
    live.go(f"/departments/{year.ka.uuid}/measures/new/?cell={POLICY}&kind=train")
    live.get_by_role("textbox", name=re.compile("^期限")).fill("8/4/1")
    live.get_by_role("button", name="この方針に決める").click()
    expect(live.get_by_role("alert")).to_contain_text("育成する職員を1人以上選んでください。")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("measure-errors")
