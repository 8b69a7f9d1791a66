"""The second step of signing in, and the passkey as the only step."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from access.client import address_of
from lib.tenant import as_tenant
from organization.backends import StaffBackend
from organization.entering import enter, enter_after_second_step
from organization.factor_forms import PasskeyAnswerForm
from organization.scope import is_sysadmin
from organization.second_factor import passkeys, proving
from organization.second_factor import session as kept
from organization.second_factor.page import Proof
from organization.second_factor.reads import has_second_factor
from organization.tenancy import municipality_of_passkey
from organization.views.sso import safe_next
from organization.workflow.factors import refuse_factor

_OVER = "ログインの途中で時間が過ぎました。もう一度、ログインしてください。"
_RESET = "担当者が、2段階認証を解除しました。もう一度、ログインしてください。"
_TOO_OFTEN = "続けて違う答えだったので、はじめに戻りました。もう一度、ログインしてください。"


@login_not_required
@sensitive_post_parameters("given")
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request):
    """Ask somebody whose password was right for the second factor; nobody is signed in until then."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    pending = kept.pending_of(request)
    if pending is None:
        return _back(request, _OVER)
    with as_tenant(pending.municipality):
        staff = pending.person()
        if staff is None:
            return _back(request, _OVER)
        proof = Proof(request, staff)
        if not proof.ways and not has_second_factor(staff):
            return _back(request, _RESET)
        if request.method == "POST" and proof.is_right():
            return enter_after_second_step(request, pending, staff, factor=proof.way)
        if proof.is_wrong:
            pending.failed += 1
            pending.keep(request)
            if pending.failed >= kept.MOST_WRONG:
                refuse_factor(
                    staff=staff,
                    now=timezone.now(),
                    address=address_of(request),
                    request_id=request.request_id,
                )
                return _back(request, _TOO_OFTEN)
        ctx = {"proof": proof.context()}
    return proof.answer("organization/second_step.html", ctx)


@login_not_required
@sensitive_post_parameters("given")
@require_http_methods(["GET", "HEAD", "POST"])
def passkey_login(request):
    """Sign in with a passkey alone: the device finds the person and asks for a finger, a face or a PIN."""
    wanted = safe_next(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(wanted or resolve_url(settings.LOGIN_REDIRECT_URL))
    problem = ""
    form = PasskeyAnswerForm(request.POST or None)
    if request.method == "POST":
        staff = _owner(request, form.cleaned_data["given"]) if form.is_valid() else None
        if staff is not None:
            return enter(request, staff, how="passkey", wanted=wanted)
        problem = proving.WRONG[proving.PASSKEY]
    place = passkeys.place_of(request)
    ctx = {
        "options": passkeys.ask(request, place, passkeys.ONLY, []) if place else "",
        "place": place,
        "next": wanted,
        "problem": problem,
    }
    return render(request, "organization/passkey_login.html", ctx, status=422 if problem else 200)


def _owner(request, given: str):
    """Return whose passkey it is, if the account is open and may sign in here; None with the same words otherwise."""
    try:
        municipality_id = municipality_of_passkey(passkeys.id_of(given))
    except passkeys.NotRecognised:
        return None
    if municipality_id is None:
        request.session.pop(passkeys.ASKED, None)
        return None
    with as_tenant(municipality_id):
        staff = proving.prove_passkey(request, passkeys.ONLY, given)
    if staff is None or not StaffBackend().user_can_authenticate(staff):
        return None
    return staff if settings.LOCAL_SIGNIN or is_sysadmin(staff) else None


def _back(request, sentence: str):
    request.session.pop(kept.PENDING, None)
    messages.error(request, sentence)
    return redirect(f"{resolve_url(settings.LOGIN_URL)}?stay=1")
