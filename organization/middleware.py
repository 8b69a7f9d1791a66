"""Puts the Actor on the request, and sends people with a one-time code to choose a password first.

Says to the database for whom the request is (docs/adr/0052): nobody at first, then the municipality of the session.
"""

import contextvars

from django.conf import settings
from django.contrib.auth import SESSION_KEY as STAFF_KEY
from django.contrib.auth import logout
from django.http import FileResponse, HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from access.client import address_of
from access.middleware import answer, wants_json
from access.refusals import Forbidden
from lib import tenant
from lib.user_agents import device_words
from organization import sessions, tenancy
from organization.models import Staff, StaffSession
from organization.scope import actor_for
from organization.second_factor.reads import is_required
from organization.second_factor.session import has_proven

# Which system vouched for the person of a session; and the name that a proxy gave then.
CAME_BY = "sso_came_by"
REMOTE_USER = "sso_remote_user"

# What somebody who must still choose a password may open.
_ALLOWED_BEFORE = ("organization:password", "organization:logout")
# The screens on which a second factor is proven or set up.
_SET_UP = "organization:factor"


class NobodyMiddleware:
    """Begins every request for nobody, and ends what it became; outside everything that reads a row."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with tenant.as_nobody():
            response = self.get_response(request)
            if response.streaming and not isinstance(response, FileResponse):
                # What is made while it is sent, is made after the request has ended here.
                response.streaming_content = _as_here(response.streaming_content)
            return response


def _as_here(pieces):
    """Return the pieces, each made for whom the request was: the context is taken now, not when the first is asked for."""
    here, pieces, end = contextvars.copy_context(), iter(pieces), object()
    return iter(lambda: here.run(next, pieces, end), end)


def begin(sender, request: HttpRequest, user: Staff, **kwargs) -> None:
    """Write down a session that begins; answers `user_logged_in`."""
    session, now = request.session, timezone.now()
    session[tenancy.SESSION_KEY] = user.municipality_id
    if session.session_key is None:
        session.create()
    with tenant.as_tenant(user.municipality_id):
        # The same person signs in again in the same browser: Django keeps that session under a new key.
        StaffSession.objects.filter(session_key=session.session_key).update(
            ended_at=now, ended_how=StaffSession.Ended.OWN, session_key=""
        )
        row = StaffSession.objects.create(
            municipality_id=user.municipality_id,
            staff=user,
            session_key=session.session_key,
            # entering.enter says which of its WAYS it was.
            how=getattr(request, "came_how", ""),
            device=device_words(request.META.get("HTTP_USER_AGENT", "")),
            address=address_of(request) or None,
            began_at=now,
            seen_at=now,
        )
    session[sessions.KEY] = str(row.uuid)
    session[sessions.BEGAN] = session[sessions.SEEN] = int(now.timestamp())


def left(sender, request: HttpRequest, user: Staff | None, **kwargs) -> None:
    """Write down that somebody signed out; answers `user_logged_out`, where the session is still there."""
    session = request.session
    if sessions.KEY in session and tenancy.SESSION_KEY in session:
        with tenant.as_tenant(session[tenancy.SESSION_KEY]):
            StaffSession.objects.filter(uuid=session[sessions.KEY], ended_at__isnull=True).update(
                ended_at=timezone.now(), ended_how=StaffSession.Ended.OWN, session_key=""
            )


class TenantMiddleware:
    """Goes on for the municipality of the session, never for one that the request names."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        """Learn it before anything asks who the person is; an address for systems reads no session, but its token."""
        if getattr(view_func, "by_token", False) or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return
        municipality_id = request.session.get(tenancy.SESSION_KEY)
        staff_id = request.session.get(STAFF_KEY)
        if municipality_id is None and staff_id is not None:
            municipality_id = tenancy.municipality_of_staff(int(staff_id))
        if municipality_id is not None:
            tenant.become(municipality_id)


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
        request.actor = actor_for(
            request.user, timezone.localdate(), request_id=request.request_id, address=address_of(request)
        )
        # Whoever another system vouched for has no use for a password of ours, even with a first code on paper.
        by_code = request.user.must_change_password and CAME_BY not in request.session
        if by_code and request.resolver_match.view_name not in _ALLOWED_BEFORE:
            if wants_json(request) or request.method not in ("GET", "HEAD"):
                return answer(request, Forbidden("先にパスワードを決めてください。"))
            return redirect(reverse("organization:password"))
        return None


class SecondFactorMiddleware:
    """Opens nothing but 「2段階認証」 to somebody who must prove a second factor and has not in this session.

    Whether they must follows from the roles of today, whether they have from a mark in the session: no query.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        """Lead to the set-up; what is open to everybody stays so."""
        request.second_factor_due = False
        if request.actor is None or not is_required(request.actor) or has_proven(request):
            return None
        # No menu, and no count of what waits in it, until then.
        request.second_factor_due = True
        name = request.resolver_match.view_name
        is_open = not getattr(view_func, "login_required", True)
        if is_open or name in _ALLOWED_BEFORE or name.startswith(_SET_UP):
            return None
        if wants_json(request) or request.method not in ("GET", "HEAD"):
            return answer(request, Forbidden("先に、2段階認証を済ませてください。"))
        return redirect(reverse("organization:factors"))


class RemoteUserMiddleware:
    """Ends a session that began by the name which the proxy gave, when the proxy names somebody else."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if (
            request.remote_user
            and request.session.get(REMOTE_USER, request.remote_user) != request.remote_user
        ):
            logout(request)
        return self.get_response(request)


class SessionLimitsMiddleware:
    """Ends a session that is older than SESSION_HOURS, and notes every few minutes that one is in use.

    Left alone for SESSION_IDLE_MINUTES it is no longer found: noting it is what puts that off. After TenantMiddleware
    and before SignInRequiredMiddleware, by `process_view`; without a session it does nothing.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        """Look at what the session itself says; no query but where something is written."""
        if getattr(view_func, "by_token", False) or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return
        session = request.session
        if sessions.KEY not in session:
            return
        now = timezone.now()
        if now.timestamp() - session[sessions.BEGAN] >= settings.SESSION_HOURS * 3600:
            with tenant.as_tenant(session[tenancy.SESSION_KEY]):
                StaffSession.objects.filter(uuid=session[sessions.KEY], ended_at__isnull=True).update(
                    ended_at=now, ended_how=StaffSession.Ended.TOO_OLD, session_key=""
                )
            session.flush()
        elif abs(now.timestamp() - session[sessions.SEEN]) >= sessions.SEEN_EVERY.total_seconds():
            sessions.note_use(session, now)
