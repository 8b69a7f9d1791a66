"""Coverage asked of the database driver itself: the yardstick of the report."""

import datetime
import sqlite3
from contextlib import contextmanager
from typing import Any

import psycopg2
from django.conf import settings
from django.db import connections

from competency.models.matrix import HOLDER_STEP
from lib.paths import upper_bound

# Holders per cell: each person in service, posted in or below the department on the day, not on leave and not
# 会計年度任用, once; of each the final confirmation of their newest confirmed sheet up to the year. Cells are matched
# by code across versions.
COVERAGE = """
WITH people AS (
    SELECT DISTINCT posting.staff_id
    FROM organization_posting posting
    JOIN organization_department department ON department.id = posting.department_id
    JOIN organization_staff staff ON staff.id = posting.staff_id
    WHERE department.path >= {path} AND department.path < {bound}
      AND posting.municipality_id = {municipality}
      AND posting.start <= {day} AND (posting."end" IS NULL OR posting."end" > {day})
      AND (staff.left_on IS NULL OR staff.left_on > {day}) AND staff.employment <> 'fiscal_year'
      AND NOT EXISTS (
          SELECT 1 FROM organization_leave leave
          WHERE leave.staff_id = posting.staff_id
            AND leave.start <= {day} AND (leave."end" IS NULL OR leave."end" > {day})
      )
), latest AS (
    SELECT sheet.staff_id, MAX(sheet.fiscal_year) AS fiscal_year
    FROM assessments_sheet sheet
    JOIN people ON people.staff_id = sheet.staff_id
    WHERE sheet.state = 'confirmed' AND sheet.fiscal_year <= {year}
    GROUP BY sheet.staff_id
)
SELECT cell.code, COUNT(*)
FROM latest
JOIN assessments_sheet sheet ON sheet.staff_id = latest.staff_id AND sheet.state = 'confirmed'
    AND sheet.fiscal_year = latest.fiscal_year
JOIN assessments_confirmation confirmation ON confirmation.revision_id = sheet.current_revision_id
    AND confirmation.level = 'final' AND confirmation.step >= {holder}
JOIN competency_cell cell ON cell.id = confirmation.cell_id
GROUP BY cell.code
"""


@contextmanager
def bare_connection():
    """Yield a connection of the driver to the database of the settings, without Django in between."""
    database = settings.DATABASES["default"]
    if connections["default"].vendor == "sqlite":
        connection: Any = sqlite3.connect(database["NAME"])
    else:
        connection = psycopg2.connect(
            dbname=database["NAME"], user=database["USER"], password=database["PASSWORD"],
            host=database["HOST"], port=database["PORT"],
        )  # fmt: skip
        connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


def holder_counts(
    connection, *, municipality_id: int, path: str, on: datetime.date, year: int
) -> dict[str, int]:
    """Return holders by cell code of the department at `path` and all below, as `gaps.reports.holder_counts` does."""
    if isinstance(connection, sqlite3.Connection):
        style, day = ":{}", on.isoformat()
    else:
        style, day = "%({})s", on
    values = {
        "municipality": municipality_id, "path": path, "bound": upper_bound(path), "day": day, "year": year,
        "holder": int(HOLDER_STEP),
    }  # fmt: skip
    cursor = connection.cursor()
    try:
        cursor.execute(COVERAGE.format(**{name: style.format(name) for name in values}), values)
        return dict(cursor.fetchall())
    finally:
        cursor.close()
