"""Which version a page shows: always inside what the actor may see."""

from access.actor import Actor, Role
from access.refusals import NotVisible
from competency.models import FrameworkVersion
from organization.models import Grant, Position


def versions_of(request) -> list[FrameworkVersion]:
    """Return the list of versions the actor may see, the one to show first at the front.

    The municipality's own copy stands before the common framework, published before retired, newer before older.
    """
    found = FrameworkVersion.objects.visible_to(request.actor).select_related("framework")
    return sorted(found.order_by("-published_at", "-pk"), key=_last)


def version_for(request, uuid) -> FrameworkVersion:
    """Return one version, or raise NotVisible for a draft, another municipality's, or nothing there."""
    found = FrameworkVersion.objects.visible_to(request.actor).select_related("framework")
    version = found.filter(uuid=uuid).first()
    if version is None:
        raise NotVisible
    return version


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


def _last(version: FrameworkVersion) -> tuple[bool, bool]:
    return (
        version.state != FrameworkVersion.State.PUBLISHED,
        version.framework.municipality_id is None,
    )
