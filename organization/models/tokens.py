"""連携トークン: what another system shows to read data through the JSON interface. Only its hash is kept."""

import uuid

from django.db import models
from django.db.models import Q

from access.actor import Actor


class ApiTokenQuerySet(models.QuerySet):
    """Reads of tokens."""

    def visible_to(self, actor: Actor):
        """Return the queryset of the municipality's tokens; the view asks P20t first."""
        return self.filter(municipality_id=actor.municipality_id)

    def usable(self, now):
        """Return the queryset of tokens that neither ended nor were revoked."""
        return self.filter(expires_at__gt=now, revoked_at__isnull=True)


class ApiToken(models.Model):
    """One system's key: what it may read (`scopes`, names of export kinds), where (`department` and below), until when."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    name = models.CharField("システムの名前", max_length=60)
    reason = models.CharField("理由", max_length=200)
    scopes = models.JSONField("読める内容", default=list)
    department = models.ForeignKey(
        "organization.Department",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="所属",
        help_text="選ぶと、この所属と下の所属だけを読めます。",
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField("トークンの初めの文字", max_length=12, editable=False)
    issued_at = models.DateTimeField("発行日時")
    issued_by = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="発行した人"
    )
    expires_at = models.DateTimeField("期限")
    revoked_at = models.DateTimeField("取消日時", null=True)
    revoked_by = models.ForeignKey(
        "organization.Staff",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        verbose_name="取り消した人",
    )
    last_used_at = models.DateTimeField("最後に使われた日時", null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "連携トークン"
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "name"], condition=Q(revoked_at__isnull=True), name="token_name_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name
