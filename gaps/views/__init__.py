"""Views of the app, one module a noun."""

from gaps.views.all_measures import (
    all_measures,
    all_measures_csv,
    all_measures_xlsx,
    department_measures_csv,
    department_measures_xlsx,
)
from gaps.views.assignment_imports import assignments_import, assignments_template
from gaps.views.assignments import assignments
from gaps.views.calibration import calibration
from gaps.views.cells import cell
from gaps.views.departments import department, departments, heatmap
from gaps.views.duties import duties
from gaps.views.experienced import experienced
from gaps.views.exports import coverage_csv, coverage_xlsx, overview_csv, overview_xlsx
from gaps.views.four_way import four_way
from gaps.views.four_way_exports import four_way_csv, four_way_xlsx
from gaps.views.measures import measure, measure_new, measures
from gaps.views.needs import needs
from gaps.views.overview import overview
from gaps.views.resumes import resumes
from gaps.views.scenarios import scenario, scenario_compare, scenario_new, scenarios
from gaps.views.summary import summary
from gaps.views.training import training
from gaps.views.trend import trend

__all__ = [
    "all_measures",
    "all_measures_csv",
    "all_measures_xlsx",
    "assignments",
    "assignments_import",
    "assignments_template",
    "calibration",
    "cell",
    "coverage_csv",
    "coverage_xlsx",
    "department",
    "department_measures_csv",
    "department_measures_xlsx",
    "departments",
    "duties",
    "experienced",
    "four_way",
    "four_way_csv",
    "four_way_xlsx",
    "heatmap",
    "measure",
    "measure_new",
    "measures",
    "needs",
    "overview",
    "overview_csv",
    "overview_xlsx",
    "resumes",
    "scenario",
    "scenario_compare",
    "scenario_new",
    "scenarios",
    "summary",
    "training",
    "trend",
]
