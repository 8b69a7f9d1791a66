"""全庁のようす: how far the year has come and where skills are lacking, for 人事 (P16, P33)."""

from dataclasses import replace

from django.shortcuts import render
from django.views.decorators.http import require_safe

from access.actor import Actor
from access.refusals import Forbidden
from access.routes import ROUTES
from assessments.models import Cycle
from gaps.lookups import report_cycle
from gaps.measure_list import first_overdue
from gaps.measures_page import line
from gaps.policies import Sight, may_see_overview
from gaps.progress import Progress, listed, not_handed_in, progress_of
from gaps.reports import snapshot
from gaps.tree_page import Tree, TreeRow, tree
from gaps.wording import Figure
from lib.replica import from_replica
from organization.models import ImportBatch

PEOPLE_A_PAGE = 50
_IMPORTS = 5
_OVERDUE = 10
# 部 and 課; the 係 stand in the report of their 課.
LEVELS = 2
# More rows than this nobody takes in: then the highest stand alone, as in the chart beside it.
MOST_UNITS = 100


@require_safe
@from_replica
def overview(request):
    """Show the answer, the figures, the tree, the progress and who has not handed in."""
    actor = request.actor
    if not may_see_overview(actor):
        raise Forbidden
    imports = ImportBatch.objects.visible_to(actor).light().order_by("-uploaded_at", "-pk")[:_IMPORTS]
    cycle = report_cycle(actor)
    ctx = {"cycle": cycle, "imports": imports, "offers": _offers()}
    if cycle is None:
        return render(request, "gaps/overview.html", ctx)
    picture = snapshot(
        municipality_id=actor.municipality_id, cycle=cycle, on=actor.today, holders_only=True, levels=LEVELS
    )
    units = picture.tree
    in_order = request.GET.get("order") == "tree"
    high = [unit for unit in units if unit.depth < LEVELS]
    shown = tree(actor, picture, high, total=Sight.NAMES, worst_first=not in_order)
    rows = _few(shown.rows)
    progress = progress_of(cycle, actor.today)
    paginator = not_handed_in(cycle, actor.today, progress, a_page=PEOPLE_A_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    page.object_list = listed(page.object_list)
    late, late_count = first_overdue(actor, _OVERDUE)
    ctx |= {
        "answer": progress.sentence(units),
        "figures": _figures(progress, shown),
        "tree": replace(shown, rows=rows),
        "more_units": len(shown.rows) - len(rows),
        "in_order": in_order,
        "chart": progress.chart(units) if progress.sheets else None,
        "chart_words": _chart_words(progress),
        "not_handed_in": paginator.count,
        "page_obj": page,
        "overdue": [line(each, cycle.fiscal_year, actor.today) for each in late],
        "overdue_count": late_count,
        "days_left": _days_left(cycle, actor),
    }
    return render(request, "gaps/overview.html", ctx)


def _figures(progress: Progress, shown: Tree) -> list[Figure]:
    total = f"／ {progress.sheets}人"
    share = f"{round(100 * progress.handed_in / progress.sheets)}%" if progress.sheets else ""
    confirmed, waiting, writing, not_yet = progress.total
    where = f"（{progress.waiting_units}つの所属）" if waiting else ""
    return [
        Figure("key", "提出", str(progress.handed_in), total, share),
        Figure("ok", "確定", str(confirmed), total, f"確認待ち {waiting}人{where}"),
        Figure("short", "未提出", str(writing + not_yet), "人", f"記入中 {writing}人、未着手 {not_yet}人"),
        Figure("none", "不在の項目がある区分", str(shown.lacking), "か所", "全員が未評価の所属を除く"),
    ]


def _few(rows: list[TreeRow]) -> list[TreeRow]:
    """Return the rows of the sum and of the highest departments, where all of them are too many; a list."""
    if len(rows) <= MOST_UNITS:
        return rows
    return [row for row in rows if row.depth <= 1][:MOST_UNITS]


def _chart_words(progress: Progress) -> str:
    confirmed, waiting, writing, not_yet = progress.total
    return (
        f"全庁{progress.sheets}人のうち確定{confirmed}、確認待ち{waiting}、記入中{writing}、未着手{not_yet}。"
        "記入中には差戻しを含む。"
    )


def _days_left(cycle: Cycle, actor: Actor) -> int | None:
    """Return the days until sheets are due; None for a year that is not open."""
    return (cycle.submit_by - actor.today).days if cycle.is_open else None


def _offers() -> dict[str, bool]:
    """Return which neighbouring pages there are."""
    names = {
        "exports": "assessments:exports",
        "imports": "organization:imports",
        "person": "organization:person",
    }
    return {key: name in ROUTES for key, name in names.items()}
