"""Signing in and out, and one's own password."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, update_session_auth_hash
from django.contrib.auth import login as start_session
from django.contrib.auth import logout as end_session
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from audit.models import Event, record
from organization.forms import REFUSED, PasswordForm, SignInForm
from organization.workflow import apply_due, change_password, sign_in_with_code

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
    wanted = _safe_next(request)
    if request.user.is_authenticated and request.method != "POST":
        return HttpResponseRedirect(wanted or resolve_url(settings.LOGIN_REDIRECT_URL))
    form = SignInForm(request.POST or None)
    staff = None
    if request.method == "POST" and form.is_valid():
        staff = authenticate(request, **form.cleaned_data)
        if staff is None:
            form.add_error(None, REFUSED)
    if staff is not None:
        _enter(request, staff)
        return HttpResponseRedirect(wanted or resolve_url(settings.LOGIN_REDIRECT_URL))
    ctx = {"form": form, "next": wanted, "demo_accounts": DEMO_ACCOUNTS if settings.DEMO else []}
    return render(request, "organization/login.html", ctx, status=422 if form.errors else 200)


def _enter(request, staff) -> None:
    """Start the session; a one-time code is used up by it."""
    now = timezone.now()
    # Without any timer on the server: the first who comes on a day brings in what waited for it. One indexed query.
    apply_due(now)
    code = getattr(staff, "signed_in_by_code", None)
    if code is not None:
        sign_in_with_code(staff=staff, code=code, now=now)
    start_session(request, staff)
    record(
        by=None,
        action="account.signed_in",
        now=now,
        subject_uuid=staff.uuid,
        target=staff,
        municipality_id=staff.municipality_id,
        kind=Event.Kind.TECHNICAL,
    )


@require_POST
def logout(request):
    """End the session."""
    end_session(request)
    return redirect(settings.LOGIN_URL)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password(request):
    """Change one's own password; after a one-time code this is the only page that opens."""
    form = PasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        change_password(
            staff=request.user,
            password=form.cleaned_data["new_password"],
            by=request.actor,
            now=timezone.now(),
        )
        update_session_auth_hash(request, request.user)
        messages.success(request, "パスワードを変更しました。")
        return redirect(settings.LOGIN_REDIRECT_URL)
    ctx = {"form": form, "first_time": request.user.must_change_password}
    return render(request, "organization/password.html", ctx, status=422 if form.errors else 200)


def _safe_next(request) -> str:
    """Return the `next` path if it is one of this host, else an empty string."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe and wanted.startswith("/") else ""
