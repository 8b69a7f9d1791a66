"""An experience behind a step, in a real browser: chosen from the sheet, submitted, read by the confirmer; a file with it."""

import pytest
from playwright.sync_api import expect

from assessments.models import Attachment, Draft, RatingEvidence
from tests import builders as b
from tests.assessments.uploads import PNG, PROGRAM
from tests.e2e.conftest import DESKTOP, PHONE, session_cookie
from tests.e2e.test_pages import look, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def key(page, cell, step):
    return page.locator(f"[id='step-{cell.code}-{step}']")


def choose_link(page, cell):
    return page.locator(f"button[value='evidence:{cell.code}']")


def test_from_the_sheet_to_the_confirmer(world, live, live_server, axe):
    first, others = world.cells[0], world.cells[1:]
    sign_in(live, live_server, world.honnin)
    live.go(f"/sheets/{world.sheet.uuid}/edit/")
    for cell in others:
        key(live, cell, 2).check()
    # Without a step of 3 or 4 nothing asks for evidence.
    expect(choose_link(live, first)).to_be_hidden()
    key(live, first, 3).check()
    must = live.locator(f"[data-cell='{first.code}'] .must")
    expect(must).to_be_visible()
    choose_link(live, first).click()
    live.get_by_role("link", name="この項目を示す記録を足す").click()
    live.get_by_label("内容（1行）").fill("ポリシーの改定")
    live.get_by_role("button", name="記録する").click()
    expect(live.get_by_role("checkbox", name="業務経験：ポリシーの改定")).to_be_checked()
    look(live, axe)
    live.get_by_role("button", name="保存して記入に戻る").click()
    expect(live.locator(f"[data-cell='{first.code}']")).to_contain_text("根拠の記録「ポリシーの改定」")
    expect(must).to_be_hidden()
    live.get_by_role("button", name="確認して提出へ進む").click()
    live.get_by_role("button", name="提出する").click()
    expect(live.get_by_role("link", name="ポリシーの改定")).to_be_visible()
    assert RatingEvidence.objects.get().title == "ポリシーの改定"

    sign_in(live, live_server, world.kakari)
    live.go(f"/sheets/{world.sheet.uuid}/")
    live.get_by_role("link", name="ポリシーの改定").click()
    assert "#entry-" in live.page.url
    expect(live.locator(":target")).to_contain_text("ポリシーの改定")

    sign_in(live, live_server, world.honnin)
    live.go("/resume/viewers/")
    expect(live.get_by_role("row", name="𠮷田 由紀子")).to_have_count(2)
    look(live, axe)


def test_without_scripts_no_text_is_lost_on_the_way(world, browser, live_server):
    b.make_experience(world.honnin, "ポリシーの改定")
    context = browser.new_context(java_script_enabled=False, locale="ja-JP", viewport=DESKTOP)
    context.add_cookies([session_cookie(world.honnin, live_server.url)])
    page, cell = context.new_page(), world.cells[0]
    page.goto(f"{live_server.url}/sheets/{world.sheet.uuid}/edit/")
    key(page, cell, 3).check()
    page.locator(f"[id='evidence-{cell.code}']").fill("書きかけの根拠")
    choose_link(page, cell).click()
    assert Draft.objects.get().evidence == "書きかけの根拠"
    page.get_by_role("checkbox", name="ポリシーの改定").check()
    page.get_by_role("button", name="保存して記入に戻る").click()
    expect(page.locator(f"[id='evidence-{cell.code}']")).to_have_value("書きかけの根拠")
    expect(page.locator(f"[data-cell='{cell.code}']")).to_contain_text("「ポリシーの改定」")
    context.close()


def test_a_file_is_attached_and_downloaded(world, live, live_server, axe, tmp_path):
    entry = b.make_training(world.honnin, "ポリシーの研修")
    live.seen.expect("422")
    sign_in(live, live_server, world.honnin)
    live.set_viewport_size(PHONE)
    live.go(f"/resume/entries/{entry.uuid}/files/")
    live.get_by_label("何のファイルか").fill("修了証の写し")
    for name, content in (("修了証.png", PROGRAM), ("修了証.png", PNG)):
        path = tmp_path / name
        path.write_bytes(content)
        live.get_by_label("ファイル", exact=False).last.set_input_files(path)
        live.get_by_role("button", name="添える").click()
        if content is PROGRAM:
            expect(live.get_by_text("PDF、PNG、JPEGのファイルだけです。").first).to_be_visible()
            expect(live.get_by_label("何のファイルか")).to_have_value("修了証の写し")
            look(live, axe)
    with live.expect_download() as download:
        live.get_by_role("link", name="修了証の写し", exact=True).click()
    assert download.value.suggested_filename == "tenpu.png"
    assert download.value.path().read_bytes() == PNG
    assert Attachment.objects.get().label == "修了証の写し"
