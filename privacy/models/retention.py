"""保存期間: how long each class is kept, what a run proposes to delete, what is held back, and the permit to do it."""

import uuid

from django.db import models
from django.db.models import F, Q

from access.actor import Actor
from lib.personal import Keep


class KeepClass(models.TextChoices):
    """保存期間の区分 that a municipality may set."""

    SHEET = Keep.SHEET.value, "年度票（年度の終わりから）"
    ENTRY = Keep.ENTRY.value, "スキル履歴書の記録と添付ファイル（退職した年度の終わりから）"
    WISH = Keep.WISH.value, "異動希望（年度の終わりから）"
    WORK = Keep.WORK.value, "お願い・依頼・シミュレーション（年度の終わりから）"
    FILE = Keep.FILE.value, "取り込んだファイルの中身（年度の終わりから）"
    SIGNIN = Keep.SIGNIN.value, "ログインの番号など（年度の終わりから）"
    STAFF = Keep.STAFF.value, "氏名・発令など、職員のすべて（退職した年度の終わりから）"


class RetentionYears(models.Model):
    """The years of one class in one municipality, where it chose other than the default."""

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, related_name="+", verbose_name="団体"
    )
    keep = models.CharField("区分", max_length=10, choices=KeepClass)
    years = models.PositiveSmallIntegerField("年数")

    class Meta:
        verbose_name = "保存期間"
        constraints = [
            models.UniqueConstraint(fields=["municipality", "keep"], name="retention_years_once"),
            models.CheckConstraint(condition=Q(years__gte=1, years__lte=99), name="retention_years_range"),
        ]

    def __str__(self) -> str:
        return f"{self.get_keep_display()}: {self.years}"


class RetentionRunQuerySet(models.QuerySet):
    """Reads of runs."""

    def visible_to(self, actor: Actor):
        """Return the queryset of the municipality's runs; the view asks P20r first."""
        return self.filter(municipality_id=actor.municipality_id)


class RetentionRun(models.Model):
    """消去の予定: what is past its period on a day, to be looked at for thirty days, agreed to, and then deleted."""

    class State(models.TextChoices):
        """Proposed, agreed to by a second person, carried out; or given up."""

        PROPOSED = "proposed", "確認中"
        AGREED = "agreed", "同意ずみ"
        DONE = "done", "消去ずみ"
        CANCELLED = "cancelled", "取りやめ"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, related_name="+", verbose_name="団体"
    )
    day = models.DateField("基準の日")
    state = models.CharField("状態", max_length=9, choices=State, default=State.PROPOSED)
    proposed_at = models.DateTimeField("作った日時")
    proposed_by = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, related_name="+", verbose_name="作った人"
    )
    due_at = models.DateTimeField("この日時から消せる")
    agreed_at = models.DateTimeField("同意した日時", null=True)
    agreed_by = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, related_name="+", verbose_name="同意した人"
    )
    done_at = models.DateTimeField("消した日時", null=True)
    counts = models.JSONField("消した件数", default=dict)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = RetentionRunQuerySet.as_manager()

    class Meta:
        verbose_name = "消去の予定"
        constraints = [
            models.UniqueConstraint(
                fields=["municipality"],
                condition=Q(state__in=["proposed", "agreed"]),
                name="retention_run_open_once",
            ),
            models.CheckConstraint(
                condition=Q(agreed_by__isnull=True)
                | Q(proposed_by__isnull=True)
                | ~Q(agreed_by=F("proposed_by")),
                name="retention_run_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"


class RetentionItem(models.Model):
    """One person's rows of one class in one run; without a person the files that name many. `limit` is the last year."""

    run = models.ForeignKey(
        RetentionRun, on_delete=models.PROTECT, related_name="items", verbose_name="消去の予定"
    )
    staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, related_name="+", verbose_name="職員"
    )
    keep = models.CharField("区分", max_length=10, choices=KeepClass)
    limit = models.PositiveSmallIntegerField("この年度まで")
    rows = models.PositiveIntegerField("件数")

    class Meta:
        verbose_name = "消去の予定の行"
        constraints = [
            models.UniqueConstraint(fields=["run", "staff", "keep"], name="retention_item_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_keep_display()}: {self.rows}"


class Hold(models.Model):
    """保存の延長: nothing of one person is deleted as long as it stands, with the reason."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, related_name="+", verbose_name="団体"
    )
    staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="職員"
    )
    reason = models.CharField("理由", max_length=200)
    at = models.DateTimeField("決めた日時")
    by = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, related_name="+", verbose_name="決めた人"
    )
    ended_at = models.DateTimeField("終えた日時", null=True)

    class Meta:
        verbose_name = "保存の延長"
        constraints = [
            models.UniqueConstraint(
                fields=["staff"], condition=Q(ended_at__isnull=True), name="hold_standing_once"
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class Permit(models.Model):
    """Lifts the walls of history for the transaction that it stands in, and can never be committed.

    `never` points at a row that cannot exist; the database asks for it when the transaction ends, so that a permit
    which was not taken away again undoes everything. A guard lets none be written without a run that is agreed and due.
    """

    run = models.ForeignKey(
        RetentionRun, on_delete=models.PROTECT, related_name="+", verbose_name="消去の予定"
    )
    never = models.ForeignKey("self", on_delete=models.PROTECT, related_name="+", verbose_name="ない行")

    class Meta:
        verbose_name = "消去の許可"
        constraints = [
            models.CheckConstraint(condition=Q(never_id=0) & Q(id__gt=0), name="permit_never_commits"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}"
