"""発令・在籍 and 休職: dated rows from which every scope and every count follows."""

import uuid

from django.db import models
from django.db.models import Q

from lib.paths import upper_bound
from organization.models.position import LineRole


class DatedQuerySet(models.QuerySet):
    """Rows with a half-open interval [start, end); `end` NULL means no end known."""

    def active_on(self, day):
        """Return the queryset of rows in force on a day."""
        return self.filter(start__lte=day).filter(Q(end__isnull=True) | Q(end__gt=day))


class PostingQuerySet(DatedQuerySet):
    """Reads of postings."""

    def in_or_below(self, path: str):
        """Return the queryset of postings to the department with this path or below, as an index range."""
        return self.filter(department__path__gte=path, department__path__lt=upper_bound(path))

    def leading(self):
        """Return the queryset of postings that carry a line role."""
        return self.exclude(line_role=LineRole.NONE)


class Posting(models.Model):
    """One 発令: a person in a department from a day on."""

    class Kind(models.TextChoices):
        """発令種別 of a posting."""

        MAIN = "main", "本務"
        ADDITIONAL = "additional", "兼務"
        CONCURRENT = "concurrent", "併任"
        SECONDED = "seconded", "派遣"
        ACTING = "acting", "事務取扱"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="postings", verbose_name="職員"
    )
    department = models.ForeignKey(
        "organization.Department", on_delete=models.PROTECT, related_name="postings", verbose_name="所属"
    )
    kind = models.CharField("発令種別", max_length=10, choices=Kind, default=Kind.MAIN)
    position = models.CharField("職位", max_length=40, blank=True)
    line_role = models.CharField("確認者区分", max_length=5, choices=LineRole, default=LineRole.NONE)
    start = models.DateField("発令日")
    end = models.DateField("終了日", null=True, blank=True, help_text="この日から在籍しません。")
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = "発令"
        constraints = [
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gt=models.F("start")), name="posting_interval"
            ),
            models.CheckConstraint(
                condition=~Q(kind="acting") | Q(end__isnull=False), name="posting_acting_ends"
            ),
            models.UniqueConstraint(fields=["staff", "department", "kind", "start"], name="posting_once"),
            models.UniqueConstraint(
                fields=["staff"], condition=Q(kind="main", end__isnull=True), name="posting_one_open_main"
            ),
        ]
        indexes = [
            models.Index(fields=["department", "start", "end"], name="posting_department"),
            models.Index(fields=["staff", "start", "end"], name="posting_staff"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.start:%Y-%m-%d}"


class Leave(models.Model):
    """休職・育休等: the person is not counted as a holder in this interval and is shown apart."""

    class Kind(models.TextChoices):
        """Reason, as far as counting needs it; the rest is no business of this product."""

        LEAVE = "leave", "休職"
        CHILDCARE = "childcare", "育休"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="leaves", verbose_name="職員"
    )
    kind = models.CharField("種別", max_length=10, choices=Kind)
    start = models.DateField("開始日")
    end = models.DateField("終了日", null=True, blank=True, help_text="この日から復職します。")
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "休職・育休"
        constraints = [
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gt=models.F("start")), name="leave_interval"
            ),
            models.UniqueConstraint(fields=["staff", "kind", "start"], name="leave_once"),
        ]
        indexes = [models.Index(fields=["staff", "start", "end"], name="leave_staff")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.start:%Y-%m-%d}"
