"""What must hold of 権限, codes, factors, sessions and tokens, as `verify` asks it."""

import time
from collections.abc import Iterator

from django.contrib.auth import SESSION_KEY as STAFF_KEY
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, Q

from access.actor import AUDITOR_EXCLUDES, Role
from lib.sealing import Unreadable, unseal
from lib.soundness import CHUNK, Checks, Scope, in_order, said_of, say
from organization import sessions
from organization.models import (
    ApiToken,
    AuthenticatorApp,
    Grant,
    RecoveryCode,
    SignInCode,
    StaffSession,
)
from organization.second_factor.totp import SEALED_FOR

CHECKS = Checks()
# For how long what a request is just writing may look half done.
_PATIENCE = 1.0


@CHECKS.add("accounts.grants", "監査の権限は、人事・編集・システム管理と一緒に持たない", "state")
def grants(scope: Scope) -> Iterator[str]:
    """Ask for people who watch over themselves, and for grants that somebody withdrew at no time."""
    standing = scope.of(Grant).filter(withdrawn_at__isnull=True)
    excluded = Grant.objects.filter(
        staff=OuterRef("staff"), role__in=[role.value for role in AUDITOR_EXCLUDES], withdrawn_at__isnull=True
    )
    both = standing.filter(Exists(excluded), role=Role.AUDITOR.value)
    yield from said_of(both, "監査の権限が、一緒に持てない権限と並んでいます。")
    half = scope.of(Grant).filter(withdrawn_at__isnull=True, withdrawn_by__isnull=False)
    yield from said_of(half, "取り消した人がいるのに、取消日時がありません。")


@CHECKS.add("accounts.codes", "初回ログインの番号は、1人に1つだけ使える", "state")
def codes(scope: Scope) -> Iterator[str]:
    """A new code takes the place of the one before; used and revoked at once is neither."""
    usable = scope.of(SignInCode).filter(used_at__isnull=True, revoked_at__isnull=True)
    newer = SignInCode.objects.filter(
        staff=OuterRef("staff"), used_at__isnull=True, revoked_at__isnull=True, pk__gt=OuterRef("pk")
    )
    yield from said_of(usable.filter(Exists(newer)), "新しい番号があるのに、まだ使えます。")
    both = scope.of(SignInCode).filter(used_at__isnull=False, revoked_at__isnull=False)
    yield from said_of(both, "使った番号が、取り消したことにもなっています。")


@CHECKS.add("accounts.secrets", "認証アプリの秘密の値は、いまの鍵で開ける", "secrets")
def secrets(scope: Scope) -> Iterator[str]:
    """Open every secret: one that no key opens asks its owner for a code that never fits."""
    for pk, sealed in scope.of(AuthenticatorApp).order_by("pk").values_list("pk", "sealed").iterator(CHUNK):
        try:
            unseal(bytes(sealed), SEALED_FOR)
        except Unreadable:
            yield say(AuthenticatorApp, pk, "秘密の値を、どの鍵でも開けません。")


@CHECKS.add("accounts.sessions", "終わった端末は鍵を持たず、止めたアカウントの端末は終わっている", "state")
def ended_sessions(scope: Scope) -> Iterator[str]:
    """Ask for sessions that ended and still have their key, and for open ones of closed accounts."""
    rows = scope.of(StaffSession)
    yield from said_of(
        rows.filter(~Q(session_key=""), ended_at__isnull=False), "終わったのに、鍵が残っています。"
    )
    closed = rows.filter(ended_at__isnull=True, staff__is_active=False)
    yield from said_of(closed, "止めたアカウントの端末が、終わっていません。")


@CHECKS.add(
    "accounts.orphans", "ログイン中の端末は、どれも本人の一覧に出る", "state", outside=True, whole=True
)
def orphans(scope: Scope) -> Iterator[str]:
    """Ask for sessions that open pages and that nobody can see or end. Asked twice: one may just be changing its key."""
    found = _orphans(scope)
    if found:
        time.sleep(_PATIENCE)
        found &= _orphans(scope)
    for number in range(len(found)):
        # Its key would open the page.
        yield f"django_session: 本人の一覧に出ない、ログイン中の端末があります（{number + 1}件目）。"


def _orphans(scope: Scope) -> set[str]:
    listed = StaffSession.objects.filter(ended_at__isnull=True, session_key=OuterRef("session_key"))
    rows = Session.objects.filter(~Exists(listed), expire_date__gt=scope.now)
    found = set()
    for row in rows.iterator(chunk_size=CHUNK):
        data = row.get_decoded()
        # One from before sessions were listed ends at its next request.
        if STAFF_KEY in data and sessions.KEY in data:
            found.add(str(row.session_key))
    return found


@CHECKS.add("accounts.tokens", "連携トークンの取消しには、日時と人がある", "state")
def tokens(scope: Scope) -> Iterator[str]:
    """Ask for tokens of which only one half of being revoked is there."""
    half = scope.of(ApiToken).filter(revoked_at__isnull=True, revoked_by__isnull=False)
    yield from said_of(half, "取り消した人がいるのに、取消日時がありません。")


@CHECKS.add("accounts.times", "番号・トークン・端末の日時は、前後が正しい", "times")
def times(scope: Scope) -> Iterator[str]:
    """Ask for what ended before it began."""
    for model, earlier, later in (
        (ApiToken, "issued_at", "expires_at"),
        (ApiToken, "issued_at", "revoked_at"),
        (RecoveryCode, "made_at", "used_at"),
        (SignInCode, "issued_at", "valid_until"),
        (SignInCode, "issued_at", "used_at"),
        (SignInCode, "issued_at", "revoked_at"),
        (StaffSession, "began_at", "seen_at"),
        (StaffSession, "began_at", "ended_at"),
    ):
        yield from in_order(scope, model, earlier, later)
