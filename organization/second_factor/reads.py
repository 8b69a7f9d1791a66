"""What somebody has beside the password, and of whom one is asked."""

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from access.actor import AUDITOR_EXCLUDES, Actor, Role
from organization.models import AuthenticatorApp, Passkey, RecoveryCode, Staff

# settings.REQUIRE_SECOND_FACTOR: of nobody, of whoever has a 権限 (人事, 編集, 監査, システム管理), of everybody.
NONE, PRIVILEGED, ALL = "none", "privileged", "all"
_PRIVILEGED = AUDITOR_EXCLUDES | {Role.AUDITOR}


def is_required(actor: Actor) -> bool:
    """Say whether somebody with these roles of today must have a second factor; no query."""
    if settings.REQUIRE_SECOND_FACTOR == ALL:
        return True
    return settings.REQUIRE_SECOND_FACTOR == PRIVILEGED and bool(actor.roles & _PRIVILEGED)


def has_second_factor(staff: Staff) -> bool:
    """Say whether somebody has an app or a passkey; codes on paper alone are none. One query."""
    return with_second_factor(Staff.objects.filter(pk=staff.pk)).exists()


def with_second_factor(people):
    """Return the queryset of those of the people who have an app or a passkey."""
    app = AuthenticatorApp.objects.filter(staff=OuterRef("pk"))
    passkey = Passkey.objects.filter(staff=OuterRef("pk"))
    return people.filter(Q(Exists(app)) | Q(Exists(passkey)))


def app_of(staff: Staff) -> AuthenticatorApp | None:
    """Return the app of somebody, None for none."""
    return AuthenticatorApp.objects.filter(staff=staff).first()


def passkeys_of(staff: Staff, rp_id: str = "") -> list[Passkey]:
    """Return the passkeys of somebody in the order added; with `rp_id` those that hold for that host."""
    found = Passkey.objects.filter(staff=staff).order_by("added_at", "pk")
    return list(found.filter(rp_id=rp_id) if rp_id else found)


def codes_left(staff: Staff) -> int:
    """Return how many 予備コード somebody has left."""
    return RecoveryCode.objects.filter(staff=staff, used_at__isnull=True).count()
