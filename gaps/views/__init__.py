"""Views of the app, one module a noun."""

from gaps.views.cells import cell
from gaps.views.departments import department, departments, heatmap
from gaps.views.exports import coverage_csv, coverage_xlsx, overview_csv, overview_xlsx
from gaps.views.needs import needs
from gaps.views.overview import overview
from gaps.views.trend import trend

__all__ = [
    "cell",
    "coverage_csv",
    "coverage_xlsx",
    "department",
    "departments",
    "heatmap",
    "needs",
    "overview",
    "overview_csv",
    "overview_xlsx",
    "trend",
]
