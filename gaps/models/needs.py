"""What a department needs, and how it wants to be counted."""

from django.core.validators import MaxValueValidator
from django.db import models

from access.actor import Actor


class NeedQuerySet(models.QuerySet):
    """Reads of needs."""

    def visible_to(self, actor: Actor):
        """Return the queryset of the municipality's needs; the department was loaded in scope before."""
        return self.filter(municipality_id=actor.municipality_id)


class Need(models.Model):
    """必要人数: how many holders a department needs of a cell in a year. Zero is 対象外; no row is not set."""

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    department = models.ForeignKey("organization.Department", on_delete=models.PROTECT, verbose_name="所属")
    cycle = models.ForeignKey("assessments.Cycle", on_delete=models.PROTECT, verbose_name="年度")
    cell = models.ForeignKey(
        "competency.Cell", on_delete=models.PROTECT, related_name="+", verbose_name="項目"
    )
    count = models.PositiveSmallIntegerField("必要人数", validators=[MaxValueValidator(999)])
    note = models.CharField("メモ", max_length=200, blank=True)
    updated_at = models.DateTimeField("更新日時")
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = NeedQuerySet.as_manager()

    class Meta:
        verbose_name = "必要人数"
        constraints = [
            models.UniqueConstraint(fields=["department", "cycle", "cell"], name="need_once"),
        ]

    def __str__(self) -> str:
        return f"{self.cell_id}: {self.count}"


class ExternalCover(models.Model):
    """委託常駐: how many nameless people of a contractor cover a cell; shown apart, counted by choice only."""

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    department = models.ForeignKey("organization.Department", on_delete=models.PROTECT, verbose_name="所属")
    cycle = models.ForeignKey("assessments.Cycle", on_delete=models.PROTECT, verbose_name="年度")
    cell = models.ForeignKey(
        "competency.Cell", on_delete=models.PROTECT, related_name="+", verbose_name="項目"
    )
    count = models.PositiveSmallIntegerField("委託常駐の人数", validators=[MaxValueValidator(99)])
    updated_at = models.DateTimeField("更新日時")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = "委託常駐"
        constraints = [
            models.UniqueConstraint(fields=["department", "cycle", "cell"], name="external_cover_once"),
        ]

    def __str__(self) -> str:
        return f"{self.cell_id}: {self.count}"


class CountingRule(models.Model):
    """How a department counts in a year: by default neither 会計年度任用 nor 委託常駐 (design, 2)."""

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    department = models.ForeignKey("organization.Department", on_delete=models.PROTECT, verbose_name="所属")
    cycle = models.ForeignKey("assessments.Cycle", on_delete=models.PROTECT, verbose_name="年度")
    count_fiscal_year_staff = models.BooleanField("会計年度任用職員を人数に含める", default=False)
    count_external = models.BooleanField("委託常駐を人数に含める", default=False)
    updated_at = models.DateTimeField("更新日時")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = "数え方"
        constraints = [models.UniqueConstraint(fields=["department", "cycle"], name="counting_rule_once")]

    def __str__(self) -> str:
        return f"{self.department_id} {self.cycle_id}"
