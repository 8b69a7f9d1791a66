"""Puts the Actor on the request, and sends people with a one-time code to choose a password first."""

from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from access.middleware import answer, wants_json
from access.refusals import Forbidden
from organization.scope import actor_for

# What somebody who must still choose a password may open.
_ALLOWED_BEFORE = ("organization:password", "organization:logout")


class ActorMiddleware:
    """Sets `request.actor` (None when signed out)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.actor = None
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        """Build the actor once the sign-in is settled; None lets the view run."""
        if getattr(view_func, "by_token", False) or not request.user.is_authenticated:
            return None
        request.actor = actor_for(request.user, timezone.localdate(), request_id=request.request_id)
        if request.user.must_change_password and request.resolver_match.view_name not in _ALLOWED_BEFORE:
            if wants_json(request) or request.method not in ("GET", "HEAD"):
                return answer(request, Forbidden("先にパスワードを決めてください。"))
            return redirect(reverse("organization:password"))
        return None
