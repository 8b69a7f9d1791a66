"""Answers that may be kept and asked for again: what is published, and is about nobody (docs/adr/0074)."""

import functools
import hashlib
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers

# What tells viewers apart: a session, or the token of a system.
_VIEWER = ("Cookie", "Authorization")


def unpersonal(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let a browser or a system keep the answers of a view that are about nobody, and ask whether they still hold.

    The view decides each time whether the viewer may see it, and makes the answer: 304 spares the way, not the right.
    The ETag is of the answer and of who asked, so that what one viewer keeps is nobody else's; a name of a person in it
    would still lie on a shared PC, so only what is published may be marked. Refusals and errors stay `no-store`.
    """

    @functools.wraps(view)
    def kept(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = view(request, *args, **kwargs)
        if not isinstance(answer, HttpResponse) or answer.status_code != 200:
            return answer
        answer["ETag"] = f'"{_digest(request, answer)}"'
        patch_cache_control(answer, private=True, no_cache=True)
        patch_vary_headers(answer, _VIEWER)
        found = get_conditional_response(request, etag=answer["ETag"], response=answer) or answer
        # Read by SecurityHeadersMiddleware; 412 says nothing that anybody should keep.
        found.may_be_kept = found.status_code in (200, 304)  # type: ignore[attr-defined]
        return found

    return kept


def _digest(request: Any, answer: HttpResponse) -> str:
    actor = getattr(request, "actor", None)
    viewer = (
        "nobody"
        if actor is None
        else f"{actor.municipality_id} {actor.staff_uuid} {sorted(role.value for role in actor.roles)}"
    )
    digest = hashlib.sha256(viewer.encode())
    # Two answers of one address may have the same body and another name or kind.
    for name in ("Content-Type", "Content-Disposition", "Link", "X-Total-Count"):
        digest.update(f"\0{answer.get(name, '')}".encode())
    digest.update(b"\0" + answer.content)
    return digest.hexdigest()[:40]
