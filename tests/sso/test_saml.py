"""Signing in by SAML: good answers, whose browser they are for, and how often they serve."""

import shutil

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import Event
from config.checks import saml_files
from organization.models import SpentAssertion, Staff
from organization.sso import linking, saml
from tests.processes import missing
from tests.sso import saml_forge as f
from tests.sso.saml_steps import asked_by, post, press, refused_with, request_of, signed_in, taken

OWN = "urn:oasis:names:tc:SAML:2.0:ac:classes"


@pytest.fixture(autouse=True)
def _program():
    if shutil.which("xmlsec1") is None:
        missing("xmlsec1 is not installed")


@pytest.fixture
def provider(configure):
    """Return a function that configures the provider of the tests with more variables."""

    def with_more(*names, **variables):
        file = variables.pop("file", None) or f.metadata(*(names or ("idp",)))
        return configure(SAML_METADATA_FILE=str(file), SAML_LABEL="みほん市の認証", **variables)

    with_more()
    return with_more


def enter(client, xml):
    return client.get(post(client, xml))


def test_a_person_with_an_account_enters_where_they_wanted_to_go(client, world, provider):
    assert "みほん市の認証でログイン" in client.get("/login/").content.decode()
    response = enter(client, f.good(asked_by(client, "/sheet/")))
    assert (response.status_code, response["Location"]) == (302, "/sheet/")
    assert client.session["_auth_user_id"] == str(world.honnin.pk)
    assert Event.objects.get(action="account.signed_in").data == {"how": "saml"}


def test_the_signature_of_the_response_serves_where_that_is_set(client, world, provider):
    def answer(asked):
        inner = f.assertion(asked, sealed="")
        xml = f.response(inner, asked, sealed=f.signature("_response"))
        return f.sign(xml, "_response", of=f"{f.SAMLP}:Response")

    assert not taken(post(client, answer(asked_by(client))))
    provider(SAML_SIGNED="response")
    assert not taken(post(client, f.good(asked_by(client))))
    enter(client, answer(asked_by(client)))
    assert signed_in(client)


def test_the_new_key_of_a_provider_serves_beside_the_old(client, world, provider):
    provider("old", "idp")
    enter(client, f.good(asked_by(client)))
    assert signed_in(client)


@pytest.mark.parametrize("cipher", ["aes256-gcm", "aes256-cbc"])
def test_an_encrypted_assertion_is_opened(client, world, provider, cipher):
    key, certificate, _ = f.key_pair("sp")
    provider(SAML_KEY_FILE=str(key), SAML_CERT_FILE=str(certificate))
    url = press(client)
    assert "&Signature=" in url
    asked = request_of(url).split(' ID="')[1].split('"')[0]
    enter(client, f.encrypted(f.good(asked), certificate, cipher=cipher))
    assert signed_in(client)
    page = client.get("/sso/saml/metadata/").content.decode()
    assert page.count("KeyDescriptor use=") == 2
    assert 'AuthnRequestsSigned="true"' in page


def test_by_an_attribute_and_a_domain(client, world, provider):
    provider(SAML_ATTRIBUTE="uid", SAML_DOMAINS="city.example.lg.jp")
    said = f.attribute("uid", "honnin@city.example.lg.jp")
    enter(client, f.good(asked_by(client), who="opaque", attributes=said))
    assert signed_in(client)


@pytest.mark.parametrize(
    "said", ["", f.attribute("uid"), f.attribute("uid", "honnin", "kacho"), f.attribute("UID", "honnin")]
)
def test_an_attribute_that_is_missing_or_doubled_is_no_name(client, world, provider, said):
    provider(SAML_ATTRIBUTE="uid")
    asked = asked_by(client)
    address = post(client, f.good(asked, attributes=said))
    assert refused_with(client, address, linking.REJECTED)


def test_nobody_a_leaver_and_a_closed_account_read_the_same(world, provider):
    Staff.objects.filter(pk=world.dourei.pk).update(left_on=timezone.localdate())
    Staff.objects.filter(pk=world.betsuka.pk).update(is_active=False)
    answers = set()
    for who in ("nobody", "dourei", "betsuka", "HONNIN", "honnin@example.lg.jp"):
        client = Client()
        address = post(client, f.good(asked_by(client), who=who, ident=f"_{who.partition('@')[0]}"))
        response = client.get(address)
        assert linking.UNLINKED in client.get(response["Location"]).content.decode()
        assert not signed_in(client)
        answers.add((response.status_code, response["Location"], response.content))
    assert len(answers) == 1


def test_an_answer_opens_the_browser_that_asked_and_no_other(world, provider):
    """Signing a victim in as oneself: the attacker's own good answer, posted or linked from a page."""
    attacker, victim, waiting = Client(), Client(), Client()
    xml = f.good(asked_by(attacker), who="kacho")
    asked_by(waiting)
    address = post(victim, xml)
    assert taken(address)
    assert refused_with(victim, address, linking.STALE)
    assert refused_with(waiting, address, linking.STALE)
    attacker.get(address)
    assert signed_in(attacker)
    attacker.post("/logout/")
    assert refused_with(attacker, address, linking.STALE)


def test_whoever_is_signed_in_stays_who_they_are(client, world, provider):
    client.force_login(world.honnin, backend="organization.backends.StaffBackend")
    attacker = Client()
    for xml in ("junk", f.good(asked_by(attacker), who="kacho")):
        client.get(post(client, xml))
        assert client.session["_auth_user_id"] == str(world.honnin.pk)


def test_an_assertion_serves_once(client, world, provider):
    asked = asked_by(client)
    xml = f.good(asked)
    enter(client, xml)
    assert signed_in(client)
    assert not taken(post(Client(), xml))
    # In a response of another id it is the same assertion.
    assert not taken(post(Client(), xml.replace('ID="_response"', 'ID="_another"')))


def test_without_the_spending_it_would_serve_again(client, world, provider, monkeypatch):
    monkeypatch.setattr(saml, "_spend", lambda *given: None)
    xml = f.good(asked_by(client))
    assert taken(post(client, xml))
    assert taken(post(client, xml))


def test_what_was_spent_goes_when_it_would_have_run_out(client, world, provider, monkeypatch):
    xml = f.good(asked_by(client))
    enter(client, xml)
    (row,) = SpentAssertion.objects.all()
    assert 300 < (row.keep_until - timezone.now()).total_seconds() <= 361
    SpentAssertion.objects.update(keep_until=timezone.now())
    enter(Client(), f.good(asked_by(Client()), ident="_next"))
    assert not SpentAssertion.objects.filter(pk=row.pk).exists()


def test_a_late_answer_and_a_late_browser_are_refused(client, world, provider, monkeypatch):
    asked = asked_by(client)
    address = post(client, f.good(asked))
    monkeypatch.setattr(saml, "HANDOVER", -1)
    assert refused_with(client, address, linking.REJECTED)
    asked = asked_by(client)
    monkeypatch.setattr(saml, "LIFETIME", -1)
    assert not taken(post(client, f.good(asked, ident="_late")))


def test_the_id_of_another_providers_request_is_no_id_of_ours(client, world, provider, configure):
    file = str(f.metadata("idp"))
    configure(SAML_METADATA_FILE=file, SAML_2_METADATA_FILE=file)
    asked = asked_by(client)
    response = client.post(
        "/sso/saml-2/acs/", f.posted(f.good(asked, audience=f.SP.replace("saml", "saml-2")))
    )
    assert response["Location"].endswith("?answer=")


def test_how_strongly_is_asked_for_and_looked_at(client, world, provider):
    provider(SAML_REQUIRED_ACR=f"{OWN}:TimeSyncToken", SAML_SECOND_FACTOR=f"{OWN}:TimeSyncToken")
    url = press(client)
    assert f"{OWN}:TimeSyncToken" in request_of(url)
    asked = request_of(url).split(' ID="')[1].split('"')[0]
    assert refused_with(client, post(client, f.good(asked)), linking.WEAK)
    enter(client, f.good(asked_by(client), acr=f"{OWN}:TimeSyncToken", ident="_strong"))
    assert Event.objects.get(action="account.signed_in").data == {"how": "saml", "second_factor": True}


def test_the_methods_that_ad_fs_and_entra_id_name(client, world, provider):
    strong = "http://schemas.microsoft.com/claims/multipleauthn"
    provider(SAML_REQUIRED_AMR=strong)
    assert refused_with(client, post(client, f.good(asked_by(client))), linking.WEAK)
    said = f.attribute("http://schemas.microsoft.com/claims/authnmethodsreferences", "x", strong)
    enter(client, f.good(asked_by(client), attributes=said, ident="_strong"))
    assert Event.objects.get(action="account.signed_in").data["second_factor"]


@pytest.mark.parametrize("kind", ["expired", "gone", "two", "empty", "none"])
def test_metadata_that_cannot_be_used_is_said_and_local_accounts_still_work(client, world, provider, kind):
    file = {
        "expired": lambda: f.metadata("idp", until="2020-01-01T00:00:00Z"),
        "gone": lambda: f.folder() / "gone.xml",
        "two": lambda: _write("two.xml", _two()),
        "empty": lambda: _write("empty.xml", ""),
        "none": lambda: _write("none.xml", "<x/>"),
    }[kind]()
    provider(file=file)
    for address in ("/sso/saml/", "/sso/saml/metadata/"):
        if address.endswith("metadata/") and kind in ("expired", "two", "none"):
            continue
        assert refused_with(client, address, linking.UNREACHABLE)
    world.honnin.set_password("a-long-enough-password")
    world.honnin.save()
    client.post("/login/", {"username": "honnin", "password": "a-long-enough-password"})
    assert signed_in(client)


def test_the_deployment_check_says_what_is_missing(provider, monkeypatch):
    provider()
    assert saml_files(None) == []
    provider(file="/nowhere.xml", SAML_KEY_FILE="/no.key", SAML_CERT_FILE="/no.pem")
    monkeypatch.setenv("PATH", "")
    assert [one.id for one in saml_files(None)] == ["saml.W001"] + ["saml.W002"] * 3


def test_one_provider_of_several_by_its_name(client, world, provider):
    provider(file=_write("two.xml", _two()), SAML_ISSUER=f.IDP)
    enter(client, f.good(asked_by(client)))
    assert signed_in(client)


def test_signing_out_goes_on_at_the_provider(client, world, provider):
    provider(SAML_LOGOUT_URL="https://idp.example.lg.jp/adfs/ls/?wa=wsignout1.0")
    enter(client, f.good(asked_by(client)))
    assert client.post("/logout/")["Location"] == "https://idp.example.lg.jp/adfs/ls/?wa=wsignout1.0"


def test_no_name_stands_in_the_log_or_in_an_address(client, world, provider, caplog):
    asked = asked_by(client)
    address = post(client, f.good(asked, who="unmistakable"))
    client.get(address)
    post(client, f.good(asked, who="unmistakable", audience="https://other.example", ident="_b"))
    assert "unmistakable" not in caplog.text + address
    assert "no open account" in caplog.text


def _write(name, text):
    file = f.folder() / name
    file.write_text(text)
    return file


def _two():
    one, other = (f.metadata("idp", entity=entity).read_text() for entity in (f.IDP, "https://other.example"))
    return (
        f'<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">{one}{other}</EntitiesDescriptor>'
    )
