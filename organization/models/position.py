"""職位 and what it means for the line (P31)."""

import uuid

from django.db import models


class LineRole(models.TextChoices):
    """確認者区分: what a posting makes somebody in the line of confirmation."""

    NONE = "none", "なし"
    FIRST = "first", "係長級"
    HEAD = "head", "所属長"


class Position(models.Model):
    """One 職位 of the municipality's table; proposes the line role of a posting."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    name = models.CharField("職位", max_length=40)
    line_role = models.CharField("確認者区分", max_length=5, choices=LineRole, default=LineRole.NONE)
    rank = models.IntegerField("並び順", default=0, help_text="小さいほど上に並びます。")
    retired = models.BooleanField("使わない", default=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = "職位"
        ordering = ["rank", "name", "pk"]
        constraints = [models.UniqueConstraint(fields=["municipality", "name"], name="position_name_once")]

    def __str__(self) -> str:
        return self.name
