"""資格 register and 研修 catalogue: dated data, common or a municipality's own. Nothing of either stands in code."""

import datetime
import uuid

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from access.actor import Actor
from competency.models.matrix import Step


class QualificationQuerySet(models.QuerySet):
    """Reads of the register."""

    def register_of(self, municipality_id: int):
        """Return the queryset of the register in use: a municipality's own, replaced by CSV, else the common one."""
        own = self.model.objects.filter(municipality_id=municipality_id, retired=False)
        return self.filter(
            Q(municipality_id=municipality_id) | Q(municipality__isnull=True) & ~Exists(own), retired=False
        ).order_by("rank", "pk")


class Qualification(models.Model):
    """資格・試験. Held between `valid_from` and `valid_to`; whoever passed it then still has it.

    A row that a newer register no longer names is `retired`: not offered, but kept with those who hold it.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, null=True, blank=True, verbose_name="団体"
    )
    code = models.CharField("符号", max_length=20)
    name = models.CharField("名称", max_length=120)
    group = models.CharField("種類", max_length=80, blank=True)
    level = models.CharField("レベル", max_length=40, blank=True)
    valid_from = models.DateField("実施のはじめ", null=True, blank=True)
    valid_to = models.DateField("実施の終わり", null=True, blank=True)
    is_planned = models.BooleanField("予定（仮称）", default=False)
    registration_title = models.CharField("登録したときの名称", max_length=120, blank=True)
    renewal_years = models.PositiveSmallIntegerField("登録の有効年数", null=True, blank=True)
    note = models.CharField("備考", max_length=200, blank=True)
    source = models.CharField("出典", max_length=200, blank=True)
    rank = models.PositiveSmallIntegerField("並び順", default=0)
    retired = models.BooleanField("登録表にない", default=False)

    objects = QualificationQuerySet.as_manager()

    class Meta:
        verbose_name = "資格"
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(municipality__isnull=True), name="qualification_common_once"
            ),
            models.UniqueConstraint(fields=["municipality", "code"], name="qualification_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="qualification_interval",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（予定、仮称）" if self.is_planned else self.name

    def is_held_on(self, day: datetime.date) -> bool:
        """Say whether it could be passed on a day, as far as its dates are known."""
        return not (
            (self.valid_from is not None and day < self.valid_from)
            or (self.valid_to is not None and day > self.valid_to)
        )


class Provider(models.Model):
    """Who offers 研修."""

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, null=True, blank=True, verbose_name="団体"
    )
    code = models.CharField("符号", max_length=20)
    name = models.CharField("実施機関", max_length=80)
    rank = models.PositiveSmallIntegerField("並び順", default=0)
    retired = models.BooleanField("使わない", default=False)

    class Meta:
        verbose_name = "実施機関"
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(municipality__isnull=True), name="provider_common_once"
            ),
            models.UniqueConstraint(fields=["municipality", "code"], name="provider_once"),
        ]

    def __str__(self) -> str:
        return self.name


class CourseQuerySet(models.QuerySet):
    """Reads of the catalogue."""

    def visible_to(self, actor: Actor):
        """Return the queryset of courses of the actor's municipality."""
        return self.filter(municipality_id=actor.municipality_id)

    def offered(self):
        """Return the queryset of courses that are offered."""
        return self.filter(retired=False)

    def open_on(self, day: datetime.date):
        """Return the queryset of offered courses that still take applications on a day."""
        return (
            self.offered()
            .exclude(apply_by__lt=day)
            .filter(Q(apply_by__isnull=False) | Q(starts_on__isnull=True) | Q(starts_on__gte=day))
        )

    def leading_to(self, cell_code: str, step: int):
        """Return the queryset of courses that lead to at least this step of a cell."""
        lead = CourseCell.objects.filter(course=OuterRef("pk"), cell_code=cell_code, to_step__gte=step)
        return self.filter(Exists(lead))


class Course(models.Model):
    """講座: what is taught by whom, when, for how much, and which steps it leads to."""

    class Form(models.TextChoices):
        """How it is held; the same words as a person's 研修."""

        CLASS = "class", "集合研修"
        ONLINE = "online", "オンライン研修"
        ELEARNING = "elearning", "eラーニング"
        OJT = "ojt", "OJT"
        ROTATION = "rotation", "事務分掌ローテーション"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="courses", verbose_name="実施機関"
    )
    name = models.CharField("講座名", max_length=120)
    form = models.CharField("形", max_length=9, choices=Form, default=Form.CLASS)
    hours = models.DecimalField("時間数", max_digits=5, decimal_places=1, null=True, blank=True)
    fee = models.PositiveIntegerField("1人あたりの費用（円）", null=True, blank=True)
    starts_on = models.DateField("開始日", null=True, blank=True)
    ends_on = models.DateField("終了日", null=True, blank=True)
    apply_by = models.DateField("申込みの締切", null=True, blank=True)
    place = models.CharField("会場など", max_length=120, blank=True)
    text = models.CharField("内容", max_length=1000, blank=True)
    retired = models.BooleanField("案内しない", default=False)
    updated_at = models.DateTimeField("更新日時")
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CourseQuerySet.as_manager()

    class Meta:
        verbose_name = "講座"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=False, ends_on__gte=F("starts_on")),
                name="course_interval",
            ),
            models.CheckConstraint(condition=Q(hours__isnull=True) | Q(hours__gte=0), name="course_hours"),
        ]
        indexes = [models.Index(fields=["municipality", "retired", "starts_on"], name="course_offered")]

    def __str__(self) -> str:
        return self.name

    def is_open_on(self, day: datetime.date) -> bool:
        """Say whether it takes applications on a day: until the deadline, else until the day before it begins."""
        if self.retired:
            return False
        if self.apply_by is not None:
            return day <= self.apply_by
        return self.starts_on is None or day <= self.starts_on


class CourseCell(models.Model):
    """The step of one cell that a course leads to, by code, for courses outlive versions."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="cells", verbose_name="講座")
    cell_code = models.CharField("項目コード", max_length=80)
    to_step = models.PositiveSmallIntegerField("めざす到達度", choices=Step)

    class Meta:
        verbose_name = "講座がめざす到達度"
        constraints = [
            models.UniqueConstraint(fields=["course", "cell_code"], name="course_cell_once"),
            models.CheckConstraint(condition=Q(to_step__gte=1, to_step__lte=4), name="course_cell_step"),
        ]

    def __str__(self) -> str:
        return f"{self.cell_code}: {self.to_step}"
