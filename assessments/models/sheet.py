"""年度票 with its drafts, and the immutable revisions that were submitted.

The database refuses changes to revisions, ratings and confirmed sheets on either engine (migration 0002).
"""

import uuid

from django.db import models
from django.db.models import Exists, OuterRef, Q

from access.actor import Actor, Role
from competency.models import FrameworkVersion, Step
from lib.paths import upper_bound
from lib.ways import Way
from organization.models import Staff


class SheetQuerySet(models.QuerySet):
    """Reads of sheets."""

    def visible_to(self, actor: Actor):
        """Return the queryset of sheets of oneself, of people in the line's scope today, or all for HR (P07)."""
        mine = self.filter(municipality_id=actor.municipality_id)
        if actor.has(Role.HR):
            return mine
        scope = Staff.objects.posted_in_or_below(actor.line_paths, actor.today)
        return mine.filter(Q(staff_id=actor.staff_id) | Q(staff__in=scope.values("pk")))

    def readable_by(self, actor: Actor):
        """Return the queryset of sheets that the actor may open: of closed years the line sees what was confirmed (P14)."""
        seen = self.visible_to(actor)
        if actor.has(Role.HR):
            return seen
        unsettled = Q(cycle__state="closed") & ~Q(state=Sheet.State.CONFIRMED)
        return seen.filter(Q(staff_id=actor.staff_id) | ~unsettled)

    def confirmed(self):
        """Return the queryset of sheets that count in reports."""
        return self.filter(state=Sheet.State.CONFIRMED)

    def latest_confirmed(self, year: int):
        """Return the queryset of each person's confirmed sheet of the newest year up to `year`: what counts."""
        newer = Sheet.objects.filter(
            staff=OuterRef("staff"),
            state=Sheet.State.CONFIRMED,
            fiscal_year__gt=OuterRef("fiscal_year"),
            fiscal_year__lte=year,
        )
        return self.confirmed().filter(fiscal_year__lte=year).exclude(Exists(newer))

    def with_import(self):
        """Return the queryset with `imported`: whether the year was taken in from what was kept elsewhere."""
        taken_in = Revision.objects.filter(sheet=OuterRef("pk"), kind=Revision.Kind.IMPORT)
        return self.annotate(imported=Exists(taken_in))

    def below(self, path: str):
        """Return the queryset of sheets whose 本務 department lay at or below a path when they were made."""
        return self.filter(department_path__gte=path, department_path__lt=upper_bound(path))


class Sheet(models.Model):
    """One person's year. Department, 職位 and 職員区分 are as they were when it was handed out or submitted."""

    class State(models.TextChoices):
        """記入 → 提出 → 一次確認 → 確定; 差戻し goes to the person, until 確定."""

        NOT_STARTED = "not_started", "未着手"
        DRAFTING = "drafting", "記入中"
        SUBMITTED = "submitted", "提出"
        FIRST_CONFIRMED = "first_confirmed", "一次確認"
        CONFIRMED = "confirmed", "確定"
        SENT_BACK = "sent_back", "差戻し"

    EDITABLE = (State.NOT_STARTED, State.DRAFTING, State.SENT_BACK)
    WAITING = (State.SUBMITTED, State.FIRST_CONFIRMED)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="sheets", verbose_name="職員"
    )
    cycle = models.ForeignKey(
        "assessments.Cycle", on_delete=models.PROTECT, related_name="sheets", verbose_name="年度"
    )
    fiscal_year = models.PositiveSmallIntegerField("年度", editable=False)
    framework_version = models.ForeignKey(
        "competency.FrameworkVersion",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="記入した版",
        help_text="年度が別の版に移った後も、提出したときの版のまま読めるように残します。空欄なら年度の版です。",
    )
    department = models.ForeignKey("organization.Department", on_delete=models.PROTECT, verbose_name="所属")
    department_path = models.CharField(max_length=120, editable=False)
    position = models.CharField("職位", max_length=40, blank=True)
    employment = models.CharField("職員区分", max_length=12, choices=Staff.Employment)
    state = models.CharField("状態", max_length=16, choices=State, default=State.NOT_STARTED)
    current_revision = models.ForeignKey(
        "assessments.Revision",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="現在の提出版",
    )
    submitted_at = models.DateTimeField("提出日時", null=True)
    confirmed_at = models.DateTimeField("確定日時", null=True)
    without_confirmer = models.BooleanField("確認者なし：自己記入で確定", default=False)
    updated_at = models.DateTimeField("最後の動き")
    version = models.PositiveIntegerField(default=1, editable=False)

    # What counts, and what was written, without the revision between; several rows a sheet.
    now_confirmed = Way("assessments.Confirmation", here="current_revision", there="revision")
    now_rated = Way("assessments.Rating", here="current_revision", there="revision")

    objects = SheetQuerySet.as_manager()

    class Meta:
        verbose_name = "年度票"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "staff"], name="sheet_once"),
            models.CheckConstraint(
                condition=Q(
                    state__in=["submitted", "first_confirmed", "confirmed"],
                    submitted_at__isnull=False,
                    current_revision__isnull=False,
                )
                | Q(state__in=["not_started", "drafting"], submitted_at__isnull=True)
                | Q(state="sent_back"),
                name="sheet_submitted_when",
            ),
            models.CheckConstraint(
                condition=Q(state="confirmed", confirmed_at__isnull=False)
                | ~Q(state="confirmed") & Q(confirmed_at__isnull=True),
                name="sheet_confirmed_when",
            ),
        ]
        indexes = [
            # Read by staff: the latest confirmed year of the people of a department, without touching the table.
            models.Index(fields=["staff", "state", "-fiscal_year", "current_revision"], name="sheet_latest"),
            models.Index(fields=["cycle", "department_path", "state"], name="sheet_progress"),
        ]

    def __str__(self) -> str:
        return f"{self.fiscal_year} {self.get_state_display()}"

    @property
    def version_in_use(self) -> FrameworkVersion:
        """Return the version whose cells are answered: that of the year, or that of before where it has moved on since."""
        return self.framework_version or self.cycle.framework_version

    @property
    def version_in_use_id(self) -> int:
        """Return the key of `version_in_use`; reads `cycle` at most."""
        return self.framework_version_id or self.cycle.framework_version_id

    @property
    def can_edit(self) -> bool:
        """Say whether the person may still change the answers; the cycle must be open as well."""
        return self.state in self.EDITABLE

    @property
    def can_submit(self) -> bool:
        """Say whether the state allows submitting."""
        return self.state in self.EDITABLE

    @property
    def can_withdraw(self) -> bool:
        """Say whether the person may take a submission back: before 一次確認 (P08)."""
        return self.state == self.State.SUBMITTED

    @property
    def can_send_back(self) -> bool:
        """Say whether the line may send it back: until 確定 (P08)."""
        return self.state in self.WAITING

    @property
    def can_first_confirm(self) -> bool:
        """Say whether 一次確認 is what it waits for."""
        return self.state == self.State.SUBMITTED

    @property
    def can_confirm(self) -> bool:
        """Say whether the state allows 確定; whether a 係長 must come first is the line's question."""
        return self.state in self.WAITING


class Draft(models.Model):
    """下書き of one cell: private to the person, mutable until submitted, each with its own version."""

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="drafts", verbose_name="年度票")
    cell = models.ForeignKey(
        "competency.Cell", on_delete=models.PROTECT, related_name="+", verbose_name="項目"
    )
    step = models.PositiveSmallIntegerField("到達度", choices=Step, null=True)
    evidence = models.CharField("根拠", max_length=400, blank=True)
    carried_from = models.ForeignKey(
        "competency.Cell",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="引き継いだもとの項目",
    )
    review = models.BooleanField(
        "見直し", default=False, help_text="体系の改定で引き継いだまま、見直していない。"
    )
    updated_at = models.DateTimeField("更新日時")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = "下書き"
        constraints = [
            models.UniqueConstraint(fields=["sheet", "cell"], name="draft_once"),
            models.CheckConstraint(
                condition=Q(step__isnull=True) | Q(step__gte=0, step__lte=4), name="draft_step"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cell_id}: {self.step}"


class Revision(models.Model):
    """提出版: what was submitted, numbered, immutable."""

    class Kind(models.TextChoices):
        """Why there is one."""

        SUBMISSION = "submission", "提出"
        CORRECTION = "correction", "訂正"
        IMPORT = "import", "過去の記録の取込み"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    sheet = models.ForeignKey(
        Sheet, on_delete=models.PROTECT, related_name="revisions", verbose_name="年度票"
    )
    number = models.PositiveSmallIntegerField("番号")
    kind = models.CharField("種類", max_length=10, choices=Kind, default=Kind.SUBMISSION)
    reason = models.CharField("訂正の理由", max_length=400, blank=True)
    submitted_at = models.DateTimeField("提出日時")
    submitted_by = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="提出した人"
    )

    class Meta:
        verbose_name = "提出版"
        constraints = [
            models.UniqueConstraint(fields=["sheet", "number"], name="revision_number_once"),
            models.CheckConstraint(
                condition=~Q(kind="correction") | ~Q(reason=""), name="revision_correction_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.number}版"


class Rating(models.Model):
    """記入: the person's own step of one cell in one revision; frozen."""

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    revision = models.ForeignKey(
        Revision, on_delete=models.PROTECT, related_name="ratings", verbose_name="提出版"
    )
    cell = models.ForeignKey(
        "competency.Cell", on_delete=models.PROTECT, related_name="+", verbose_name="項目"
    )
    step = models.PositiveSmallIntegerField("到達度", choices=Step)
    evidence = models.CharField("根拠", max_length=400, blank=True)
    carried_from = models.ForeignKey(
        "competency.Cell",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="引き継いだもとの項目",
    )
    review = models.BooleanField("見直し", default=False, help_text="体系の改定で引き継いだまま提出した。")

    class Meta:
        verbose_name = "記入"
        constraints = [
            models.UniqueConstraint(fields=["revision", "cell"], name="rating_once"),
            models.CheckConstraint(condition=Q(step__gte=0, step__lte=4), name="rating_step"),
        ]
        # Covers a report's question whole; a UniqueConstraint with `include` is silently left out by SQLite.
        indexes = [models.Index(fields=["revision", "cell", "step"], name="rating_report")]

    def __str__(self) -> str:
        return f"{self.cell_id}: {self.step}"


class Target(models.Model):
    """目標 of one cell as it stood when the sheet was confirmed: the larger of duty and 職位, and why."""

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="targets", verbose_name="年度票")
    cell = models.ForeignKey(
        "competency.Cell", on_delete=models.PROTECT, related_name="+", verbose_name="項目"
    )
    step = models.PositiveSmallIntegerField("目標", choices=Step)
    reason = models.CharField("理由", max_length=200)

    class Meta:
        verbose_name = "目標"
        constraints = [
            models.UniqueConstraint(fields=["sheet", "cell"], name="target_once"),
            models.CheckConstraint(condition=Q(step__gte=1, step__lte=4), name="target_step"),
        ]

    def __str__(self) -> str:
        return f"{self.cell_id}: {self.step}"
