"""Which version and which duties a page shows: always inside what the actor may see."""

import uuid

from django.conf import settings

from access.actor import Actor, Role
from access.refusals import Conflict, NotVisible
from access.table import may
from competency.models import Area, Cell, Duty, FrameworkVersion, Qualification, Stage
from organization.models import Department, Grant, Position


def versions_of(request) -> list[FrameworkVersion]:
    """Return the list of versions the actor may see, the one to show first at the front.

    The municipality's own copy stands before the common framework, published before retired, newer before older.
    """
    return _versions(request.actor)


def version_for(request, uuid) -> FrameworkVersion:
    """Return one version, or raise NotVisible for a draft, another municipality's, or nothing there."""
    found = FrameworkVersion.objects.visible_to(request.actor).select_related("framework")
    version = found.filter(uuid=uuid).first()
    if version is None:
        raise NotVisible
    return version


def server_address(request) -> str:
    """Return the address of the server, for what names its parts by it: SITE_URL, else the one that was asked."""
    return settings.SITE_URL.rstrip("/") or request.build_absolute_uri("/").rstrip("/")


def draft_for(actor: Actor, draft_uuid: uuid.UUID) -> FrameworkVersion:
    """Return a draft of the actor's municipality with 体系 and base, to be edited (P24).

    Raises NotVisible for who may not edit, for another municipality's or nothing there, and Conflict for a version
    that may be seen and is no draft.
    """
    if not may(actor, "P24"):
        raise NotVisible
    draft = (
        FrameworkVersion.objects.drafts_of(actor)
        .select_related("framework", "based_on__framework")
        .filter(uuid=draft_uuid)
        .first()
    )
    if draft is not None:
        return draft
    if not FrameworkVersion.objects.visible_to(actor).filter(uuid=draft_uuid).exists():
        raise NotVisible
    raise Conflict("公開された版は変えられません。新しい下書きを作って直してください。")


def draft_cell_for(version: FrameworkVersion, cell_uuid: uuid.UUID) -> Cell:
    """Return a cell of a draft with area, stage and who confirmed its place, or raise NotVisible."""
    found = Cell.objects.filter(version=version, uuid=cell_uuid)
    cell = found.select_related("area", "stage", "placement_confirmed_by").first()
    if cell is None:
        raise NotVisible
    return cell


def places_of(version: FrameworkVersion) -> tuple[list[Area], list[Stage]]:
    """Return the areas of a version with their category, and its stages, each a list in order. Two queries."""
    return list(version.areas.select_related("category")), list(version.stages.all())


def version_or_draft_for(actor: Actor, version_uuid: uuid.UUID) -> FrameworkVersion:
    """Return a version that the actor may see, a draft of the municipality's for its editors too; else NotVisible."""
    found = readable_versions(actor).filter(uuid=version_uuid).first()
    if found is None:
        raise NotVisible
    return found


def readable_versions(actor: Actor):
    """Return the queryset of versions that the actor may see, with the municipality's drafts for its editors."""
    found = FrameworkVersion.objects.visible_to(actor)
    if may(actor, "P24"):
        found = found | FrameworkVersion.objects.drafts_of(actor)
    return found.select_related("framework", "based_on").order_by("framework__name", "-pk")


def positions_of(actor: Actor):
    """Return the queryset of the 職位 of the actor's municipality, in the order of its table."""
    return Position.objects.filter(municipality_id=actor.municipality_id).order_by("rank", "name", "pk")


def editor_names(request) -> list[str]:
    """Return the names of those who may edit frameworks in the actor's municipality today."""
    return list(
        Grant.objects.filter(
            municipality_id=request.actor.municipality_id,
            role=Role.EDITOR.value,
            withdrawn_at__isnull=True,
            staff__is_active=True,
        )
        .order_by("staff__kana", "staff__name", "pk")
        .values_list("staff__name", flat=True)
    )


def cells_in_use(actor: Actor) -> list[Cell]:
    """Return the cells of the version to show first, in the order of the matrix; [] without one. Two queries."""
    versions = _versions(actor)
    return list(Cell.objects.of_version(versions[0].pk)) if versions else []


def duties_of(actor: Actor) -> list[Duty]:
    """Return the catalogue that the actor's departments choose from, with what each duty asks for. Two queries."""
    return list(Duty.objects.catalogue_of(actor.municipality_id).prefetch_related("demands"))


def retired_duties_of(actor: Actor) -> list[Duty]:
    """Return what the municipality has taken out of its catalogue."""
    mine = Duty.objects.filter(municipality_id=actor.municipality_id, department__isnull=True, retired=True)
    return list(mine.order_by("rank", "pk"))


def duty_for(actor: Actor, duty_uuid: uuid.UUID) -> Duty:
    """Return a duty with what it asks for, or raise NotVisible: another municipality's, one of a department out of
    sight, or nothing there.
    """
    found = Duty.objects.visible_to(actor).select_related("department").prefetch_related("demands")
    duty = found.filter(uuid=duty_uuid).first()
    if duty is None:
        raise NotVisible
    place = duty.department_id
    if place is not None and not Department.objects.visible_to(actor).filter(pk=place).exists():
        raise NotVisible
    return duty


def copy_of(actor: Actor, duty: Duty) -> Duty | None:
    """Return the municipality's own copy that stands in for a common duty, None where there is none."""
    if duty.municipality_id is not None:
        return None
    return Duty.objects.filter(municipality_id=actor.municipality_id, based_on=duty).first()


def qualifications_of(actor: Actor) -> list[Qualification]:
    """Return the 資格 register in use in the actor's municipality, in its order. One query."""
    return list(Qualification.objects.register_of(actor.municipality_id))


def _versions(actor: Actor) -> list[FrameworkVersion]:
    found = FrameworkVersion.objects.visible_to(actor).select_related("framework")
    return sorted(found.order_by("-published_at", "-pk"), key=_last)


def _last(version: FrameworkVersion) -> tuple[bool, bool]:
    return (
        version.state != FrameworkVersion.State.PUBLISHED,
        version.framework.municipality_id is None,
    )
