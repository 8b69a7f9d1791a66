"""自分の情報を見た人 (P27s)."""

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from access.refusals import Forbidden
from access.table import may
from assessments.viewers_page import lay_out, looks_at
from lib.paging import NewestPages

PAGE = 50


@require_safe
def viewers(request):
    """List who did what with one's own record, newest first."""
    if not may(request.actor, "P27s", own=True):
        raise Forbidden
    page = NewestPages(looks_at(request.user), PAGE).get_page(request.GET.get("page"))
    ctx = {
        "page": page,
        "looks": lay_out(page),
        "trail": [{"label": "スキル履歴書", "url": reverse("assessments:my_resume")}],
    }
    return render(request, "assessments/viewers.html", ctx)
