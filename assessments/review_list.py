"""What waits for the line, with how much of it changed; and how far a department has come. Takes no request."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, Subquery

from access.actor import Actor, Role
from assessments.comparison import Steps
from assessments.deadlines import Deadlines, deadlines_on, with_deadlines
from assessments.line import Waiting
from assessments.models import Confirmation, Cycle, Rating, Reply, Sheet
from assessments.proxy_reads import by_proxy
from competency.lineage_reads import carried_steps
from organization.models import Posting, Staff

# Steps by the code of their cell, by revision or sheet: the code, because another year may use another version.
Found = dict[int, dict[str, int]]


@dataclass(frozen=True)
class WaitingRow:
    """One sheet that waits. `changed` is None for somebody without an earlier confirmed year."""

    sheet: Sheet
    act: str
    changed: int | None
    far_apart: int
    deadlines: Deadlines


def waiting_rows(waiting: Waiting, limit: int, on: datetime.date) -> list[WaitingRow]:
    """Return the first `limit` sheets that wait, the longest waiting first. Four queries at most."""
    sheets = list(
        with_deadlines(Sheet.objects.filter(pk__in=list(waiting.acts)[:limit]), on)
        .select_related("staff", "department", "cycle__framework_version", "framework_version")
        .annotate(filled_in=by_proxy())
        .order_by("submitted_at", "pk")
    )
    if not sheets:
        return []
    own: Found = defaultdict(dict)
    ratings = Rating.objects.filter(revision_id__in=[sheet.current_revision_id for sheet in sheets])
    for revision_id, code, step in ratings.values_list("revision_id", "cell__code", "step"):
        own[revision_id][code] = step
    first, last = _confirmed(sheets)
    return [_row(sheet, waiting.acts[sheet.pk], own, first, last) for sheet in sheets]


@dataclass(frozen=True)
class AgainRow:
    """One 再確認 to answer, with what is asked of the reader."""

    sheet: Sheet
    act: str

    @property
    def what(self) -> str:
        """Return what there is to do, in words."""
        return "見直して答える" if self.act == "again" else "訂正するか決める"


def again_rows(waiting: Waiting, limit: int) -> list[AgainRow]:
    """Return the first `limit` 再確認 to answer, the longest asked first. One query, none where nothing is asked."""
    if not waiting.again:
        return []
    asked = Reply.objects.filter(revision=OuterRef("reconfirmation__revision"), again=True).order_by()
    sheets = (
        Sheet.objects.filter(pk__in=list(waiting.again))
        .select_related("staff", "department", "cycle", "reconfirmation")
        .annotate(asked_cells=Subquery(asked.values("revision").annotate(n=Count("pk")).values("n")))
        .order_by("reconfirmation__asked_at", "pk")
    )
    return [AgainRow(sheet, waiting.again[sheet.pk]) for sheet in sheets[:limit]]


@dataclass(frozen=True)
class Leaving:
    """People whose sheets wait for the reader and who are out of the reader's sight from a day on."""

    day: datetime.date
    names: list[str]


def leaving(actor: Actor, waiting: Waiting, rows: Iterable[WaitingRow]) -> list[Leaving]:
    """Return who of the rows is about to be transferred out of the actor's line, by day; a list. One query.

    None for 人事, who keep everybody in sight.
    """
    if not waiting.acts or actor.has(Role.HR):
        return []
    names = {row.sheet.staff_id: row.sheet.staff.name for row in rows}
    moves = (
        Posting.objects.filter(staff__in=list(names), kind=Posting.Kind.MAIN, start__gt=actor.today)
        .order_by("start", "staff__kana", "pk")
        .values_list("staff_id", "start", "department__path")
    )
    by_day: dict[datetime.date, list[str]] = {}
    for staff_id, day, path in moves:
        if staff_id in names and not actor.leads(path):
            by_day.setdefault(day, []).append(names.pop(staff_id))
    return [Leaving(day, found) for day, found in by_day.items()]


def progress(actor: Actor, cycle: Cycle):
    """Return the queryset of the year's sheets of people in the line's scope today, oneself left out (P33)."""
    scope = Staff.objects.posted_in_or_below(actor.line_paths, actor.today).exclude(pk=actor.staff_id)
    return (
        Sheet.objects.filter(cycle=cycle, staff__in=scope.values("pk"))
        .select_related("staff", "department")
        .order_by("department_path", "staff__kana", "pk")
    )


def count_by_state(sheets) -> dict[str, int]:
    """Return how many of a queryset of sheets stand in each state; every state is a key. One query."""
    counted = dict(sheets.order_by().values_list("state").annotate(Count("pk")))
    return {state.value: counted.get(state.value, 0) for state in Sheet.State}


def progress_sentence(counts: dict[str, int]) -> str:
    """Return the answer in a sentence: 8人のうち5人が提出し、2人が確定しました。"""
    total = sum(counts.values())
    confirmed = counts[Sheet.State.CONFIRMED]
    handed_in = confirmed + sum(counts[state] for state in Sheet.WAITING)
    if not total:
        return "年度票のある職員はまだいません。"
    if confirmed == total:
        return f"{total}人全員が確定しました。"
    return f"{total}人のうち{handed_in}人が提出し、{confirmed}人が確定しました。"


def _row(sheet: Sheet, act: str, own: Found, first: Found, last: Found) -> WaitingRow:
    before = last.get(sheet.pk)
    judged = first.get(sheet.current_revision_id, {})
    steps = [
        Steps(step, before.get(code) if before else None, judged.get(code))
        for code, step in own.get(sheet.current_revision_id, {}).items()
    ]
    return WaitingRow(
        sheet,
        act,
        None if before is None else sum(not each.unchanged for each in steps),
        sum(bool(each.far_apart()) for each in steps),
        deadlines_on(sheet),
    )


def _confirmed(sheets: Sequence[Sheet]) -> tuple[Found, Found]:
    """Return the steps of the 一次確認 by revision, and by sheet those of the person's latest earlier year if any.

    Two queries: who has an earlier year, and the steps of both kinds at once.
    """
    latest = _latest_revisions(sheets)
    state = Sheet.State.FIRST_CONFIRMED
    both = Confirmation.objects.filter(
        Q(
            revision_id__in=[sheet.current_revision_id for sheet in sheets if sheet.state == state],
            level=Confirmation.Level.FIRST,
        )
        | Q(revision_id__in=sorted(set(latest.values())), level=Confirmation.Level.FINAL)
    )
    first: Found = defaultdict(dict)
    final: Found = defaultdict(dict)
    versions: dict[int, int] = {}
    for revision_id, level, version_id, code, step in both.values_list(
        "revision_id", "level", "cell__version_id", "cell__code", "step"
    ):
        if level == Confirmation.Level.FIRST:
            first[revision_id][code] = step
        else:
            final[revision_id][code], versions[revision_id] = step, version_id
    last = {
        sheet.pk: carried_steps(sheet.version_in_use, versions[revision_id], final[revision_id])
        if (revision_id := latest[sheet.pk]) in versions
        else {}
        for sheet in sheets
        if sheet.pk in latest
    }
    return first, last


def _latest_revisions(sheets: Sequence[Sheet]) -> dict[int, int]:
    """Return, by sheet, the revision of the person's latest confirmed year before it, where there is one."""
    earlier: dict[int, list[tuple[int, int]]] = defaultdict(list)
    confirmed = Sheet.objects.confirmed().filter(staff_id__in=[sheet.staff_id for sheet in sheets])
    for staff_id, year, revision_id in confirmed.values_list(
        "staff_id", "fiscal_year", "current_revision_id"
    ):
        earlier[staff_id].append((year, revision_id))
    return {
        sheet.pk: max(years)[1]
        for sheet in sheets
        if (years := [pair for pair in earlier[sheet.staff_id] if pair[0] < sheet.fiscal_year])
    }
