"""Holders by cell, counted by the database: the same people and steps as the fold of gaps.reports, without their names."""

import datetime
import functools
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

from django.db.models import Count, Exists, F, OuterRef, Q, Value

from assessments.models import Confirmation, Sheet
from competency.lineage_reads import is_plain, path_to
from competency.models import FrameworkVersion
from competency.models.matrix import HOLDER_STEP
from gaps.reports import below
from lib.paths import upper_bound
from lib.prepared import Prepared, driver_rows
from organization.models import Leave, Posting, Staff


def holder_counts(
    *,
    municipality_id: int,
    path: str,
    on: datetime.date,
    year: int,
    version: FrameworkVersion,
    fiscal_year_staff: bool = False,
) -> dict[str, int]:
    """Return holders by cell code of the department at `path` and all below; a cell without any is left out.

    Counted in the database: one query, one narrow row a cell; folded here where the version takes over cells with other
    codes. The same people and steps as `snapshot`, each once.
    """
    if not is_plain(version):
        rows = driver_rows(held(municipality_id, path, on, year, fiscal_year_staff))
        return fold(((of, who, code) for _, of, who, code in rows), version)
    ask = _prepared_counts(bool(path), fiscal_year_staff)
    values = {"municipality_id": municipality_id, "on": on, "year": year}
    if path:
        values |= {"path": path, "bound": upper_bound(path)}
    return {code: holders for _, code, holders in ask.rows(values)}


def held(
    municipality_id: int,
    path: str,
    on: datetime.date,
    year: int,
    fiscal_year_staff: bool,
    departments: Collection[int] | None = None,
):
    """Return the queryset of (year, version, person, cell code) of steps of 3 or more, to be folded by `fold`.

    For a year whose version takes over ratings of cells with other codes: which count is not told by the code alone.
    """
    rows = _holding(municipality_id, path, on, year, fiscal_year_staff, departments)
    cell = "now_confirmed__cell"
    return rows.annotate(report_year=Value(year)).values_list(
        "report_year", f"{cell}__version_id", "staff_id", f"{cell}__code"
    )


def fold(rows: Iterable[tuple[int, int, str]], version: FrameworkVersion) -> dict[str, int]:
    """Return holders by cell code of a version from (version of the step, person, code) of steps of 3 or more."""
    mine: dict[tuple[int, int], set[str]] = defaultdict(set)
    for version_id, staff_id, code in rows:
        mine[version_id, staff_id].add(code)
    paths = {key: path_to(version, key) for key in {key for key, _ in mine}}
    found: Counter[str] = Counter()
    for (key, _), codes in mine.items():
        path = paths[key]
        found.update(codes if path is None else path.holds(codes))
    return dict(found)


def counts(
    municipality_id: int,
    path: str,
    on: datetime.date,
    year: int,
    fiscal_year_staff: bool,
    departments: Collection[int] | None = None,
):
    """Return the queryset of (year, cell code, holders) that the database counts.

    It counts people of the department at `path` and below, or of exactly these `departments` where they are given.
    """
    return (
        _holding(municipality_id, path, on, year, fiscal_year_staff, departments)
        .values(code=F("now_confirmed__cell__code"))
        .annotate(report_year=Value(year), holders=Count("*"))
        .values_list("report_year", "code", "holders")
    )


def _holding(
    municipality_id: int,
    path: str,
    on: datetime.date,
    year: int,
    fiscal_year_staff: bool,
    departments: Collection[int] | None = None,
):
    """Return the queryset of the sheets that count, once for each cell confirmed at step 3 or more."""
    away = Leave.objects.active_on(on).filter(staff=OuterRef("staff"))
    postings = Posting.objects.active_on(on).filter(municipality_id=municipality_id)
    if departments is None:
        postings = below(postings, path, "department__path")
    else:
        postings = postings.filter(department__in=departments)
    who = [Q(staff__left_on__isnull=True) | Q(staff__left_on__gt=on), ~Exists(away)]
    if not fiscal_year_staff:
        who.append(~Q(staff__employment=Staff.Employment.FISCAL_YEAR))
    return Sheet.objects.latest_confirmed(year).filter(
        *who,
        staff__in=postings.values("staff"),
        now_confirmed__level=Confirmation.Level.FINAL,
        now_confirmed__step__gte=HOLDER_STEP,
    )


@functools.cache
def _prepared_counts(is_part: bool, fiscal_year_staff: bool) -> Prepared:
    """Return the count, written once a process: writing it takes the ORM half as long as the answer takes."""
    path = "90000001" if is_part else ""
    stand_ins = {"municipality_id": 9000001, "on": datetime.date(1900, 1, 2), "year": 9001}
    counted = counts(**stand_ins, path=path, fiscal_year_staff=fiscal_year_staff)
    if is_part:
        stand_ins |= {"path": path, "bound": upper_bound(path)}
    return Prepared(counted, stand_ins)
