"""代理入力: 人事 fills in the sheet of somebody who cannot reach a screen, and the person agrees afterwards (P05h)."""

import uuid

from django.db import models
from django.db.models import Q


class Proxy(models.Model):
    """One sheet opened for filling in on behalf, from opening to the person's answer."""

    class Ground(models.TextChoices):
        """Why the person cannot do it."""

        NO_PC = "no_pc", "業務で端末を使わない"
        ON_LEAVE = "on_leave", "休職・育休などの間"
        OTHER = "other", "その他"

    class Consent(models.TextChoices):
        """What the person said about it."""

        WAITING = "waiting", "本人の確認待ち"
        AGREED = "agreed", "本人が確かめました"
        ON_PAPER = "on_paper", "本人が書面で確かめました"
        DISAGREED = "disagreed", "本人が直すことを求めています"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    sheet = models.ForeignKey(
        "assessments.Sheet", on_delete=models.PROTECT, related_name="proxies", verbose_name="年度票"
    )
    ground = models.CharField("理由", max_length=8, choices=Ground)
    opened_at = models.DateTimeField("始めた日時")
    opened_by = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="始めた人"
    )
    revision = models.OneToOneField(
        "assessments.Revision",
        on_delete=models.PROTECT,
        null=True,
        related_name="proxy",
        verbose_name="提出版",
    )
    closed_at = models.DateTimeField("終えた日時", null=True)
    consent = models.CharField("本人の確認", max_length=9, choices=Consent, default=Consent.WAITING)
    consent_at = models.DateTimeField("本人が確かめた日時", null=True)
    consent_by = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, related_name="+", verbose_name="記録した人"
    )
    answer = models.CharField("本人の言葉", max_length=400, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = "代理入力"
        constraints = [
            models.UniqueConstraint(
                fields=["sheet"], condition=Q(closed_at__isnull=True), name="proxy_open_once"
            ),
            models.CheckConstraint(
                condition=Q(consent="waiting", consent_at__isnull=True)
                | ~Q(consent="waiting") & Q(consent_at__isnull=False),
                name="proxy_consent_when",
            ),
        ]

    def __str__(self) -> str:
        return self.get_consent_display()
