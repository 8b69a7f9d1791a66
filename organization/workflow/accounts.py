"""Accounts: sign-in codes, passwords, grants (P25, P26, P29). Every act leaves its event."""

import datetime
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from access.actor import AUDITOR_EXCLUDES, Actor, Role
from access.refusals import Conflict, Forbidden
from audit.models import Event, record
from lib.codes import new_code, normalise_code
from organization import attempts
from organization.models import Grant, SignInCode, Staff, StaffSession
from organization.sessions import end_sessions


@dataclass(frozen=True)
class Slip:
    """What is printed for one person, once: the code itself is kept nowhere."""

    staff: Staff
    department: str
    code: str
    valid_until: datetime.datetime


@transaction.atomic
def issue_codes(*, people: list[Staff], by: Actor | None, now: datetime.datetime) -> list[Slip]:
    """Give each person a new one-time code and revoke the ones before; return the slips in the order given.

    The code opens the account for SIGNIN_CODE_DAYS and must be replaced by a password at once (P26). Nobody
    resets their own here. The hash of a code is Argon2id as well: about 30 ms a person.
    """
    if by is not None and any(staff.pk == by.staff_id for staff in people):
        raise Forbidden("自分の番号は、自分では発行できません。パスワードの変更をお使いください。")
    if (
        by is not None
        and not by.has(Role.SYSADMIN)
        and Grant.objects.filter(staff__in=[staff.pk for staff in people], withdrawn_at__isnull=True).exists()
    ):
        raise Forbidden("権限を持つ人の番号は、システム管理の担当だけが発行できます。")
    until = now + datetime.timedelta(days=settings.SIGNIN_CODE_DAYS)
    ids = [staff.pk for staff in people]
    SignInCode.objects.filter(staff__in=ids, used_at__isnull=True, revoked_at__isnull=True).update(
        revoked_at=now
    )
    slips, rows = [], []
    places = _places(ids, timezone.localdate(now))
    for staff in people:
        code = new_code()
        rows.append(
            SignInCode(
                municipality_id=staff.municipality_id,
                staff=staff,
                code_hash=make_password(normalise_code(code)),
                issued_at=now,
                issued_by_id=by.staff_id if by else None,
                valid_until=until,
            )
        )
        slips.append(Slip(staff=staff, department=places.get(staff.pk, ""), code=code, valid_until=until))
    SignInCode.objects.bulk_create(rows)
    for staff in people:
        # Whoever asked for a code has most likely mistyped often enough to wait.
        attempts.forget(staff.username)
        record(
            by=by,
            action="account.code_issued",
            now=now,
            subject_uuid=staff.uuid,
            target=staff,
            municipality_id=staff.municipality_id,
            kind=Event.Kind.TECHNICAL,
        )
    return slips


def _places(staff_ids: list[int], day: datetime.date) -> dict[int, str]:
    from organization.models import Posting

    rows = (
        Posting.objects.active_on(day)
        .filter(staff__in=staff_ids, kind=Posting.Kind.MAIN)
        .values_list("staff_id", "department__name")
    )
    return dict(rows)


@transaction.atomic
def sign_in_with_code(*, staff: Staff, code: SignInCode, now: datetime.datetime) -> None:
    """Use up a code; raises Conflict where it was used in the meantime. The person must now choose a password.

    The one before opens the account no more, and its sessions end: somebody else may have learnt it.
    """
    # The person before the code, as change_password takes them: the other way round the two could wait for each other.
    Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    if not SignInCode.objects.filter(pk=code.pk, used_at__isnull=True, revoked_at__isnull=True).update(
        used_at=now
    ):
        raise Conflict(
            "この番号はもう使われています。システム管理か人事の担当に、新しい番号を頼んでください。"
        )
    staff.set_unusable_password()
    staff.must_change_password = True
    end_sessions(staff=staff, how=StaffSession.Ended.PASSWORD, now=now)
    Staff.objects.filter(pk=staff.pk).update(
        password=staff.password, must_change_password=True, version=F("version") + 1
    )
    record(
        by=None,
        action="account.code_used",
        now=now,
        subject_uuid=staff.uuid,
        target=staff,
        municipality_id=staff.municipality_id,
        kind=Event.Kind.TECHNICAL,
    )


@transaction.atomic
def change_password(
    *, staff: Staff, password: str, by: Actor, now: datetime.datetime, session: str | None = None
) -> None:
    """Set a person's own new password; the sessions of the account end, all but the uuid in `session`."""
    staff.set_password(password)
    staff.must_change_password = False
    staff.save(update_fields=["password", "must_change_password"])
    SignInCode.objects.filter(staff=staff, used_at__isnull=True, revoked_at__isnull=True).update(
        revoked_at=now
    )
    end_sessions(staff=staff, how=StaffSession.Ended.PASSWORD, now=now, keep=session)
    record(
        by=by,
        action="account.password_changed",
        now=now,
        subject_uuid=staff.uuid,
        target=staff,
        kind=Event.Kind.TECHNICAL,
    )


@transaction.atomic
def grant_role(*, staff: Staff, role: Role, by: Actor | None, now: datetime.datetime) -> Grant:
    """Grant a role. Not to oneself; 監査 and 人事・編集・システム管理 exclude each other (permissions.md)."""
    if by is not None and staff.pk == by.staff_id:
        raise Forbidden("自分の権限は、自分では変えられません。")
    # The row of the person is locked, so that two grants at once cannot pass the exclusion together.
    Staff.objects.select_for_update().get(pk=staff.pk)
    held = {
        Role(value) for value in staff.grants.filter(withdrawn_at__isnull=True).values_list("role", flat=True)
    }
    if role in held:
        raise Conflict("この権限は、すでに付いています。")
    if (role is Role.AUDITOR and held & AUDITOR_EXCLUDES) or (
        role in AUDITOR_EXCLUDES and Role.AUDITOR in held
    ):
        raise Conflict("監査の権限は、人事・体系の編集・システム管理の権限と一緒に持つことはできません。")
    grant = Grant.objects.create(
        municipality_id=staff.municipality_id,
        staff=staff,
        role=role.value,
        granted_at=now,
        granted_by_id=by.staff_id if by else None,
    )
    record(
        by=by,
        action="grant.given",
        now=now,
        subject_uuid=staff.uuid,
        target=grant,
        data={"role": role.value},
        municipality_id=staff.municipality_id,
        kind=Event.Kind.TECHNICAL,
    )
    return grant


@transaction.atomic
def withdraw_grant(*, grant: Grant, by: Actor, now: datetime.datetime) -> None:
    """Withdraw a role, effective at the next request of its holder. Not one's own."""
    if grant.staff_id == by.staff_id:
        raise Forbidden("自分の権限は、自分では変えられません。")
    if not Grant.objects.filter(pk=grant.pk, withdrawn_at__isnull=True).update(
        withdrawn_at=now, withdrawn_by_id=by.staff_id
    ):
        raise Conflict("この権限は、すでに取り消されています。")
    record(
        by=by,
        action="grant.withdrawn",
        now=now,
        subject_uuid=grant.staff.uuid,
        target=grant,
        data={"role": grant.role},
        kind=Event.Kind.TECHNICAL,
    )


@transaction.atomic
def create_account(
    *,
    municipality,
    username: str,
    staff_number: str,
    name: str,
    kana: str = "",
    by: Actor | None,
    now: datetime.datetime,
) -> Staff:
    """Create an account without a password; the caller issues a code. Postings come from HR or the roster."""
    staff = Staff(
        municipality=municipality,
        username=username,
        staff_number=staff_number,
        name=name,
        kana=kana,
        must_change_password=True,
    )
    staff.set_unusable_password()
    staff.save()
    record(
        by=by,
        action="account.created",
        now=now,
        subject_uuid=staff.uuid,
        target=staff,
        municipality_id=municipality.pk,
        kind=Event.Kind.TECHNICAL,
    )
    return staff


@transaction.atomic
def set_account_active(
    *, staff: Staff, active: bool, by: Actor, version: int, now: datetime.datetime
) -> None:
    """Close or reopen an account; open sessions of a closed one end at their next request (P29)."""
    if staff.pk == by.staff_id:
        raise Forbidden("自分のアカウントは、自分では止められません。")
    changed = Staff.objects.filter(pk=staff.pk, version=version).update(
        is_active=active, version=F("version") + 1
    )
    if not changed:
        raise Conflict
    if not active:
        end_sessions(staff=staff, how=StaffSession.Ended.CLOSED, now=now)
    attempts.forget(staff.username)
    record(
        by=by,
        action="account.opened" if active else "account.closed",
        now=now,
        subject_uuid=staff.uuid,
        target=staff,
        kind=Event.Kind.TECHNICAL,
    )


@transaction.atomic
def end_own_sessions(
    *,
    staff: Staff,
    by: Actor,
    now: datetime.datetime,
    only: uuid.UUID | None = None,
    keep: str | None = None,
) -> int:
    """End one of one's own sessions, or all but `keep`; return how many were still running."""
    ended = end_sessions(staff=staff, how=StaffSession.Ended.LIST, now=now, only=only, keep=keep)
    return _ended(staff, by, now, ended)


@transaction.atomic
def end_sessions_of(*, staff: Staff, by: Actor, now: datetime.datetime) -> int:
    """End every session of somebody else's account; return how many were still running. Not one's own."""
    if staff.pk == by.staff_id:
        raise Forbidden("自分の端末は「ログイン中の端末」の画面で終了してください。")
    ended = end_sessions(staff=staff, how=StaffSession.Ended.OFFICER, now=now)
    return _ended(staff, by, now, ended)


def _ended(staff: Staff, by: Actor, now: datetime.datetime, ended: int) -> int:
    if ended:
        record(
            by=by,
            action="account.session_ended",
            now=now,
            subject_uuid=staff.uuid,
            target=staff,
            kind=Event.Kind.TECHNICAL,
            data={"sessions": ended},
        )
    return ended
