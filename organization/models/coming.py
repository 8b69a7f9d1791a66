"""What a roster says about a person from a coming day on: name, 旧姓, 職員区分, mail wait for that day."""

from django.db import models
from django.db.models import Q


class ComingChangeQuerySet(models.QuerySet):
    """Reads of coming changes."""

    def waiting(self):
        """Return the queryset of changes that neither came into force nor were cancelled."""
        return self.filter(applied_at__isnull=True, cancelled_at__isnull=True)

    def due(self, today):
        """Return the queryset of waiting changes whose day has come, in the order of their days."""
        return self.waiting().filter(starts__lte=today).order_by("starts", "pk")


class ComingChange(models.Model):
    """One person's values from a day on, by the names of the columns of Staff. Postings have dates and need none."""

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="coming_changes", verbose_name="職員"
    )
    starts = models.DateField("この日から")
    values = models.JSONField("変わる内容", default=dict)
    batch = models.ForeignKey(
        "organization.ImportBatch",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="取込み",
    )
    created_at = models.DateTimeField("登録日時")
    applied_at = models.DateTimeField("反映日時", null=True)
    cancelled_at = models.DateTimeField("取消日時", null=True)

    objects = ComingChangeQuerySet.as_manager()

    class Meta:
        verbose_name = "先の日付の変更"
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "starts"],
                condition=Q(applied_at__isnull=True, cancelled_at__isnull=True),
                name="coming_change_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["starts"],
                condition=Q(applied_at__isnull=True, cancelled_at__isnull=True),
                name="coming_change_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts:%Y-%m-%d}"
