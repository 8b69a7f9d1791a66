"""対応方針: what a department does about a gap, and for whom."""

import datetime
import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from access.actor import Actor, Role
from competency.models import Step
from lib import fiscal
from lib.paths import upper_bound


class MeasureQuerySet(models.QuerySet):
    """Reads of measures."""

    def visible_to(self, actor: Actor):
        """Return the queryset of the municipality's measures; the department was loaded in scope before."""
        return self.filter(municipality_id=actor.municipality_id)

    def in_sight_of(self, actor: Actor):
        """Return the queryset of measures of departments whose names the actor sees (P16): its line, all for 人事."""
        mine = self.visible_to(actor)
        if actor.has(Role.HR):
            return mine
        led = Q(pk__in=[])
        for root in actor.line_paths:
            led |= Q(department__path__gte=root, department__path__lt=upper_bound(root))
        return mine.filter(led)

    def with_parts(self):
        """Return the queryset with what every row prints: department, cell, year and owner."""
        return self.select_related("department", "cell__area__category", "cell__stage", "cycle", "owner")

    def with_people(self):
        """Return the queryset with whom each raises; one query more."""
        people = MeasurePerson.objects.select_related("staff").order_by("pk")
        return self.prefetch_related(models.Prefetch("people", people))

    def of_department(self, department):
        """Return the queryset of what one department decided, those below it left out."""
        return self.filter(department=department)

    def in_or_below(self, path: str):
        """Return the queryset of what the department with this path and all below decided."""
        return self.filter(department__path__gte=path, department__path__lt=upper_bound(path))

    def current_in(self, year: int):
        """Return the queryset of open measures, of whatever year, and of those closed since the year began."""
        began = datetime.datetime.combine(fiscal.first_day(year), datetime.time.min)
        return self.filter(Q(state__in=Measure.OPEN) | Q(closed_at__gte=timezone.make_aware(began)))

    def open(self):
        """Return the queryset of measures that are still to be done."""
        return self.filter(state__in=Measure.OPEN)

    def overdue_on(self, day):
        """Return the queryset of open measures whose date has passed."""
        return self.open().filter(due__lt=day)


class Measure(models.Model):
    """One answer to the gap of one cell in one department. Open ones go on into the next year by themselves."""

    class Kind(models.TextChoices):
        """The answers to a gap (reference/duties.yaml, answers_to_a_gap; design, 2)."""

        TRAIN = "train", "育成"
        TRANSFER = "transfer", "異動・採用の要望"
        ALLIANCE = "alliance", "自治体間の広域連携"
        EXPERT = "expert", "外部の専門人材"
        OUTSOURCE = "outsource", "業務の外部委託"
        NONE = "none", "行わない"

    class State(models.TextChoices):
        """How far it has come."""

        PLANNED = "planned", "予定"
        ONGOING = "ongoing", "進行中"
        DONE = "done", "完了"
        STOPPED = "stopped", "中止"

    OPEN = (State.PLANNED, State.ONGOING)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    department = models.ForeignKey("organization.Department", on_delete=models.PROTECT, verbose_name="所属")
    cycle = models.ForeignKey(
        "assessments.Cycle", on_delete=models.PROTECT, related_name="+", verbose_name="決めた年度"
    )
    cell = models.ForeignKey(
        "competency.Cell", on_delete=models.PROTECT, related_name="+", verbose_name="項目"
    )
    kind = models.CharField("方針", max_length=10, choices=Kind)
    text = models.CharField("すること", max_length=400)
    reason = models.CharField("理由", max_length=400, blank=True)
    owner = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, related_name="+", verbose_name="担当"
    )
    due = models.DateField("期限", null=True)
    cost = models.PositiveIntegerField("費用（円）", null=True, help_text="予算要求に使う額。税込み")
    state = models.CharField("進み", max_length=8, choices=State, default=State.PLANNED)
    result = models.CharField("結果", max_length=400, blank=True)
    # What the gap was when it was decided; what became of it is worked out anew each time.
    decided_status = models.CharField("決めたときの状態", max_length=6)
    decided_holders = models.PositiveSmallIntegerField("決めたときのできる人数")
    created_at = models.DateTimeField("決めた日時")
    updated_at = models.DateTimeField("更新日時")
    closed_at = models.DateTimeField("終えた日時", null=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = MeasureQuerySet.as_manager()

    class Meta:
        verbose_name = "対応方針"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["planned", "ongoing"], closed_at__isnull=True)
                | Q(state__in=["done", "stopped"], closed_at__isnull=False),
                name="measure_closed_when",
            ),
        ]
        indexes = [
            models.Index(fields=["department", "state"], name="measure_department"),
            models.Index(fields=["municipality", "state", "due"], name="measure_due"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def answers(self) -> bool:
        """Say whether the gap is decided by it: it is open, or done. What was stopped leaves the gap undecided."""
        return self.state != self.State.STOPPED

    def is_overdue(self, day) -> bool:
        """Say whether it is open and its date has passed."""
        return self.is_open and self.due is not None and self.due < day

    @property
    def is_open(self) -> bool:
        """Say whether it is still to be done."""
        return self.state in self.OPEN


class MeasurePerson(models.Model):
    """Whom a 育成 raises, and to which step."""

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    measure = models.ForeignKey(
        Measure, on_delete=models.PROTECT, related_name="people", verbose_name="対応方針"
    )
    staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="職員"
    )
    to_step = models.PositiveSmallIntegerField("目標の到達度", choices=Step)
    training = models.CharField("研修・方法", max_length=200, blank=True)

    class Meta:
        verbose_name = "育成する職員"
        constraints = [
            models.UniqueConstraint(fields=["measure", "staff"], name="measure_person_once"),
            models.CheckConstraint(condition=Q(to_step__gte=1, to_step__lte=4), name="measure_person_step"),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id}: {self.to_step}"
