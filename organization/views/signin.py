"""Signing in and out, and one's own password."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, update_session_auth_hash
from django.contrib.auth import logout as end_session
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from organization import sessions
from organization.attempts import Held, succeeded
from organization.entering import enter
from organization.forms import REFUSED, PasswordForm, SignInForm
from organization.scope import is_sysadmin
from organization.second_factor import passkeys
from organization.views import trying
from organization.views.sso import choices, logout_url, safe_next
from organization.workflow import change_password

# Shown on the sign-in page where DEMO is on (interfaces.md, Demo).
DEMO_ACCOUNTS = [
    ("honnin", "職員（記入の途中）"),
    ("kakari", "係長"),
    ("kacho", "所属長"),
    ("shinjin", "職員（未記入）"),
    ("jinji", "人事"),
    ("henshu", "体系の編集"),
    ("kansa", "監査"),
    ("sysadmin", "システム管理"),
]


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def login(request):
    """Sign in with a password, or with a one-time code that a password must replace at once."""
    wanted = safe_next(request)
    if request.user.is_authenticated and request.method != "POST":
        return HttpResponseRedirect(wanted or resolve_url(settings.LOGIN_REDIRECT_URL))
    ways = choices(request, wanted)
    if request.remote_user and request.method != "POST" and "stay" not in request.GET:
        # 統合Windows認証 asks for no click, except right after signing out and after a refusal.
        return HttpResponseRedirect(next(url for label, url in reversed(ways)))
    form = SignInForm(request.POST or None)
    staff, wait = None, None
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["username"]
        try:
            trial = trying.begin(request, name)
        except Held as held:
            wait = held
    if request.method == "POST" and form.is_valid() and wait is None:
        staff = authenticate(request, **form.cleaned_data)
        if staff is not None and not settings.LOCAL_SIGNIN and not is_sysadmin(staff):
            # Closed for everybody else, in the words of a wrong password.
            staff = None
        if staff is None:
            trying.failed(request, name, trial)
            form.add_error(None, REFUSED)
        else:
            succeeded(trial, now=timezone.now())
    if staff is not None:
        how = "code" if hasattr(staff, "signed_in_by_code") else "password"
        return enter(request, staff, how=how, wanted=wanted)
    ctx = {
        "form": form,
        "next": wanted,
        "ways": ways,
        "local": settings.LOCAL_SIGNIN or "local" in request.GET or request.method == "POST",
        "passkeys": passkeys.place_of(request) is not None,
        "demo_accounts": DEMO_ACCOUNTS if settings.DEMO else [],
    }
    if wait is not None:
        return trying.answer_held(request, "organization/login.html", ctx, wait)
    return render(request, "organization/login.html", ctx, status=422 if form.errors else 200)


@require_POST
def logout(request):
    """End the session; somebody who came by a provider that wants to know is sent on there."""
    elsewhere = logout_url(request)
    end_session(request)
    # The name that a proxy gives would otherwise open the next session at once.
    stay = resolve_url(settings.LOGIN_URL) + ("?stay=1" if request.remote_user else "")
    answer = HttpResponseRedirect(elsewhere or stay)
    # Whoever sits down at a shared PC next goes back to nothing. Cookies are left: sibling hosts have theirs.
    answer["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password(request):
    """Change one's own password; after a one-time code this is the only page that opens."""
    form = PasswordForm(request.user, request.POST or None)
    name, trial = request.user.username, None
    if request.method == "POST" and "password" in form.fields:
        # Whoever finds an open screen guesses no further here than at the door.
        try:
            trial = trying.begin(request, name)
        except Held as held:
            return trying.answer_wait(request, held)
    valid = request.method == "POST" and form.is_valid()
    if trial is not None and "password" in form.errors:
        trying.failed(request, name, trial)
    elif trial is not None:
        succeeded(trial, now=timezone.now())
    if valid:
        change_password(
            staff=request.user,
            password=form.cleaned_data["new_password"],
            by=request.actor,
            now=timezone.now(),
            session=request.session.get(sessions.KEY),
        )
        update_session_auth_hash(request, request.user)
        messages.success(request, "パスワードを変更しました。")
        return redirect(settings.LOGIN_REDIRECT_URL)
    ctx = {"form": form, "first_time": request.user.must_change_password}
    return render(request, "organization/password.html", ctx, status=422 if form.errors else 200)
