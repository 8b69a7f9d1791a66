"""The matrix of one version: 分類 × 区分 × 段階 → 項目, and the wording of every step."""

import uuid

from django.db import models
from django.db.models import Q


class Step(models.IntegerChoices):
    """到達度. 「できる人」 (holder) is step 3 or more."""

    NONE = 0, "未経験"
    KNOWS = 1, "知識がある"
    WITH_HELP = 2, "支援があればできる"
    ALONE = 3, "独力でできる"
    TEACHES = 4, "教えられる"


HOLDER_STEP = Step.ALONE
NEXT_STEP = Step.WITH_HELP


class Ranked(models.Model):
    """A catalogue row in the order of its source."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField("符号", max_length=60)
    name = models.CharField("名称", max_length=60)
    rank = models.PositiveSmallIntegerField("並び順")

    class Meta:
        abstract = True
        ordering = ["rank", "pk"]

    def __str__(self) -> str:
        return self.name


class Category(Ranked):
    """分類."""

    version = models.ForeignKey(
        "competency.FrameworkVersion", on_delete=models.PROTECT, related_name="categories", verbose_name="版"
    )
    alias = models.CharField("別名", max_length=60, blank=True)

    class Meta(Ranked.Meta):
        verbose_name = "分類"
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="category_code_once")]


class Area(Ranked):
    """区分."""

    version = models.ForeignKey(
        "competency.FrameworkVersion", on_delete=models.PROTECT, related_name="areas", verbose_name="版"
    )
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="areas", verbose_name="分類"
    )

    class Meta(Ranked.Meta):
        verbose_name = "区分"
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="area_code_once")]


class Stage(Ranked):
    """段階: how hard it is to acquire, never a rank of the person."""

    version = models.ForeignKey(
        "competency.FrameworkVersion", on_delete=models.PROTECT, related_name="stages", verbose_name="版"
    )

    class Meta(Ranked.Meta):
        verbose_name = "段階"
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="stage_code_once")]


class CellQuerySet(models.QuerySet):
    """Reads of cells."""

    def of_version(self, version_id: int):
        """Return the queryset of one version's cells with area, category and stage, in the matrix's order."""
        return self.filter(version_id=version_id).in_order()

    def in_order(self):
        """Return the queryset with area, category and stage, in the order of the matrix of a version."""
        related = self.select_related("area__category", "stage")
        return related.order_by("area__category__rank", "area__rank", "rank", "pk")


class Cell(models.Model):
    """項目: one mark of the matrix. Known by `code`; the stage is not in the code, for its place is uncertain."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(
        "competency.FrameworkVersion", on_delete=models.PROTECT, related_name="cells", verbose_name="版"
    )
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="cells", verbose_name="区分")
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="cells", verbose_name="段階")
    code = models.CharField("項目コード", max_length=80)
    task = models.CharField("項目", max_length=60, blank=True)
    label = models.CharField(
        "表示名",
        max_length=80,
        help_text="項目名。ないときは区分名、同じ区分に2つあるときは（初級）などを付ける",
    )
    example = models.CharField("例", max_length=120, blank=True)
    rank = models.PositiveSmallIntegerField("並び順")
    placement_confirmed = models.BooleanField("段階の位置を確認済み", default=False)

    objects = CellQuerySet.as_manager()

    class Meta:
        verbose_name = "項目"
        ordering = ["rank", "pk"]
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="cell_code_once")]

    def __str__(self) -> str:
        return self.label

    @property
    def full_name(self) -> str:
        """Return 区分｜項目, or the label where the cell has no task; reads `area`, may cost a query."""
        return f"{self.area.name}｜{self.task}" if self.task else self.label


class StepWording(models.Model):
    """What one step means for one cell, in everyday municipal work; our own words."""

    cell = models.ForeignKey(Cell, on_delete=models.PROTECT, related_name="wordings", verbose_name="項目")
    step = models.PositiveSmallIntegerField("到達度", choices=Step)
    text = models.CharField("説明", max_length=120)

    class Meta:
        verbose_name = "到達度の説明"
        ordering = ["step", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["cell", "step"], name="wording_once"),
            models.CheckConstraint(condition=Q(step__gte=0, step__lte=4), name="wording_step"),
        ]

    def __str__(self) -> str:
        return self.text
