"""業務 and 事務分掌: what a department does, which cells that asks for, and who has it."""

import uuid

from django.db import models
from django.db.models import Q

from access.actor import Actor
from lib.paths import upper_bound


class DutyQuerySet(models.QuerySet):
    """Reads of the catalogue."""

    def visible_to(self, actor: Actor):
        """Return the queryset of common duties and those of the actor's municipality."""
        return self.filter(Q(municipality__isnull=True) | Q(municipality_id=actor.municipality_id))

    def catalogue_of(self, municipality_id: int):
        """Return the queryset of duties in use: a municipality's own copy stands in for the common duty it came from.

        Retired duties are left out; so are those that belong to a single department.
        """
        mine = self.filter(municipality_id=municipality_id)
        copied = mine.filter(based_on__isnull=False).values("based_on")
        return (
            self.filter(Q(municipality__isnull=True) | Q(municipality_id=municipality_id))
            .filter(department__isnull=True, retired=False)
            .exclude(pk__in=copied)
            .order_by("rank", "pk")
        )


class Duty(models.Model):
    """業務. Without a municipality it is common to all and changed only by `load_duties`.

    A municipality that edits a common duty gets a copy (`based_on`), to which its departments are moved. With a
    department it is that department's own. `is_proposal` says that nobody of the municipality has looked at
    its cells yet.
    """

    class Group(models.TextChoices):
        """Where it comes from (reference/duties.yaml)."""

        COMMON = "common", "共通業務"
        ROLE = "role", "デジタルガバメントを担う役割"
        SINGLE = "single", "担い手が示されている業務"
        OWN = "own", "独自の業務"

    class Suited(models.TextChoices):
        """Who should do it, by the source report's own sorting; most duties have no such word."""

        STAFF = "staff", "職員が従事すべき業務"
        OUTSOURCE = "outsource", "外部委託が可能な業務"
        UNSAID = "", "分類なし"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, null=True, blank=True, verbose_name="団体"
    )
    department = models.ForeignKey(
        "organization.Department", on_delete=models.PROTECT, null=True, blank=True, verbose_name="所属"
    )
    based_on = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="copies", verbose_name="もとの業務"
    )
    code = models.CharField("符号", max_length=60)
    name = models.CharField("業務", max_length=80)
    group = models.CharField("種類", max_length=6, choices=Group, default=Group.OWN)
    suited = models.CharField("担い手の目安", max_length=9, choices=Suited, blank=True, default=Suited.UNSAID)
    examples = models.CharField("業務の例", max_length=400, blank=True)
    source = models.CharField("出典", max_length=200, blank=True)
    rank = models.PositiveSmallIntegerField("並び順", default=0)
    is_proposal = models.BooleanField("項目と人数は案", default=True)
    retired = models.BooleanField("使わない", default=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = "業務"
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(municipality__isnull=True), name="duty_common_code_once"
            ),
            models.UniqueConstraint(fields=["municipality", "code"], name="duty_code_once"),
            models.UniqueConstraint(fields=["municipality", "based_on"], name="duty_copied_once"),
            models.CheckConstraint(
                condition=Q(municipality__isnull=False) | Q(department__isnull=True, based_on__isnull=True),
                name="duty_common_stands_alone",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DutyDemand(models.Model):
    """How many holders of a cell a duty asks for. Cells are known by code, for a duty outlives versions."""

    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="demands", verbose_name="業務")
    cell_code = models.CharField("項目コード", max_length=80)
    holders = models.PositiveSmallIntegerField("人数")

    class Meta:
        verbose_name = "業務が求める項目"
        constraints = [
            models.UniqueConstraint(fields=["duty", "cell_code"], name="duty_demand_once"),
            models.CheckConstraint(condition=Q(holders__gte=1, holders__lte=99), name="duty_demand_holders"),
        ]

    def __str__(self) -> str:
        return f"{self.cell_code}: {self.holders}"


class DutyPlanQuerySet(models.QuerySet):
    """Reads of plans."""

    def visible_to(self, actor: Actor):
        """Return the queryset of the municipality's plans; the department was loaded in scope before."""
        return self.filter(municipality_id=actor.municipality_id)


class DutyPlan(models.Model):
    """What one department does in one 年度, and who has it. Its version stands for the whole of both forms."""

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    department = models.ForeignKey("organization.Department", on_delete=models.PROTECT, verbose_name="所属")
    fiscal_year = models.PositiveSmallIntegerField("年度", help_text="西暦")
    updated_at = models.DateTimeField("更新日時")
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = DutyPlanQuerySet.as_manager()

    class Meta:
        verbose_name = "所属の業務"
        constraints = [
            models.UniqueConstraint(fields=["department", "fiscal_year"], name="duty_plan_once"),
        ]

    def __str__(self) -> str:
        return f"{self.department_id} {self.fiscal_year}"


class DepartmentDuty(models.Model):
    """One duty that a department has in a year, and whether its own people do it."""

    class DoneBy(models.TextChoices):
        """Outsourced whole, it asks for nobody of the department."""

        STAFF = "staff", "職員が行う"
        PARTLY = "partly", "一部を外部に委託する"
        OUTSOURCED = "outsourced", "外部に委託する"

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    plan = models.ForeignKey(DutyPlan, on_delete=models.PROTECT, related_name="duties", verbose_name="計画")
    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="+", verbose_name="業務")
    done_by = models.CharField("担い手", max_length=10, choices=DoneBy, default=DoneBy.STAFF)

    class Meta:
        verbose_name = "所属の業務"
        constraints = [models.UniqueConstraint(fields=["plan", "duty"], name="department_duty_once")]

    def __str__(self) -> str:
        return f"{self.duty_id}: {self.get_done_by_display()}"


class DutyAssignmentQuerySet(models.QuerySet):
    """Reads of who has which duty."""

    def of_year(self, municipality_id: int, fiscal_year: int):
        """Return the queryset of a municipality's assignments of one 年度."""
        return self.filter(municipality_id=municipality_id, department_duty__plan__fiscal_year=fiscal_year)

    def in_or_below(self, path: str):
        """Return the queryset of assignments in the department with this path or below; all of them for ""."""
        if not path:
            return self
        column = "department_duty__plan__department__path"
        return self.filter(**{f"{column}__gte": path, f"{column}__lt": upper_bound(path)})

    def done_here(self):
        """Return the queryset without duties that are outsourced whole: those ask for nobody of ours."""
        return self.exclude(department_duty__done_by=DepartmentDuty.DoneBy.OUTSOURCED)


class DutyAssignment(models.Model):
    """事務分掌: who has a duty of the department in the year."""

    class Role(models.TextChoices):
        """主担当 does it alone (step 3), 副担当 with help (step 2)."""

        MAIN = "main", "主担当"
        DEPUTY = "deputy", "副担当"

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    department_duty = models.ForeignKey(
        DepartmentDuty, on_delete=models.PROTECT, related_name="assignments", verbose_name="所属の業務"
    )
    staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="duty_assignments", verbose_name="職員"
    )
    role = models.CharField("担当", max_length=6, choices=Role)

    objects = DutyAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = "事務分掌"
        constraints = [
            models.UniqueConstraint(fields=["department_duty", "staff"], name="duty_assignment_once")
        ]

    def __str__(self) -> str:
        return f"{self.staff_id}: {self.get_role_display()}"
