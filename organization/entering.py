"""Entering: the one place where a session of a person begins, whatever let them in."""

import time

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login as start_session
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils import timezone

from access.client import address_of
from audit.models import Event, record
from lib.tenant import as_tenant
from organization.devices import remember_device
from organization.middleware import CAME_BY, REMOTE_USER
from organization.models import SignInCode, Staff
from organization.second_factor import session as kept
from organization.second_factor.reads import has_second_factor
from organization.second_factor.session import Pending
from organization.workflow import apply_due, sign_in_with_code
from organization.workflow.factors import was_reset

RESET = (
    "担当者が、あなたの2段階認証を解除しました。もう一度登録してください。"
    "心当たりがないときは、システム管理の担当に知らせてください。"
)

# What may let somebody in. `staff.signed_in_by_code` makes a code of what came in by the form of passwords.
WAYS = ("password", "code", "passkey", "oidc", "saml", "ldap", "remote_user")


def enter(request, staff: Staff, *, how: str, wanted: str = "", second_factor: bool = False) -> HttpResponse:
    """Start the session of somebody who has been recognised, or ask for the second step; return where the browser goes next.

    `how` is one of WAYS and stands in the event; `wanted` is a path that the caller has checked. `second_factor`: another
    system vouches that more than a password was asked for. A one-time code is used up once the session begins. The account
    must be open: callers ask `StaffBackend.user_can_authenticate`. ValueError for no way.
    """
    if how not in WAYS:
        raise ValueError(how)
    # What an attempt that was left behind kept in this session holds for nobody else.
    for name in (CAME_BY, REMOTE_USER, kept.PENDING, kept.SECOND_FACTOR, kept.PROVEN_AT):
        request.session.pop(name, None)
    # From here on it is known for whom the request is.
    with as_tenant(staff.municipality_id):
        factor = _factor_of(how, second_factor)
        if not factor and has_second_factor(staff):
            return _wait(request, staff, how, wanted)
        _begin(request, staff, how=how, factor=factor)
    return _onward(request, staff, wanted)


def enter_after_second_step(request, pending: Pending, staff: Staff, *, factor: str) -> HttpResponse:
    """Start the session of somebody who waited for it, now that `factor` was proven too."""
    if pending.code is not None:
        # Used up, or revoked, in the meantime: `sign_in_with_code` says so.
        staff.signed_in_by_code = SignInCode.objects.get(pk=pending.code)
    request.session.pop(kept.PENDING, None)
    _begin(request, staff, how=pending.how, factor=factor)
    return _onward(request, staff, pending.wanted)


def _onward(request, staff: Staff, wanted: str) -> HttpResponse:
    response = HttpResponseRedirect(wanted or resolve_url(settings.LOGIN_REDIRECT_URL))
    remember_device(request, response, staff.username)
    return response


def _factor_of(how: str, vouched: bool) -> str:
    """Return which second factor this way was, "" for none; a password of a directory is a password."""
    if how == "passkey":
        return "passkey"
    trusted = settings.PROVIDER_SECOND_FACTOR == "always" and how in ("oidc", "saml", "remote_user")
    return "provider" if vouched or trusted else ""


def _wait(request, staff: Staff, how: str, wanted: str) -> HttpResponse:
    """Keep in a session of nobody, under a new key, who waits for the second step."""
    code = getattr(staff, "signed_in_by_code", None)
    request.session.flush()
    Pending(
        staff=staff.pk,
        municipality=staff.municipality_id,
        how=how,
        wanted=wanted,
        at=int(time.time()),
        code=code.pk if code is not None else None,
        password=staff.get_session_auth_hash(),
    ).keep(request)
    return HttpResponseRedirect(reverse("organization:second_step"))


def _begin(request, staff: Staff, *, how: str, factor: str) -> None:
    now = timezone.now()
    # Without any timer on the server: the first who comes on a day brings in what waited for it. One indexed query.
    apply_due(now)
    code = getattr(staff, "signed_in_by_code", None)
    if code is not None:
        sign_in_with_code(staff=staff, code=code, now=now)
    request.came_how = how
    if factor in ("", "provider") and was_reset(staff):
        messages.warning(request, RESET)
    start_session(request, staff, backend="organization.backends.StaffBackend")
    kept.mark(request, factor=factor)
    # By which of ours; what another system did, it knows itself.
    own = {"by": factor} if factor not in ("", "provider") else {}
    record(
        by=None,
        action="account.signed_in",
        now=now,
        subject_uuid=staff.uuid,
        target=staff,
        municipality_id=staff.municipality_id,
        kind=Event.Kind.TECHNICAL,
        data={"how": how, **({"second_factor": True} if factor else {}), **own},
        address=address_of(request),
        request_id=request.request_id,
    )
