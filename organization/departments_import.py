"""The organisation file as a kind of import."""

import datetime
from collections.abc import Mapping
from typing import Any

from access.actor import Actor
from lib.tabular import Table
from organization import departments_file
from organization.departments_file import DepartmentPlan
from organization.import_kind import ImportKind, Parsed, Question
from organization.import_samples import SAMPLES
from organization.models import ImportBatch, Municipality
from organization.workflow.departments import (
    known_departments,
    posted_after,
    undo_departments,
    write_departments,
)

# In the order of the screen.
LABELS = {
    "closed": "廃止",
    "new": "新規",
    "moved": "上位の変更",
    "renamed": "名称変更",
    "succeeded": "引継ぎ先の変更",
    "corrected": "期間の訂正",
    "unchanged": "変更なし",
}


def _parse(table: Table, mapping: Mapping[str, str], options: Mapping[str, Any]) -> Parsed:
    return Parsed(*departments_file.parse_departments(table, mapping))


def _plan(lines: list[Any], question: Question) -> DepartmentPlan:
    there = known_departments(question.municipality.pk)
    posted = posted_after(question.municipality.pk)
    return departments_file.plan_departments(lines, there, posted_after=posted, columns=question.columns)


def _write(
    plan: DepartmentPlan,
    municipality: Municipality,
    by: Actor | None,
    now: datetime.datetime,
    options: Mapping[str, Any],
) -> dict[str, Any]:
    return write_departments(plan, municipality)


KIND = ImportKind(
    columns=lambda municipality, options: departments_file.COLUMNS,
    parse=_parse,
    plan=_plan,
    write=_write,
    labels=LABELS,
    undo=undo_departments,
    sample=SAMPLES[ImportBatch.Kind.ORGANIZATION],
)
