"""SECRET_KEY is changed beside its predecessor: nobody is signed out, and nothing that was sealed or signed is lost."""

import io

import pytest
from django.core import signing
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from access.refusals import Conflict
from assessments.models import SigningKey
from assessments.travel.keys import is_signed
from assessments.workflow.signing_keys import signer_of
from audit import verification
from audit.models import record
from lib.sealing import Unreadable, is_current, seal, unseal
from organization.models import AuthenticatorApp, Staff
from organization.second_factor import totp
from tests import builders as b

OLD, NEW = "old-Zq7" * 9, "new-Rt5" * 9
PASSWORD = "なつのゆうがた かぜのみち 2026"


def trail_faults() -> list[str]:
    return [fault for chain in verification.chains() for fault in verification.breaches(chain)]


def rotate() -> str:
    out = io.StringIO()
    call_command("rotate_keys", stdout=out)
    return out.getvalue()


@pytest.fixture
def before(world, settings):
    """A signed-in person, a signed link, a key that signs records and a sealed trail, all under the old key."""
    settings.SECRET_KEY, settings.AUDIT_KEYS = OLD, [OLD]
    world.honnin.set_password(PASSWORD)
    world.honnin.save()
    client = Client()
    assert client.login(username=world.honnin.username, password=PASSWORD)
    assert client.get("/").status_code == 200
    signer = signer_of(world.city, by=None, now=timezone.now())
    record(
        by=b.actor_of(world.jinji), action="sheet.view", now=timezone.now(), subject_uuid=world.honnin.uuid
    )
    call_command("seal_audit", stdout=io.StringIO())
    AuthenticatorApp.objects.create(
        municipality=world.city, staff=world.dourei, sealed=seal(b"JBSWY3DPEHPK3PXP", totp.SEALED_FOR),
        last_step=0, added_at=timezone.now(), last_used_at=timezone.now(),
    )  # fmt: skip
    world.client, world.link, world.signed = client, signing.dumps([1, 2]), signer.sign(b"record")
    return world


def test_nobody_is_signed_out_and_nothing_is_lost(before, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS, settings.AUDIT_KEYS = NEW, [OLD], [NEW, OLD]
    assert before.client.get("/").status_code == 200
    assert signing.loads(before.link) == [1, 2]
    assert signer_of(before.city, by=None, now=timezone.now()).sign(b"record") == before.signed
    record(
        by=b.actor_of(before.jinji), action="sheet.view", now=timezone.now(), subject_uuid=before.honnin.uuid
    )
    call_command("seal_audit", stdout=io.StringIO())
    assert trail_faults() == []
    said = rotate()
    assert "暗号化し直したもの：2件" in said
    assert "前の鍵" in said
    assert "暗号化し直したもの：0件" in rotate()
    # The old key goes: whoever came in the meantime stays, and the record's key still opens.
    settings.SECRET_KEY_FALLBACKS = []
    assert before.client.get("/").status_code == 200
    signer = signer_of(before.city, by=None, now=timezone.now())
    assert is_signed(b"record", before.signed, signer.key)
    assert unseal(AuthenticatorApp.objects.get().sealed, totp.SEALED_FOR) == b"JBSWY3DPEHPK3PXP"
    assert trail_faults() == []
    assert "0件" in rotate()


def test_without_the_old_key_it_is_said_what_is_missing(before, settings):
    """The planted fault of the test above: a rotation that forgets the old key ends all of it."""
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS, settings.AUDIT_KEYS = NEW, [], [NEW]
    assert before.client.get("/").status_code == 302
    with pytest.raises(signing.BadSignature):
        signing.loads(before.link)
    with pytest.raises(Conflict, match="署名の鍵が読めない"):
        signer_of(before.city, by=None, now=timezone.now())
    assert trail_faults() != []
    kept = bytes(SigningKey.objects.get().private_key)
    with pytest.raises(CommandError, match="SECRET_KEY_FALLBACKS"):
        rotate()
    assert bytes(SigningKey.objects.get().private_key) == kept
    # Nothing was lost: with the old key set it goes on.
    settings.SECRET_KEY_FALLBACKS = [OLD]
    with pytest.raises(CommandError, match="AUDIT_KEYS"):
        rotate()
    assert is_current(bytes(SigningKey.objects.get().private_key), "skill-rirekisho signing key 1")


def test_passwords_hang_on_no_key(before, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, []
    assert Staff.objects.get(pk=before.honnin.pk).check_password(PASSWORD)


def test_what_is_sealed_for_one_purpose_opens_for_no_other(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    sealed = seal("秘密".encode(), "one")
    assert unseal(sealed, "one").decode() == "秘密"
    assert "秘密".encode() not in sealed
    for wrong in (
        lambda: unseal(sealed, "two"),
        lambda: unseal(sealed[:-1] + b"A", "one"),
        lambda: unseal(b"", "one"),
    ):
        with pytest.raises(Unreadable):
            wrong()
