"""ログイン中の端末: where one is signed in, and ending it there."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.refusals import Invalid, NotVisible
from organization.sessions import KEY, running
from organization.workflow import end_own_sessions

# How somebody came in, by entering.WAYS.
_WAYS = {
    "password": "パスワード",
    "code": "初回ログインの番号",
    "passkey": "パスキー",
    "ldap": "庁内のパスワード",
    "oidc": "庁内の認証",
    "saml": "庁内の認証",
    "remote_user": "統合Windows認証",
}


@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request):
    """List where one is signed in; end one, or all but this one."""
    now, here = timezone.now(), request.session.get(KEY)
    rows = running(request.user, now)
    if request.method == "POST":
        ended = _ended(request, rows, here, now)
        messages.success(
            request, f"{ended}台の端末を終了しました。" if ended else "ほかにログイン中の端末はありません。"
        )
        return redirect("organization:sessions")
    listed = [{"row": row, "way": _WAYS.get(row.how, "―"), "here": str(row.uuid) == here} for row in rows]
    # This one first, whatever was used last.
    listed.sort(key=lambda each: not each["here"])
    return render(request, "organization/sessions.html", {"listed": listed})


def _ended(request, rows, here, now) -> int:
    """End what the form asks for; NotVisible for a session that is not one's own, or this one."""
    if request.POST.get("others") == "1":
        return end_own_sessions(staff=request.user, by=request.actor, now=now, keep=here)
    try:
        wanted = uuid.UUID(request.POST.get("session", ""))
    except ValueError:
        raise Invalid from None
    if str(wanted) == here or not rows.filter(uuid=wanted).exists():
        raise NotVisible
    return end_own_sessions(staff=request.user, by=request.actor, now=now, only=wanted)
