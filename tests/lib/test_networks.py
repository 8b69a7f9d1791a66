"""Addresses in settings and headers."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.networks import LOOPBACK, is_in, parse_address, parse_networks


def test_true_means_this_machine_alone():
    assert parse_networks("true") == LOOPBACK
    assert is_in(parse_address("127.0.0.1"), LOOPBACK)
    assert not is_in(parse_address("10.0.0.1"), LOOPBACK)


@pytest.mark.parametrize("text", ["", "false", "0", " off "])
def test_nothing_is_trusted_by_default(text):
    assert parse_networks(text) == ()


@pytest.mark.parametrize("text", ["0.0.0.0/0", "::/0", "proxy.example.lg.jp", "10.1.2.3/8", "10.0.0.0/40"])
def test_what_is_no_proxy_stops_the_start(text):
    with pytest.raises(ValueError):
        parse_networks(text)


@pytest.mark.parametrize(
    ("word", "address"),
    [
        (" 192.0.2.1 ", "192.0.2.1"),
        ("192.0.2.1:4711", "192.0.2.1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_ports_zones_and_mapped_addresses(word, address):
    assert str(parse_address(word)) == address


@given(st.ip_addresses())
def test_every_address_reads_as_itself(address):
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    assert parse_address(str(address).partition("%")[0]) in (address, mapped)
    assert is_in(address, [ipaddress.ip_network(address)])


@given(st.text(alphabet="0123456789.:[]%abcxyz ,", max_size=30))
def test_a_word_is_an_address_or_nothing(word):
    found = parse_address(word)
    assert found is None or parse_address(str(found)) == found
