"""Who confirms whom, as plain data: no database, no clock (design 1; permissions P09, P10).

The line of a person runs from the department of their 本務 upwards. 確定 is made by a 所属長 on it, 一次確認 by a
係長級 between the person and that 所属長.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from lib.paths import ancestors

# The values of organization.models.position.LineRole.
FIRST = "first"
HEAD = "head"


class Lead(NamedTuple):
    """One posting with a line role: who, the path of the department, FIRST or HEAD.

    `present` is false for somebody on leave or without an account: they confirm nothing, but still are not confirmed by
    those they lead. A tuple, because 人事 of a city has thousands of them read on every page, for the number in the menu.
    """

    staff_id: int
    path: str
    role: str
    present: bool = True


@dataclass(frozen=True)
class Record:
    """What the 基準日 of a year made of a line: the 本務 on that day, and whether anything changed since.

    `moved` says that the 本務 is another one today; `replaced` holds the steps, FIRST and HEAD, that today's line
    takes over because nobody of that day can any more.
    """

    date: datetime.date
    place: str = ""
    moved: bool = False
    replaced: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Line:
    """Who confirms one person: ids of those who may do 一次確認 and 確定, in ascending order.

    `first` is empty where that step is skipped. `to_hr` says that no 所属長 is above the person, so that 人事
    makes the 確定; `final` is then empty. `path` is the department of today's 本務, None for none. `record` is
    set where a 基準日 has a say.
    """

    first: tuple[int, ...] = ()
    final: tuple[int, ...] = ()
    to_hr: bool = True
    path: str | None = field(default=None, compare=False)
    record: Record | None = field(default=None, compare=False)


def final_only(line: Line) -> Line:
    """Return the line of a year that is confirmed in one step: nobody makes a 一次確認 (ADR 0034)."""
    return replace(line, first=())


class Leads:
    """The leads of a municipality on one day, indexed by department, to ask for many people."""

    def __init__(self, leads: Iterable[Lead]) -> None:
        self._by_place: dict[tuple[str, str], set[int]] = defaultdict(set)
        self._led_by: dict[int, set[tuple[str, str]]] = defaultdict(set)
        for lead in leads:
            if lead.present:
                self._by_place[lead.path, lead.role].add(lead.staff_id)
            self._led_by[lead.staff_id].add((lead.path, lead.role))

    def line_of(self, staff_id: int, path: str | None) -> Line:
        """Return the line of a person whose 本務 is in the department `path`; None for no 本務 sends it to 人事.

        確定: the 所属長 of the nearest department, which for somebody who heads a department of their own line
        lies strictly above the highest of these, so that nobody is confirmed by someone they lead or by a second
        head beside them. 一次: the 係長級 of the nearest department not above that of the 確定; skipped for
        somebody who leads in the line themselves. Nobody is asked twice: a 所属長 who is also the only 係長級
        makes the 確定 at once.
        """
        if path is None:
            return Line()
        chain = ancestors(path)[::-1]
        led = {(place, role) for place, role in self._led_by.get(staff_id, ()) if place in chain}
        headed = [index for index, place in enumerate(chain) if (place, HEAD) in led]
        start = max(headed) + 1 if headed else 0
        where, final = self._nearest(chain[start:], HEAD, staff_id)
        reach = chain if where is None else chain[: start + where + 1]
        first: set[int] = set()
        if not led:
            _, first = self._nearest(reach, FIRST, staff_id)
        return Line(tuple(sorted(first - final)), tuple(sorted(final)), not final, path)

    def over(self, staff_id: int, paths: Iterable[str], role: str) -> set[int]:
        """Return the ids of those present who lead a person in a role by any of the departments of their postings.

        These see the person today (P15). Left out is whoever leads below or beside the person: departments up
        to the highest that the person heads count for nothing, and a leader of the chain needs no 一次確認.
        """
        found: set[int] = set()
        for path in paths:
            chain = ancestors(path)[::-1]
            mine = self._led_by.get(staff_id, set())
            if role == FIRST and any(place in chain for place, _ in mine):
                continue
            headed = [index for index, place in enumerate(chain) if (place, HEAD) in mine]
            for place in chain[max(headed) + 1 if headed else 0 :]:
                found |= self._by_place.get((place, role), set())
        return found - {staff_id}

    def covered(self) -> list[str]:
        """Return the topmost paths that have a 所属長: whoever has their 本務 elsewhere is for 人事; a list."""
        tops: list[str] = []
        for path in sorted({path for path, role in self._by_place if role == HEAD}):
            if not tops or not path.startswith(tops[-1]):
                tops.append(path)
        return tops

    def heads(self) -> set[int]:
        """Return the ids of all who head a department, present or not."""
        return {staff_id for staff_id, led in self._led_by.items() if any(role == HEAD for _, role in led)}

    def _nearest(self, chain: list[str], role: str, but: int) -> tuple[int | None, set[int]]:
        """Return where in the chain the first department has this role filled by another, and by whom."""
        for index, path in enumerate(chain):
            others = self._by_place.get((path, role), set()) - {but}
            if others:
                return index, others
        return None, set()


def of_record(
    then: Line, now: Line, *, first: AbstractSet[int], final: AbstractSet[int]
) -> tuple[Line, frozenset[str]]:
    """Return the line of a 基準日 as far as it still can, and the steps that today's takes over (ADR 24).

    `then` is the line of that day and `now` that of today; `first` and `final` are those who still lead the
    person today in the role (`Leads.over`). Where nobody of that day is left, today's line confirms whole; where
    only one of the two steps has lost its people, today's confirm that step. Nobody is asked twice.
    """
    firsts, finals = set(then.first) & first, set(then.final) & final
    if not firsts and not finals:
        steps = ((FIRST, then.first, now.first), (HEAD, then.final, now.final))
        return now, frozenset(role for role, before, after in steps if before and before != after)
    replaced = set()
    if not finals:
        finals = set(now.final)
        replaced |= {HEAD} if then.final else set()
    if then.first and not firsts:
        firsts = set(now.first) - finals
        replaced |= {FIRST} if firsts else set()
    return Line(tuple(sorted(firsts - finals)), tuple(sorted(finals)), not finals, now.path), frozenset(
        replaced
    )
