"""What files of past years are compared with, read in a handful of queries whatever their size. Takes no request."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from django.db.models import Q

from access.actor import Actor
from assessments import past_entries, past_ratings
from assessments.entry_values import values_of
from assessments.history import STANDING
from assessments.models import Confirmation, Cycle, Entry, EntryCell, Rating, Sheet
from assessments.past_entries import word_of
from assessments.past_ratings import PastCell, Place, There
from assessments.past_workbook import Listed
from competency.models import Cell, FrameworkVersion, Qualification
from lib import fiscal
from lib.paths import upper_bound
from organization.models import Department, Municipality, Posting, Staff

# SQLite takes some 32,000 variables in a query; a few hundred keep its plans short.
_CHUNK = 500
NOT_OVER = "この年度はまだ終わっていません。取り込めるのは、終わった年度の記録だけです。"
OTHER_VERSION = "この年度の体系の版が変わりました。ファイルを選び直してください。"


def version_for(municipality: Municipality, version_uuid: str) -> FrameworkVersion:
    """Return a version that the municipality may use, or raise DoesNotExist."""
    mine = Q(framework__municipality__isnull=True) | Q(framework__municipality=municipality)
    found = FrameworkVersion.objects.exclude(state=FrameworkVersion.State.DRAFT).filter(mine)
    return found.get(uuid=version_uuid)


def cells_of(version: FrameworkVersion) -> list[PastCell]:
    """Return the cells of a version in the order of the matrix. One query."""
    return [
        PastCell(cell.pk, cell.code, cell.label, cell.full_name)
        for cell in Cell.objects.of_version(version.pk)
    ]


def year_of_record(municipality: Municipality, year: int) -> Cycle | None:
    """Return the year that is there already. One query."""
    found = Cycle.objects.filter(municipality=municipality, fiscal_year=year)
    return found.select_related("framework_version").first()


def ratings_known(
    municipality: Municipality,
    year: int,
    version: FrameworkVersion,
    numbers: Iterable[str],
    today: datetime.date,
) -> past_ratings.Known:
    """Return what a file of 到達度 is compared with. Eight queries for every 500 people."""
    cycle = year_of_record(municipality, year)
    refusal = ""
    if (cycle is not None and cycle.state != Cycle.State.CLOSED) or year >= fiscal.fiscal_year(today):
        refusal = NOT_OVER
    elif cycle is not None and cycle.framework_version_id != version.pk:
        refusal = OTHER_VERSION
    people: dict[str, past_ratings.Person] = {}
    for chunk in _chunks(sorted(set(numbers))):
        rows = list(
            Staff.objects.filter(municipality=municipality, staff_number__in=chunk).values_list(
                "pk", "staff_number", "name", "employment"
            )
        )
        keys = [row[0] for row in rows]
        then, now = _places(keys, fiscal.last_day(year)), _places(keys, today)
        there = _there(keys, cycle)
        for pk, number, name, employment in rows:
            people[number] = past_ratings.Person(
                pk, name, employment, then.get(pk), now.get(pk), there.get(pk)
            )
    places = {
        code: Place(pk, path)
        for pk, code, path in Department.objects.filter(municipality=municipality).values_list(
            "pk", "code", "path"
        )
    }
    return past_ratings.Known(people, places, refusal)


def entries_known(
    municipality: Municipality, kind: str, numbers: Iterable[str]
) -> dict[str, past_entries.Person]:
    """Return the people of a file with their entries of a kind. Three queries for every 500 people."""
    people: dict[str, past_entries.Person] = {}
    for chunk in _chunks(sorted(set(numbers))):
        rows = list(
            Staff.objects.filter(municipality=municipality, staff_number__in=chunk).values_list(
                "pk", "staff_number", "name"
            )
        )
        found = list(
            Entry.objects.standing()
            .filter(staff_id__in=[row[0] for row in rows], kind=kind)
            .select_related(kind)
        )
        shown: dict[int, list[str]] = defaultdict(list)
        cells = EntryCell.objects.filter(entry__in=[one.pk for one in found])
        for entry_id, code in cells.values_list("entry_id", "cell_code"):
            shown[entry_id].append(code)
        of: dict[int, list[Any]] = defaultdict(list)
        for one in found:
            of[one.staff_id].append(values_of(one, shown[one.pk]))
        for pk, number, name in rows:
            people[number] = past_entries.Person(pk, name, tuple(of[pk]))
    return people


def entry_words(municipality: Municipality) -> tuple[dict[str, str], dict[str, int]]:
    """Return {folded word: cell code} over all versions in use, for words of one cell, and {folded name: 資格 id}."""
    mine = Q(version__framework__municipality__isnull=True) | Q(version__framework__municipality=municipality)
    cells = Cell.objects.filter(mine).exclude(version__state=FrameworkVersion.State.DRAFT)
    words: dict[str, str] = {}
    meant: dict[str, set[str]] = defaultdict(set)
    rows = cells.select_related("area").order_by("-version__published_at", "-version_id", "rank")
    for cell in rows:
        for word in (cell.code, cell.label, cell.full_name):
            words.setdefault(word_of(word), cell.code)
            meant[word_of(word)].add(cell.code)
    # A word of several cells does not say which is meant.
    words = {word: code for word, code in words.items() if len(meant[word]) == 1 or word == word_of(code)}
    register = Qualification.objects.register_of(municipality.pk).values_list("name", "pk")
    return words, {word_of(name): pk for name, pk in reversed(list(register))}


def _places(staff_ids: list[int], day: datetime.date) -> dict[int, Place]:
    rows = (
        Posting.objects.filter(staff_id__in=staff_ids, kind=Posting.Kind.MAIN, start__lte=day)
        .filter(Q(end__isnull=True) | Q(end__gt=day))
        .order_by("start", "pk")
        .values_list("staff_id", "department_id", "department__path", "position")
    )
    return {staff_id: Place(*place) for staff_id, *place in rows}


def _there(staff_ids: list[int], cycle: Cycle | None) -> dict[int, There]:
    if cycle is None:
        return {}
    rows = list(
        Sheet.objects.filter(cycle=cycle, staff_id__in=staff_ids).values_list(
            "staff_id", "state", "current_revision_id"
        )
    )
    revisions = [revision for _, state, revision in rows if state in STANDING]
    own: dict[int, dict[str, int]] = defaultdict(dict)
    final: dict[int, dict[str, int]] = defaultdict(dict)
    ratings = Rating.objects.filter(revision__in=revisions)
    for revision, code, step in ratings.values_list("revision_id", "cell__code", "step"):
        own[revision][code] = step
    confirmed = Confirmation.objects.filter(
        revision__in=[revision for _, state, revision in rows if state == Sheet.State.CONFIRMED],
        level=Confirmation.Level.FINAL,
    )
    for revision, code, step in confirmed.values_list("revision_id", "cell__code", "step"):
        final[revision][code] = step
    return {
        staff_id: There(state in STANDING, own.get(revision, {}), final.get(revision, {}))
        for staff_id, state, revision in rows
    }


def _chunks(numbers: list[str]) -> Iterator[list[str]]:
    for at in range(0, len(numbers), _CHUNK):
        yield numbers[at : at + _CHUNK]


def listed(actor: Actor, department: Department | None, day: datetime.date) -> list[Listed]:
    """Return the people of a workbook: whoever is posted today in a department or below, as they stood on a day.

    Their place is that of their 本務 on the day, else today's. Two queries.
    """
    path = department.path if department else ""
    rows = Posting.objects.filter(
        staff__municipality_id=actor.municipality_id, kind=Posting.Kind.MAIN, start__lte=actor.today
    ).filter(Q(end__isnull=True) | Q(end__gt=actor.today))
    if path:
        rows = rows.filter(department__path__gte=path, department__path__lt=upper_bound(path))
    order = ("department__path", "staff__kana", "staff__staff_number", "pk")
    now = {
        staff_id: Listed(number, name, code, place)
        for staff_id, number, name, code, place in rows.order_by(*order).values_list(
            "staff_id", "staff__staff_number", "staff__name", "department__code", "department__name"
        )
    }
    then = (
        Posting.objects.filter(staff__in=rows.values("staff"), kind=Posting.Kind.MAIN, start__lte=day)
        .filter(Q(end__isnull=True) | Q(end__gt=day))
        .order_by("start", "pk")
        .values_list("staff_id", "department__code", "department__name")
    )
    for staff_id, code, place in then:
        now[staff_id] = replace(now[staff_id], department_code=code, department_name=place)
    return list(now.values())
