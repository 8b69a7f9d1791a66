"""A draft as a whole: made from a version or a file, its own words, and thrown away (P24)."""

import uuid
from dataclasses import dataclass

from django.db import transaction

from access.actor import Actor
from access.refusals import Forbidden, NotVisible
from access.table import may
from competency.framework_shape import FrameworkFile
from competency.models import (
    Area,
    Category,
    Cell,
    CellOrigin,
    Framework,
    FrameworkVersion,
    Stage,
    StepWording,
    VersionComment,
)
from competency.workflow.drafts_base import (
    BadValue,
    StaleRow,
    earlier,
    key_for,
    made,
    noted,
    open_draft,
    tidy,
)
from competency.workflow.frameworks import load_framework

_COPIED = ("code", "name", "rank", "source")


@dataclass(frozen=True)
class DraftValues:
    """What a version says of itself; `stages` are the three names, the easiest first."""

    name: str
    source: str
    note: str
    stages: tuple[str, ...]


@transaction.atomic
def start_draft(
    *, base: FrameworkVersion, name: str, framework_name: str = "", by: Actor, now, key: uuid.UUID
) -> FrameworkVersion:
    """Copy a published or retired version into a draft of the actor's municipality, and return the draft.

    Every cell comes from the one of its code and carries the ratings. `framework_name` is what the municipality's own
    体系 is called where there is none of this code yet. The same key twice makes one draft. Raises Forbidden,
    NotVisible for a version out of sight or a draft, and BadValue for a name that is taken.
    """
    if not may(by, "P24"):
        raise Forbidden
    if base.state == FrameworkVersion.State.DRAFT or base.framework.municipality_id not in (
        None,
        by.municipality_id,
    ):
        raise NotVisible
    key = key_for(key, name, framework_name)
    before = earlier(FrameworkVersion, by=by, action="draft.start", key=key, target=base)
    if before is not None:
        return before
    framework = _own(base.framework.code, framework_name or base.framework.name, by)
    _check_name(framework, name)
    draft = FrameworkVersion.objects.create(
        framework=framework,
        name=name,
        source=base.source,
        based_on=base,
        base_code=base.framework.code,
        base_version=base.name,
        updated_at=now,
    )
    _copy(base, draft)
    made(draft, by=by, action="draft.start", key=key, target=base, now=now)
    noted(draft, by=by, action="draft.start", now=now, cells=draft.cells.count())
    return draft


@transaction.atomic
def draft_from_file(*, parsed: FrameworkFile, by: Actor, now, key: uuid.UUID) -> FrameworkVersion:
    """Store a parsed file as a draft of the actor's municipality, and return it.

    Raises Forbidden, Conflict where the 体系 has another name, and BadValue where there is a version of that name
    already: a file never writes over what somebody made at the desk.
    """
    if not may(by, "P24"):
        raise Forbidden
    framework = _own(parsed.code, parsed.name, by)
    key = key_for(key, parsed)
    before = earlier(FrameworkVersion, by=by, action="draft.file", key=key, target=framework)
    if before is not None:
        return before
    _check_name(framework, parsed.version)
    draft, _ = load_framework(parsed=parsed, by=by, now=now)
    made(draft, by=by, action="draft.file", key=key, target=framework, now=now)
    noted(draft, by=by, action="draft.file", now=now, cells=draft.cells.count())
    return draft


@transaction.atomic
def change_draft(
    *, version: FrameworkVersion, values: DraftValues, seen: DraftValues, by: Actor, now
) -> FrameworkVersion:
    """Change what a draft says of itself, and return the fresh row.

    `seen` is what the form showed before it was filled in: raises StaleRow where it is something else by now,
    whatever else happened to the draft. Raises BadValue for a name that is taken or a stage named twice, and as
    `open_draft` does.
    """
    open_draft(version, by, now)
    stored = FrameworkVersion.objects.select_related("framework").get(pk=version.pk)
    if values_of(stored) == values:
        return stored
    if values_of(stored) != seen:
        raise StaleRow(stored)
    if values.name != stored.name:
        _check_name(stored.framework, values.name)
    if len(set(values.stages)) < len(values.stages):
        raise BadValue("stages", "段階には、それぞれ違う名前を付けてください。")
    stored.name, stored.source, stored.note = values.name, values.source, values.note
    stored.save(update_fields=["name", "source", "note"])
    for stage, name in zip(stored.stages.all(), values.stages, strict=True):
        if stage.name != name:
            Stage.objects.filter(pk=stage.pk).update(name=name)
    tidy(stored)
    noted(stored, by=by, action="draft.change", now=now)
    return stored


@transaction.atomic
def delete_draft(*, version: FrameworkVersion, by: Actor, now) -> None:
    """Throw a draft away with everything in it.

    Raises as `open_draft` does. Other versions stay; a 体系 without any version is thrown away too.
    """
    open_draft(version, by, now)
    framework = Framework.objects.select_for_update().get(pk=version.framework_id)
    noted(version, by=by, action="draft.delete", now=now, cells=version.cells.count())
    StepWording.objects.filter(cell__version=version).delete()
    CellOrigin.objects.filter(cell__version=version).delete()
    for model in (Cell, Area, Category, Stage, VersionComment):
        model.objects.filter(version=version).delete()
    FrameworkVersion.objects.filter(pk=version.pk).delete()
    if not framework.versions.exists():
        framework.delete()


def values_of(version: FrameworkVersion) -> DraftValues:
    """Return what a version says of itself as it is stored. One query."""
    stages = tuple(stage.name for stage in version.stages.all())
    return DraftValues(version.name, version.source, version.note, stages)


def _own(code: str, name: str, by: Actor) -> Framework:
    """Return the municipality's own 体系 of a code, made where there is none; one maker of drafts at a time passes."""
    mine = {"municipality_id": by.municipality_id, "code": code}
    framework, _ = Framework.objects.get_or_create(**mine, defaults={"name": name})
    return Framework.objects.select_for_update().get(pk=framework.pk)


def _check_name(framework: Framework, name: str) -> None:
    """Raise BadValue for a name that a version of the same code has, the common 体系's versions included."""
    same = FrameworkVersion.objects.filter(framework__code=framework.code, name=name)
    owners = [None, framework.municipality_id]
    found = [row for row in same.select_related("framework") if row.framework.municipality_id in owners]
    if found:
        raise BadValue(
            "name",
            f"「{name}」という名前の版（{found[0].get_state_display()}）がもうあります。別の名前にしてください。",
        )


def _copy(base: FrameworkVersion, draft: FrameworkVersion) -> None:
    """Copy the whole matrix of a version; a fixed number of queries."""
    stages = _copies(Stage, base, draft, ("code", "name", "rank"), {})
    categories = _copies(Category, base, draft, (*_COPIED, "alias"), {})
    areas = _copies(Area, base, draft, _COPIED, {"category_id": categories})
    fields = ("code", "task", "label", "example", "source", "rank", "in_use")
    confirmed = ("placement_confirmed", "placement_confirmed_by_id", "placement_confirmed_at")
    cells = _copies(Cell, base, draft, (*fields, *confirmed), {"area_id": areas, "stage_id": stages})
    StepWording.objects.bulk_create(
        (
            StepWording(cell_id=cells[wording.cell_id], step=wording.step, text=wording.text)
            for wording in StepWording.objects.filter(cell__version=base)
        ),
        batch_size=400,
    )
    codes = Cell.objects.filter(version=draft).values_list("pk", "code")
    CellOrigin.objects.bulk_create((CellOrigin(cell_id=pk, code=code) for pk, code in codes), batch_size=400)


def _copies(model, base, draft, fields, parents) -> dict[int, int]:
    """Copy the rows of one table; return the key of each copy by the key of its original."""
    rows = list(model.objects.filter(version=base))
    copies = [
        model(
            version=draft,
            **{name: getattr(row, name) for name in fields},
            **{name: known[getattr(row, name)] for name, known in parents.items()},
        )
        for row in rows
    ]
    model.objects.bulk_create(copies, batch_size=200)
    keys = dict(model.objects.filter(version=draft).values_list("code", "pk"))
    return {row.pk: keys[row.code] for row in rows}
