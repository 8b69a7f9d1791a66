"""異動シミュレーション: people who leave and come on a day. It never changes data of people."""

import uuid

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q

from access.actor import Actor, Role
from competency.models import Step
from lib.paths import upper_bound


class ScenarioQuerySet(models.QuerySet):
    """Reads of scenarios."""

    def visible_to(self, actor: Actor):
        """Return the queryset of the actor's own scenarios, and of those shared with them (P18).

        Shared ones are seen by 人事 and by the line of the department, but never by somebody whom they move.
        Whoever has moved away from the line of the department no longer sees even their own.
        """
        mine = self.filter(municipality_id=actor.municipality_id)
        concerned = ScenarioMove.objects.filter(scenario=OuterRef("pk"), staff=actor.staff_id)
        allowed = Q(author_id=actor.staff_id) | Q(Q(shared=True), ~Exists(concerned))
        if actor.has(Role.HR):
            return mine.filter(allowed)
        scope = Q(pk__in=[])
        for root in actor.line_paths:
            scope |= Q(department__path__gte=root, department__path__lt=upper_bound(root))
        return mine.filter(allowed & scope)

    def with_numbers(self):
        """Return the queryset with `leaving` and `joining`, how many leave and come."""
        return self.annotate(
            leaving=Count("moves", filter=Q(moves__kind=ScenarioMove.Kind.LEAVE)),
            joining=Count("moves", filter=Q(moves__kind=ScenarioMove.Kind.JOIN)),
        )

    def with_moves(self):
        """Return the queryset with a row for every step of every move, so that one query reads all of it.

        A row carries `move_id`, `move_kind`, `move_staff`, `move_reason`, `move_label`, `step_code` and `step`;
        those of the move are None where nobody moves, those of the step where there is none.
        """
        return self.annotate(
            move_id=F("moves__pk"),
            move_kind=F("moves__kind"),
            move_staff=F("moves__staff_id"),
            move_reason=F("moves__reason"),
            move_label=F("moves__label"),
            step_code=F("moves__steps__cell_code"),
            step=F("moves__steps__step"),
        ).order_by("pk", "moves__rank", "moves__pk", "moves__steps__pk")


class Scenario(models.Model):
    """One question of the kind "what if", kept under a name."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    department = models.ForeignKey("organization.Department", on_delete=models.PROTECT, verbose_name="所属")
    name = models.CharField("案の名前", max_length=60)
    on = models.DateField("異動の日")
    author = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="作った人"
    )
    shared = models.BooleanField("人事と共有する", default=False)
    note = models.CharField("メモ", max_length=400, blank=True)
    created_at = models.DateTimeField("作った日時")
    updated_at = models.DateTimeField("更新日時")
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        verbose_name = "異動シミュレーション"
        indexes = [models.Index(fields=["department", "-updated_at"], name="scenario_department")]

    def __str__(self) -> str:
        return self.name


class ScenarioMove(models.Model):
    """One person who leaves or comes; without `staff` a nameless one who comes with the steps given."""

    class Kind(models.TextChoices):
        """Which way."""

        LEAVE = "leave", "抜ける"
        JOIN = "join", "入る"

    class Reason(models.TextChoices):
        """Why somebody leaves; UNSAID for those who come."""

        TRANSFER = "transfer", "異動"
        RETIREMENT = "retirement", "退職"
        CHILDCARE = "childcare", "育休"
        ABSENCE = "absence", "休職"
        SECONDED = "seconded", "派遣"
        TERM = "term", "任期満了"
        UNSAID = "", "―"

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    scenario = models.ForeignKey(
        Scenario, on_delete=models.PROTECT, related_name="moves", verbose_name="シミュレーション"
    )
    kind = models.CharField("向き", max_length=5, choices=Kind)
    staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, related_name="+", verbose_name="職員"
    )
    reason = models.CharField("理由", max_length=10, choices=Reason, blank=True, default=Reason.UNSAID)
    label = models.CharField("呼び名", max_length=40, blank=True, help_text="例 新規採用 1人")
    rank = models.PositiveSmallIntegerField("並び順", default=0)

    class Meta:
        verbose_name = "抜ける人・入る人"
        ordering = ["rank", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["scenario", "staff"], name="scenario_move_once"),
            models.CheckConstraint(
                condition=Q(kind="join", reason="") | Q(kind="leave", staff__isnull=False),
                name="scenario_leaver_is_somebody",
            ),
            models.CheckConstraint(
                condition=Q(staff__isnull=False) | ~Q(label=""), name="scenario_nameless_has_a_label"
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class ScenarioStep(models.Model):
    """A step of a nameless person in one cell, by code; no row is 0."""

    move = models.ForeignKey(
        ScenarioMove, on_delete=models.PROTECT, related_name="steps", verbose_name="入る人"
    )
    cell_code = models.CharField("項目コード", max_length=80)
    step = models.PositiveSmallIntegerField("到達度", choices=Step)

    class Meta:
        verbose_name = "入る人の到達度"
        constraints = [
            models.UniqueConstraint(fields=["move", "cell_code"], name="scenario_step_once"),
            models.CheckConstraint(condition=Q(step__gte=1, step__lte=4), name="scenario_step_step"),
        ]

    def __str__(self) -> str:
        return f"{self.cell_code}: {self.step}"
