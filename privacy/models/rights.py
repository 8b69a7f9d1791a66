"""個人情報の請求の処理簿: 開示, 訂正 and 利用停止 asked for by a person, with their deadline and what was decided."""

import uuid

from django.db import models
from django.db.models import F, Q

from access.actor import Actor


class RightsRequestQuerySet(models.QuerySet):
    """Reads of the register."""

    def visible_to(self, actor: Actor):
        """Return the queryset of the municipality's requests; the view asks P20p first."""
        return self.filter(municipality_id=actor.municipality_id)


class RightsRequest(models.Model):
    """One request of one person, from the day it came in to the day it was carried out."""

    class Kind(models.TextChoices):
        """個人情報の保護に関する法律 76条, 90条, 98条."""

        DISCLOSURE = "disclosure", "開示"
        CORRECTION = "correction", "訂正"
        SUSPENSION = "suspension", "利用停止"

    class Decision(models.TextChoices):
        """What the municipality decided."""

        OPEN = "open", "決定前"
        GRANTED = "granted", "全部に応じる"
        PARTLY = "partly", "一部に応じる"
        REFUSED = "refused", "応じない"
        WITHDRAWN = "withdrawn", "取下げ"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="請求した職員"
    )
    number = models.CharField("受付番号", max_length=30)
    kind = models.CharField("種別", max_length=10, choices=Kind)
    received_on = models.DateField("受付日")
    due_on = models.DateField("期限")
    decision = models.CharField("決定", max_length=9, choices=Decision, default=Decision.OPEN)
    decided_on = models.DateField("決定日", null=True, blank=True)
    done_on = models.DateField("実施日", null=True, blank=True)
    note = models.CharField("内容と理由", max_length=400, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = RightsRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "開示などの請求"
        constraints = [
            models.UniqueConstraint(fields=["municipality", "number"], name="rights_number_once"),
            models.CheckConstraint(
                condition=Q(decision="open", decided_on__isnull=True)
                | ~Q(decision="open") & Q(decided_on__isnull=False),
                name="rights_decided_when",
            ),
            models.CheckConstraint(condition=Q(due_on__gte=F("received_on")), name="rights_due_after"),
        ]

    def __str__(self) -> str:
        return self.number

    def is_late(self, day) -> bool:
        """Say whether the deadline has passed without a decision."""
        return self.decision == self.Decision.OPEN and self.due_on < day
