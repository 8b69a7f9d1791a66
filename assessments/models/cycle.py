"""年度: when a municipality fills in its sheets, and against which version."""

import uuid

from django.db import models
from django.db.models import F, Q

from access.actor import Actor
from lib import fiscal


class CycleQuerySet(models.QuerySet):
    """Reads of years."""

    def visible_to(self, actor: Actor):
        """Return the queryset of the municipality's years."""
        return self.filter(municipality_id=actor.municipality_id)

    def open(self):
        """Return the queryset of open years, newest first: `/sheet/` takes the first."""
        return self.filter(state=Cycle.State.OPEN).order_by("-fiscal_year")

    def reported(self, municipality_id: int) -> "Cycle | None":
        """Return the year that reports are about: the newest open one, else the newest that was closed, else None."""
        begun = self.filter(municipality_id=municipality_id).exclude(state=Cycle.State.PREPARED)
        by_year = begun.select_related("framework_version").order_by("-fiscal_year")
        return by_year.filter(state=Cycle.State.OPEN).first() or by_year.first()


class Cycle(models.Model):
    """One 年度 of one municipality."""

    class State(models.TextChoices):
        """Prepared, then open, then closed. A closed year takes no answers."""

        PREPARED = "prepared", "準備中"
        OPEN = "open", "受付中"
        CLOSED = "closed", "終了"

    class Steps(models.TextChoices):
        """How often a sheet is confirmed."""

        TWO = "two", "一次確認と確定"
        ONE = "one", "確定だけ"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    fiscal_year = models.PositiveSmallIntegerField("年度", help_text="西暦")
    framework_version = models.ForeignKey(
        "competency.FrameworkVersion", on_delete=models.PROTECT, verbose_name="体系の版"
    )
    state = models.CharField("状態", max_length=10, choices=State, default=State.PREPARED)
    reference_date = models.DateField("基準日", help_text="この日に在籍する職員に年度票を配ります。")
    steps = models.CharField("確認の段階", max_length=3, choices=Steps, default=Steps.TWO)
    employments = models.JSONField(
        "対象の職員区分", default=list, blank=True, help_text="空なら、すべての職員区分です。"
    )
    copied_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="写した年度"
    )
    confirmer_date = models.DateField(
        "確認者の基準日",
        null=True,
        blank=True,
        help_text="この日の上司が確認します。空欄なら、確認する日の上司です。",
    )
    starts_on = models.DateField("記入開始日")
    submit_by = models.DateField("提出の締切")
    confirm_by = models.DateField("確認の締切")
    final_without_confirmer = models.BooleanField(
        "確認者なし：自己記入で確定",
        default=False,
        help_text="確認する人が1人もいない団体だけで使います。確定した記録にその旨が付きます。",
    )
    opened_at = models.DateTimeField("受付開始日時", null=True)
    closed_at = models.DateTimeField("終了日時", null=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CycleQuerySet.as_manager()

    class Meta:
        verbose_name = "年度"
        constraints = [
            models.UniqueConstraint(fields=["municipality", "fiscal_year"], name="cycle_year_once"),
            models.CheckConstraint(
                condition=Q(starts_on__lte=F("submit_by"), submit_by__lte=F("confirm_by")),
                name="cycle_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(state="prepared", opened_at__isnull=True)
                | ~Q(state="prepared") & Q(opened_at__isnull=False),
                name="cycle_opened_when",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False)
                | ~Q(state="closed") & Q(closed_at__isnull=True),
                name="cycle_closed_when",
            ),
        ]

    def __str__(self) -> str:
        return fiscal.label(self.fiscal_year)

    @property
    def is_open(self) -> bool:
        """Say whether answers are taken."""
        return self.state == self.State.OPEN
