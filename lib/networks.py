"""Addresses of machines: what a setting or a header says, as values that can be compared."""

import ipaddress
import re
from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))

_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_TRUE = {"true", "1", "yes", "on"}
_FALSE = {"", "false", "0", "no", "off"}


def parse_networks(text: str) -> tuple[Network, ...]:
    """Return the networks of a setting such as `10.1.2.3, 10.9.0.0/24`; `true` means this machine, `false` none.

    Raises ValueError with a sentence for a word that is no address, and for a network that is the whole world.
    """
    if text.strip().lower() in _FALSE:
        return ()
    found: list[Network] = []
    for word in text.replace(",", " ").split():
        if word.lower() in _TRUE:
            found.extend(LOOPBACK)
            continue
        try:
            network = ipaddress.ip_network(word)
        except ValueError:
            raise ValueError(f"{word!r} is no address and no network such as 10.1.2.0/24.") from None
        if network.prefixlen == 0:
            raise ValueError(f"{word!r} is every address there is: name the proxy alone.")
        found.append(network)
    return tuple(found)


def parse_address(text: str) -> Address | None:
    """Return the address in a word of X-Forwarded-For or of a socket, with or without its port; None for anything else.

    An IPv4 address that an IPv6 socket shows as ::ffff:192.0.2.1 is the IPv4 address.
    """
    word = text.strip()
    if word.startswith("["):
        word = word[1:].partition("]")[0]
    elif word.count(":") == 1:
        word = word.partition(":")[0]
    try:
        address = ipaddress.ip_address(word.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def is_in(address: Address | None, networks: Iterable[Network]) -> bool:
    """Say whether an address lies in one of the networks; None lies in none."""
    return address is not None and any(
        address.version == network.version and address in network for network in networks
    )


def is_address(host: str) -> bool:
    """Say whether a host, in brackets or not, is an IP address."""
    return parse_address(host) is not None


def is_host_name(text: str) -> bool:
    """Say whether a text is a host name in small letters: no address, no port, no path."""
    return len(text) <= 253 and _HOST.fullmatch(text) is not None and not is_address(text)
