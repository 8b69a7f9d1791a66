"""Where targets come from: 期待像 of the 職位, and the 事務分掌 of the year. One query, for one person or for many."""

import datetime
import functools
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import CharField, F, IntegerField, Value
from django.db.models.functions import Cast

from competency.models import DutyAssignment, ProfileTarget
from competency.targets import DutyShare, Target, targets_of
from lib.prepared import Prepared
from organization.models import Posting

_POSTING, _PROFILE, _DUTY = "posting", "profile", "duty"
# 職位 by person, steps by 職位 and cell, duties by person.
_Found = tuple[dict[int, str], dict[str, dict[str, int]], dict[int, list[DutyShare]]]
_COLUMNS = ("row_kind", "who", "label", "share", "code", "number")


def targets_of_people(
    *, municipality_id: int, fiscal_year: int, staff_ids: Collection[int], on: datetime.date
) -> dict[int, dict[str, Target]]:
    """Return the targets by cell code of each person: the 職位 of their 本務 on the day, their duties of the 年度.

    Duties count in every department where the person has them, those that are outsourced whole do not. Somebody
    without any target has an empty dict. One query, however many people.
    """
    if not staff_ids:
        return {}
    postings = _postings(municipality_id, staff_ids, on)
    names = postings.values("position")
    found = _fold(_asked(municipality_id, fiscal_year, staff_ids, names, postings))
    return {staff_id: _targets(found, staff_id) for staff_id in staff_ids}


def targets_of_person(
    *, municipality_id: int, fiscal_year: int, staff_id: int, on: datetime.date
) -> dict[str, Target]:
    """Return the targets by cell code of one person, as `targets_of_people` does. One query."""
    values = {"municipality_id": municipality_id, "fiscal_year": fiscal_year, "staff_id": staff_id, "on": on}
    return _targets(_fold(_prepared(True).rows(values)), staff_id)


def targets_in_position(
    *, municipality_id: int, fiscal_year: int, staff_id: int, position: str
) -> dict[str, Target]:
    """Return the targets by cell code of a person whose 職位 is known, as on a submitted sheet. One query."""
    values = {
        "municipality_id": municipality_id, "fiscal_year": fiscal_year, "staff_id": staff_id,
        "position": position,
    }  # fmt: skip
    _, steps, shares = _fold(_prepared(False).rows(values))
    return _targets(({staff_id: position}, steps, shares), staff_id)


def _targets(found: _Found, staff_id: int) -> dict[str, Target]:
    positions, steps, shares = found
    position = positions.get(staff_id, "")
    return targets_of(steps.get(position, {}), shares.get(staff_id, ()), position=position)


@functools.cache
def _prepared(by_day: bool) -> Prepared:
    """Return the question about one person, written once a process: the ORM takes far longer over it than the answer.

    With the 職位 of a day, or with one that is named.
    """
    stand_ins: dict[str, Any] = {"municipality_id": 9000001, "fiscal_year": 9001, "staff_id": 9000002}
    where = (stand_ins["municipality_id"], stand_ins["fiscal_year"], [stand_ins["staff_id"]])
    if by_day:
        stand_ins["on"] = datetime.date(1900, 1, 2)
        postings = _postings(where[0], where[2], stand_ins["on"])
        return Prepared(_asked(*where, postings.values("position"), postings), stand_ins)
    stand_ins["position"] = "ここに職位"
    return Prepared(_asked(*where, [stand_ins["position"]], None), stand_ins)


def _postings(municipality_id: int, staff_ids: Collection[int], on: datetime.date):
    """Return the queryset of the 本務 in force on a day, of those that have a 職位."""
    return (
        Posting.objects.active_on(on)
        .filter(municipality_id=municipality_id, staff__in=staff_ids, kind=Posting.Kind.MAIN)
        .exclude(position="")
    )


def _asked(municipality_id: int, fiscal_year: int, staff_ids: Collection[int], names, postings):
    """Return the queryset of everything that asks for a step, as one union of narrow rows."""
    profiles = ProfileTarget.objects.filter(
        profile__municipality_id=municipality_id, profile__position__name__in=names
    ).annotate(
        row_kind=_text(_PROFILE), who=Value(0), label=F("profile__position__name"), share=_text(""),
        code=F("cell_code"), number=Cast("step", IntegerField()),
    )  # fmt: skip
    duties = (
        DutyAssignment.objects.of_year(municipality_id, fiscal_year)
        .done_here()
        .filter(staff__in=staff_ids, department_duty__duty__demands__isnull=False)
        .annotate(
            row_kind=_text(_DUTY), who=F("staff_id"), label=F("department_duty__duty__name"), share=F("role"),
            code=F("department_duty__duty__demands__cell_code"), number=Value(0),
        )
    )  # fmt: skip
    asked = [profiles, duties]
    if postings is not None:
        asked.append(
            postings.annotate(
                row_kind=_text(_POSTING), who=F("staff_id"), label=F("position"), share=_text(""),
                code=Cast("start", CharField()), number=Value(0),
            )
        )  # fmt: skip
    first, *others = (each.values_list(*_COLUMNS) for each in asked)
    return first.union(*others, all=True)


def _fold(rows: Iterable[tuple[Any, ...]]) -> _Found:
    """Return 職位 by person, steps by 職位 and cell, and duties by person."""
    held: dict[int, tuple[str, str]] = {}
    steps: dict[str, dict[str, int]] = defaultdict(dict)
    cells: dict[int, dict[tuple[str, str], list[str]]] = defaultdict(lambda: defaultdict(list))
    for kind, who, label, share, code, number in rows:
        if kind == _POSTING:
            # Of two 本務 in force the later one is meant, as for the sheet itself.
            held[who] = max(held.get(who, ("", "")), (code, label))
        elif kind == _PROFILE:
            steps[label][code] = number
        else:
            cells[who][label, share].append(code)
    positions = {staff_id: position for staff_id, (_, position) in held.items()}
    shares = {
        staff_id: [DutyShare(name, role, tuple(codes)) for (name, role), codes in of_person.items()]
        for staff_id, of_person in cells.items()
    }
    return positions, steps, shares


def _text(text: str) -> Value:
    return Value(text, output_field=CharField())
