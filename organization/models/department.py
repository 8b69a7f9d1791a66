"""The tree of 所属."""

import uuid

from django.db import models
from django.db.models import Q

from access.actor import Actor, Role
from lib.paths import upper_bound


class DepartmentQuerySet(models.QuerySet):
    """Reads of the tree."""

    def of(self, actor: Actor):
        """Return the queryset of the actor's municipality."""
        return self.filter(municipality_id=actor.municipality_id)

    def below(self, path: str):
        """Return the queryset of the department with this path and all below, as a range on the index."""
        return self.filter(path__gte=path, path__lt=upper_bound(path))

    def valid_on(self, day):
        """Return the queryset of departments that exist on a day; `valid_to` NULL means no end."""
        return self.filter(valid_from__lte=day).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day))

    def visible_to(self, actor: Actor):
        """Return the queryset of departments whose report the actor may open in some form (P16).

        HR, editors and auditors: the whole municipality (the last two see figures only). The line: below what
        it leads. Everybody: the departments they belong to.
        """
        mine = self.of(actor)
        if actor.has(Role.HR) or actor.has(Role.EDITOR) or actor.has(Role.AUDITOR):
            return mine
        allowed = Q(path__in=actor.own_paths)
        for root in actor.line_paths:
            allowed |= Q(path__gte=root, path__lt=upper_bound(root))
        return mine.filter(allowed)


class Department(models.Model):
    """One 部・課・係. `path` is the chain of primary keys from the root, eight digits each (lib.paths)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    code = models.CharField("所属コード", max_length=20)
    name = models.CharField("所属名", max_length=60)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name="上位所属",
    )
    path = models.CharField(max_length=120, editable=False, db_index=True)
    rank = models.IntegerField("並び順", default=0)
    valid_from = models.DateField("開始日")
    valid_to = models.DateField("終了日", null=True, blank=True, help_text="この日から使いません。")
    successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name="引き継いだ所属",
        help_text="組織改正でなくなった所属の、業務を引き継いだ所属。年度の比較がそこへ続きます。",
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = "所属"
        constraints = [
            models.UniqueConstraint(fields=["municipality", "code"], name="department_code_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=models.F("valid_from")),
                name="department_valid_interval",
            ),
            models.CheckConstraint(
                condition=Q(successor__isnull=True) | Q(valid_to__isnull=False),
                name="department_succeeded_when_ended",
            ),
        ]
        indexes = [models.Index(fields=["municipality", "path"], name="department_tree")]

    def __str__(self) -> str:
        return self.name

    @property
    def depth(self) -> int:
        """Return 0 for a root, 1 for its children, and so on."""
        return len(self.path) // 8 - 1
