"""Over what the product may be reached: asked by the settings, before anything of Django is there."""

from collections.abc import Iterable

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
WARNING = (
    "PLAIN_HTTP is on: passwords, sessions and personal data cross the network in clear, and a neighbour can read and "
    "change them. Put a certificate in front, set HTTPS=true and remove PLAIN_HTTP."
)


def is_loopback(host: str) -> bool:
    """Say whether a name of ALLOWED_HOSTS never leaves this machine."""
    return host.lower() in LOOPBACK or host.lower().endswith(".localhost")


def problem(hosts: Iterable[str], *, https: bool, plain_http: bool) -> str:
    """Return why the product must not start with these settings, an empty string where it may."""
    if https and plain_http:
        return "HTTPS and PLAIN_HTTP exclude each other. Remove PLAIN_HTTP."
    away = [host for host in hosts if not is_loopback(host)]
    if away and not https and not plain_http:
        return (
            f"ALLOWED_HOSTS names {', '.join(away)}, which is reached over a network. Put a certificate in front and "
            "set HTTPS=true. On a closed network without one, PLAIN_HTTP=true allows plain HTTP, with a warning."
        )
    return ""
