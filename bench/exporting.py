"""What taking out the records of a year costs: memory that it adds, and its rate beside psql or the bare cursor.

Usage of the part that a process of its own runs: python -m bench.exporting FORMAT MUNICIPALITY YEAR   (by `memory`)
"""

import csv
import json
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import django
from django.conf import settings

from bench.timing import compare
from scripts.temporary_postgres import find_programs

if TYPE_CHECKING:
    from bench.measures import Bench
    from bench.results import Figure

ROOT = Path(__file__).parents[1]
# Last year is confirmed for everybody, so that a person is 17 rows: 100,000 rows, or 20,000 in a short run. For CSV the
# whole run has everybody ten times over.
PEOPLE, PEOPLE_SHORT = 5883, 1177
TIMES = 10
KIB = 1024
# The same rows in the same order, 23 columns, by one statement; words for codes are left to whoever has them.
RECORDS = """
SELECT sheet.fiscal_year, city.code, city.name, department.code, department.name, staff.staff_number, staff.name,
       staff.kana, sheet.employment, sheet.position, framework.name, version.name, category.name, area.name,
       stage.name, cell.label, cell.code, rating.step, final.step, sheet.state, rating.evidence, sheet.submitted_at,
       sheet.confirmed_at
FROM assessments_sheet sheet
JOIN organization_municipality city ON city.id = sheet.municipality_id
JOIN organization_department department ON department.id = sheet.department_id
JOIN organization_staff staff ON staff.id = sheet.staff_id
JOIN assessments_rating rating ON rating.revision_id = sheet.current_revision_id
JOIN competency_cell cell ON cell.id = rating.cell_id
JOIN competency_area area ON area.id = cell.area_id
JOIN competency_category category ON category.id = area.category_id
JOIN competency_stage stage ON stage.id = cell.stage_id
JOIN competency_frameworkversion version ON version.id = category.version_id
JOIN competency_framework framework ON framework.id = version.framework_id
LEFT JOIN assessments_confirmation final ON final.revision_id = rating.revision_id AND final.cell_id = rating.cell_id
    AND final.level = 'final'
WHERE sheet.municipality_id = {municipality} AND sheet.fiscal_year = {year}
ORDER BY sheet.department_path, staff.kana, staff.staff_number, sheet.id, cell.rank
"""


def exporting(bench: "Bench") -> list["Figure"]:
    """Measure the records of a year of a large city as CSV and as a workbook."""
    from django.db import connection

    from bench.bare import bare_connection
    from bench.multitude import multiply

    city = bench.city(PEOPLE_SHORT if bench.short else PEOPLE)
    bench.settle()
    municipality, year = city.municipality.pk, city.cycle.fiscal_year - 1
    as_book = memory("xlsx", municipality, year)
    if not bench.short:
        multiply(city, TIMES)
        bench.settle()
    as_csv = memory("csv", municipality, year)
    connection.ensure_connection()
    with bare_connection() as driver, Path(os.devnull).open("wb") as sink:
        asked = municipality, year
        ours, theirs = streamed(*asked, sink), counted(driver, *asked)
        assert ours == theirs, f"the export has {ours} rows, the statement {theirs}"
        yardstick = (
            partial(copied_by_psql, *asked)
            if bench.database == "postgres"
            else partial(plain, driver, *asked)
        )
        found = [
            compare(
                lambda way=way: streamed(*asked, sink, by_copy=way),
                yardstick,
                rounds=bench.rounds(3, 3),
                warm_up=1,
            )
            # SQLite knows one way: it is measured once.
            for way in ((True, False) if connection.vendor == "postgresql" else (True,))
        ]
    return [
        bench.figure("export.csv.rss", as_csv["added"], _behind(as_csv)),
        bench.figure("export.xlsx.rss", as_book["added"], _behind(as_book)),
        bench.figure("export.csv.ratio", 1 / found[0].value, f"{ours} rows, {found[0]}"),
        bench.figure("export.csv.orm.ratio", 1 / found[-1].value, f"{ours} rows, {found[-1]}"),
    ]


def _behind(told: dict[str, float]) -> str:
    return f"{told['rows']} rows, {told['before']:.0f} MiB before"


def streamed(municipality: int, year: int, sink, *, by_copy: bool = True) -> int:
    """Write the CSV as the view makes it, or as it would without COPY; return the rows."""
    from assessments import export_lines
    from assessments.export_files import csv_pieces

    with patch.object(export_lines, "can_copy", export_lines.can_copy if by_copy else lambda rows: False):
        rows = 0
        for piece, within in csv_pieces(_export("csv", municipality, year).table, "utf-8-sig"):
            sink.write(piece)
            rows += within
    return rows


def counted(driver, municipality: int, year: int) -> int:
    """Return how many rows the statement has."""
    cursor = driver.cursor()
    cursor.execute(f"SELECT count(*) FROM ({_records(municipality, year)}) records")  # numbers alone # nosec B608
    (rows,) = cursor.fetchone()
    cursor.close()
    return rows


def plain(driver, municipality: int, year: int) -> None:
    """Write the rows of one statement by Python's csv module."""
    cursor = driver.cursor()
    cursor.execute(_records(municipality, year))
    with Path(os.devnull).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for row in cursor:
            writer.writerow(row)
    cursor.close()


def copied_by_psql(municipality: int, year: int) -> None:
    """Let psql copy the rows of the same statement to nowhere."""
    database = settings.DATABASES["default"]
    programs = find_programs()
    assert programs is not None, "there is a server without its programs"
    environment = {
        **os.environ, "PGPASSWORD": database["PASSWORD"], "PGHOST": database["HOST"], "PGPORT": str(database["PORT"]),
        "PGUSER": database["USER"], "PGDATABASE": database["NAME"],
    }  # fmt: skip
    copy = f"COPY ({_records(municipality, year)}) TO STDOUT (FORMAT csv)"
    command = [programs / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", copy]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


def _records(municipality: int, year: int) -> str:
    return RECORDS.format(municipality=int(municipality), year=int(year))


def memory(form: str, municipality: int, year: int) -> dict[str, float]:
    """Return what an export adds to the memory of a process that has made a small one before, in MiB."""
    command = [sys.executable, "-m", "bench.exporting", form, str(municipality), str(year)]
    # Where a temporary setting points, the process of its own shall point as well.
    environment = {**os.environ, "FILES_DIR": str(settings.FILES_DIR)}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def _export(form: str, municipality: int, year: int, *, department: bool = False):
    from assessments.export_files import export_of
    from assessments.export_kind import Wish, export_kinds
    from assessments.models import Cycle
    from organization.models import Department

    years = Cycle.objects.select_related("municipality", "framework_version__framework")
    cycle = years.get(municipality_id=municipality, fiscal_year=year)
    place = None
    if department:
        place = (
            Department.objects.filter(municipality_id=municipality, parent__isnull=False)
            .order_by("pk")
            .first()
        )
    return export_of("records", export_kinds()["records"], None, Wish(cycle, place), format=form)


def _resident(field: str) -> float:
    """Return a line of /proc/self/status in MiB: VmRSS, or VmHWM, the most since it was last forgotten."""
    found = re.search(rf"^{field}:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) / KIB


def main() -> int:
    """Make a small export, then the whole one, and print what that added."""
    form, municipality, year = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    django.setup()
    from assessments.export_files import write

    write(_export(form, municipality, year, department=True)).file.close()
    before = _resident("VmRSS")
    # Forget the most so far: what starting up took is nobody's export.
    Path("/proc/self/clear_refs").write_text("5")
    written = write(_export(form, municipality, year))
    most = _resident("VmHWM")
    written.file.close()
    print(json.dumps({"added": max(0.0, most - before), "before": before, "rows": written.rows}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
