"""経験者さがし: who in scope can, holds or did something, with what matched (P19, ADR 31). Takes no request.

Two queries and a third for the people of the page, however many people and entries there are.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, When

from access.actor import Actor, Role
from assessments.models import Certification, Confirmation, Cycle, Experience, Sheet
from competency.models import FrameworkVersion
from gaps.past_reads import Experienced, Fact, Past, experienced_of, leg, number
from gaps.step_reads import standing_at, step_of
from lib.text import spellings
from organization.models import Leave, Posting, Staff

HERE, ON_LEAVE, LEFT = 0, 1, 2
MOST_WORDS = 5

_EXPERIENCE = ("title", "text", "role", "size", "result")
_CERTIFICATE = ("title", "qualification__name", "qualification__registration_title")


@dataclass(frozen=True)
class Question:
    """What is looked for; everything that is given has to hold.

    `year` is the 年度 up to which levels count, `version` the one that the cell is of.
    """

    year: int
    version: FrameworkVersion | None = None
    cell: str = ""
    step: int = 3
    include_self: bool = False
    qualification: int | None = None
    certificate: str = ""
    category: str = ""
    words: str = ""

    @property
    def by_certificate(self) -> bool:
        """Say whether a 資格 is asked for."""
        return bool(self.qualification or self.certificate.strip())

    @property
    def by_experience(self) -> bool:
        """Say whether a 業務経験 is asked for."""
        return bool(self.category or self.words.strip())

    @property
    def asks(self) -> bool:
        """Say whether anything is asked for at all."""
        return bool(self.cell) or self.by_certificate or self.by_experience


@dataclass(frozen=True)
class Match:
    """What of one person matched: the step with its 年度 (own word alone: `is_self`), and titles of entries."""

    staff: Staff
    state: int
    place: str = ""
    leave: str = ""
    step: int | None = None
    step_year: int | None = None
    is_self: bool = False
    certificates: list[Fact] = field(default_factory=list)
    experiences: list[Fact] = field(default_factory=list)


def found_in_scope(actor: Actor, question: Question) -> list[tuple[int, int]]:
    """Return (id, HERE, ON_LEAVE or LEFT) of everybody in scope who matches, who is here first, then by reading.

    Scope is what the actor leads today, and the whole municipality for 人事; those who left are there for 人事
    alone, whose the line's are not any more. One query.
    """
    people = Staff.objects.of(actor)
    if not actor.has(Role.HR):
        led = Staff.objects.posted_in_or_below(actor.line_paths, actor.today)
        people = people.in_service_on(actor.today).filter(pk__in=led.values("pk"))
    away = Exists(Leave.objects.active_on(actor.today).filter(staff=OuterRef("pk")))
    people = people.filter(*_conditions(question)).annotate(
        state=Case(
            When(left_on__lte=actor.today, then=LEFT), When(away, then=ON_LEAVE), default=HERE,
            output_field=IntegerField(),
        )
    )  # fmt: skip
    return list(people.order_by("state", "kana", "staff_number", "pk").values_list("pk", "state"))


def matches(actor: Actor, question: Question, found: Sequence[tuple[int, int]]) -> list[Match]:
    """Return what matched of these people, in their order; a list. Two queries."""
    ids = [pk for pk, _ in found]
    people = Staff.objects.in_bulk(ids)
    facts = _facts(actor, question, ids)
    made = []
    for pk, state in found:
        mine: dict[str, list[Fact]] = defaultdict(list)
        for fact in facts.get(pk, ()):
            mine[fact.leg].append(fact)
        level = next(iter(mine["level"] or mine["self"]), None)
        postings = sorted(mine["posting"], key=lambda fact: (fact.level, str(fact.since)))
        made.append(
            Match(
                staff=people[pk],
                state=state,
                place="、".join(dict.fromkeys(fact.said for fact in postings)),
                leave=Leave.Kind(mine["leave"][0].said).label if mine["leave"] else "",
                step=level.level if level else None,
                step_year=level.year if level else None,
                is_self=bool(level and level.leg == "self"),
                certificates=_newest(mine["certificate"]),
                experiences=_newest(mine["experience"]),
            )
        )
    return made


def moved_away(actor: Actor, question: Question) -> tuple[Experienced, ...]:
    """Return who was once posted in what the actor leads, could do the cell when last confirmed there, and moved.

    Six facts of each and nothing of their entries (ADR 21); nobody where no cell is asked for. 人事 reaches
    everybody in scope already. One query.
    """
    if not question.cell or actor.has(Role.HR) or not actor.line_paths:
        return ()
    past = Past(
        actor.municipality_id, actor.line_paths, actor.today, question.year, question.step, question.version
    )
    return experienced_of(past, question.cell)


def any_word(words: str, columns: Collection[str]) -> Q:
    """Return the condition that every word stands in one of the columns, in any of its spellings."""
    wanted = words.split()[:MOST_WORDS]
    each = [
        reduce(or_, (Q(**{f"{column}__icontains": one}) for one in spellings(word) for column in columns))
        for word in wanted
        if spellings(word)
    ]
    return reduce(and_, each, Q())


def _conditions(question: Question) -> list[Q | Exists]:
    found: list[Q | Exists] = []
    if question.cell:
        level: Q = Q(Exists(_confirmed(question).filter(staff=OuterRef("pk"))))
        if question.include_self:
            level |= Q(Exists(_own_word(question).filter(staff=OuterRef("pk"))))
        found.append(level)
    if question.by_certificate:
        found.append(Exists(_certificates(question).filter(staff=OuterRef("pk"))))
    if question.by_experience:
        found.append(Exists(_experiences(question).filter(staff=OuterRef("pk"))))
    return found


def _confirmed(question: Question):
    """Return the sheets that count, in which the cell was confirmed at the step or above."""
    return Sheet.objects.latest_confirmed(question.year).filter(
        standing_at(question.version, question.cell, question.step),
        current_revision__confirmations__level=Confirmation.Level.FINAL,
    )


def _own_word(question: Question):
    """Return sheets handed in and not confirmed yet, newer than what was confirmed, with the step by own word alone."""
    confirmed = Sheet.objects.confirmed().filter(
        staff=OuterRef("staff"), fiscal_year__gte=OuterRef("fiscal_year"), fiscal_year__lte=question.year
    )
    return (
        Sheet.objects.filter(state__in=Sheet.WAITING, fiscal_year__lte=question.year)
        .exclude(cycle__state=Cycle.State.CLOSED)
        .exclude(Exists(confirmed))
        .filter(standing_at(question.version, question.cell, question.step, steps="ratings"))
    )


def _certificates(question: Question):
    rows = Certification.objects.standing().filter(any_word(question.certificate, _CERTIFICATE))
    return rows.filter(qualification=question.qualification) if question.qualification else rows


def _experiences(question: Question):
    rows = Experience.objects.standing().filter(any_word(question.words, _EXPERIENCE))
    return rows.filter(category=question.category) if question.category else rows


def _facts(actor: Actor, question: Question, ids: Collection[int]) -> dict[int, list[Fact]]:
    """Return where these people are and what of theirs matched, by person. One query."""
    theirs = {"staff__in": list(ids)}
    main_first = Case(When(kind=Posting.Kind.MAIN, then=0), default=1, output_field=IntegerField())
    who = number("staff_id")
    legs = [
        leg(
            Posting.objects.active_on(actor.today).filter(**theirs), "posting", who=who,
            said=F("department__name"), level=main_first, since=F("start"),
        ),
        leg(Leave.objects.active_on(actor.today).filter(**theirs), "leave", who=who, said=F("kind")),
    ]  # fmt: skip
    if question.cell:
        year = number("fiscal_year")
        level = number(step_of(question.version, question.cell))
        legs.append(leg(_confirmed(question).filter(**theirs), "level", who=who, year=year, level=level))
        if question.include_self:
            level = number(step_of(question.version, question.cell, steps="ratings"))
            legs.append(leg(_own_word(question).filter(**theirs), "self", who=who, year=year, level=level))
    if question.by_certificate:
        rows = _certificates(question).filter(**theirs)
        legs.append(leg(rows, "certificate", who=who, said=F("title"), since=F("start"), until=F("renew_by")))
    if question.by_experience:
        rows = _experiences(question).filter(**theirs)
        legs.append(
            leg(
                rows, "experience", who=who, said=F("title"), note=F("category"), ref=F("role"),
                since=F("start"), until=F("end"),
            )
        )  # fmt: skip
    found: dict[int, list[Fact]] = defaultdict(list)
    for row in legs[0].union(*legs[1:], all=True):
        fact = Fact(*row)
        found[fact.who].append(fact)
    return found


def _newest(facts: list[Fact]) -> list[Fact]:
    """Return entries the newest first, undated ones last."""
    return sorted(facts, key=lambda fact: (str(fact.since or ""), fact.said), reverse=True)
