"""Keeping the record in a browser: by keyboard, on a telephone, and without a script."""

import datetime
import re
from io import BytesIO

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from pypdf import PdfReader

from assessments.models import Entry
from lib import fiscal
from tests import builders as b
from tests.assessments.sheets import steps_of, submitted
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import PASSWORD, look_on, reach, sign_in_as, told, with_password

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def honnin(world):
    """Return 山﨑さん, who may sign in; the register names one certificate that is registered."""
    b.make_qualification("SC", "支援士試験", registration_title="支援士", renewal_years=3)
    with_password(world.honnin)
    return world.honnin


def test_an_experience_by_keyboard_from_the_resume_and_back(honnin, live, axe):
    sign_in_as(live, "honnin")
    live.go("/resume/")
    reach(live, live.get_by_role("link", name="業務経験を足す"))
    live.keyboard.press("Enter")
    expect(live.get_by_role("heading", level=1)).to_have_text("業務経験を足す")
    for label, text in [
        ("したこと", "住民記録の更改"),
        ("はじめ", "R7.6"),
        ("終わり", "2026-03"),
        ("役割", "主担当"),
    ]:
        reach(live, live.get_by_role("textbox", name=re.compile(f"^{label}")))
        live.keyboard.type(text)
    group = live.get_by_role("group").locator("summary").filter(has_text="概念化能力")
    reach(live, group)
    live.keyboard.press("Enter")
    reach(live, live.get_by_role("checkbox", name="庁内情報化｜業務分析"))
    live.keyboard.press("Space")
    look_on(live, axe, PHONE)
    look_on(live, axe, DESKTOP)
    reach(live, live.get_by_role("button", name="記録する"))
    live.keyboard.press("Enter")
    expect(told(live)).to_contain_text("「住民記録の更改」を記録しました。")
    entry = Entry.objects.get()
    line = live.locator(f"#entry-{entry.uuid}")
    expect(line).to_contain_text("令和7年6月から")
    expect(line).to_contain_text("示す項目: 庁内情報化｜業務分析")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("resume-entries")


def test_what_is_wrong_is_where_the_focus_goes(honnin, live, axe):
    sign_in_as(live, "honnin")
    live.go(f"/resume/{honnin.uuid}/entries/certification/new/")
    live.locator("#id_qualification").select_option(label="支援士試験")
    live.get_by_role("textbox", name=re.compile("^登録日")).fill("R3.4.1")
    live.get_by_role("textbox", name=re.compile("^備考")).fill("あ" * 2001)
    live.seen.expect("422")
    live.get_by_role("button", name="記録する").click()
    expect(live.locator("[data-error-summary]")).to_be_focused()
    expect(live.page).to_have_title(re.compile("^エラー："))
    expect(live.get_by_text("登録から3年を過ぎています").first).to_be_visible()
    expect(live.get_by_role("textbox", name=re.compile("^備考"))).to_have_value("あ" * 2001)
    look_on(live, axe, PHONE)
    live.get_by_role("textbox", name=re.compile("^備考")).fill("")
    live.get_by_role("textbox", name=re.compile("^更新期限")).fill("R9.3.31")
    live.get_by_role("button", name="記録する").click()
    expect(told(live)).to_contain_text("「支援士試験」を記録しました。")


def test_on_a_telephone_without_a_script(honnin, live_server, browser):
    context = browser.new_context(java_script_enabled=False, locale="ja-JP", viewport=PHONE)
    page = context.new_page()
    page.goto(f"{live_server.url}/login/?next=/resume/add/")
    page.get_by_label("ログイン名").fill("honnin")
    page.get_by_label("パスワード", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="ログインする").click()

    page.get_by_label("研修", exact=True).check()
    page.get_by_role("textbox", name=re.compile("^内容")).fill("監査の基礎")
    page.get_by_role("button", name="記録する").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("続けてもう1件")
    page.get_by_role("link", name="詳しく書く").click()
    page.get_by_role("textbox", name=re.compile("^実施")).fill("J-LIS")
    page.get_by_role("textbox", name=re.compile("^時間数")).fill("１．５")
    page.locator("summary").filter(has_text="専門能力").click()
    page.get_by_role("checkbox").first.is_visible()
    page.get_by_role("button", name="保存する").click()
    expect(page.locator(".messages")).to_contain_text("「監査の基礎」を保存しました。")
    assert str(Entry.objects.get().training.hours) == "1.5"

    page.get_by_role("link", name=re.compile("^直す")).click()
    page.get_by_role("button", name="この記録を取り消す").click()
    expect(page.locator(".messages")).to_contain_text("「監査の基礎」を取り消しました。")
    page.get_by_role("button", name="元に戻す").click()
    expect(page.locator(".messages")).to_contain_text("「監査の基礎」を元に戻しました。")
    assert Entry.objects.get().removed_at is None
    context.close()


def test_last_years_record_goes_on(honnin, live, axe):
    april = fiscal.first_day(fiscal.fiscal_year(timezone.localdate()))
    before = april.replace(year=april.year - 1)
    b.make_experience(honnin, "保守", start=before)
    b.make_training(honnin, "監査研修", start=before)
    sign_in_as(live, "honnin")
    live.go("/resume/")
    live.get_by_role("link", name="昨年度の記録を写す").click()
    look_on(live, axe, PHONE)
    look_on(live, axe, DESKTOP)
    live.seen.expect("422")
    live.get_by_role("button", name="写して保存する").click()
    expect(live.locator("[data-error-summary]")).to_contain_text("写す記録に印を付けるか")
    row = live.get_by_role("group", name=re.compile("監査研修"))
    row.get_by_label("今年度の記録として写す").check()
    row = live.get_by_role("group", name=re.compile("保守"))
    row.get_by_role("textbox", name=re.compile("^終わった年月")).fill(f"{april.year}-03")
    live.get_by_role("button", name="写して保存する").click()
    expect(told(live)).to_contain_text("1件を写しました、1件に終わりを入れました。")
    assert Entry.objects.filter(title="監査研修", start=april).exists()
    assert Entry.objects.get(title="保守").end == april - datetime.timedelta(days=1)


def test_an_ordinary_record_is_printed_on_two_sheets(honnin, world, live):
    submitted(world.sheet, steps_of(world.sheet, 3))
    for number in range(6):
        b.make_experience(
            honnin,
            f"𠮷野町との共同利用{number}",
            text="調達から移行まで担当した。" * 4,
            cells=["internal-it.1"],
        )
    for number in range(4):
        b.make_certification(honnin, f"資格{number}", start=datetime.date(2018, 6, 1))
        b.make_training(honnin, f"研修{number}", start=datetime.date(2024, 6, 1), provider="J-LIS")
    b.make_handover(honnin, text="髙橋さんに聞く。" * 10)
    sign_in_as(live, "honnin")
    live.go("/resume/")
    paper = PdfReader(BytesIO(live.page.pdf(prefer_css_page_size=True)))
    # A letter of another font stands apart in the text of the paper.
    words = "".join("".join(page.extract_text() for page in paper.pages).split())
    assert len(paper.pages) <= 2
    for text in ("𠮷野町", "髙橋", "業務経験", "資格3", "研修3"):
        assert text in words
    for control in ("直す", "業務経験を足す", "記録を足す", "ログアウト"):
        assert control not in words


def test_two_tabs_keep_both_texts(honnin, live, axe):
    entry = b.make_experience(honnin, "保守", text="はじめの文章")
    sign_in_as(live, "honnin")
    live.go(f"/resume/entries/{entry.uuid}/")
    Entry.objects.filter(pk=entry.pk).update(text="もう一つの画面の文章", version=2)
    live.get_by_role("textbox", name=re.compile("^内容")).fill("この画面の文章")
    live.seen.expect("409")
    live.get_by_role("button", name="保存する").click()
    expect(live.get_by_text("保存されている値：もう一つの画面の文章")).to_be_visible()
    expect(live.get_by_role("textbox", name=re.compile("^内容"))).to_have_value("この画面の文章")
    look_on(live, axe, PHONE)
    live.get_by_role("button", name="保存する").click()
    expect(told(live)).to_contain_text("「保守」を保存しました。")
    assert Entry.objects.get().text == "この画面の文章"
