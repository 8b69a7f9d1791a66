"""Random working lives against the oracle: who sees whom on which day, to the day.

A history is what happened to one person: 発令 of every kind with half-open intervals, leaves, grants given and
withdrawn, a last day, departments that end and are taken over. A batch of them fills two municipalities; some people of each are
asked for a day, mostly one on which something begins or ends, or the day before. Wrong is every difference between
the product (the actor, every `visible_to`, `may`) and tests/access/oracle.py.
"""

import datetime
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from access.actor import Actor
from access.table import RULES, may
from assessments.models import Cycle, Sheet
from bench.bounds import Bound
from bench.results import Figure
from lib.paths import child_path
from organization.backends import StaffBackend
from organization.models import Department, Grant, Leave, Municipality, Posting, Staff
from organization.scope import actor_for
from tests import builders as b
from tests.access import oracle
from tests.access.oracle import Life, Post

FIGURES = {
    "time.histories": Bound(2000, "histories", at_least=True, short_limit=400),
    "time.histories.wrong": Bound(0, "answers"),
}
DATABASES = ("sqlite", "postgres")
PAGE = "security"
WHOLE, SHORT, BATCH, ASKED = 2000, 400, 100, 3
FIRST_DAY = datetime.date(2024, 4, 1)
SPAN = 3 * 365
KINDS = ["main", "additional", "concurrent", "seconded", "acting"]
SHAPE = [None, 0, 1, 1, 0, None, 5, 6, None]  # the parent of each department of a municipality
STATES = ["not_started", "drafting"]


@dataclass
class Batch:
    """One filled database: lives by key, and the rows that stand for them."""

    lives: list[Life]
    staff: dict[int, Staff]
    places: dict[int, dict[int, oracle.Place]]  # by municipality, by department
    sheets: dict[int, tuple[Life, bool, str]]


def measure(*, short: bool) -> Iterable[Figure]:
    """Yield how many histories were lived through, and how many answers were wrong."""
    began = time.monotonic()
    lived, asked, wrong = live(SHORT if short else WHOLE, seed=7, asked_each=1 if short else ASKED)
    behind = f"{asked} answers in {time.monotonic() - began:.0f} s" + "".join(f"; {one}" for one in wrong[:5])
    yield Figure("time.histories", lived, behind)
    yield Figure("time.histories.wrong", len(wrong), behind)


def live(
    histories: int,
    *,
    seed: int,
    asked_each: int = 1,
    see: Callable[[Staff, datetime.date], Actor] = actor_for,
) -> tuple[int, int, list[str]]:
    """Return (histories lived, answers compared, differences) of seeded random lives; leaves the database as it was.

    `asked_each` people a history are asked. `see` builds the actor; a test of this drill gives one that is wrong.
    """
    draw = random.Random(seed)
    lived = asked = 0
    wrong: list[str] = []
    while lived < histories:
        with transaction.atomic():
            batch = fill(draw, min(BATCH, histories - lived))
            lived += len(batch.lives)
            for viewer in draw.choices(batch.lives, k=len(batch.lives) * asked_each):
                day = _day(draw, viewer, batch)
                compared, found = differences(batch, viewer, day, see)
                asked += compared
                wrong += found
            transaction.set_rollback(True)
    return lived, asked, wrong


def fill(draw: random.Random, people: int) -> Batch:
    """Write random lives into two municipalities and return them."""
    cities = [b.make_municipality(code=code, name=code) for code in ("011002", "131016")]
    places = {city.pk: _tree(draw, city) for city in cities}
    lives, staff = [], []
    for number in range(people):
        city = cities[0] if number % 5 else cities[1]
        staff.append(
            Staff(municipality=city, name=f"人{number}", username=f"life{number}", staff_number=f"{number}", search="")
        )  # fmt: skip
        lives.append(_life(draw, city.pk, list(places[city.pk].values())))
    Staff.objects.bulk_create(staff)
    for life, row in zip(lives, staff, strict=True):
        life.key = row.pk
        row.left_on, row.is_active = life.left_on, not life.closed
    Staff.objects.bulk_update(staff, ["left_on", "is_active"])
    rows = {row.pk: row for row in staff}
    Posting.objects.bulk_create(
        Posting(
            municipality_id=life.city, staff_id=life.key, department_id=post.place[-1], kind=post.kind,
            line_role=post.role, start=post.start, end=post.end,
        )
        for life in lives
        for post in life.posts
    )  # fmt: skip
    now = timezone.now()
    Grant.objects.bulk_create(
        Grant(
            municipality_id=life.city, staff_id=life.key, role=role, granted_at=now,
            withdrawn_at=now if withdrawn else None,
        )
        for life in lives
        for role, withdrawn in life.grants
    )  # fmt: skip
    Leave.objects.bulk_create(
        Leave(municipality_id=life.city, staff_id=life.key, kind="leave", start=start, end=end)
        for life in lives
        for start, end in life.away
    )
    return Batch(lives, rows, places, _sheets(draw, cities, lives))


def _tree(draw: random.Random, city: Municipality) -> dict[int, oracle.Place]:
    """Write the departments of a municipality; some have ended, and another has taken over. What they led they still lead."""
    made: list[Department] = []
    for number, parent in enumerate(SHAPE):
        ended = number > 3 and draw.random() < 0.2
        above = None if parent is None else made[parent]
        row = Department.objects.create(
            municipality=city, name=f"所属{number}", code=f"{number}", parent=above, path="", valid_from=FIRST_DAY,
            valid_to=FIRST_DAY + datetime.timedelta(days=400) if ended else None,
            successor=made[1] if ended else None,
        )  # fmt: skip
        row.path = child_path(above.path if above else "", row.pk)
        row.save(update_fields=["path"])
        made.append(row)
    chain: dict[int, oracle.Place] = {}
    for row in made:
        chain[row.pk] = (*chain[row.parent_id], row.pk) if row.parent_id else (row.pk,)
    return chain


def _life(draw: random.Random, city: int, places: list[oracle.Place]) -> Life:
    life = Life(0, city)
    taken = set()
    day = FIRST_DAY
    # One 本務 after the other, with gaps and handovers on the day.
    while draw.random() < 0.9 and day < FIRST_DAY + datetime.timedelta(days=SPAN):
        end = day + datetime.timedelta(days=draw.randint(1, 400))
        open_end = draw.random() < 0.4
        life.posts.append(Post(draw.choice(places), _role(draw), day, None if open_end else end))
        taken.add((life.posts[-1].place, "main", day))
        if open_end:
            break
        day = end + datetime.timedelta(days=draw.choice([0, 0, 0, 1, 30]))
    for _ in range(draw.choice([0, 0, 1, 1, 2])):
        kind, start = draw.choice(KINDS[1:]), _some_day(draw)
        end = start + datetime.timedelta(days=draw.choice([1, 2, 30, 365]))
        place = draw.choice(places)
        if (place, kind, start) not in taken:
            taken.add((place, kind, start))
            open_end = kind != "acting" and draw.random() < 0.3
            life.posts.append(Post(place, _role(draw), start, None if open_end else end, kind))
    if draw.random() < 0.25:
        # What the workflow refuses may still stand in a database: 監査 beside another role.
        for role in draw.sample("HFAY", draw.choice([1, 1, 2, 3])):
            life.grants += [(role, True)] if draw.random() < 0.3 else [(role, False)]
    if draw.random() < 0.2:
        start = _some_day(draw)
        life.away.append((start, draw.choice([None, start + datetime.timedelta(days=90)])))
    if draw.random() < 0.2:
        life.left_on = _some_day(draw)
    life.closed = draw.random() < 0.05
    return life


def _role(draw: random.Random) -> str:
    return draw.choices(["none", "first", "head"], [5, 2, 3])[0]


def _some_day(draw: random.Random) -> datetime.date:
    return FIRST_DAY + datetime.timedelta(days=draw.randrange(SPAN))


def _sheets(draw: random.Random, cities, lives: list[Life]) -> dict[int, tuple[Life, bool, str]]:
    """Give everybody a sheet of an open and one of a closed year, which nobody confirmed."""
    version = b.make_version()
    rows, told = [], []
    for city in cities:
        for year, state in ((2025, Cycle.State.CLOSED), (2026, Cycle.State.OPEN)):
            cycle = b.make_cycle(city, version, fiscal_year=year, state=state)
            for life in lives:
                if life.city == city.pk and life.posts:
                    place = life.posts[0].place
                    told.append((life, state == Cycle.State.CLOSED, draw.choice(STATES)))
                    rows.append(
                        Sheet(
                            municipality=city, staff_id=life.key, cycle=cycle, fiscal_year=year, state=told[-1][2],
                            department_id=place[-1], department_path=_path(place), updated_at=timezone.now(),
                        )
                    )  # fmt: skip
    Sheet.objects.bulk_create(rows)
    return {row.pk: what for row, what in zip(rows, told, strict=True)}


def _path(place: oracle.Place) -> str:
    path = ""
    for key in place:
        path = child_path(path, key)
    return path


def _day(draw: random.Random, viewer: Life, batch: Batch) -> datetime.date:
    """Draw a day: mostly an edge of the viewer's or of somebody's life, or the day before or after it."""
    if draw.random() < 0.1:
        return _some_day(draw)
    whose = viewer if draw.random() < 0.6 else draw.choice(batch.lives)
    edges = [
        day
        for day in (
            *(day for post in whose.posts for day in (post.start, post.end)),
            *(day for pair in whose.away for day in pair),
            whose.left_on,
        )
        if day is not None
    ]
    return draw.choice(edges or [FIRST_DAY]) + datetime.timedelta(days=draw.choice([-1, 0, 0, 1]))


def differences(batch: Batch, viewer: Life, day: datetime.date, see=actor_for) -> tuple[int, list[str]]:
    """Compare one viewer on one day with the oracle: (answers compared, differences in words)."""
    staff = batch.staff[viewer.key]
    actor = see(staff, day)
    wrong: list[str] = []
    compared = 0

    def same(what: str, product, wanted) -> None:
        nonlocal compared
        compared += len(wanted) if isinstance(wanted, set) else 1
        if product != wanted:
            wrong.append(f"{what} of {staff.username} on {day}")

    lives = batch.lives
    same("roles", {str(role) for role in actor.roles}, viewer.roles(day))
    same("entry", _may_enter(staff, day), viewer.may_enter(day))
    same("own places", set(actor.own_paths), {_path(one) for one in viewer.places(day)})
    same("led first", set(actor.first_paths), {_path(one) for one in viewer.places(day, "first")})
    same("led as head", set(actor.head_paths), {_path(one) for one in viewer.places(day, "head")})
    for what, rows, rule in (
        ("cards", Staff.objects.visible_to(actor), oracle.sees_card),
        ("records", Staff.objects.with_records_visible_to(actor), oracle.sees_record),
    ):
        same(
            what, set(rows.values_list("pk", flat=True)), {one.key for one in lives if rule(viewer, one, day)}
        )
    same(
        "sheets",
        set(Sheet.objects.readable_by(actor).values_list("pk", flat=True)),
        {
            pk
            for pk, (owner, closed, state) in batch.sheets.items()
            if oracle.sees_sheet(viewer, owner, day, closed=closed, state=state)
        },
    )
    same(
        "departments",
        set(Department.objects.visible_to(actor).values_list("pk", flat=True)),
        {
            pk
            for city, places in batch.places.items()
            for pk, place in places.items()
            if oracle.sees_department(viewer, city, place, day)
        },
    )
    # Two departments a question: the table is the same everywhere, and each question is asked thousands of times.
    led = sorted(viewer.places(day, "first", "head"))[-1:]
    for place in {*led, max(batch.places[viewer.city].values())}:
        pk = place[-1]
        for number, rule in RULES.items():
            for own in (False, True):
                wanted = any(
                    oracle.reaches(
                        str(rule.reach[role]), viewer, day, own=own, places={place}, city=viewer.city
                    )
                    for role in rule.reach
                    if str(role) in viewer.roles(day)
                )
                same(f"{number} of {pk}", may(actor, number, own=own, path=_path(place)), wanted)
    return compared, wrong


def _may_enter(staff: Staff, day: datetime.date) -> bool:
    """Ask the product's backend as on that day: it reads the clock itself."""
    today = timezone.localdate
    timezone.localdate = lambda *_: day  # type: ignore[assignment]
    try:
        return StaffBackend().user_can_authenticate(staff)
    finally:
        timezone.localdate = today
