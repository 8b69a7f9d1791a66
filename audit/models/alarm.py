"""知らせ: what looks unusual in the trail, for 監査 and システム管理 to look at."""

import uuid

from django.db import models


class AlarmQuerySet(models.QuerySet):
    """Reads of alarms."""

    def of_municipality(self, municipality_id: int):
        """Return the queryset of one municipality's alarms, newest first."""
        return self.filter(municipality_id=municipality_id).order_by("-at", "-pk")

    def unseen(self):
        """Return the queryset of those that nobody has dealt with."""
        return self.filter(settled_at__isnull=True)


class Alarm(models.Model):
    """One account did more within ten minutes than its work explains. It accuses nobody: somebody should ask."""

    class Kind(models.TextChoices):
        """What was unusual."""

        READING = "reading", "短い時間に多くの職員の記録を見た"
        REFUSALS = "refusals", "断られる操作を短い時間に繰り返した"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality_id = models.BigIntegerField("団体")
    kind = models.CharField("種類", max_length=10, choices=Kind)
    actor_uuid = models.UUIDField("操作した職員")
    since = models.DateTimeField("はじめ")
    at = models.DateTimeField("日時")
    count = models.PositiveIntegerField("件数")
    mailed_at = models.DateTimeField("メールで知らせた日時", null=True)
    settled_at = models.DateTimeField("確かめた日時", null=True)
    settled_by = models.UUIDField("確かめた人", null=True)
    note = models.CharField("確かめた結果", max_length=200, blank=True)

    objects = AlarmQuerySet.as_manager()

    class Meta:
        verbose_name = "知らせ"
        indexes = [models.Index(fields=["municipality_id", "-at"], name="alarm_municipality_at")]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality_id", "kind", "actor_uuid", "since"], name="alarm_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"
