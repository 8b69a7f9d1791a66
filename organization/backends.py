"""Sign-in with a password or a one-time code."""

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import check_password, make_password
from django.utils import timezone

from lib import tenant
from lib.codes import normalise_code
from lib.passwords import spellings
from organization.models import SignInCode, Staff
from organization.tenancy import municipality_of_username


class StaffBackend(ModelBackend):
    """Local accounts. Leavers and disabled accounts are refused, in open sessions too (P29)."""

    def authenticate(self, request, username=None, password=None, **kwargs):
        """Return the person for a right password or a valid one-time code, else None.

        The same two hash checks are paid for every name, so that neither time nor words tell whether the name exists.
        """
        if username is None or password is None:
            return None
        name = username.strip()
        with self._where(name):
            staff = Staff.objects.select_related("municipality").filter(username=name).first()
            code = self._open_code(staff)
        encoded = staff.password if staff and staff.has_usable_password() else None
        # Each spelling is looked at, right or not: how many there are follows from what was typed alone.
        right = {self._check(form, encoded) for form in spellings(password)}
        right_code = self._check(normalise_code(password), code.code_hash if code else None)
        if staff is None or not self.user_can_authenticate(staff):
            return None
        if True in right:
            return staff
        if right_code:
            staff.signed_in_by_code = code
            return staff
        return None

    def user_can_authenticate(self, user) -> bool:
        """Say whether the account is open today."""
        return user.is_active and not user.has_left(timezone.localdate())

    def get_user(self, user_id):
        """Return the person of a session with their municipality, None once the account is closed."""
        staff = Staff.objects.select_related("municipality").filter(pk=user_id).first()
        return staff if staff is not None and self.user_can_authenticate(staff) else None

    def _where(self, name: str):
        """Return the context in which whoever has this name is found; nobody's for a name that nobody has."""
        municipality_id = municipality_of_username(name)
        return tenant.as_nobody() if municipality_id is None else tenant.as_tenant(municipality_id)

    def _open_code(self, staff: Staff | None) -> SignInCode | None:
        if staff is None:
            return None
        return (
            SignInCode.objects.filter(
                staff=staff, used_at__isnull=True, revoked_at__isnull=True, valid_until__gt=timezone.now()
            )
            .order_by("-issued_at", "-pk")
            .first()
        )

    def _check(self, given: str, encoded: str | None) -> bool:
        if encoded is None:
            make_password(given)  # the same work, thrown away
            return False
        return check_password(given, encoded)
