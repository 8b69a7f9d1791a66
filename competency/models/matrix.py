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


# 出典 of one part of a matrix, in characters.
SOURCE_LENGTH = 200


class Ranked(models.Model):
    """A catalogue row in the order of its source. `lock` counts its changes, so that two editors notice each other."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField("符号", max_length=60)
    name = models.CharField("名称", max_length=60)
    rank = models.PositiveSmallIntegerField("並び順")
    lock = models.PositiveIntegerField(default=1, editable=False)

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
    source = models.CharField("出典", max_length=SOURCE_LENGTH, blank=True)

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
    source = models.CharField("出典", max_length=SOURCE_LENGTH, blank=True)

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
        """Return the queryset of one version's cells in use with area, category and stage, in the matrix's order."""
        return self.filter(version_id=version_id, in_use=True).in_order()

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
    source = models.CharField("出典", max_length=SOURCE_LENGTH, blank=True)
    rank = models.PositiveSmallIntegerField("並び順")
    lock = models.PositiveIntegerField(default=1, editable=False)
    in_use = models.BooleanField(
        "年度票で使う", default=True, help_text="使わない項目は、体系には残り、年度票には出ません。"
    )
    placement_confirmed = models.BooleanField("段階の位置を確認済み", default=False)
    placement_confirmed_by = models.ForeignKey(
        "organization.Staff",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="位置を確かめた人",
    )
    placement_confirmed_at = models.DateTimeField("位置を確かめた日時", null=True)

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


class CellOrigin(models.Model):
    """Which cell of the base version a cell came from, by code, and what becomes of the ratings given there.

    One origin with the same code: kept. The same origin of several cells: split. Several origins: joined. A cell
    without any is new, and a cell of the base that is nobody's origin is dropped.
    """

    class Rule(models.TextChoices):
        """What happens with a rating of the origin; see competency.lineage."""

        CARRY = "carry", "そのまま引き継ぐ"
        REVIEW = "review", "引き継いで、見直しの印を付ける"
        REOPEN = "reopen", "引き継がず、あらためて記入してもらう"

    cell = models.ForeignKey(Cell, on_delete=models.PROTECT, related_name="origins", verbose_name="項目")
    code = models.CharField("もとの項目コード", max_length=80)
    rule = models.CharField("記入の扱い", max_length=6, choices=Rule, default=Rule.CARRY)

    class Meta:
        verbose_name = "項目のもと"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["cell", "code"], name="cell_origin_once")]

    def __str__(self) -> str:
        return f"{self.code}: {self.rule}"


class VersionComment(models.Model):
    """What somebody at the desk said about a draft, or about one of its cells by code; never about a person."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    version = models.ForeignKey(
        "competency.FrameworkVersion", on_delete=models.PROTECT, related_name="comments", verbose_name="版"
    )
    cell_code = models.CharField("項目コード", max_length=80, blank=True)
    text = models.CharField("コメント", max_length=400)
    author = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="書いた人"
    )
    at = models.DateTimeField("日時")
    settled_at = models.DateTimeField("済みにした日時", null=True)
    settled_by = models.ForeignKey(
        "organization.Staff",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="済みにした人",
    )

    class Meta:
        verbose_name = "版へのコメント"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.text
