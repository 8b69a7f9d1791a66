"""2段階認証 in a browser: an app without scripts, a passkey of Chromium's own virtual device, who has neither."""

import pytest

from organization.models import Passkey
from tests import builders as b
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import expect, look_on, sign_in_as, with_password
from tests.organization.factors import code_of, give_app, give_codes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office(world):
    with_password(world.honnin, world.jinji, world.sysadmin)
    return world


def device(live, **options):
    """Plug a virtual device into the browser; returns the session that drives it and the device's id."""
    driver = live.context.new_cdp_session(live.page)
    driver.send("WebAuthn.enable")
    made = driver.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
                **options,
            }
        },
    )
    return driver, made["authenticatorId"]


def first_step(live, name: str) -> None:
    live.go("/login/")
    live.get_by_label("ログイン名").fill(name)
    live.get_by_label("パスワード").fill(b.PASSWORD)
    live.get_by_role("button", name="ログインする").click()


def sign_out(live) -> None:
    live.locator(".user-menu summary").click()
    live.get_by_role("button", name="ログアウト").click()
    expect(live.get_by_role("heading", level=1)).to_have_text("ログイン")


def test_passkey_added_then_second_step_then_only_step(office, live, axe):
    device(live)
    sign_in_as(live, "honnin")
    live.go("/factors/")
    for size in (DESKTOP, PHONE):
        look_on(live, axe, size)
    live.set_viewport_size(DESKTOP)
    live.get_by_role("link", name="パスキーを登録する").click()
    for size in (DESKTOP, PHONE):
        look_on(live, axe, size)
    live.set_viewport_size(DESKTOP)
    live.get_by_label("パスキーの名前").fill("職場のパソコン")
    live.keyboard.press("Enter")
    expect(live.get_by_role("heading", level=1)).to_have_text("予備コード")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("factor-codes-390")
    live.set_viewport_size(DESKTOP)
    live.get_by_role("link", name="控えたので、次へ").click()
    expect(live.get_by_text("職場のパソコン", exact=True)).to_be_visible()
    look_on(live, axe, DESKTOP)
    live.shot("factors-1366")
    look_on(live, axe, PHONE)
    live.shot("factors-390")
    live.set_viewport_size(DESKTOP)

    sign_out(live)
    first_step(live, "honnin")
    expect(live.get_by_role("heading", level=1)).to_have_text("もう1つの確認")
    look_on(live, axe, DESKTOP)
    live.shot("second-step-1366")
    look_on(live, axe, PHONE)
    live.shot("second-step-390")
    live.set_viewport_size(DESKTOP)
    live.get_by_role("button", name="パスキーで確かめる").click()
    live.wait_for_url(live.url + "/")
    assert Passkey.objects.get().sign_count > 0

    sign_out(live)
    look_on(live, axe, DESKTOP)
    live.get_by_role("link", name="パスキーでログイン").click()
    # The page asks the device by itself.
    live.wait_for_url(live.url + "/")
    expect(live.locator(".user-menu summary")).to_contain_text("山﨑 美咲")


def test_who_says_no_to_the_browser_reads_what_to_do(office, live, axe):
    driver, made = device(live)
    sign_in_as(live, "honnin")
    live.go("/factors/passkeys/")
    driver.send("WebAuthn.setUserVerified", {"authenticatorId": made, "isUserVerified": False})
    live.get_by_label("パスキーの名前").fill("職場のパソコン")
    live.get_by_role("button", name="登録する").click()
    expect(live.get_by_text("パスキーを作れませんでした")).to_be_visible()
    axe(live)
    assert not Passkey.objects.exists()
    driver.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": made})


def test_codes_without_scripts(office, live, browser, live_server):
    secret = give_app(office.honnin)
    codes = give_codes(office.honnin)
    plain = browser.new_context(java_script_enabled=False, locale="ja-JP").new_page()
    for kind, label, answer, button in (
        ("app", "認証アプリの番号", code_of(secret), "ログインする"),
        ("recovery", "予備コード", codes[0], "予備コードで確かめる"),
    ):
        plain.goto(f"{live_server.url}/login/")
        assert not plain.get_by_role("link", name="パスキーでログイン").is_visible(), kind
        plain.get_by_label("ログイン名").fill("honnin")
        plain.get_by_label("パスワード").fill(b.PASSWORD)
        plain.get_by_role("button", name="ログインする").click()
        if kind == "recovery":
            plain.locator("summary", has_text="予備コードを使う").click()
        plain.get_by_label(label).fill(answer)
        plain.get_by_role("button", name=button, exact=True).click()
        plain.wait_for_url(f"{live_server.url}/")
        plain.context.clear_cookies()
    plain.context.close()


def test_wrong_code_is_told_next_to_it(office, live, axe):
    live.seen.expect("422")
    give_app(office.honnin)
    give_codes(office.honnin)
    first_step(live, "honnin")
    live.get_by_label("認証アプリの番号").fill("000000")
    live.keyboard.press("Enter")
    expect(live.get_by_text("番号が違うか、もう使われています").last).to_be_visible()
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("second-step-wrong-390")


def test_who_must_have_one_is_led_to_it(office, live, axe, settings):
    settings.REQUIRE_SECOND_FACTOR = "privileged"
    first_step(live, "jinji")
    expect(live.get_by_role("heading", name="2段階認証を登録してください")).to_be_visible()
    look_on(live, axe, DESKTOP)
    live.shot("factors-due-1366")
    look_on(live, axe, PHONE)
    live.set_viewport_size(DESKTOP)
    live.go("/people/")
    expect(live.get_by_role("heading", level=1)).to_have_text("2段階認証")
    live.get_by_role("link", name="認証アプリを登録する").click()
    look_on(live, axe, DESKTOP)
    live.shot("factor-app-1366")
    look_on(live, axe, PHONE)
    live.shot("factor-app-390")
    live.set_viewport_size(DESKTOP)
    secret = live.locator("details.more b").text_content().replace(" ", "")
    live.get_by_label("認証アプリの番号").fill(code_of(secret))
    live.keyboard.press("Enter")
    live.get_by_role("link", name="控えたので、次へ").click()
    live.go("/people/")
    expect(live.get_by_role("heading", level=1)).to_have_text("職員")


def test_reset_by_the_officer(office, live, axe):
    give_app(office.honnin)
    sign_in_as(live, "sysadmin")
    live.go(f"/accounts/{office.honnin.uuid}/")
    look_on(live, axe, DESKTOP)
    live.get_by_role("button", name="2段階認証を解除する").click()
    expect(live.get_by_text("2段階認証を解除しました").first).to_be_visible()
    live.context.clear_cookies()
    first_step(live, "honnin")
    expect(live.get_by_text("担当者が、あなたの2段階認証を解除しました")).to_be_visible()
