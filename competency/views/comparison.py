"""Two versions side by side (P23; drafts for the 体系の編集 of the municipality alone)."""

import uuid as uuids

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from access.refusals import NotVisible
from competency import lookups, side_by_side


@require_safe
def framework_compare(request):
    """Show what differs between `?a=` and `?b=`; with `only` the lines that differ. Without both, let them be chosen."""
    versions = list(lookups.readable_versions(request.actor))
    left, right = (_chosen(versions, request.GET.get(name, "")) for name in ("a", "b"))
    pairs = side_by_side.pairs_of(left, right) if left and right else []
    only = request.GET.get("only") == "1"
    ctx = {
        "versions": versions,
        "left": left,
        "right": right,
        "only": only,
        "count": len(pairs),
        "differing": sum(pair.differs for pair in pairs),
        "pairs": [pair for pair in pairs if pair.differs or not only],
        "trail": [{"label": "体系", "url": reverse("competency:framework")}],
    }
    return render(request, "competency/framework_compare.html", ctx)


def _chosen(versions, text: str):
    if not text:
        return None
    try:
        wanted = uuids.UUID(text)
    except ValueError:
        raise NotVisible from None
    found = next((each for each in versions if each.uuid == wanted), None)
    if found is None:
        raise NotVisible
    return found
