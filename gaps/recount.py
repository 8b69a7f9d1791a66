"""Coverage counted a second time, from the confirmations one by one: what `verify` holds the reports against.

Written to be obvious rather than fast, and without any function of the reports, so that the same slip does not
stand in both.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterator

from assessments.models import Confirmation, Cycle, Sheet
from competency.models import CellOrigin, FrameworkVersion
from gaps.counting import holder_counts
from gaps.coverage import DepartmentCoverage
from gaps.models import CountingRule, ExternalCover, Need
from gaps.reports import Snapshot, snapshot
from lib.paths import LEVEL_DIGITS
from organization.models import Department, Leave, Municipality, Posting, Staff

Holders = dict[str, set[int]]
# So many levels of departments the database adds up for 全庁のようす.
_HIGHEST = 2


def breaches(municipality: Municipality, on: datetime.date) -> Iterator[str]:
    """Yield a sentence for every figure of a report that the recount does not bear out, without any name of a person.

    Asked are the holders and the needs of each cell in each department of today and in the whole municipality, by
    every way in which the product works them out: the fold of the report, the fold of the tree, the same from
    tallies where there are any, what the database adds up of these, and the count in the database. Years that were
    prepared alone, and municipalities without any year, have nothing to ask.
    """
    years = Cycle.objects.filter(municipality=municipality).exclude(state=Cycle.State.PREPARED)
    cycle = years.order_by("-fiscal_year").first()
    if cycle is None:
        return
    departments = [
        one
        for one in Department.objects.filter(municipality=municipality).order_by("path")
        if one.valid_from <= on and (one.valid_to is None or on < one.valid_to)
    ]
    held = _held(municipality, cycle, on)
    present = _present(municipality, on)
    covers, needs = _written(ExternalCover, cycle), _written(Need, cycle)
    asked = {"municipality_id": municipality.pk, "cycle": cycle, "on": on}
    pictures = [
        ("集計", snapshot(**asked)),
        ("木", snapshot(**asked, holders_only=True, tallies=False)),
        ("控え", snapshot(**asked, holders_only=True)),
    ]
    highest = snapshot(**asked, holders_only=True, levels=_HIGHEST)
    rules = _rules(cycle, departments)
    for path, name in [("", "全庁"), *((one.path, one.code) for one in departments)]:
        counts_fiscal_year, counts_external = rules.get(path, (False, False))
        mine = _of(held, present, path, counts_fiscal_year)
        cover = _said(covers, path, departments) or {}
        wanted = _said(needs, path, departments)
        high = [("控えの合計", highest)] if len(path) <= _HIGHEST * LEVEL_DIGITS else []
        for way, picture in (*pictures, *high):
            yield from _differences(
                f"{municipality.code} {name} {way}",
                picture,
                path,
                mine,
                cover if counts_external else {},
                wanted,
            )
        in_database = holder_counts(
            municipality_id=municipality.pk, path=path, on=on, year=cycle.fiscal_year,
            version=cycle.framework_version, fiscal_year_staff=counts_fiscal_year,
        )  # fmt: skip
        here = {code: len(people) for code, people in mine.items() if people}
        if in_database != here:
            yield f"{municipality.code} {name} 問合せ：できる人は {here} のはずですが {in_database} です。"


def _differences(where: str, picture: Snapshot, path: str, mine: Holders, cover, wanted) -> Iterator[str]:
    report: DepartmentCoverage = picture.coverage(path, where, named=False)
    for cell in report.cells:
        code = cell.cell.code
        holders = len(mine.get(code, ())) + cover.get(code, 0)
        if cell.count != holders:
            yield f"{where} {code}：できる人は {holders} のはずですが {cell.count} です。"
        needed = None if wanted is None else wanted.get(code)
        if cell.needed != needed:
            yield f"{where} {code}：必要人数は {needed} のはずですが {cell.needed} です。"


def _held(municipality: Municipality, cycle: Cycle, on: datetime.date) -> Holders:
    """Return the people who hold each cell by the 確定 of their newest confirmed year up to the cycle's."""
    newest: dict[int, Sheet] = {}
    for sheet in Sheet.objects.filter(municipality=municipality, state=Sheet.State.CONFIRMED):
        there = newest.get(sheet.staff_id)
        if sheet.fiscal_year <= cycle.fiscal_year and (
            there is None or there.fiscal_year < sheet.fiscal_year
        ):
            newest[sheet.staff_id] = sheet
    whose = {sheet.current_revision_id: staff_id for staff_id, sheet in newest.items()}
    found: dict[tuple[int, int], set[str]] = defaultdict(set)
    rows = Confirmation.objects.filter(
        municipality=municipality, level=Confirmation.Level.FINAL, step__gte=3
    ).values_list("revision_id", "cell__version_id", "cell__code")
    for revision, version, code in rows.iterator(chunk_size=2000):
        if revision in whose:
            found[version, whose[revision]].add(code)
    return _taken_over(found, cycle.framework_version)


def _taken_over(found: dict[tuple[int, int], set[str]], version: FrameworkVersion) -> Holders:
    """Return who holds each cell of a version, from the codes held by (version of the rating, person).

    A cell of a later version is held by whoever held all the cells that it came from, one version after the other.
    """
    chain = [version]
    while chain[-1].based_on is not None:
        chain.append(chain[-1].based_on)
    origins: dict[tuple[int, str], list[tuple[str, str]]] = defaultdict(list)
    for origin in CellOrigin.objects.filter(cell__version__in=chain).select_related("cell"):
        origins[origin.cell.version_id, origin.cell.code].append((origin.code, origin.rule))
    used = {each.pk: set(each.cells.filter(in_use=True).values_list("code", flat=True)) for each in chain}

    def holds(code: str, at: int, rated: int, held: set[str]) -> bool:
        if chain[at].pk == rated:
            return code in held
        came_from = origins[chain[at].pk, code]
        return bool(came_from) and all(
            rule != CellOrigin.Rule.REOPEN
            and origin in used[chain[at + 1].pk]
            and holds(origin, at + 1, rated, held)
            for origin, rule in came_from
        )

    ancestors_ = {each.pk for each in chain}
    holders: Holders = defaultdict(set)
    for (rated, staff_id), held in found.items():
        for code in used[version.pk]:
            if holds(code, 0, rated, held) if rated in ancestors_ else code in held:
                holders[code].add(staff_id)
    return holders


def _present(municipality: Municipality, on: datetime.date) -> list[tuple[str, int, bool]]:
    """Return (path of the department, person, whether 会計年度任用) of every posting of a day that counts at all."""
    away = {
        leave.staff_id
        for leave in Leave.objects.filter(municipality=municipality)
        if leave.start <= on and (leave.end is None or on < leave.end)
    }
    found = []
    for posting in Posting.objects.filter(municipality=municipality).select_related("department", "staff"):
        staff = posting.staff
        if staff.pk in away or posting.start > on or (posting.end is not None and posting.end <= on):
            continue
        if staff.left_on is None or staff.left_on > on:
            fiscal_year = staff.employment == Staff.Employment.FISCAL_YEAR
            found.append((posting.department.path, staff.pk, fiscal_year))
    return found


def _of(held: Holders, present: list[tuple[str, int, bool]], path: str, fiscal_year_staff: bool) -> Holders:
    """Return those of the holders who count in a part of the tree."""
    here = {
        person
        for place, person, fiscal_year in present
        if place.startswith(path) and (fiscal_year_staff or not fiscal_year)
    }
    return {code: people & here for code, people in held.items()}


def _rules(cycle: Cycle, departments: list[Department]) -> dict[str, tuple[bool, bool]]:
    """Return (会計年度任用 counts, 委託常駐 counts) by path: a department's own word, else that of the nearest above."""
    said = {
        rule.department.path: (rule.count_fiscal_year_staff, rule.count_external)
        for rule in CountingRule.objects.filter(cycle=cycle).select_related("department")
    }
    found = {}
    for department in departments:
        above = [path for path in said if department.path.startswith(path)]
        if above:
            found[department.path] = said[max(above, key=len)]
    return found


def _written(model, cycle: Cycle) -> dict[str, dict[str, int]]:
    """Return people by cell code of each department that said something, by its path."""
    own: dict[str, dict[str, int]] = defaultdict(dict)
    here = model.objects.filter(cycle=cycle, cell__version=cycle.framework_version)
    for path, code, count in here.values_list("department__path", "cell__code", "count"):
        own[path][code] = count
    return own


def _said(own: dict[str, dict[str, int]], path: str, departments: list[Department]) -> dict[str, int] | None:
    """Return people by cell code: a department's own numbers, else the sum of those right below, else None."""
    below: dict[str, list[str]] = defaultdict(list)
    for child in departments:
        below[child.path[:-8]].append(child.path)

    def of(place: str) -> dict[str, int] | None:
        if own.get(place):
            return own[place]
        total: dict[str, int] | None = None
        for child in below[place]:
            for code, count in (of(child) or {}).items():
                total = total or {}
                total[code] = total.get(code, 0) + count
        return total

    return of(path)
