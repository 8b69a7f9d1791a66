"""How far a year has come, and who has not handed in: live, by department, to print (P33, P33r)."""

from dataclasses import replace

from django.core.paginator import Paginator
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from access.actor import Actor, Role
from access.refusals import Forbidden, NotVisible
from access.table import may, may_at_all
from assessments.deadlines import deadlines_of
from assessments.line import owed_by
from assessments.models import Cycle, Sheet
from assessments.reminders import Kind, last_asked
from assessments.views.cycles import cycle_for, trail_of
from assessments.year_progress import LATE, Standing, YearProgress, counts_of, may_see_at, progress_of
from lib.paths import ancestors
from lib.replica import from_replica
from organization.department_field import Filtered, filtered_by
from organization.models import Department, Staff

PAGE = 100


@require_safe
@from_replica
def cycle_progress(request, cycle_uuid):
    """Show every step of every department, with its deadline and who is late; `?department=` opens one."""
    actor = request.actor
    if not may(actor, "P33r"):
        raise Forbidden
    year = cycle_for(actor, cycle_uuid)
    progress = counts_of(actor, year, deadlines_of(year))
    above = _chosen(request, actor, progress)
    table = progress.table(above)
    name = above.name if above else "全庁"
    count = progress.below(above.path if above else "")
    ctx = {
        "cycle": year,
        "now": timezone.now(),
        "above": above,
        "way": [progress.places[path] for path in ancestors(above.path)[:-1]] if above else [],
        "name": name,
        "count": count,
        "away": progress.away,
        "table": table,
        "answer": progress.sentence(above),
        "chart": progress.chart(name, above, table) if count.total else None,
        "trail": trail_of(year),
    }
    return render(request, "assessments/cycle_progress.html", ctx)


@require_safe
@from_replica
def unsubmitted(request, cycle_uuid):
    """List who has not handed in, or whose sheet waits: the line sees its people, 人事 all; `?all=1` is to print."""
    actor = request.actor
    if not may_at_all(actor, "P33"):
        raise Forbidden
    year = cycle_for(actor, cycle_uuid)
    hr = actor.has(Role.HR)
    if not hr and not year.is_open:
        raise NotVisible
    progress = progress_of(actor, year, deadlines_of(year))
    place = _asked_place(request, actor, progress)
    above = place.one
    waiting = request.GET.get("what") == "confirm"
    states = Sheet.WAITING if waiting else LATE
    state = request.GET.get("state", "")
    people = progress.within(above, [state] if state in states else states)
    everybody = request.GET.get("all") == "1"
    page = Paginator(people, len(people) or 1 if everybody else PAGE).get_page(request.GET.get("page"))
    asked = last_asked(year, Kind.SUBMIT) if hr and not waiting else {}
    owed = _confirmers(year, list(page), actor) if hr and waiting and year.is_open else {}
    rows = [
        (
            row,
            progress.place_of(row),
            progress.deadlines.at(row.path),
            progress.is_overdue(row),
            asked.get(row.staff_id),
            owed.get(row.sheet_id, ""),
        )
        for row in page
    ]
    ctx = {
        "cycle": year,
        "now": timezone.now(),
        "above": above,
        "place": place,
        "waiting": waiting,
        "states": [(value, Sheet.State(value).label) for value in states],
        "state": state,
        "total": len(people),
        "groups": _by_place(rows) if everybody else [("", rows)],
        "everybody": everybody,
        "page_obj": page,
        "is_hr": hr,
        "query": _query(request),
        "trail": trail_of(year)
        if may(actor, "P22")
        else [{"label": "確認", "url": reverse("assessments:review")}],
    }
    return render(request, "assessments/unsubmitted.html", ctx)


def _confirmers(year: Cycle, rows: list[Standing], actor: Actor) -> dict[int, str]:
    """Return who owes each sheet its next confirmation, in words, by sheet. Three queries at most."""
    sheets = {row.sheet_id: (row.staff_id, row.state, row.main_path) for row in rows}
    owed = owed_by(year, sheets, actor.today)
    wanted = {staff_id for ids in owed.values() for staff_id in ids}
    names = dict(Staff.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
    return {key: "、".join(names[one] for one in ids) or "人事" for key, ids in owed.items()}


def _chosen(request, actor: Actor, progress: YearProgress) -> Department | None:
    """Return the department of the address, None for all in sight; NotVisible for one that is not."""
    asked = request.GET.get("department", "")
    if not asked:
        return None
    found = next((place for place in progress.places.values() if str(place.uuid) == asked), None)
    if found is None or not may_see_at(actor, found):
        raise NotVisible
    return found


def _asked_place(request, actor: Actor, progress: YearProgress) -> Filtered:
    """Return the department that the list is about, as it is chosen or written; NotVisible for an id out of sight."""
    seen = [place for place in _in_order(progress) if may_see_at(actor, place)]
    place = filtered_by(request.GET.get("department", ""), seen)
    # An address may name a department in which nobody is counted.
    return place if place.one or place.written else replace(place, one=_chosen(request, actor, progress))


def _in_order(progress: YearProgress) -> list[Department]:
    """Return the departments in which anybody is counted, the tree from above."""
    return [place for path, place in sorted(progress.places.items()) if progress.below(path).total]


def _by_place(rows: list[tuple]) -> list[tuple[str, list[tuple]]]:
    """Return the rows by department, so that each can be handed to its head."""
    groups: dict[str, list[tuple]] = {}
    for row in rows:
        groups.setdefault(row[0].path, []).append(row)
    return [(mine[0][1], mine) for mine in groups.values()]


def _query(request) -> str:
    kept = request.GET.copy()
    for name in ("page", "all"):
        kept.pop(name, None)
    return kept.urlencode()
