"""The address of the client, and headers that only a trusted proxy may send."""

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory, override_settings

from access.client import TrustedProxyMiddleware, address_of
from lib.networks import parse_networks

PROXY = "10.0.0.9"
BEHIND = override_settings(
    TRUSTED_PROXY=parse_networks(f"{PROXY}, 10.7.0.0/24"),
    REMOTE_USER_HEADER="X-Remote-User",
    SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
)


def passed(peer, **meta):
    """Return the request as views get it."""
    seen = []
    request = RequestFactory().get("/", REMOTE_ADDR=peer, **meta)
    TrustedProxyMiddleware(lambda request: seen.append(request) or HttpResponse())(request)
    return seen[0]


def test_stands_before_everything_that_reads_a_header():
    assert settings.MIDDLEWARE[0] == "access.client.TrustedProxyMiddleware"


@BEHIND
@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.5", "", "192.0.2.5"),
        ("192.0.2.5", "203.0.113.1", "192.0.2.5"),  # a client that lies
        (PROXY, "192.0.2.5", "192.0.2.5"),
        (PROXY, "203.0.113.1, 192.0.2.5", "192.0.2.5"),  # the lie of a client, passed on
        (PROXY, "127.0.0.1, 192.0.2.5, 10.7.0.3", "192.0.2.5"),  # two proxies of ours
        (PROXY, "10.7.0.3", "10.7.0.3"),  # a proxy asks for itself
        (
            PROXY,
            "192.0.2.5, unknown",
            PROXY,
        ),  # the entry of our proxy is no address: nothing behind it counts
        (PROXY, "", PROXY),
        (PROXY, "192.0.2.5:51234", "192.0.2.5"),
        ("", "192.0.2.5", ""),
    ],
)
def test_address_of_the_client(peer, forwarded, address):
    assert address_of(passed(peer, HTTP_X_FORWARDED_FOR=forwarded)) == address


@override_settings(TRUSTED_PROXY=())
def test_nobody_is_believed_without_a_trusted_proxy():
    assert address_of(passed("127.0.0.1", HTTP_X_FORWARDED_FOR="192.0.2.5")) == "127.0.0.1"


@BEHIND
def test_https_is_believed_from_the_proxy_alone():
    assert passed(PROXY, HTTP_X_FORWARDED_PROTO="https").is_secure()
    assert not passed("192.0.2.5", HTTP_X_FORWARDED_PROTO="https").is_secure()


@BEHIND
@pytest.mark.parametrize("peer", [PROXY, "192.0.2.5"])
def test_the_header_never_reaches_a_view(peer):
    request = passed(peer, HTTP_X_REMOTE_USER="SHI\\honnin")
    assert "HTTP_X_REMOTE_USER" not in request.META
    assert "X-Remote-User" not in request.headers
    assert request.remote_user == ("SHI\\honnin" if peer == PROXY else "")


@BEHIND
def test_two_names_are_no_name():
    assert passed(PROXY, HTTP_X_REMOTE_USER="honnin,kacho").remote_user == ""


@override_settings(TRUSTED_PROXY=parse_networks(PROXY), REMOTE_USER_HEADER="")
def test_no_header_is_asked_for():
    assert passed(PROXY, HTTP_REMOTE_USER="honnin", REMOTE_USER="honnin").remote_user == ""
