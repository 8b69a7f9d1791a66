"""2段階認証: what somebody has beside the password, an app with codes, passkeys and codes on paper (docs/adr/0056)."""

import uuid

from django.db import models

from access.actor import Actor


class AuthenticatorApp(models.Model):
    """認証アプリ: the secret that it shares with us, encrypted; one for each person.

    `last_step` is the 30 seconds (RFC 6238) of the newest code that was taken: no code counts twice, nor an older one.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    staff = models.OneToOneField(
        "organization.Staff", on_delete=models.PROTECT, related_name="authenticator_app", verbose_name="職員"
    )
    sealed = models.BinaryField("秘密の値", editable=False)
    last_step = models.BigIntegerField("最後に使われた番号の時刻", default=0)
    added_at = models.DateTimeField("登録日時")
    last_used_at = models.DateTimeField("最後に使われた日時", null=True)

    class Meta:
        verbose_name = "認証アプリ"

    def __str__(self) -> str:
        return "認証アプリ"


class PasskeyQuerySet(models.QuerySet):
    """Reads of passkeys."""

    def owned_by(self, actor: Actor):
        """Return the queryset of one's own; nobody sees another's, whatever the role."""
        return self.filter(municipality_id=actor.municipality_id, staff_id=actor.staff_id)


class Passkey(models.Model):
    """パスキー: the public half of a key that a device, or a key on a USB plug, holds for our host (`rp_id`).

    `credential_id` is base64url as the browser writes it; `sign_count` is what the device counted when it was last used.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="passkeys", verbose_name="職員"
    )
    name = models.CharField("名前", max_length=40)
    rp_id = models.CharField("ホスト名", max_length=255, editable=False)
    # 1,023 bytes at most, by the standard.
    credential_id = models.CharField("鍵の番号", max_length=1400, unique=True, editable=False)
    public_key = models.BinaryField("公開鍵", editable=False)
    sign_count = models.BigIntegerField("使われた回数", default=0, editable=False)
    transports = models.JSONField("つなぎ方", default=list, editable=False)
    added_at = models.DateTimeField("登録日時")
    last_used_at = models.DateTimeField("最後に使われた日時", null=True)

    objects = PasskeyQuerySet.as_manager()

    class Meta:
        verbose_name = "パスキー"

    def __str__(self) -> str:
        return self.name


class RecoveryCode(models.Model):
    """予備コード: stands in for the app or the passkey, once. Only its hash is kept; those of one set share their salt."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="recovery_codes", verbose_name="職員"
    )
    code_hash = models.CharField("コードのハッシュ値", max_length=128)
    made_at = models.DateTimeField("発行日時")
    used_at = models.DateTimeField("使用日時", null=True)

    class Meta:
        verbose_name = "予備コード"

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d}"
