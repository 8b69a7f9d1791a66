"""Who is at the other end: the address of the client, and what only a trusted proxy may say.

A header is written by whoever sends the request. What proxies add (`X-Forwarded-…`, the name of a person signed in to
Windows) is believed from the addresses in the setting TRUSTED_PROXY alone, and removed from every other request before
anything reads it. docs/adr/0051.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from lib.networks import is_in, parse_address

FORWARDED_FOR = "HTTP_X_FORWARDED_FOR"
# What a proxy says of a request, as WSGI names headers: `-` and `_` are the same there.
FORWARDED = (
    FORWARDED_FOR,
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_FORWARDED",
)


def is_from_proxy(request: HttpRequest) -> bool:
    """Say whether the machine that speaks to us is one of TRUSTED_PROXY."""
    return is_in(parse_address(request.META.get("REMOTE_ADDR", "")), settings.TRUSTED_PROXY)


def address_of(request: HttpRequest) -> str:
    """Return the address of the client, "" where the socket has none.

    It is the machine that speaks to us; behind a trusted proxy the last entry of X-Forwarded-For that is not a
    trusted proxy itself. Entries further left were written by the client, and are not looked at.
    """
    peer = parse_address(request.META.get("REMOTE_ADDR", ""))
    if peer is None:
        return ""
    client = peer
    if is_from_proxy(request):
        for word in reversed(request.META.get(FORWARDED_FOR, "").split(",")):
            address = parse_address(word)
            if address is None:
                break
            client = address
            if not is_in(address, settings.TRUSTED_PROXY):
                break
    return str(client)


def meta_name(header: str) -> str:
    """Return the key under which a header stands in `request.META`."""
    return "HTTP_" + header.strip().upper().replace("-", "_")


class TrustedProxyMiddleware:
    """Removes what only a trusted proxy may say, and puts `request.remote_user` in its place; stands first.

    `remote_user` is the name in REMOTE_USER_HEADER of a request from a trusted proxy, "" for everybody else. The
    header itself never gets as far as a view. Two headers of that name arrive as one with a comma: no name then.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        trusted = is_from_proxy(request)
        if not trusted:
            for name in FORWARDED:
                request.META.pop(name, None)
        request.remote_user = ""  # type: ignore[attr-defined]
        if settings.REMOTE_USER_HEADER:
            said = request.META.pop(meta_name(settings.REMOTE_USER_HEADER), "").strip()
            if trusted and "," not in said:
                request.remote_user = said  # type: ignore[attr-defined]
        return self.get_response(request)
