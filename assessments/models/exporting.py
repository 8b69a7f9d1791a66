"""保存した出力: a definition of an export, to run it again next year."""

import uuid

from django.db import models

from access.actor import Actor


class SavedExportQuerySet(models.QuerySet):
    """Reads of saved exports."""

    def visible_to(self, actor: Actor):
        """Return the queryset of one's own definitions; nobody sees another's."""
        return self.filter(municipality_id=actor.municipality_id, owner_id=actor.staff_id)


class SavedExport(models.Model):
    """What to export, without the year: kind, department, state, form, format. The reason is asked each time."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    owner = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="保存した人"
    )
    name = models.CharField("名前", max_length=60)
    kind = models.CharField("内容", max_length=20)
    params = models.JSONField("条件", default=dict)
    created_at = models.DateTimeField("保存日時")
    last_run_at = models.DateTimeField("最後に出力した日時", null=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = SavedExportQuerySet.as_manager()

    class Meta:
        verbose_name = "保存した出力"
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="saved_export_once")]

    def __str__(self) -> str:
        return self.name
