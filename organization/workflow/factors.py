"""Second factors: added, proven, renamed, removed, reset (P26, P26o). Every act leaves its event, never a secret."""

import datetime
import logging

from django.core.mail import send_mail
from django.db import IntegrityError, transaction

from access.actor import Actor, Role
from access.refusals import Conflict, Forbidden
from audit.models import Event, record
from lib.sealing import Unreadable, seal, seal_rows_anew, unseal
from organization import attempts
from organization.models import AuthenticatorApp, Grant, Passkey, RecoveryCode, Staff, StaffSession
from organization.second_factor import reads, recovery, totp
from organization.second_factor.passkeys import NewKey
from organization.sessions import end_sessions

log = logging.getLogger(__name__)

MOST_PASSKEYS = 10
_LAST = "2段階認証が必要な権限があるので、最後の1つは削除できません。先に、別の方法を登録してください。"


def seal_anew() -> tuple[int, int]:
    """Seal every secret under today's SECRET_KEY; return (sealed anew, unreadable)."""
    return seal_rows_anew(AuthenticatorApp, "sealed", totp.SEALED_FOR)


@transaction.atomic
def add_app(
    *, staff: Staff, secret: str, step: int, by: Actor, session: str | None, now: datetime.datetime
) -> AuthenticatorApp:
    """Add the app of somebody, whose first code, of `step`, was right; the app before goes.

    The other sessions end: whoever opened them proved less. `session` is the uuid of the one that stays."""
    _lock(staff)
    replaced, _ = AuthenticatorApp.objects.filter(staff=staff).delete()
    app = AuthenticatorApp.objects.create(
        municipality_id=staff.municipality_id, staff=staff, sealed=seal(secret.encode(), totp.SEALED_FOR),
        last_step=step, added_at=now, last_used_at=now,
    )  # fmt: skip
    _record(
        staff, "factor.add", by=by, now=now, target=app, data={"factor": "app", "replaced": bool(replaced)}
    )
    _end_others(staff, session, now)
    _tell(staff, "認証アプリが登録されました。")
    return app


@transaction.atomic
def add_passkey(
    *,
    staff: Staff,
    key: NewKey,
    name: str,
    rp_id: str,
    by: Actor,
    session: str | None,
    now: datetime.datetime,
) -> Passkey:
    """Add a passkey; raises Conflict for one that is there already and for more than MOST_PASSKEYS.

    The other sessions end, as with an app.
    """
    _lock(staff)
    if Passkey.objects.filter(staff=staff).count() >= MOST_PASSKEYS:
        raise Conflict(f"パスキーは{MOST_PASSKEYS}個までです。使わないものを削除してください。")
    try:
        with transaction.atomic():
            passkey = Passkey.objects.create(
                municipality_id=staff.municipality_id, staff=staff, name=name, rp_id=rp_id,
                credential_id=key.credential_id, public_key=key.public_key, sign_count=key.sign_count,
                transports=key.transports, added_at=now,
            )  # fmt: skip
    except IntegrityError:
        raise Conflict("このパスキーは、もう登録されています。") from None
    _record(staff, "factor.add", by=by, now=now, target=passkey, data={"factor": "passkey"})
    _end_others(staff, session, now)
    _tell(staff, "パスキーが登録されました。")
    return passkey


@transaction.atomic
def rename_passkey(*, passkey: Passkey, name: str, by: Actor, now: datetime.datetime) -> None:
    """Give a passkey another name."""
    passkey.name = name
    passkey.save(update_fields=["name"])
    _record(passkey.staff, "factor.rename", by=by, now=now, target=passkey, data={"factor": "passkey"})


@transaction.atomic
def new_codes(*, staff: Staff, by: Actor, now: datetime.datetime) -> list[str]:
    """Make a new set of 予備コード and return it, to be shown once; the set before goes."""
    _lock(staff)
    RecoveryCode.objects.filter(staff=staff).delete()
    codes, hashes = recovery.new_set()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(municipality_id=staff.municipality_id, staff=staff, code_hash=each, made_at=now)
        for each in hashes
    )
    _record(staff, "factor.codes", by=by, now=now)
    return codes


@transaction.atomic
def remove_app(*, staff: Staff, by: Actor, session: str | None, now: datetime.datetime) -> None:
    """Remove somebody's app; raises Conflict where it is the last factor of somebody who must have one."""
    _lock(staff)
    app = AuthenticatorApp.objects.filter(staff=staff).first()
    if app is None:
        raise Conflict("認証アプリは、もう削除されています。")
    _record(staff, "factor.remove", by=by, now=now, target=app, data={"factor": "app"})
    app.delete()
    _after_removal(staff, by)
    _end_others(staff, session, now)
    _tell(staff, "認証アプリが削除されました。")


@transaction.atomic
def remove_passkey(*, passkey: Passkey, by: Actor, session: str | None, now: datetime.datetime) -> None:
    """Remove a passkey; raises Conflict where it is the last factor of somebody who must have one."""
    staff = passkey.staff
    _lock(staff)
    _record(staff, "factor.remove", by=by, now=now, target=passkey, data={"factor": "passkey"})
    passkey.delete()
    _after_removal(staff, by)
    _end_others(staff, session, now)
    _tell(staff, "パスキーが削除されました。")


@transaction.atomic
def reset_factors(*, staff: Staff, by: Actor | None, now: datetime.datetime) -> int:
    """Remove everything that somebody has beside the password (P26); return how many there were.

    Their sessions end. Not one's own; of people with 権限 by システム管理 alone. `by` is None for the operator's
    command. Raises Conflict where there is nothing.
    """
    if by is not None and staff.pk == by.staff_id:
        raise Forbidden("自分の2段階認証は、ここでは解除できません。「2段階認証」の画面をお使いください。")
    if (
        by is not None
        and not by.has(Role.SYSADMIN)
        and Grant.objects.filter(staff=staff, withdrawn_at__isnull=True).exists()
    ):
        raise Forbidden("権限を持つ人の2段階認証は、システム管理の担当だけが解除できます。")
    _lock(staff)
    gone = sum(model.objects.filter(staff=staff).delete()[0] for model in (AuthenticatorApp, Passkey))
    RecoveryCode.objects.filter(staff=staff).delete()
    if not gone:
        raise Conflict("この人は、2段階認証を登録していません。")
    attempts.forget(staff.username)
    _record(staff, "factor.reset", by=by, now=now, data={"count": gone})
    _end_others(staff, None, now)
    _tell(staff, "2段階認証が、担当者によって解除されました。")
    return gone


@transaction.atomic
def use_app(*, staff: Staff, given: str, now: datetime.datetime) -> bool:
    """Say whether a code of the app is right, and use it up: it counts once, whoever sends it at the same moment."""
    app, code = reads.app_of(staff), totp.plain_code(given)
    if app is None or not code:
        return False
    try:
        secret = unseal(app.sealed, totp.SEALED_FOR).decode()
    except Unreadable:
        log.error("the secret of an app cannot be read: SECRET_KEY was changed")
        return False
    step = totp.step_of(secret, code, now=now, after=app.last_step)
    if step is None:
        return False
    return bool(
        AuthenticatorApp.objects.filter(pk=app.pk, last_step__lt=step).update(
            last_step=step, last_used_at=now
        )
    )


@transaction.atomic
def use_recovery_code(
    *, staff: Staff, given: str, now: datetime.datetime, address: str, request_id: str
) -> bool:
    """Say whether a 予備コード is right, and use it up."""
    open_codes = RecoveryCode.objects.filter(staff=staff, used_at__isnull=True)
    found = recovery.matching(given, list(open_codes.order_by("pk").values_list("code_hash", flat=True)))
    if found is None or not open_codes.filter(code_hash=found).update(used_at=now):
        return False
    _record(
        staff, "factor.code_used", by=None, now=now, data={"left": open_codes.count()}, address=address,
        request_id=request_id,
    )  # fmt: skip
    return True


@transaction.atomic
def use_passkey(*, passkey: Passkey, count: int, now: datetime.datetime) -> bool:
    """Note that a passkey was proven; False where another request has counted on in the meantime."""
    return bool(
        Passkey.objects.filter(pk=passkey.pk, sign_count=passkey.sign_count).update(
            sign_count=count, last_used_at=now
        )
    )


def refuse_factor(*, staff: Staff, now: datetime.datetime, address: str, request_id: str) -> None:
    """Note that the second step was ended after too many wrong answers."""
    _record(staff, "factor.refused", by=None, now=now, address=address, request_id=request_id)


def was_reset(staff: Staff) -> bool:
    """Say whether somebody else removed the factors since the last sign-in, for the first screen after it."""
    since = {"at__gt": staff.last_login} if staff.last_login else {}
    return Event.objects.filter(subject_uuid=staff.uuid, action="factor.reset", **since).exists()


def _after_removal(staff: Staff, by: Actor) -> None:
    """Refuse that the last one goes where one is needed; without any the codes on paper stand in for nothing."""
    if reads.has_second_factor(staff):
        return
    if reads.is_required(by):
        raise Conflict(_LAST)
    RecoveryCode.objects.filter(staff=staff).delete()


def _end_others(staff: Staff, session: str | None, now: datetime.datetime) -> None:
    end_sessions(staff=staff, how=StaffSession.Ended.FACTOR, now=now, keep=session)


def _lock(staff: Staff) -> None:
    Staff.objects.select_for_update().get(pk=staff.pk)


def _record(staff: Staff, action: str, *, by: Actor | None, now, target=None, data=None, **where) -> None:
    record(
        by=by,
        action=action,
        now=now,
        subject_uuid=staff.uuid,
        target=target or staff,
        municipality_id=staff.municipality_id,
        kind=Event.Kind.TECHNICAL,
        data=data,
        **where,
    )


def _tell(staff: Staff, sentence: str) -> None:
    """Mail somebody what was done to their account once it is done; without an address the next sign-in shows it."""
    if staff.email:
        transaction.on_commit(lambda: _mail(staff.email, sentence))


def _mail(address: str, sentence: str) -> None:
    text = (
        f"{sentence}\n\n心当たりがないときは、すぐにシステム管理の担当に知らせてください。\n"
        "このメールは、スキル履歴書が自動で送りました。\n"
    )
    try:
        send_mail("スキル履歴書の2段階認証", text, None, [address])
    except Exception as failure:  # what was done stays done, whatever the mail server says
        log.error("mail not sent: %s", type(failure).__name__)
