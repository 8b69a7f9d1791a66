"""Systems that sign people in, as the environment names them, and names as systems say them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organization.providers import bare_name, form_targets, read_providers

OIDC = {"OIDC_ISSUER": "https://idp.example", "OIDC_CLIENT_ID": "skill", "OIDC_CLIENT_SECRET": "s"}
SAML = {"SAML_METADATA_FILE": "/etc/skill/provider.xml"}
LDAP = {"LDAP_URL": "ldaps://dc.example", "LDAP_BASE": "dc=example"}


def test_nothing_is_configured_by_default():
    assert read_providers({"PATH": "/bin", "OIDC_ISSUER": " "}) == ()


def test_several_of_a_kind_by_number():
    second = {name.replace("OIDC_", "OIDC_2_"): text for name, text in OIDC.items()}
    found = read_providers({**LDAP, **second, **OIDC, "REMOTE_USER_HEADER": "X-Remote-User"})
    assert [provider.slug for provider in found] == ["oidc", "oidc-2", "ldap", "windows"]
    assert [provider.how for provider in found] == ["oidc", "oidc", "ldap", "remote_user"]


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"OIDC_ISSUER": "https://idp.example"}, "OIDC_CLIENT_ID"),
        (OIDC | {"OIDC_ISSUER": "http://idp.example"}, "OIDC_ISSUER"),
        (OIDC | {"OIDC_LOGOUT_URL": "http://idp.example/out"}, "OIDC_LOGOUT_URL"),
        (OIDC | {"OIDC_ISUER": "x"}, "OIDC_ISUER"),
        (OIDC | {"OIDC_ATTRIBUTE": "email"}, "OIDC_ATTRIBUTE"),
        (OIDC | {"OIDC_MATCH": "staff_number"}, "OIDC_MUNICIPALITY"),
        (OIDC | {"OIDC_MATCH": "name"}, "OIDC_MATCH"),
        ({"SAML_ISSUER": "https://idp.example"}, "SAML_METADATA_FILE"),
        (SAML | {"SAML_SIGNED": "nothing"}, "SAML_SIGNED"),
        (SAML | {"SAML_KEY_FILE": "/etc/key.pem"}, "SAML_CERT_FILE"),
        (SAML | {"SAML_CLOCK_SKEW": "301"}, "SAML_CLOCK_SKEW"),
        (SAML | {"SAML_CLOCK_SKEW": "-1"}, "SAML_CLOCK_SKEW"),
        (SAML | {"SAML_LOGOUT_URL": "http://idp.example/out"}, "SAML_LOGOUT_URL"),
        (SAML | {"SAML_ALLOW_SHA2": "true"}, "SAML_ALLOW_SHA2"),
        (
            SAML | {"SAML_ATTRIBUTE": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"},
            "SAML_ATTRIBUTE",
        ),
        (SAML | {"SAML_ATTRIBUTE": "urn:oid:0.9.2342.19200300.100.1.3"}, "SAML_ATTRIBUTE"),
        (LDAP | {"LDAP_URL": "ldap://dc.example"}, "LDAP_START_TLS"),
        (LDAP | {"LDAP_URL": "http://dc.example"}, "LDAP_URL"),
        ({"LDAP_URL": "ldaps://dc.example"}, "LDAP_BASE"),
        (LDAP | {"LDAP_FILTER": "(uid=%s)"}, "LDAP_FILTER"),
        (LDAP | {"LDAP_DN_TEMPLATE": "uid=x"}, "LDAP_DN_TEMPLATE"),
        (LDAP | {"LDAP_STARTTLS": "true"}, "LDAP_STARTTLS"),
    ],
)
def test_what_is_missing_unknown_or_unsafe_stops_the_start(environ, named):
    with pytest.raises(ValueError, match=named):
        read_providers(environ)


def test_forms_lead_only_where_signing_out_goes_on():
    assert form_targets(read_providers(OIDC)) == []
    more = OIDC | {"OIDC_LOGOUT_URL": "https://login.example:8443/end?x=1"}
    assert form_targets(read_providers(more)) == ["https://login.example:8443"]


def test_secrets_are_not_shown_with_a_provider():
    assert "swordfish" not in repr(read_providers(OIDC | {"OIDC_CLIENT_SECRET": "swordfish"}))


@given(st.one_of(st.text(max_size=40), st.none(), st.integers(), st.lists(st.text())))
def test_a_name_is_part_of_what_was_said_or_nothing(said):
    for environ in (OIDC, OIDC | {"OIDC_DOMAINS": "mihon"}):
        name = bare_name(read_providers(environ)[0], said)
        assert name == "" or (name in said and not set("\\@") & set(name))


@given(st.text(max_size=20))
def test_the_domain_decides(name):
    provider = read_providers(OIDC | {"OIDC_DOMAINS": "MIHON"})[0]
    assert bare_name(provider, name) == ""
    assert bare_name(provider, f"other\\{name}") == ""
    assert bare_name(provider, f"{name}@other") == ""
