"""Signing in by SAML in a real browser: the answer comes from a page of another site, and our session stays ours."""

import shutil
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client

from config.middleware import SecurityHeadersMiddleware
from organization.providers import form_targets, read_providers
from organization.sso import linking
from tests.processes import missing
from tests.sso import saml_forge as f
from tests.sso.saml_process import running
from tests.sso.saml_steps import press

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def provider(live, world, monkeypatch):
    """Start a provider on another host than ours, where whoever asks is `honnin`."""
    if shutil.which("xmlsec1") is None:
        missing("xmlsec1 is not installed")
    with running(f"{live.url}/sso/saml/acs/") as address:
        there = address.replace("127.0.0.1", "localhost" if "127.0.0.1" in live.url else "127.0.0.1")
        file = f.metadata("idp", sso=f"{there}/sso/honnin")
        variables = {"SAML_METADATA_FILE": str(file), "SAML_LABEL": "みほん市の認証"}
        monkeypatch.setattr(settings, "SIGN_IN_PROVIDERS", read_providers(variables))
        yield there
    # The way leads over the provider; nobody else was asked.
    live.seen.outside[:] = [url for url in live.seen.outside if not url.startswith(there)]


def test_by_the_provider_and_back(live, provider):
    live.go("/login/?next=/resume/")
    live.get_by_role("link", name="みほん市の認証でログイン").click()
    live.wait_for_url("**/resume/**")
    assert any(url.startswith(provider) for url in live.seen.outside)
    # A second answer from the other site leaves the session as it is.
    cookies = {cookie["name"]: cookie["value"] for cookie in live.context.cookies(live.url)}
    live.goto(f"{provider}/forge")
    live.get_by_role("button").click()
    live.wait_for_url(f"{live.url}/**")
    now = {cookie["name"]: cookie["value"] for cookie in live.context.cookies(live.url)}
    assert now[settings.SESSION_COOKIE_NAME] == cookies[settings.SESSION_COOKIE_NAME]


def test_an_answer_for_another_browser_signs_nobody_in(live, provider):
    """A page of an attacker, who has asked in a browser of their own, posts the answer from this one."""
    live.goto(press(Client(HTTP_HOST=urlsplit(live.url).netloc)))
    live.wait_for_url(f"{live.url}/login/**")
    assert live.get_by_text(linking.STALE).is_visible()
    assert all(cookie["name"] != settings.SESSION_COOKIE_NAME for cookie in live.context.cookies(live.url))
    live.shot("saml-refused")


def sign_out(live, provider, monkeypatch, *, named):
    """Sign in by the provider and out again, with its address in the policy or without."""
    variables = {
        "SAML_METADATA_FILE": settings.SIGN_IN_PROVIDERS[0].option("METADATA_FILE"),
        "SAML_LOGOUT_URL": f"{provider}/out",
    }
    providers = read_providers(variables)
    monkeypatch.setattr(settings, "SIGN_IN_PROVIDERS", providers)
    whole, targets = SecurityHeadersMiddleware.__call__, " ".join(form_targets(providers) if named else [])

    def with_targets(self, request):
        response = whole(self, request)
        policy = response.headers["Content-Security-Policy"]
        response.headers["Content-Security-Policy"] = policy.replace(
            "form-action 'self'", f"form-action 'self' {targets}"
        )
        return response

    monkeypatch.setattr(SecurityHeadersMiddleware, "__call__", with_targets)
    live.go("/sso/saml/?next=/resume/")
    live.wait_for_url("**/resume/**")
    live.locator(".user-menu summary").click()
    live.get_by_role("button", name="ログアウト").click()


def test_signing_out_goes_on_at_the_provider_that_the_policy_names(live, provider, monkeypatch):
    sign_out(live, provider, monkeypatch, named=True)
    live.wait_for_url(f"{provider}/out")
    live.go("/sheet/")
    live.wait_for_url(f"{live.url}/login/**")


def test_the_browser_refuses_a_way_out_that_the_policy_does_not_name(live, provider, monkeypatch):
    """Chromium asks form-action of where a form is redirected to as well: without the name it would end here."""
    sign_out(live, provider, monkeypatch, named=False)
    live.wait_for_timeout(500)
    assert not live.page.url.startswith(provider)
    assert any("form-action" in line for line in [*live.seen.console, *live.seen.csp])
    live.seen.console.clear(), live.seen.csp.clear()
    # Our own session has ended all the same.
    live.go("/sheet/")
    live.wait_for_url(f"{live.url}/login/**")
