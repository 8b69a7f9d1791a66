"""Files that HR brings in: kept between preview and apply, so that what was seen is what is applied, and taken back."""

import uuid

from django.db import models
from django.db.models import Q

from access.actor import Actor


class ImportBatchQuerySet(models.QuerySet):
    """Reads of imports."""

    def visible_to(self, actor: Actor):
        """Return the queryset of the municipality's imports; the view asks P21 first."""
        return self.filter(municipality_id=actor.municipality_id)

    def light(self):
        """Return the queryset without the bytes of files and previews, which may be many megabytes."""
        return self.defer("content", "preview", "undo")


class ImportBatch(models.Model):
    """One uploaded file from preview to apply. File and preview go once it is applied or discarded.

    `undo` is what the rows were before it was applied, packed; it is kept until the next file of the kind is applied.
    """

    class Kind(models.TextChoices):
        """What the file holds."""

        ORGANIZATION = "organization", "組織"
        ROSTER = "roster", "職員名簿"
        RATINGS = "ratings", "過去の到達度"
        ENTRIES = "entries", "過去の経歴・資格・研修"

    class State(models.TextChoices):
        """Where it stands."""

        CHECKING = "checking", "確認しています"
        REFUSED = "refused", "取り込まず中止"
        PREVIEWED = "previewed", "確認待ち"
        APPLIED = "applied", "取込み完了"
        DISCARDED = "discarded", "取りやめ"
        UNDONE = "undone", "取り込む前に戻しました"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    kind = models.CharField("種類", max_length=12, choices=Kind)
    state = models.CharField("結果", max_length=10, choices=State, default=State.PREVIEWED)
    file_name = models.CharField("ファイル名", max_length=120)
    sha256 = models.CharField("ハッシュ値", max_length=64)
    content = models.BinaryField(null=True)
    undo = models.BinaryField("元に戻す内容", null=True)
    preview = models.BinaryField("確認の内容", null=True, help_text="取り込むか取りやめると消えます。")
    mapping = models.JSONField("列の対応", default=dict)
    options = models.JSONField("取込みの条件", default=dict)
    counts = models.JSONField("件数", default=dict)
    uploaded_at = models.DateTimeField("日時")
    uploaded_by = models.ForeignKey(
        "organization.Staff",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        verbose_name="取り込んだ人",
    )
    applied_at = models.DateTimeField("適用日時", null=True)
    undone_at = models.DateTimeField("元に戻した日時", null=True)
    job = models.ForeignKey(
        "organization.Job",
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        verbose_name="いまの処理",
        help_text="大きなファイルの確認と取込みは、画面の外で進みます。",
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = "取込み"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["applied", "undone"], applied_at__isnull=False)
                | ~Q(state__in=["applied", "undone"]) & Q(applied_at__isnull=True),
                name="import_applied_when",
            ),
        ]
        indexes = [models.Index(fields=["municipality", "-uploaded_at"], name="import_recent")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def words(self) -> str:
        """Return where it stands, in words; load `job` with it. A file that is being applied was seen already."""
        if self.state == self.State.PREVIEWED and self.job is not None and self.job.finished_at is None:
            return "取り込んでいます"
        return self.get_state_display()

    @property
    def rows(self) -> int:
        """Return how many lines of data the file has; 0 where it could not be read."""
        return self.counts.get("rows", 0)

    @property
    def problem_count(self) -> int:
        """Return how many problems were found."""
        return self.counts.get("problems", 0)

    @property
    def new_position_count(self) -> int:
        """Return how many 職位 the file adds to the table."""
        return self.counts.get("new_positions", 0)


class HeaderMappingQuerySet(models.QuerySet):
    """Reads of mappings."""

    def named(self, municipality_id: int):
        """Return the queryset of a municipality's templates, by kind and name; the last file's has no name."""
        return self.filter(municipality_id=municipality_id).exclude(name="").order_by("kind", "name")


class HeaderMapping(models.Model):
    """Which header of the municipality's files means which of our columns; kept for the next file.

    Named after the system that writes the file (人事給与, 人事評価); the one without a name is the last file's.
    """

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    kind = models.CharField("種類", max_length=12, choices=ImportBatch.Kind)
    name = models.CharField("ひな形の名前", max_length=40, blank=True)
    columns = models.JSONField("列の対応", default=dict, help_text="ファイルの見出し → 取込み項目")
    options = models.JSONField("取込みの条件", default=dict)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = HeaderMappingQuerySet.as_manager()

    class Meta:
        verbose_name = "列の対応"
        constraints = [
            models.UniqueConstraint(fields=["municipality", "kind", "name"], name="mapping_named_once")
        ]

    def __str__(self) -> str:
        return self.name or self.get_kind_display()

    @property
    def labels(self) -> list[str]:
        """Return our columns that the template finds, in the order of the file's headers."""
        return [label for label in self.columns.values() if label]
