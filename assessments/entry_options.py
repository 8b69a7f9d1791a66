"""What a form of an entry offers: cells in the words of the newest version, the register, colleagues. No request."""

import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, Subquery
from django.db.models.functions import Coalesce

from access.actor import Actor
from assessments.entry_reads import cell_names
from assessments.models import Cycle, Entry
from competency.models import Cell, FrameworkVersion, Qualification
from organization.models import Posting, Staff


@dataclass(frozen=True)
class CellGroup:
    """One 分類 with (code, name) of its cells."""

    name: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Colleague:
    """Somebody who may take over."""

    uuid: uuid.UUID
    id: int
    name: str


@dataclass(frozen=True)
class Place:
    """One 本務 of this municipality: half-open days and where."""

    start: datetime.date
    end: datetime.date | None
    name: str


@dataclass(frozen=True)
class Options:
    """Everything that a form offers or compares with, loaded in scope."""

    today: datetime.date
    cells: tuple[CellGroup, ...] = ()
    register: tuple[Qualification, ...] = ()
    colleagues: tuple[Colleague, ...] = ()
    places: tuple[Place, ...] = ()


def options_for(
    actor: Actor,
    staff: Staff,
    kind: str,
    *,
    codes: Iterable[str] = (),
    qualification: Qualification | None = None,
    successor: Staff | None = None,
) -> Options:
    """Return what the form of a kind offers for one person, who was loaded in scope.

    What is stored stays to choose: `codes` that the newest version no longer has, a `qualification` that the
    register dropped, a `successor` who moved away. At most three queries.
    """
    register: list[Qualification] = []
    colleagues: list[Colleague] = []
    places: list[Place] = []
    if kind == Entry.Kind.CERTIFICATION:
        register = list(Qualification.objects.register_of(actor.municipality_id))
        if qualification is not None and qualification not in register:
            register.append(qualification)
    elif kind == Entry.Kind.HANDOVER:
        colleagues = [Colleague(*row) for row in _colleagues(actor, staff)]
        if successor is not None and successor.pk not in {one.id for one in colleagues}:
            colleagues.append(Colleague(successor.uuid, successor.pk, successor.name))
    elif kind == Entry.Kind.CAREER:
        mine = Posting.objects.filter(staff=staff, kind=Posting.Kind.MAIN).select_related("department")
        places = [Place(one.start, one.end, one.department.name) for one in mine.order_by("start")]
    cells = () if kind == Entry.Kind.CAREER else tuple(cell_groups(actor, codes))
    return Options(actor.today, cells, tuple(register), tuple(colleagues), tuple(places))


def newest_cells(actor: Actor):
    """Return the queryset of the cells of the municipality's newest year, else of the newest version it sees."""
    year = Cycle.objects.visible_to(actor).order_by("-fiscal_year").values("framework_version")[:1]
    newest = FrameworkVersion.objects.visible_to(actor).order_by("-published_at", "-pk").values("pk")[:1]
    return (
        Cell.objects.filter(version=Coalesce(Subquery(year), Subquery(newest)), in_use=True)
        .select_related("area__category", "stage")
        .order_by("area__category__rank", "area__rank", "rank", "pk")
    )


def cell_groups(actor: Actor, codes: Iterable[str] = ()) -> list[CellGroup]:
    """Return the cells to choose from by 分類; `codes` of older versions stand apart at the end. 1 or 2 queries."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for cell in newest_cells(actor):
        groups.setdefault(cell.area.category.name, []).append((cell.code, cell.full_name))
    known = {code for cells in groups.values() for code, _ in cells}
    older = sorted(set(codes) - known)
    if older:
        names = cell_names(older, actor)
        groups["いまの版にない項目"] = [(code, names.get(code, code)) for code in older]
    return [CellGroup(name, tuple(cells)) for name, cells in groups.items()]


def _colleagues(actor: Actor, staff: Staff):
    """Return (uuid, id, name) of everybody else posted today where the person is posted today."""
    now = Posting.objects.active_on(actor.today)
    here = now.filter(staff=staff).values("department")
    there = now.filter(Q(department__in=here)).values("staff")
    people = Staff.objects.of(actor).in_service_on(actor.today).filter(pk__in=there).exclude(pk=staff.pk)
    return people.order_by("kana", "name", "pk").values_list("uuid", "pk", "name")
