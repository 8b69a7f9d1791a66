"""Pages of the matrix itself; everyone signed in may read them (P23)."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from access.table import may
from competency import lookups, reports
from competency.crosswalk_page import tags_of
from competency.crosswalk_reads import tags_in_use
from competency.models import FrameworkVersion, Step


@require_safe
def framework(request):
    """Show the version in use, or say that there is none yet."""
    versions = lookups.versions_of(request)
    return _page(request, versions[0] if versions else None, versions)


@require_safe
def version(request, uuid):
    """Show one published or retired version."""
    shown = lookups.version_for(request, uuid)
    return _page(request, shown, lookups.versions_of(request))


def _page(request, shown: FrameworkVersion | None, versions: list[FrameworkVersion]):
    cells = reports.described_cells(shown) if shown else []
    sets = tags_in_use(request.actor.municipality_id) if shown else []
    tags = tags_of(sets, cells, request.GET.get("tag", ""))
    groups = reports.described_matrix(cells, tags.by_cell)
    unconfirmed = sum(not cell.placement_confirmed for cell in cells)
    can_edit = may(request.actor, "P24")
    ctx = {
        "version": shown,
        "groups": groups,
        "tags": tags,
        "stages": list(shown.stages.all()) if shown else [],
        "steps": list(Step),
        "cell_count": len(cells),
        "unconfirmed": unconfirmed,
        # One tag beside the matrix says it for all; where only some are open, each says it for itself.
        "tag_each": 0 < unconfirmed < len(cells),
        "has_wording": any(text for group in groups for tile in group.tiles for _, text in tile.steps),
        "can_edit": can_edit,
        # 人事 moves a year to it; the page of the years says how.
        "can_move": may(request.actor, "P22")
        and shown is not None
        and shown.state == FrameworkVersion.State.PUBLISHED,
        "editors": lookups.editor_names(request) if can_edit and unconfirmed else [],
        "others": [other for other in versions if shown and other.pk != shown.pk],
        "trail": [{"label": "ホーム", "url": "/"}],
    }
    return render(request, "competency/framework.html", ctx)
