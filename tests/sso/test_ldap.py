"""Signing in by a bind at a real directory."""

import socket

import pytest

from audit.models import Event
from organization.providers import read_providers
from organization.sso import ldap
from organization.sso.linking import UNLINKED, UNREACHABLE, NotSignedIn
from tests.processes import free_port, stop, wait_for
from tests.sso import directory
from tests.sso.conftest import slapd_program


@pytest.fixture(scope="session")
def slapd(tmp_path_factory):
    """Start slapd; return the variables for a search by a reader of its own over LDAPS."""
    folder = tmp_path_factory.mktemp("slapd")
    plain, secure = free_port(), free_port()
    process = directory.start(slapd_program(), folder, plain, secure)
    try:
        wait_for(secure, process)
        yield {
            "LDAP_URL": f"ldaps://127.0.0.1:{secure}",
            "LDAP_CA_FILE": str(folder / "ca.pem"),
            "LDAP_BASE": directory.BASE,
            "LDAP_FILTER": "(uid={name})",
            "LDAP_BIND_DN": directory.READER,
            "LDAP_BIND_PASSWORD": directory.READER_PASSWORD,
            "plain": str(plain),
        }
    finally:
        stop(process)


@pytest.fixture
def by_search(slapd):
    return {name: text for name, text in slapd.items() if name != "plain"}


@pytest.fixture
def by_template(slapd):
    kept = {name: slapd[name] for name in ("LDAP_URL", "LDAP_CA_FILE")}
    return kept | {"LDAP_DN_TEMPLATE": f"uid={{name}},{directory.BASE}"}


@pytest.fixture(params=["by_search", "by_template"])
def either(request):
    return request.getfixturevalue(request.param)


def ask(variables, name, password):
    return ldap.check(read_providers(variables)[0], name, password)


def refusal(variables, name, password):
    with pytest.raises(NotSignedIn) as caught:
        ask(variables, name, password)
    return caught.value.message


def post(client, name, password, **more):
    return client.post("/sso/ldap/", {"username": name, "password": password, **more})


def test_the_right_password_opens_and_the_wrong_one_does_not(either):
    assert ask(either, "honnin", directory.PEOPLE["honnin"]) == "honnin"
    assert refusal(either, "honnin", "wrong") == ldap.REFUSED
    assert refusal(either, "nobody", "wrong") == ldap.REFUSED
    assert refusal(either, "honnin", directory.PEOPLE["dourei"]) == ldap.REFUSED


@pytest.mark.parametrize("password", ["", "\0", "honnin-password\0"])
def test_an_empty_password_is_never_asked_about(either, password):
    assert refusal(either, "honnin", password) == ldap.REFUSED


def test_the_directory_itself_would_have_taken_an_empty_password(slapd):
    """The trap is real: a bind with a name and no password, written byte by byte, is answered with success."""

    def part(tag, body):
        return bytes([tag, len(body)]) + body

    name = part(0x04, f"uid=honnin,{directory.BASE}".encode())
    request = part(0x30, part(0x02, b"\x01") + part(0x60, part(0x02, b"\x03") + name + part(0x80, b"")))
    with socket.create_connection(("127.0.0.1", int(slapd["plain"])), timeout=5) as connection:
        connection.sendall(request)
        assert b"\x61\x07\x0a\x01\x00" in connection.recv(100)


@pytest.mark.parametrize(
    "name",
    [
        "*",
        "honn*",
        "honnin)(uid=*",
        "*)(uid=honnin))(|(uid=*",
        "honnin)(|(objectClass=*)",
        "\\2a",
        "honnin,dc=mihon",
        "honnin,dc=mihon,dc=example#",
        "honnin+cn=honnin",
        "honnin\\",
        "",
        "(",
        "\u202ehonnin",
    ],
)
@pytest.mark.parametrize("password", ["honnin-password", "the reader's own"])
def test_a_name_cannot_change_the_question(either, name, password):
    assert refusal(either, name, password) == ldap.REFUSED


def test_marks_in_a_name_are_part_of_it(either):
    assert ask(either, "star*name", directory.PEOPLE["star*name"]) == "star*name"


def test_start_tls(slapd, by_search):
    variables = by_search | {"LDAP_URL": f"ldap://127.0.0.1:{slapd['plain']}", "LDAP_START_TLS": "true"}
    assert ask(variables, "honnin", directory.PEOPLE["honnin"]) == "honnin"
    del variables["LDAP_CA_FILE"]
    assert refusal(variables, "honnin", directory.PEOPLE["honnin"]) == UNREACHABLE


@pytest.mark.parametrize(
    "change", [{"LDAP_CA_FILE": ""}, {"HOST": "localhost"}, {"PORT": "1"}], ids=["ca", "host", "down"]
)
def test_a_directory_that_cannot_be_trusted_gets_no_password(by_search, change):
    """Another CA, a certificate of another host name, nobody there."""
    variables = dict(by_search)
    url = variables["LDAP_URL"].replace("127.0.0.1", change.pop("HOST", "127.0.0.1"))
    variables["LDAP_URL"] = url.rpartition(":")[0] + ":1" if change.pop("PORT", "") else url
    assert refusal(variables | change, "honnin", directory.PEOPLE["honnin"]) == UNREACHABLE


def test_the_readers_own_password_is_wrong(by_search):
    variables = by_search | {"LDAP_BIND_PASSWORD": "wrong"}
    assert refusal(variables, "honnin", directory.PEOPLE["honnin"]) == UNREACHABLE


def test_somebody_enters(client, world, configure, by_search):
    configure(**by_search, LDAP_LABEL="みほん市のパスワード")
    assert "みほん市のパスワードでログイン" in client.get("/login/").content.decode()
    assert "みほん市のパスワードでログイン" in client.get("/sso/ldap/?next=/sheet/").content.decode()
    response = post(client, "Honnin", directory.PEOPLE["honnin"], next="/sheet/")
    assert (response.status_code, response["Location"]) == (302, "/sheet/")
    assert client.session["_auth_user_id"] == str(world.honnin.pk)
    assert Event.objects.get(action="account.signed_in").data["how"] == "ldap"


def test_somebody_enters_with_the_input_method_on(client, world, configure, by_search):
    configure(**by_search)
    assert post(client, "ｈｏｎｎｉｎ", directory.PEOPLE["honnin"]).status_code == 302


def test_by_the_staff_number_in_an_attribute(client, world, configure, by_search):
    world.kacho.staff_number = "0000000"
    world.kacho.save()
    configure(
        **by_search,
        LDAP_ATTRIBUTE="employeeNumber",
        LDAP_MATCH="staff_number",
        LDAP_MUNICIPALITY=world.city.code,
    )
    post(client, "honnin", directory.PEOPLE["honnin"])
    assert client.session["_auth_user_id"] == str(world.kacho.pk)


def test_refusals_on_the_screen(client, world, configure, by_search):
    configure(**by_search)
    for name, password, sentence in (
        ("honnin", "wrong", ldap.REFUSED),
        ("nobody", "wrong", ldap.REFUSED),
        ("stranger", directory.PEOPLE["stranger"], UNLINKED),
    ):
        response = post(client, name, password)
        assert response.status_code == 422
        assert sentence in response.content.decode()
        assert password not in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_local_password_goes_to_no_directory(client, world, configure, by_search, monkeypatch):
    configure(**by_search)
    monkeypatch.setattr(ldap, "check", lambda *args: pytest.fail("asked"))
    assert client.post("/login/", {"username": "honnin", "password": "x"}).status_code == 422


def test_signs_that_no_password_has_give_no_new_tries(client, world, configure, by_search):
    """What the directory's own rules refuse was typed: it counts, and takes nothing back."""
    configure(**by_search)
    answers = [post(client, "honnin", password).status_code for password in ("wrong", "\ue000") * 3]
    assert answers == [422] * 5 + [429]
