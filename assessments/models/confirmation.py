"""確認: the line's step of each cell; never merged with the person's own. And what is said about the sheet."""

from django.db import models
from django.db.models import Q

from competency.models import Step


class Confirmation(models.Model):
    """One confirmer's step of one cell. Writable until 確定 of its revision, then the database freezes it."""

    class Level(models.TextChoices):
        """Which act it belongs to; reports read FINAL."""

        FIRST = "first", "一次確認"
        FINAL = "final", "確定"

    class Visibility(models.TextChoices):
        """Who reads the comment (P12, P13)."""

        PERSON = "person", "本人に見える"
        MEMO = "memo", "管理メモ"

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    revision = models.ForeignKey(
        "assessments.Revision", on_delete=models.PROTECT, related_name="confirmations", verbose_name="提出版"
    )
    cell = models.ForeignKey(
        "competency.Cell", on_delete=models.PROTECT, related_name="+", verbose_name="項目"
    )
    level = models.CharField("確認の段階", max_length=5, choices=Level)
    step = models.PositiveSmallIntegerField("確認到達度", choices=Step)
    comment = models.CharField("コメント", max_length=400, blank=True)
    visibility = models.CharField(
        "コメントの公開", max_length=6, choices=Visibility, default=Visibility.PERSON
    )
    confirmer = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="確認した人"
    )
    updated_at = models.DateTimeField("更新日時")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = "確認"
        constraints = [
            models.UniqueConstraint(fields=["revision", "level", "cell"], name="confirmation_once"),
            models.CheckConstraint(condition=Q(step__gte=0, step__lte=4), name="confirmation_step"),
        ]
        # Covers a report's question whole; a UniqueConstraint with `include` is silently left out by SQLite.
        indexes = [models.Index(fields=["revision", "level", "cell", "step"], name="confirmation_report")]

    def __str__(self) -> str:
        return f"{self.cell_id}: {self.step}"


class Remark(models.Model):
    """What the line said about a whole revision: the reason of a 差戻し, or a comment with the confirmation."""

    class Kind(models.TextChoices):
        """What it accompanied."""

        SENT_BACK = "sent_back", "差戻しの理由"
        CONFIRMED = "confirmed", "確認のコメント"

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    revision = models.ForeignKey(
        "assessments.Revision", on_delete=models.PROTECT, related_name="remarks", verbose_name="提出版"
    )
    kind = models.CharField("種類", max_length=10, choices=Kind)
    text = models.CharField("内容", max_length=800)
    visibility = models.CharField(
        "公開", max_length=6, choices=Confirmation.Visibility, default=Confirmation.Visibility.PERSON
    )
    author = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="書いた人"
    )
    at = models.DateTimeField("日時")

    class Meta:
        verbose_name = "コメント"

    def __str__(self) -> str:
        return self.get_kind_display()
