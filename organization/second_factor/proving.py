"""One answer to 「2段階認証」: a code of the app, a code on paper or a passkey, of somebody who is known already."""

from django.utils import timezone

from access.client import address_of
from organization.models import Passkey, Staff
from organization.second_factor import passkeys
from organization.second_factor.passkeys import STEP, NotRecognised
from organization.workflow import factors

APP, RECOVERY, PASSKEY = "app", "recovery", "passkey"
WRONG = {
    APP: "番号が違うか、もう使われています。次の番号に変わるのを待って、入力してください。",
    RECOVERY: "予備コードが違うか、もう使われています。",
    PASSKEY: "パスキーを確かめられませんでした。もう一度お試しください。",
}


def prove(request, staff: Staff, way: str, given: str) -> bool:
    """Say whether the answer is right, and use it up; ask inside the person's municipality."""
    now = timezone.now()
    if way == APP:
        return factors.use_app(staff=staff, given=given, now=now)
    if way == RECOVERY:
        return factors.use_recovery_code(
            staff=staff, given=given, now=now, address=address_of(request), request_id=request.request_id
        )
    return way == PASSKEY and prove_passkey(request, STEP, given, of=staff) is not None


def prove_passkey(request, purpose: str, given: str, *, of: Staff | None = None) -> Staff | None:
    """Return whose passkey answered what this browser was asked, None for nobody; `of` must be theirs."""
    place = passkeys.place_of(request)
    if place is None:
        return None
    try:
        found = Passkey.objects.select_related("staff__municipality").filter(
            credential_id=passkeys.id_of(given)
        )
        passkey = (found.filter(staff=of) if of is not None else found).first()
        count = passkeys.check(request, place, purpose, passkey, given)
    except NotRecognised:
        return None
    if passkey is None or not factors.use_passkey(passkey=passkey, count=count, now=timezone.now()):
        return None
    return passkey.staff
