"""Filling in the sheet in a real browser: by keyboard, offline and back, in two tabs, without scripts, on a phone."""

import re

import pytest
from playwright.sync_api import expect

from assessments.merge import Value
from assessments.models import Cycle, Draft, Revision, Sheet
from assessments.workflow.sheets import stored_drafts
from tests import builders as b
from tests.assessments.sheets import confirmations, steps_of, submitted
from tests.e2e.conftest import DESKTOP, PHONE, session_cookie
from tests.e2e.test_pages import look, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def filling(world, live, live_server):
    """Sign in as the person and return (live, the address of the form)."""
    sign_in(live, live_server, world.honnin)
    return live, f"/sheets/{world.sheet.uuid}/edit/"


@pytest.fixture
def plain(world, live_server, browser):
    """Return a function that opens a page without JavaScript, signed in as the person."""
    contexts = []

    def open_(path, viewport=DESKTOP):
        context = browser.new_context(java_script_enabled=False, locale="ja-JP", viewport=viewport)
        contexts.append(context)
        context.add_cookies([session_cookie(world.honnin, live_server.url)])
        page = context.new_page()
        page.goto(live_server.url + path)
        return page

    yield open_
    for context in contexts:
        context.close()


def key(page, cell, step):
    return page.locator(f"[id='step-{cell.code}-{step}']")


def evidence(page, cell):
    return page.locator(f"[id='evidence-{cell.code}']")


def last_year(world, step=2):
    cycle = b.make_cycle(world.city, world.version, fiscal_year=2025, state=Cycle.State.CLOSED)
    return submitted(b.make_sheet(world.honnin, cycle, world.kakari_dept), steps_of(world.sheet, step))


def saved(live):
    expect(live.locator("[data-status]")).to_have_text(re.compile("自動で保存しました"))


def drafts(world):
    return {code: kept.value for code, kept in stored_drafts(world.sheet).items()}


def test_by_keyboard_alone_to_the_submission(world, filling, axe):
    live, form = filling
    live.seen.expect("422")
    live.go(form)
    key(live, world.cells[0], 0).focus()
    press = live.keyboard.press
    for cell in world.cells[:-1]:
        press("2")
        expect(key(live, cell, 2)).to_be_checked()
        press("Enter")
    press("3")
    press("Enter")
    # Nothing is open any more, so the focus stands on the way to submitting; the evidence is still asked for.
    expect(live.get_by_role("button", name="確認して提出へ進む")).to_be_focused()
    expect(live.locator("[data-done]")).to_have_text("6")
    press("Enter")
    expect(live.locator("[data-error-summary]")).to_be_focused()
    press("Tab")
    press("Enter")
    expect(evidence(live, world.cells[-1])).to_be_focused()
    look(live, axe)
    evidence(live, world.cells[-1]).focus()
    live.keyboard.type("RPA研修の講師（令和8年6月）")
    live.get_by_role("button", name="確認して提出へ進む").focus()
    press("Enter")
    expect(live.get_by_role("heading", name="確認して提出")).to_be_visible()
    look(live, axe)
    live.shot("sheet-submit-1366")
    live.get_by_role("button", name="提出する").focus()
    press("Enter")
    expect(live.get_by_role("heading", name="わたしの年度票")).to_be_visible()
    look(live, axe)
    sheet = Sheet.objects.get(pk=world.sheet.pk)
    assert sheet.state == Sheet.State.SUBMITTED
    assert Revision.objects.get().ratings.get(step=3).evidence == "RPA研修の講師（令和8年6月）"


def test_what_is_written_saves_itself(world, filling):
    live, form = filling
    requests = []
    live.page.on("request", lambda request: requests.append(request) if request.method == "POST" else None)
    live.go(form)
    first = world.cells[0]
    key(live, first, 3).check()
    evidence(live, first).fill("窓口予約の導入")
    saved(live)
    assert drafts(world) == {first.code: Value(3, "窓口予約の導入")}
    assert len(requests) == 1, "one pause, one request"
    assert world.cells[1].code not in requests[0].post_data
    expect(live.locator("[data-done]")).to_have_text("1")
    expect(live.locator(".cells-progress li.on")).to_have_count(1)
    expect(live.locator(f"[data-cell='{first.code}'] [data-tag]")).to_be_hidden()
    live.reload()
    expect(key(live, first, 3)).to_be_checked()
    expect(evidence(live, first)).to_have_value("窓口予約の導入")


def test_counts_tags_and_evidence_follow_the_keys(world, filling):
    last_year(world, step=2)
    live, form = filling
    live.go(form)
    row = live.locator(f"[data-cell='{world.cells[0].code}']")
    expect(row.locator("[data-tag]")).to_have_text("未記入")
    expect(row.locator(".evidence")).to_be_hidden()
    key(live, world.cells[0], 3).check()
    expect(row.locator("[data-tag]")).to_have_text("昨年から＋1")
    expect(row.get_by_text("※必須")).to_be_visible()
    expect(live.locator(".cells-progress li.bad")).to_have_count(1)
    evidence(live, world.cells[0]).fill("研修")
    expect(live.locator(".cells-progress li.bad")).to_have_count(0)
    key(live, world.cells[0], 2).check()
    expect(row.locator("[data-tag]")).to_have_text("昨年から変更なし")
    # A text that is there stays in sight.
    expect(row.locator(".evidence")).to_be_visible()
    expect(row.get_by_text("※必須")).to_be_hidden()
    live.get_by_role("link", name="次の未記入へ").click()
    expect(key(live, world.cells[1], 0)).to_be_focused()
    saved(live)


def test_the_rest_of_a_group_as_last_year(world, filling):
    last_year(world, step=2)
    live, form = filling
    live.go(form)
    key(live, world.cells[0], 1).check()
    same = live.get_by_role("button", name=re.compile("変更なし.*概念化能力"))
    same.click()
    expect(key(live, world.cells[1], 2)).to_be_checked()
    expect(key(live, world.cells[0], 1)).to_be_checked()
    expect(live.locator("[data-done]")).to_have_text("3")
    expect(same).to_have_count(0)


def test_a_lost_connection_keeps_the_text_and_sends_it_later(world, filling):
    live, form = filling
    live.seen.expect("ERR_INTERNET_DISCONNECTED")
    live.go(form)
    live.context.set_offline(True)
    key(live, world.cells[0], 3).check()
    evidence(live, world.cells[0]).fill("つながらない間に書いた")
    expect(live.locator("[data-status]")).to_have_text(re.compile("つながると自動で送ります"))
    assert not Draft.objects.exists()
    live.get_by_role("button", name="下書きを保存").click()
    expect(evidence(live, world.cells[0])).to_have_value("つながらない間に書いた")
    live.context.set_offline(False)
    saved(live)
    assert drafts(world)[world.cells[0].code] == Value(3, "つながらない間に書いた")


def test_leaving_with_unsent_text_asks_first(world, filling):
    live, form = filling
    live.seen.expect("ERR_INTERNET_DISCONNECTED")
    live.go(form)
    live.context.set_offline(True)
    key(live, world.cells[0], 3).check()
    expect(live.locator("[data-status]")).to_have_text(re.compile("まだ保存できていません"))
    asked = []
    live.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    live.get_by_role("link", name="ホーム", exact=True).first.click(no_wait_after=True)
    expect(key(live, world.cells[0], 3)).to_be_checked()
    assert asked == ["beforeunload"]
    live.context.set_offline(False)
    saved(live)


def test_two_tabs_show_both_texts(world, filling, axe):
    live, form = filling
    live.seen.expect("409")
    live.go(form)
    other = live.context.new_page()
    other.goto(live.url + form)
    cell, free = world.cells[0], world.cells[1]
    key(other, cell, 3).check()
    evidence(other, cell).fill("別の画面の文")
    expect(other.locator("[data-status]")).to_have_text(re.compile("自動で保存しました"))
    key(live, cell, 1).check()
    evidence(live, cell).evaluate("node => { node.value = 'この画面の文' }")
    key(live, free, 2).check()
    box = live.locator(f"[id='conflict-{cell.code}']")
    expect(box).to_contain_text("この画面の文")
    expect(box).to_contain_text("別の画面の文")
    expect(live.get_by_role("alert")).to_contain_text("どちらを残すか選んでください")
    look(live, axe)
    live.shot("sheet-conflict-1366")
    assert drafts(world) == {cell.code: Value(3, "別の画面の文"), free.code: Value(2)}
    # The status says 保存しました since the other cell went through: wait for this answer itself.
    with live.page.expect_response(lambda response: response.url.endswith("/save/")) as answered:
        box.get_by_role("button", name="この画面の内容を残す").click()
    assert answered.value.status == 200
    expect(box).to_have_count(0)
    expect(live.locator("[data-trouble]")).to_be_hidden()
    live.wait_for_function("document.querySelector('form[data-sheet]').dataset.autosave === 'on'")
    assert drafts(world)[cell.code] == Value(1, "この画面の文")


def test_the_other_tabs_text_can_be_taken(world, filling):
    live, form = filling
    live.seen.expect("409")
    live.go(form)
    other = live.context.new_page()
    other.goto(live.url + form)
    cell = world.cells[0]
    key(other, cell, 4).check()
    expect(other.locator("[data-status]")).to_have_text(re.compile("自動で保存しました"))
    key(live, cell, 0).check()
    live.get_by_role("button", name="別の画面の内容を残す").click()
    expect(key(live, cell, 4)).to_be_checked()
    expect(key(live, cell, 4)).to_be_focused()
    assert drafts(world)[cell.code] == Value(4)


def test_submitted_in_another_tab_stops_and_keeps_the_text(world, filling):
    live, form = filling
    live.seen.expect("409")
    live.go(form)
    submitted(world.sheet)
    key(live, world.cells[0], 3).check()
    evidence(live, world.cells[0]).fill("まだ送っていない文")
    expect(live.get_by_role("alert")).to_contain_text("「提出」になっている")
    expect(live.locator("[data-status]")).to_have_text("自動保存を止めました")
    expect(evidence(live, world.cells[0])).to_have_value("まだ送っていない文")


def test_signed_out_meanwhile_the_text_waits_for_a_new_sign_in(world, filling, live_server):
    live, form = filling
    live.seen.expect("401")
    live.go(form)
    live.context.clear_cookies(name="__Host-sessionid")
    key(live, world.cells[0], 3).check()
    evidence(live, world.cells[0]).fill("時間が切れた後の文")
    expect(live.get_by_role("alert")).to_contain_text("ログインの時間が切れました")
    live.get_by_role("button", name="もう一度送る").click()
    expect(live.get_by_role("alert")).to_contain_text("ログインの時間が切れました")
    sign_in(live, live_server, world.honnin)
    live.get_by_role("button", name="もう一度送る").click()
    saved(live)
    assert drafts(world)[world.cells[0].code] == Value(3, "時間が切れた後の文")


def test_signed_in_anew_in_another_tab(world, filling):
    """Signing in changes the token against forged forms: the page fetches the new one and keeps its text."""
    live, form = filling
    live.seen.expect("403")
    live.go(form)
    live.context.clear_cookies(name="__Host-csrftoken")
    key(live, world.cells[0], 2).check()
    expect(live.get_by_role("alert")).to_contain_text("ログインし直されました")
    live.get_by_role("button", name="もう一度送る").click()
    saved(live)
    expect(live.locator("[data-trouble]")).to_be_hidden()
    assert drafts(world) == {world.cells[0].code: Value(2)}


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1366", "390"])
def test_without_scripts(world, plain, viewport):
    """The core job works without JavaScript: fill in, mend what is named, submit."""
    page = plain("/sheet/", viewport)
    for cell in world.cells:
        key(page, cell, 2).check()
    key(page, world.cells[0], 3).check()
    page.get_by_role("button", name="確認して提出へ進む").click()
    expect(page.get_by_text("＊「3 独力でできる」を新しく選んだときは")).to_be_visible()
    evidence(page, world.cells[0]).fill("窓口予約の導入")
    page.get_by_role("button", name="確認して提出へ進む").click()
    page.get_by_role("button", name="提出する").click()
    expect(page.get_by_role("heading", name="わたしの年度票")).to_be_visible()
    assert Sheet.objects.get(pk=world.sheet.pk).state == Sheet.State.SUBMITTED


def test_without_scripts_enter_does_no_harm(world, plain):
    """Enter presses the first button of a form: it must not be one that fills in answers."""
    last_year(world, step=2)
    page = plain(f"/sheets/{world.sheet.uuid}/edit/")
    key(page, world.cells[0], 1).check()
    key(page, world.cells[0], 1).press("Enter")
    expect(page.get_by_text("下書きを保存しました")).to_be_visible()
    assert drafts(world) == {world.cells[0].code: Value(1)}


def test_without_scripts_two_tabs_choose(world, plain):
    form, cell = f"/sheets/{world.sheet.uuid}/edit/", world.cells[0]
    left, right = plain(form), plain(form)
    key(left, cell, 3).check()
    left.get_by_role("button", name="下書きを保存").click()
    key(right, cell, 1).check()
    right.get_by_role("button", name="下書きを保存").click()
    right.get_by_role("button", name="この画面の内容を残す").click()
    expect(right.get_by_text("下書きを保存しました")).to_be_visible()
    assert drafts(world) == {cell.code: Value(1)}


def test_on_a_phone(world, filling, axe):
    last_year(world)
    live, form = filling
    live.set_viewport_size(PHONE)
    live.go(form)
    look(live, axe)
    widths = [key(live, world.cells[0], step).bounding_box()["width"] for step in range(5)]
    heights = [key(live, world.cells[0], step).bounding_box()["height"] for step in range(5)]
    assert min(widths) >= 44
    assert min(heights) >= 76
    key(live, world.cells[0], 3).check()
    saved(live)
    live.shot("sheet-filling-390")
    dock = live.locator(".dock").bounding_box()
    assert dock["height"] < PHONE["height"] / 3


def test_every_state_of_home_and_of_the_own_sheet(world, filling, axe):
    live, _ = filling
    last = last_year(world)
    confirmations(last, world.kacho, "final")
    for viewport in (DESKTOP, PHONE):
        live.set_viewport_size(viewport)
        for path in ("/", f"/sheets/{last.uuid}/", "/resume/"):
            live.go(path)
            look(live, axe)


def test_the_record_prints_on_two_pages(world, filling, tmp_path):
    live, _ = filling
    last_year(world)
    live.go("/resume/")
    paper = tmp_path / "resume.pdf"
    live.page.pdf(path=paper, prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper.read_bytes())) <= 2
