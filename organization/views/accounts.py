"""Accounts and grants (P25, P26, P29): システム管理; 監査 may look."""

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.db.models import Exists, OuterRef, Q
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.actor import Role
from access.refusals import Conflict, Forbidden, Invalid, NotVisible
from access.table import may
from lib.text import strip_controls
from organization.department_field import MOST_CHOICES
from organization.forms import AccountForm, GrantForm
from organization.models import Department, Grant, Staff
from organization.second_factor.reads import has_second_factor
from organization.sessions import running
from organization.views.posted import version_of
from organization.workflow import (
    create_account,
    end_sessions_of,
    grant_role,
    issue_codes,
    set_account_active,
    withdraw_grant,
)
from organization.workflow.factors import reset_factors

PAGE = 50
# More slips than this would hold the request for too long: a code costs one password hash, about 30 ms.
MOST_SLIPS = 300


def _account_for(actor, staff_uuid) -> Staff:
    """Return a person of the municipality for the account pages; NotVisible elsewhere."""
    staff = Staff.objects.of(actor).filter(uuid=staff_uuid).first()
    if staff is None:
        raise NotVisible
    return staff


@require_safe
def accounts(request):
    """List the accounts with their roles; search by number, name or reading."""
    actor = request.actor
    if not may(actor, "P25v"):
        raise Forbidden
    words = request.GET.get("q", "")[:60]
    found = Staff.objects.of(actor).found_by(words).prefetch_related("grants").order_by("staff_number", "pk")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    ctx = {
        "page": page,
        "rows": [(staff, [g for g in staff.grants.all() if g.withdrawn_at is None]) for staff in page],
        "q": words,
        "can_edit": may(actor, "P25"),
        "today": actor.today,
    }
    return render(request, "organization/accounts.html", ctx)


@require_http_methods(["GET", "HEAD", "POST"])
def account_new(request):
    """Create an account and print its one-time code."""
    actor = request.actor
    if not may(actor, "P25"):
        raise Forbidden
    form = AccountForm(actor.municipality_id, request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            staff = create_account(
                municipality=request.user.municipality, by=actor, now=now, **form.cleaned_data
            )
        except IntegrityError:
            raise Conflict("同じログイン名か職員番号が、いま別の画面で登録されました。") from None
        messages.success(
            request, "アカウントを作りました。「初回ログインの番号を出す」を押して、本人に渡してください。"
        )
        return redirect("organization:account", staff.uuid)
    return render(
        request, "organization/account_new.html", {"form": form}, status=422 if form.errors else 200
    )


@require_safe
def account(request, staff_uuid):
    """Show one account: roles, state, and what may be done."""
    actor = request.actor
    if not may(actor, "P25v"):
        raise Forbidden
    staff = _account_for(actor, staff_uuid)
    own = staff.pk == actor.staff_id
    ctx = {
        "staff": staff,
        "grants": staff.grants.select_related("granted_by")
        .filter(withdrawn_at__isnull=True)
        .order_by("role"),
        "form": GrantForm(),
        "own": own,
        "has_left": staff.has_left(actor.today),
        "can_edit": may(actor, "P25") and not own,
        "running": running(staff, timezone.now()).count(),
        "can_reset": may(actor, "P26") and not own,
        "has_factor": has_second_factor(staff),
    }
    return render(request, "organization/account.html", ctx)


@require_POST
def account_grant(request, staff_uuid):
    """Grant one role."""
    actor = request.actor
    if not may(actor, "P25"):
        raise Forbidden
    staff = _account_for(actor, staff_uuid)
    form = GrantForm(request.POST)
    if not form.is_valid():
        raise Invalid("権限を1つ選んでください。")
    grant_role(staff=staff, role=form.cleaned_role(), by=actor, now=timezone.now())
    messages.success(request, "権限を付けました。本人が次に画面を開いたときから使えます。")
    return redirect("organization:account", staff.uuid)


@require_POST
def account_withdraw(request, staff_uuid, grant_uuid):
    """Withdraw one role."""
    actor = request.actor
    if not may(actor, "P25"):
        raise Forbidden
    grant = _account_for(actor, staff_uuid).grants.select_related("staff").filter(uuid=grant_uuid).first()
    if grant is None:
        raise NotVisible
    withdraw_grant(grant=grant, by=actor, now=timezone.now())
    messages.success(request, "権限を取り消しました。")
    return redirect("organization:account", staff_uuid)


@require_POST
def account_active(request, staff_uuid):
    """Close or reopen an account."""
    actor = request.actor
    if not may(actor, "P29"):
        raise Forbidden
    staff = _account_for(actor, staff_uuid)
    version = version_of(request)
    active = request.POST.get("active") == "1"
    set_account_active(staff=staff, active=active, by=actor, version=version, now=timezone.now())
    messages.success(request, "アカウントを使えるようにしました。" if active else "アカウントを止めました。")
    return redirect("organization:account", staff.uuid)


@require_POST
def account_sessions(request, staff_uuid):
    """End every session of an account, which stays open: a lost notebook, a screen left behind."""
    actor = request.actor
    if not may(actor, "P29"):
        raise Forbidden
    ended = end_sessions_of(staff=_account_for(actor, staff_uuid), by=actor, now=timezone.now())
    messages.success(
        request, f"{ended}台の端末を終了しました。" if ended else "ログイン中の端末はありません。"
    )
    return redirect("organization:account", staff_uuid)


@require_POST
def account_code(request, staff_uuid):
    """Issue one person's one-time code and show it once, as a slip to print."""
    actor = request.actor
    if not may(actor, "P26"):
        raise Forbidden
    staff = _account_for(actor, staff_uuid)
    issued = issue_codes(people=[staff], by=actor, now=timezone.now())
    return _printed(request, issued)


@require_POST
def account_factors(request, staff_uuid):
    """Reset the second factor of somebody who lost it."""
    actor = request.actor
    if not may(actor, "P26"):
        raise Forbidden
    staff = _account_for(actor, staff_uuid)
    reset_factors(staff=staff, by=actor, now=timezone.now())
    messages.success(request, "2段階認証を解除しました。本人に、次のログインで登録し直すよう伝えてください。")
    # 人事 sees the card of the person, and no accounts.
    return redirect("organization:account" if may(actor, "P25v") else "organization:person", staff.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def slips(request):
    """Choose a department and print first sign-in codes for everybody there who never signed in (HR, P26)."""
    actor = request.actor
    if not may(actor, "P26"):
        raise Forbidden
    departments = Department.objects.of(actor).valid_on(actor.today).order_by("path")
    waiting = (
        Staff.objects.of(actor)
        .in_service_on(actor.today)
        .filter(is_active=True, last_login__isnull=True)
        .exclude(pk=actor.staff_id)
    )
    if not actor.has(Role.SYSADMIN):
        waiting = waiting.exclude(
            Exists(Grant.objects.filter(staff=OuterRef("pk"), withdrawn_at__isnull=True))
        )
    if request.method == "POST":
        chosen = departments.filter(uuid__in=_uuids(request.POST.getlist("department")))
        people = list(
            waiting.posted_in_or_below([d.path for d in chosen], actor.today).order_by("staff_number", "pk")[
                : MOST_SLIPS + 1
            ]
        )
        if people and len(people) <= MOST_SLIPS:
            issued = issue_codes(people=people, by=actor, now=timezone.now())
            return _printed(request, issued)
        if people:
            problem = f"一度に出せるのは{MOST_SLIPS}人までです。所属を分けて選んでください。"
        elif chosen:
            problem = "選んだ所属に、まだログインしていない職員はいません。別の所属を選んでください。"
        else:
            problem = "所属を1つ以上選んでください。"
    else:
        problem = ""
    words = strip_controls(request.GET.get("q", "")).strip()[:60]
    offered = (
        departments.filter(Q(name__contains=words) | Q(code__startswith=words)) if words else departments
    )
    shown = list(offered[: MOST_CHOICES + 1])
    ctx = {
        "departments": shown[:MOST_CHOICES],
        "more": len(shown) > MOST_CHOICES,
        "words": words,
        "waiting_count": waiting.count(),
        "problem": problem,
    }
    return render(request, "organization/slips.html", ctx, status=422 if problem else 200)


def _printed(request, issued):
    """Show the codes once, with the address as this browser reaches it."""
    ctx = {"slips": issued, "address": request.build_absolute_uri("/")}
    return render(request, "organization/slips_print.html", ctx)


def _uuids(values: list[str]) -> list[uuid.UUID]:
    found = []
    for value in values:
        try:
            found.append(uuid.UUID(value))
        except ValueError:
            raise Invalid from None
    return found
