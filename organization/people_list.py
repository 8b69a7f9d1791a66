"""The list of people: what may be asked of it, and its rows with every posting in force. Takes no request."""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef

from access.actor import Actor, Role
from lib.paths import is_within
from organization.department_field import MOST_CHOICES, filtered_by
from organization.models import Department, Leave, Position, Posting, Staff
from organization.tree import in_order

IN_SERVICE, ON_LEAVE, LEFT, EVERYBODY = "in", "leave", "left", "all"
STATES = ((IN_SERVICE, "在籍"), (ON_LEAVE, "休職・育休等"), (LEFT, "退職"), (EVERYBODY, "すべて"))
_LONGEST = 60


@dataclass(frozen=True)
class Asked:
    """What stands in the form of the list; `department` is one in sight, None for all of them."""

    words: str = ""
    department: Department | None = None
    position: str = ""
    employment: str = ""
    state: str = IN_SERVICE

    @property
    def is_narrowed(self) -> bool:
        """Say whether anything is asked for."""
        return self != Asked()

    def as_query(self) -> str:
        """Return the same question as the query of an address."""
        department = str(self.department.uuid) if self.department else ""
        given = {
            "q": self.words, "department": department, "position": self.position, "employment": self.employment,
            "state": "" if self.state == IN_SERVICE else self.state,
        }  # fmt: skip
        return urlencode({name: value for name, value in given.items() if value})


@dataclass(frozen=True)
class Row:
    """One person with the postings in force, the 本務 first."""

    staff: Staff
    postings: tuple[Posting, ...]
    leave: Leave | None
    has_left: bool

    @property
    def has_main(self) -> bool:
        """Say whether there is a 本務 among the postings."""
        return any(posting.kind == Posting.Kind.MAIN for posting in self.postings)


def departments_for(actor: Actor, asked: str = "") -> list[Department]:
    """Return the departments whose people the actor sees today, parents first; a list. One query.

    `asked` is what an address says of them. Where it says nothing, and there are more than can be chosen from, only so
    many are read as show that: the page offers none of them, but a field to write one in.
    """
    rows = Department.objects.of(actor).valid_on(actor.today)
    everything = actor.has(Role.HR) or actor.has(Role.AUDITOR)
    if everything and not asked.strip():
        few = list(rows[: MOST_CHOICES + 1])
        return few if len(few) > MOST_CHOICES else in_order(few)
    return in_order(
        one for one in rows if everything or any(is_within(one.path, root) for root in actor.line_paths)
    )


def positions_for(actor: Actor) -> list[str]:
    """Return the names of the 職位 that are in use; a list. One query."""
    rows = Position.objects.filter(municipality_id=actor.municipality_id, retired=False)
    return list(rows.order_by("rank", "name").values_list("name", flat=True))


def asked_of(given: Mapping[str, str], departments: Iterable[Department]) -> Asked:
    """Return what a query asks; what is no choice of the form asks nothing."""
    # `left=1` stood in addresses before there were states.
    state = given.get("state", EVERYBODY if given.get("left") == "1" else IN_SERVICE)
    employment = given.get("employment", "")
    return Asked(
        words=given.get("q", "")[:_LONGEST],
        department=filtered_by(given.get("department", ""), list(departments)).one,
        position=given.get("position", "")[:_LONGEST],
        employment=employment if employment in Staff.Employment.values else "",
        state=state if state in dict(STATES) else IN_SERVICE,
    )


def found(actor: Actor, asked: Asked):
    """Return the queryset of the people in sight who are asked for, in the order of the list."""
    people = Staff.objects.visible_to(actor).found_by(asked.words)
    if asked.state == LEFT:
        people = people.filter(left_on__lte=actor.today)
    elif asked.state != EVERYBODY:
        people = people.in_service_on(actor.today)
    if asked.state == ON_LEAVE:
        people = people.filter(Exists(Leave.objects.active_on(actor.today).filter(staff=OuterRef("pk"))))
    if asked.employment:
        people = people.filter(employment=asked.employment)
    if asked.department or asked.position:
        postings = Posting.objects.filter(staff=OuterRef("pk"))
        if asked.state != LEFT:
            postings = postings.active_on(actor.today)
        if asked.department:
            postings = postings.in_or_below(asked.department.path)
        if asked.position:
            postings = postings.filter(position=asked.position)
        people = people.filter(Exists(postings))
    return people.order_by("kana", "staff_number", "pk")


def rows_of(people: Iterable[Staff], today: datetime.date) -> list[Row]:
    """Return the rows of some people, in their order; a list. Two queries."""
    people = list(people)
    ids = [staff.pk for staff in people]
    postings: dict[int, list[Posting]] = defaultdict(list)
    for posting in (
        Posting.objects.active_on(today)
        .filter(staff__in=ids)
        .select_related("department")
        .order_by("start", "pk")
    ):
        postings[posting.staff_id].append(posting)
    leaves = {leave.staff_id: leave for leave in Leave.objects.active_on(today).filter(staff__in=ids)}
    return [
        Row(
            staff,
            tuple(sorted(postings[staff.pk], key=lambda one: one.kind != Posting.Kind.MAIN)),
            leaves.get(staff.pk),
            staff.has_left(today),
        )
        for staff in people
    ]


def uuids_of(values: Iterable[str]) -> set[uuid.UUID]:
    """Return posted ids; what is none is left out."""
    known = set()
    for value in values:
        try:
            known.add(uuid.UUID(value))
        except ValueError:
            continue
    return known
