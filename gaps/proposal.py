"""The proposal for 必要人数 from what a department does, as arithmetic alone (design, 2: Needs in the tree).

Per cell the largest demand among the duties done in-house, not the sum, for the same person does several duties; at
most the head-count. Every number says in words where it comes from.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_NAMED = 2
NOBODY_ASKS = "どの業務も求めていない"


@dataclass(frozen=True)
class Asked:
    """One duty of a department: its name, holders by cell code, and whether its own people do it, or part of it."""

    name: str
    demands: Mapping[str, int]
    in_house: bool = True


@dataclass(frozen=True)
class Proposed:
    """How many holders a cell should have, and why."""

    count: int
    reasons: tuple[str, ...]


def propose(codes: Iterable[str], duties: Iterable[Asked], people: int) -> dict[str, Proposed]:
    """Return the proposal for every cell code.

    `people` is how many count in the department and below. Duties may come in any order. Raises ValueError for a
    negative number of people.
    """
    if people < 0:
        raise ValueError("people are counted from 0")
    known = sorted(duties, key=lambda duty: duty.name)
    return {code: _proposed(code, known, people) for code in codes}


def _proposed(code: str, duties: list[Asked], people: int) -> Proposed:
    asking = [duty for duty in duties if duty.demands.get(code, 0) > 0]
    here = [duty for duty in asking if duty.in_house]
    largest = max((duty.demands[code] for duty in here), default=0)
    reasons = []
    if here:
        names = [duty.name for duty in here if duty.demands[code] == largest]
        more = f"、ほか{len(names) - _NAMED}業務" if len(names) > _NAMED else ""
        reasons.append(f"{'、'.join(names[:_NAMED])}{more}：{largest}人")
    elif not asking:
        reasons.append(NOBODY_ASKS)
    if largest > people:
        reasons.append(f"人数の上限 {people}人に合わせた")
    outside = [duty.name for duty in asking if not duty.in_house]
    if outside:
        more = f"、ほか{len(outside) - _NAMED}業務" if len(outside) > _NAMED else ""
        reasons.append(f"{'、'.join(outside[:_NAMED])}{more}は、外部に委託するため数えない")
    return Proposed(min(largest, people), tuple(reasons))
