"""版の移行: a year in progress that was moved to another version of its framework, and whether it was taken back."""

import uuid

from django.db import models
from django.db.models import F, Q

from access.actor import Actor


class VersionChangeQuerySet(models.QuerySet):
    """Reads of changes."""

    def visible_to(self, actor: Actor):
        """Return the queryset of the municipality's changes."""
        return self.filter(municipality_id=actor.municipality_id)

    def standing(self):
        """Return the queryset of changes that were not taken back, the newest first."""
        return self.filter(undone_at__isnull=True).order_by("-at", "-pk")


class VersionChange(models.Model):
    """One move of one year. `counts` says what came along, by name (assessments.version_change.Counts)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    cycle = models.ForeignKey(
        "assessments.Cycle", on_delete=models.PROTECT, related_name="version_changes", verbose_name="年度"
    )
    earlier = models.ForeignKey(
        "competency.FrameworkVersion", on_delete=models.PROTECT, related_name="+", verbose_name="前の版"
    )
    later = models.ForeignKey(
        "competency.FrameworkVersion", on_delete=models.PROTECT, related_name="+", verbose_name="移した版"
    )
    counts = models.JSONField("引き継いだ数", default=dict)
    at = models.DateTimeField("移した日時")
    by = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="移した人"
    )
    undone_at = models.DateTimeField("戻した日時", null=True)
    undone_by = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, related_name="+", verbose_name="戻した人"
    )

    objects = VersionChangeQuerySet.as_manager()

    class Meta:
        verbose_name = "版の移行"
        constraints = [
            models.CheckConstraint(condition=~Q(earlier=F("later")), name="version_change_moves"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="version_change_undone_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cycle_id}: {self.earlier_id} → {self.later_id}"
