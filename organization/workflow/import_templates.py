"""The templates of 列の対応: renamed and deleted, one save for the whole list (P21)."""

import datetime
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from access.actor import Actor
from access.refusals import Conflict
from audit.models import record
from organization.models import HeaderMapping
from organization.workflow.departments import lock_municipality


@dataclass(frozen=True)
class TemplateValues:
    """One template as it should be: its new `name`, or None where it goes; `version` is that of the row seen."""

    template: HeaderMapping
    name: str | None
    version: int


@transaction.atomic
def change_templates(*, by: Actor, rows: list[TemplateValues], now: datetime.datetime) -> tuple[int, int]:
    """Rename and delete templates, all or nothing; return (renamed, deleted).

    Files that were already checked keep the mapping they were checked with. Raises Conflict for another version,
    a template that is gone, and a name that another template of the kind has. Two queries a row and one for the kinds.
    """
    lock_municipality(by.municipality_id)
    mine = HeaderMapping.objects.filter(municipality_id=by.municipality_id)
    going = [row for row in rows if row.name is None]
    renamed = [row for row in rows if row.name is not None]
    for row in going:
        if not mine.filter(pk=row.template.pk, version=row.version).delete()[0]:
            raise Conflict
    # Every name is let go before one is taken, so that two templates can swap theirs.
    for row in renamed:
        moved = mine.filter(pk=row.template.pk, version=row.version).update(
            version=F("version") + 1, name=f"\x1f{row.template.pk}"
        )
        if not moved:
            raise Conflict
    taken = set(mine.values_list("kind", "name"))
    for row in renamed:
        if (row.template.kind, row.name) in taken:
            raise Conflict(f"「{row.name}」という名前のひな形は、もうあります。")
        taken.add((row.template.kind, row.name))
        mine.filter(pk=row.template.pk).update(name=row.name)
    for action, changed in (("rename", renamed), ("delete", going)):
        if changed:
            kinds = sorted({row.template.kind for row in changed})
            record(
                by=by,
                action=f"import_template.{action}",
                now=now,
                data={"rows": len(changed), "kinds": kinds},
            )
    return len(renamed), len(going)
