"""The city of the drill `authz`: every legal combination of roles as a viewer, every relation as an owner, every state.

The line leads 情報政策係 (as 係長級) or デジタル推進課 above it (as 所属長). What people are to it is their relation.
"""

import datetime
import itertools
from dataclasses import dataclass, field
from types import SimpleNamespace

from django.utils import timezone

from access.actor import Role
from assessments.models import Cycle, Proxy, Rating, Revision, Sheet
from organization.models import Department, Staff
from tests import builders as b
from tests.access.oracle import Life, Post
from tests.assessments.sheets import confirmations, in_state, steps_of
from tests.routes import make_targets
from tests.world import make_world

ONE = datetime.timedelta(days=1)
# A excludes the others (permissions.md).
GRANTS = ["", "H", "F", "Y", "HF", "HY", "FY", "HFY", "A"]
LINES = ["none", "first", "head", "acting", "acting ended", "acting to come"]
RELATIONS = ["scope", "outside", "foreign", "former", "to come", "on leave", "leaver", "concurrent"]
STATES = [
    "not_started", "drafting", "submitted", "first_confirmed", "confirmed", "sent_back", "corrected", "proxy",
    "closed confirmed", "closed submitted", "closed drafting",
]  # fmt: skip


@dataclass
class City:
    """Who asks, and whose things are asked for."""

    world: SimpleNamespace
    targets: dict
    day: datetime.date
    rows: dict[int, Staff] = field(default_factory=dict)
    viewers: dict[str, Life] = field(default_factory=dict)
    owners: dict[str, Life] = field(default_factory=dict)
    sheets: dict[tuple[int, str], Sheet] = field(default_factory=dict)


def build(*, own_sheets: bool = True) -> City:
    """Write the city; its viewers are `grants/line`, its owners the relations."""
    world = make_world()
    city = City(world, make_targets(world), timezone.localdate())
    years = {
        municipality.pk: {
            state: b.make_cycle(municipality, world.version, fiscal_year=2010 + number)
            for number, state in enumerate(STATES)
        }
        for municipality in (world.city, world.other_city)
    }
    for grants, line in itertools.product(GRANTS, LINES):
        life = _person(
            city, f"{grants or '-'}/{line}", world.city, _line_posts(world, line, city.day), grants
        )
        city.viewers[f"{grants or '-'}/{line}"] = life
    for relation in RELATIONS:
        municipality = world.other_city if relation == "foreign" else world.city
        life = _person(city, relation, municipality, _posts_of(world, relation, city.day), "")
        if relation == "on leave":
            b.make_leave(city.rows[life.key])
        if relation == "leaver":
            life.left_on = city.day
            Staff.objects.filter(pk=life.key).update(left_on=city.day)
        city.owners[relation] = life
    owners = [*city.owners.values(), *(city.viewers.values() if own_sheets else ())]
    for life in owners:
        for state in STATES:
            staff = city.rows[life.key]
            department = world.foreign_department if life.city == world.other_city.pk else world.kakari_dept
            sheet = b.make_sheet(staff, years[life.city][state], department)
            city.sheets[life.key, state] = _brought(sheet, state, world)
    closed = [years[pk][state].pk for pk in years for state in STATES if state.startswith("closed")]
    Cycle.objects.filter(pk__in=closed).update(state=Cycle.State.CLOSED, closed_at=timezone.now())
    for sheet in city.sheets.values():
        sheet.cycle.refresh_from_db()
    world_life = Life(world.honnin.pk, world.city.pk, [_post(world.kakari_dept)])
    city.owners["honnin"], city.rows[world.honnin.pk] = world_life, world.honnin
    return city


def place_of(department) -> tuple[int, ...]:
    """Return the chain of keys of a department."""
    return tuple(int(department.path[at : at + 8]) for at in range(0, len(department.path), 8))


def _post(department, role="none", start=b.EPOCH, end=None, kind="main") -> Post:
    return Post(place_of(department), role, start, end, kind)


def _line_posts(world, line: str, day) -> list[Post]:
    if line == "first":
        return [_post(world.kakari_dept, "first")]
    if line == "head":
        return [_post(world.ka, "head")]
    if line == "none":
        return [_post(world.kakari_dept)]
    start, end = {
        "acting": (b.EPOCH, day + ONE),
        "acting ended": (b.EPOCH, day),
        "acting to come": (day + ONE, day + 9 * ONE),
    }[line]
    return [_post(world.soumu), _post(world.ka, "head", start, end, "acting")]


def _posts_of(world, relation: str, day) -> list[Post]:
    away, here = world.jinjika, world.kakari_dept
    return {
        "outside": [_post(away)],
        "foreign": [_post(world.foreign_department)],
        "former": [_post(here, end=day), _post(away, start=day)],
        "to come": [_post(away, end=day + ONE), _post(here, start=day + ONE)],
        "concurrent": [_post(away), _post(here, kind="additional")],
    }.get(relation, [_post(here)])


def _person(city: City, name: str, municipality, posts: list[Post], grants: str) -> Life:
    staff = b.make_staff(municipality, name)
    life = Life(staff.pk, municipality.pk, posts, [(role, False) for role in grants])
    for post in posts:
        b.make_posting(
            staff, Department.objects.get(pk=post.place[-1]), line_role=post.role, start=post.start, end=post.end,
            kind=post.kind,
        )  # fmt: skip
    for role in grants:
        b.make_grant(staff, Role(role))
    city.rows[staff.pk] = staff
    return life


def _brought(sheet: Sheet, state: str, world) -> Sheet:
    """Bring a fresh sheet to one of STATES."""
    wanted = {"corrected": "submitted", "proxy": "not_started", "sent_back": "submitted"}
    sheet = in_state(sheet, wanted.get(state, state.removeprefix("closed ")), world.kacho)
    if state == "sent_back":
        Sheet.objects.filter(pk=sheet.pk).update(state="sent_back")
    if state == "proxy":
        Proxy.objects.create(
            municipality=sheet.municipality, sheet=sheet, ground=Proxy.Ground.NO_PC, opened_at=timezone.now(),
            opened_by=world.jinji,
        )  # fmt: skip
    if state == "corrected":
        revision = Revision.objects.create(
            municipality=sheet.municipality, sheet=sheet, number=2, submitted_at=timezone.now(),
            submitted_by=world.jinji, kind=Revision.Kind.CORRECTION, reason="転記の誤りのため",
        )  # fmt: skip
        _copied(sheet, revision, world)
    sheet.refresh_from_db()
    return sheet


def _copied(sheet: Sheet, revision: Revision, world) -> None:
    """Give the correction its ratings and confirmations, and make it what stands."""
    Rating.objects.bulk_create(
        Rating(municipality=sheet.municipality, revision=revision, cell_id=cell, step=step)
        for cell, step in steps_of(sheet).items()
    )
    Sheet.objects.filter(pk=sheet.pk).update(current_revision=revision)
    sheet.refresh_from_db()
    confirmations(sheet, world.kacho, "final")
    Sheet.objects.filter(pk=sheet.pk).update(state="confirmed", confirmed_at=timezone.now())
