"""期待像: which steps a 職位 is expected to have."""

from django.db import models
from django.db.models import Q

from competency.models.matrix import Step


class Profile(models.Model):
    """期待像 of one 職位 of a municipality; its version stands for all its targets."""

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    position = models.OneToOneField(
        "organization.Position", on_delete=models.PROTECT, related_name="profile", verbose_name="職位"
    )
    updated_at = models.DateTimeField("更新日時")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = "期待像"

    def __str__(self) -> str:
        return str(self.position_id)


class ProfileTarget(models.Model):
    """The step that a 職位 is expected to have in one cell, by code; no row is no target."""

    profile = models.ForeignKey(
        Profile, on_delete=models.PROTECT, related_name="targets", verbose_name="期待像"
    )
    cell_code = models.CharField("項目コード", max_length=80)
    step = models.PositiveSmallIntegerField("目標", choices=Step)

    class Meta:
        verbose_name = "期待像の目標"
        constraints = [
            models.UniqueConstraint(fields=["profile", "cell_code"], name="profile_target_once"),
            models.CheckConstraint(condition=Q(step__gte=1, step__lte=4), name="profile_target_step"),
        ]

    def __str__(self) -> str:
        return f"{self.cell_code}: {self.step}"
