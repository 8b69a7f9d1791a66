"""Makers for the tests of the desk: a draft of the small matrix, and what its forms send."""

import uuid

from django.urls import reverse
from django.utils import timezone

from competency.models import CellOrigin
from competency.workflow.drafts import start_draft
from tests import builders as b


def a_draft(world, name="2026", base=None):
    """Return a draft of みほん市 made from the published version by henshu."""
    return start_draft(
        base=base or world.version,
        name=name,
        by=b.actor_of(world.henshu),
        now=timezone.now(),
        key=uuid.uuid4(),
    )


def act(world):
    """Return what every act of the workflow takes: who and when."""
    return {"by": b.actor_of(world.henshu), "now": timezone.now()}


def cell(draft, code):
    """Return the cell of a draft by its code."""
    return draft.cells.select_related("area", "stage").get(code=code)


def url(name, draft, part=None):
    """Return the address of a page of the desk."""
    return reverse(f"competency:{name}", args=[draft.uuid, *([part.uuid] if part else [])])


def sent(row, **changes):
    """Return what the form of a 項目 sends when nothing is changed but these."""
    return {
        "lock": row.lock, "key": uuid.uuid4(), "area": row.area.uuid, "stage": row.stage.uuid, "task": row.task,
        "placement": "keep", "in_use": "on" if row.in_use else "", "example": row.example, "source": row.source,
        "code": row.code, **{f"wording_{one.step}": one.text for one in row.wordings.all()},
    } | changes  # fmt: skip


def origins(draft):
    """Return what every cell of a draft came from: {code: {origin: rule}}."""
    found = {code: {} for code in draft.cells.values_list("code", flat=True)}
    rows = CellOrigin.objects.filter(cell__version=draft)
    for code, origin, rule in rows.values_list("cell__code", "code", "rule"):
        found[code][origin] = rule
    return found
