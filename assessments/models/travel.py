"""Records that travel between municipalities: the keys that sign them, the issuers that are trusted, what came in."""

import uuid

from django.db import models
from django.db.models import Q


class SigningKey(models.Model):
    """An Ed25519 key of a municipality. The private half is kept encrypted; a retired key signs no more."""

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, related_name="+", verbose_name="団体"
    )
    public_key = models.CharField("公開鍵", max_length=80, unique=True, help_text="multibase, z6Mk…")
    private_key = models.BinaryField("暗号化した秘密鍵")
    created_at = models.DateTimeField("作成日時")
    retired_at = models.DateTimeField("使用を終えた日時", null=True, blank=True)

    class Meta:
        verbose_name = "署名の鍵"
        constraints = [
            models.UniqueConstraint(
                fields=["municipality"], condition=Q(retired_at__isnull=True), name="signing_key_one"
            ),
        ]

    def __str__(self) -> str:
        return self.public_key


class TrustedIssuer(models.Model):
    """Another municipality whose signature this one takes; its key was compared by another way first."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, related_name="+", verbose_name="団体"
    )
    name = models.CharField("発行する団体", max_length=60)
    public_key = models.CharField("公開鍵", max_length=80)
    added_at = models.DateTimeField("登録日時")
    added_by = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="登録した人"
    )
    withdrawn_at = models.DateTimeField("取り消した日時", null=True, blank=True)

    class Meta:
        verbose_name = "信頼する発行元"
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "public_key"],
                condition=Q(withdrawn_at__isnull=True),
                name="trusted_issuer_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ForeignRecord(models.Model):
    """A signed record that a person brought along. Its levels stand beside, never among, those confirmed here."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, related_name="+", verbose_name="団体"
    )
    staff = models.ForeignKey(
        "organization.Staff",
        on_delete=models.PROTECT,
        related_name="foreign_records",
        verbose_name="職員",
    )
    issuer_name = models.CharField("発行した団体", max_length=60)
    public_key = models.CharField("公開鍵", max_length=80)
    record_id = models.UUIDField("記録の番号")
    issued_at = models.DateTimeField("発行日時")
    imported_at = models.DateTimeField("取込み日時")
    sha256 = models.CharField("ハッシュ値", max_length=64)
    removed_at = models.DateTimeField("取り消した日時", null=True, blank=True)

    class Meta:
        verbose_name = "持ち込んだ記録"
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "record_id"],
                condition=Q(removed_at__isnull=True),
                name="foreign_record_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issuer_name} {self.issued_at:%Y-%m-%d}"


class ForeignLevel(models.Model):
    """One level confirmed elsewhere, in the words of there."""

    record = models.ForeignKey(
        ForeignRecord, on_delete=models.PROTECT, related_name="levels", verbose_name="持ち込んだ記録"
    )
    fiscal_year = models.PositiveSmallIntegerField("年度", help_text="西暦")
    framework = models.CharField("体系", max_length=80)
    cell_code = models.CharField("項目コード", max_length=80)
    cell_name = models.CharField("項目", max_length=200)
    step = models.PositiveSmallIntegerField("到達度")
    confirmed_on = models.DateField("確定日", null=True, blank=True)

    class Meta:
        verbose_name = "ほかの団体で確定した到達度"
        constraints = [
            models.UniqueConstraint(fields=["record", "fiscal_year", "cell_code"], name="foreign_level_once"),
            models.CheckConstraint(condition=Q(step__gte=0, step__lte=4), name="foreign_level_step"),
        ]

    def __str__(self) -> str:
        return f"{self.cell_code}: {self.step}"
