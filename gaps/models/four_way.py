"""The manager's own word on the four-way answer of a skill."""

from django.db import models

from access.actor import Actor


class FourWayAnswer(models.TextChoices):
    """職員数 and スキル, each 確保 or 不足 (Q3-1 of the survey of 2019)."""

    BOTH = "both", "職員数・スキルともに確保"
    SKILL_SHORT = "skill_short", "職員数は確保・スキルに不足"
    PEOPLE_SHORT = "people_short", "スキルは確保・職員数が不足"
    BOTH_SHORT = "both_short", "ともに不足"


class FourWayOverrideQuerySet(models.QuerySet):
    """Reads of overrides."""

    def visible_to(self, actor: Actor):
        """Return the queryset of the municipality's overrides; the department was loaded in scope before."""
        return self.filter(municipality_id=actor.municipality_id)


class FourWayOverride(models.Model):
    """The answer that a manager gives in place of the one worked out; report and export show both."""

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    department = models.ForeignKey("organization.Department", on_delete=models.PROTECT, verbose_name="所属")
    cycle = models.ForeignKey(
        "assessments.Cycle", on_delete=models.PROTECT, related_name="+", verbose_name="年度"
    )
    skill = models.PositiveSmallIntegerField("スキルの番号", help_text="Q3-1 の1から13")
    answer = models.CharField("判定", max_length=12, choices=FourWayAnswer)
    reason = models.CharField("理由", max_length=200)
    author = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="決めた人"
    )
    updated_at = models.DateTimeField("更新日時")
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = FourWayOverrideQuerySet.as_manager()

    class Meta:
        verbose_name = "4区分の判定"
        constraints = [
            models.UniqueConstraint(fields=["department", "cycle", "skill"], name="four_way_override_once"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="four_way_override_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.skill}: {self.get_answer_display()}"
