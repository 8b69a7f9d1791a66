"""Signing in by a real OpenID Connect provider, and answers that nobody asked for."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from django.test import Client
from django.utils import timezone

from audit.models import Event
from organization.models import Staff
from organization.sso import linking


def ask(client, following=""):
    """Press the button; return the address at the provider."""
    response = client.get(f"/sso/oidc/?{urlencode({'next': following})}")
    assert response.status_code == 302, response.content
    return response["Location"]


def provider_answers(url, who):
    """Sign `who` in at the provider; return where it sends the browser, as a path of ours."""
    browser = requests.Session()
    browser.trust_env = False
    url += f"&login_hint={who}"
    for _ in range(6):
        url = requests.compat.urljoin(
            url, browser.get(url, allow_redirects=False, timeout=10).headers["Location"]
        )
        if url.startswith("http://testserver/"):
            return url.removeprefix("http://testserver")
    raise AssertionError(url)


def signed_in(client):
    return "_auth_user_id" in client.session


def refused_with(client, response, sentence):
    """Say whether the sign-in page came back with the sentence, and nobody is signed in."""
    assert response.status_code == 302
    assert response["Location"].startswith("/login/?stay=1")
    assert sentence in client.get(response["Location"]).content.decode()
    return not signed_in(client)


def test_a_person_with_an_account_enters_where_they_wanted_to_go(client, world, oidc):
    page = client.get("/login/?next=/sheet/").content.decode()
    assert "みほん市の認証でログイン" in page
    assert "/sso/oidc/?next=%2Fsheet%2F" in page
    url = ask(client, "/sheet/")
    query = parse_qs(urlsplit(url).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["state"]
    assert query["nonce"]
    response = client.get(provider_answers(url, "honnin"))
    assert (response.status_code, response["Location"]) == (302, "/sheet/")
    assert client.session["_auth_user_id"] == str(world.honnin.pk)
    assert Event.objects.get(action="account.signed_in").data["how"] == "oidc"


def test_nobody_a_leaver_and_a_closed_account_read_the_same(world, oidc):
    Staff.objects.filter(pk=world.dourei.pk).update(left_on=timezone.localdate())
    Staff.objects.filter(pk=world.betsuka.pk).update(is_active=False)
    answers = set()
    for who in ("nobody", "dourei", "betsuka"):
        client = Client()
        response = client.get(provider_answers(ask(client), who))
        assert refused_with(client, response, linking.UNLINKED)
        answers.add((response.status_code, response["Location"], response.content))
    assert len(answers) == 1


def test_no_account_is_made_and_mail_opens_none(client, world, oidc):
    Staff.objects.filter(pk=world.honnin.pk).update(email="honnin@example.lg.jp")
    before = Staff.objects.count()
    response = client.get(provider_answers(ask(client), "stranger"))
    assert refused_with(client, response, linking.UNLINKED)
    assert Staff.objects.count() == before


def test_a_provider_of_one_municipality_opens_no_account_of_another(client, world, oidc, configure):
    configure(**oidc, OIDC_MUNICIPALITY=world.other_city.code)
    response = client.get(provider_answers(ask(client), "honnin"))
    assert refused_with(client, response, linking.UNLINKED)


def test_by_staff_number_within_one_municipality(client, world, oidc, configure):
    Staff.objects.filter(pk=world.yoso.pk).update(staff_number=world.honnin.staff_number)
    configure(**oidc, OIDC_MATCH="staff_number", OIDC_MUNICIPALITY=world.city.code)
    client.get(provider_answers(ask(client), world.honnin.staff_number))
    assert client.session["_auth_user_id"] == str(world.honnin.pk)


def test_an_answer_serves_once(client, world, oidc):
    answer = provider_answers(ask(client), "honnin")
    client.get(answer)
    assert signed_in(client)
    client.post("/logout/")
    assert refused_with(client, client.get(answer), linking.STALE)


def test_a_used_code_serves_no_second_browser(client, world, oidc):
    first, second = provider_answers(ask(client), "honnin"), None
    client.get(first)
    other = Client()
    second = parse_qs(urlsplit(ask(other)).query)["state"][0]
    query = {key: texts[0] for key, texts in parse_qs(urlsplit(first).query).items()} | {"state": second}
    assert refused_with(other, other.get(f"/sso/oidc/answer/?{urlencode(query)}"), linking.STALE)


def test_an_answer_given_to_another_browser_is_refused(client, world, oidc):
    """Signing somebody in as oneself: the link of an attacker's own answer."""
    answer = provider_answers(ask(client), "kacho")
    victim = Client()
    assert refused_with(victim, victim.get(answer), linking.STALE)
    ask(victim)
    assert refused_with(victim, victim.get(answer), linking.STALE)


@pytest.mark.parametrize("change", [{"iss": "https://evil.example"}, {"iss": None}])
def test_an_answer_of_another_issuer_is_refused(client, world, oidc, change):
    answer = provider_answers(ask(client), "honnin")
    query = {key: texts[0] for key, texts in parse_qs(urlsplit(answer).query).items()} | change
    query = {key: text for key, text in query.items() if text}
    response = client.get(f"/sso/oidc/answer/?{urlencode(query)}")
    assert refused_with(client, response, linking.REJECTED)


def test_a_code_of_another_login_fails_the_nonce_or_the_verifier(client, world, oidc):
    """Injecting a stolen code into one's own login: PKCE refuses it at the provider."""
    stolen = parse_qs(urlsplit(provider_answers(ask(Client()), "kacho")).query)["code"][0]
    answer = provider_answers(ask(client), "honnin")
    query = {key: texts[0] for key, texts in parse_qs(urlsplit(answer).query).items()} | {"code": stolen}
    assert refused_with(client, client.get(f"/sso/oidc/answer/?{urlencode(query)}"), linking.STALE)


def test_a_late_answer_is_refused(client, world, oidc, monkeypatch):
    answer = provider_answers(ask(client), "honnin")
    session = client.session
    session["sso"] = session["sso"] | {"at": session["sso"]["at"] - 601}
    session.save()
    assert refused_with(client, client.get(answer), linking.STALE)


def test_who_is_refused_at_the_provider_may_try_again(client, world, oidc):
    response = client.get(provider_answers(ask(client, "/sheet/"), "refuse"))
    assert refused_with(client, response, linking.STALE)
    assert "next=%2Fsheet%2F" in response["Location"]


@pytest.mark.parametrize(
    "bad", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"]
)
def test_next_leads_nowhere_else(client, world, oidc, bad):
    response = client.get(provider_answers(ask(client, bad), "honnin"))
    assert signed_in(client)
    assert response["Location"] == "/"


def test_a_provider_that_is_down_says_so_and_local_accounts_still_work(client, world, oidc, configure):
    configure(**{**oidc, "OIDC_ISSUER": "http://127.0.0.1:1"})
    assert refused_with(client, client.get("/sso/oidc/"), linking.UNREACHABLE)
    world.honnin.set_password("a-long-enough-password")
    world.honnin.save()
    client.post("/login/", {"username": "honnin", "password": "a-long-enough-password"})
    assert signed_in(client)


def test_signing_out_goes_on_at_the_provider_only_for_who_came_by_it(client, world, oidc, configure):
    configure(**oidc, OIDC_LOGOUT_URL=f"{oidc['OIDC_ISSUER']}/session/end")
    client.get(provider_answers(ask(client), "honnin"))
    response = client.post("/logout/")
    assert response["Location"].startswith(f"{oidc['OIDC_ISSUER']}/session/end?client_id=skill&")
    assert not signed_in(client)
    client.force_login(world.honnin, backend="organization.backends.StaffBackend")
    assert client.post("/logout/")["Location"] == "/login/"
