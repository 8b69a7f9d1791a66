"""Where targets come from: 期待像 of the 職位, and the 事務分掌 of the year. One query, for one person or for many."""

import datetime
from collections import defaultdict
from collections.abc import Collection

from django.db.models import CharField, F, IntegerField, Value
from django.db.models.functions import Cast

from competency.models import DutyAssignment, ProfileTarget
from competency.targets import DutyShare, Target, targets_of
from organization.models import Posting

_POSTING, _PROFILE, _DUTY = "posting", "profile", "duty"
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
    postings = (
        Posting.objects.active_on(on)
        .filter(municipality_id=municipality_id, staff__in=staff_ids, kind=Posting.Kind.MAIN)
        .exclude(position="")
    )
    positions, profiles, shares = _read(
        municipality_id, fiscal_year, staff_ids, postings.values("position"), postings
    )
    return {
        staff_id: _targets(positions.get(staff_id, ""), profiles, shares.get(staff_id, ()))
        for staff_id in staff_ids
    }


def targets_of_person(
    *, municipality_id: int, fiscal_year: int, staff_id: int, position: str
) -> dict[str, Target]:
    """Return the targets by cell code of a person whose 職位 is known, as on a submitted sheet. One query."""
    _, profiles, shares = _read(municipality_id, fiscal_year, [staff_id], [position], None)
    return _targets(position, profiles, shares.get(staff_id, ()))


def _targets(position: str, profiles, shares) -> dict[str, Target]:
    return targets_of(profiles.get(position, {}), shares, position=position)


def _read(municipality_id: int, fiscal_year: int, staff_ids, names, postings):
    """Return 職位 by person, steps by 職位 and cell, and duties by person. What is asked for goes as one union."""
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
    held: dict[int, tuple[str, str]] = {}
    steps: dict[str, dict[str, int]] = defaultdict(dict)
    cells: dict[int, dict[tuple[str, str], list[str]]] = defaultdict(lambda: defaultdict(list))
    for kind, who, label, share, code, number in first.union(*others, all=True):
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
