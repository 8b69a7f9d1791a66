"""What belongs to one 年度 beside its dates: who is left out, longer deadlines, reminders, how it ended."""

import uuid

from django.db import models
from django.db.models import Q


class Exclusion(models.Model):
    """対象外: a department with all below, or one person, that gets no sheet in a year."""

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    cycle = models.ForeignKey(
        "assessments.Cycle", on_delete=models.PROTECT, related_name="exclusions", verbose_name="年度"
    )
    department = models.ForeignKey(
        "organization.Department", on_delete=models.PROTECT, null=True, related_name="+", verbose_name="所属"
    )
    staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, related_name="+", verbose_name="職員"
    )
    reason = models.CharField("理由", max_length=200, blank=True)
    created_at = models.DateTimeField("登録日時")

    class Meta:
        verbose_name = "対象外"
        constraints = [
            models.CheckConstraint(
                condition=Q(department__isnull=True) ^ Q(staff__isnull=True), name="exclusion_of_one"
            ),
            models.UniqueConstraint(fields=["cycle", "department"], name="exclusion_department_once"),
            models.UniqueConstraint(fields=["cycle", "staff"], name="exclusion_staff_once"),
        ]

    def __str__(self) -> str:
        return str(self.department or self.staff)


class Extension(models.Model):
    """締切の延長: later deadlines for one department and all below; the nearest one above a person counts."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    cycle = models.ForeignKey(
        "assessments.Cycle", on_delete=models.PROTECT, related_name="extensions", verbose_name="年度"
    )
    department = models.ForeignKey(
        "organization.Department", on_delete=models.PROTECT, related_name="+", verbose_name="所属"
    )
    submit_by = models.DateField("提出の締切")
    confirm_by = models.DateField("確認の締切")
    reason = models.CharField("理由", max_length=200, blank=True)
    created_at = models.DateTimeField("登録日時")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = "締切の延長"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "department"], name="extension_once"),
            models.CheckConstraint(
                condition=Q(submit_by__lte=models.F("confirm_by")), name="extension_dates_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submit_by:%Y-%m-%d}"


class Leftover(models.Model):
    """残り: what was decided about a sheet that was not 確定 when its year was closed."""

    class Decision(models.TextChoices):
        """Why it stays as it is."""

        ABSENT = "absent", "休職・育休などのため"
        LEFT = "left", "退職・転出のため"
        NOT_SUBMITTED = "unsubmitted", "未提出のまま終える"
        NOT_CONFIRMED = "unconfirmed", "確認しないまま終える（自己記入のみ）"

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    cycle = models.ForeignKey(
        "assessments.Cycle", on_delete=models.PROTECT, related_name="leftovers", verbose_name="年度"
    )
    sheet = models.OneToOneField(
        "assessments.Sheet", on_delete=models.PROTECT, related_name="leftover", verbose_name="年度票"
    )
    decision = models.CharField("決めたこと", max_length=12, choices=Decision)
    decided_at = models.DateTimeField("日時")
    decided_by = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, related_name="+", verbose_name="決めた人"
    )

    class Meta:
        verbose_name = "確定しないまま終えた年度票"

    def __str__(self) -> str:
        return self.get_decision_display()


class Reminder(models.Model):
    """お願い: one person was asked to submit or to confirm, once a day and way at most. It holds no text."""

    class Kind(models.TextChoices):
        """What is asked for."""

        SUBMIT = "submit", "提出のお願い"
        CONFIRM = "confirm", "確認のお願い"

    class Channel(models.TextChoices):
        """How it reaches the person."""

        MAIL = "mail", "メール"
        PAPER = "paper", "印刷"

    class State(models.TextChoices):
        """Whether it went out."""

        QUEUED = "queued", "送信待ち"
        SENT = "sent", "送信済み"
        FAILED = "failed", "送れませんでした"

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    cycle = models.ForeignKey(
        "assessments.Cycle", on_delete=models.PROTECT, related_name="reminders", verbose_name="年度"
    )
    staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="職員"
    )
    kind = models.CharField("内容", max_length=7, choices=Kind)
    channel = models.CharField("方法", max_length=5, choices=Channel)
    state = models.CharField("結果", max_length=6, choices=State, default=State.QUEUED)
    day = models.DateField("日")
    asked_by = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, related_name="+", verbose_name="頼んだ人"
    )
    asked_at = models.DateTimeField("頼んだ日時")
    sent_at = models.DateTimeField("送信日時", null=True)

    class Meta:
        verbose_name = "お願い"
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "staff", "kind", "channel", "day"], name="reminder_once_a_day"
            ),
        ]
        indexes = [models.Index(fields=["cycle", "kind", "-asked_at"], name="reminder_recent")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.day:%Y-%m-%d}"
