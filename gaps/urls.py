"""URLs of the app, one group a noun."""

from django.urls import path

from gaps import views

app_name = "gaps"

# /departments/
department_urls = [
    path("departments/", views.departments, name="departments"),
    path("departments/<uuid:department_uuid>/", views.department, name="department"),
    path("departments/<uuid:department_uuid>/heatmap/", views.heatmap, name="heatmap"),
    path("departments/<uuid:department_uuid>/calibration/", views.calibration, name="calibration"),
    path("departments/<uuid:department_uuid>/cells/<uuid:cell_uuid>/", views.cell, name="cell"),
    path("departments/<uuid:department_uuid>/duties/", views.duties, name="duties"),
    path("departments/<uuid:department_uuid>/needs/", views.needs, name="needs"),
    path("departments/<uuid:department_uuid>/training/", views.training, name="training"),
    path("departments/<uuid:department_uuid>/trend/", views.trend, name="trend"),
    path("departments/<uuid:department_uuid>/four-way/", views.four_way, name="four_way"),
    path("departments/<uuid:department_uuid>/four-way.csv", views.four_way_csv, name="four_way_csv"),
    path("departments/<uuid:department_uuid>/four-way.xlsx", views.four_way_xlsx, name="four_way_xlsx"),
    path("departments/<uuid:department_uuid>/summary/", views.summary, name="summary"),
    path("departments/<uuid:department_uuid>/resumes/", views.resumes, name="resumes"),
    path("departments/<uuid:department_uuid>/coverage.csv", views.coverage_csv, name="coverage_csv"),
    path("departments/<uuid:department_uuid>/coverage.xlsx", views.coverage_xlsx, name="coverage_xlsx"),
]

# /departments/<uuid>/duties/assignments/
assignment_urls = [
    path(
        "departments/<uuid:department_uuid>/duties/assignments/",
        views.assignments,
        name="assignments",
    ),
    path(
        "departments/<uuid:department_uuid>/duties/assignments/import/",
        views.assignments_import,
        name="assignments_import",
    ),
    path(
        "departments/<uuid:department_uuid>/duties/assignments/import/template.xlsx",
        views.assignments_template,
        name="assignments_template",
    ),
]

# /departments/<uuid>/measures, /measures/
_OF_DEPARTMENT = "departments/<uuid:department_uuid>/measures"
measure_urls = [
    path(f"{_OF_DEPARTMENT}/", views.measures, name="measures"),
    path(f"{_OF_DEPARTMENT}/new/", views.measure_new, name="measure_new"),
    path(f"{_OF_DEPARTMENT}.csv", views.department_measures_csv, name="department_measures_csv"),
    path(f"{_OF_DEPARTMENT}.xlsx", views.department_measures_xlsx, name="department_measures_xlsx"),
    path("measures/", views.all_measures, name="all_measures"),
    path("measures/measures.csv", views.all_measures_csv, name="all_measures_csv"),
    path("measures/measures.xlsx", views.all_measures_xlsx, name="all_measures_xlsx"),
    path("measures/<uuid:measure_uuid>/", views.measure, name="measure"),
]

# /overview/
overview_urls = [
    path("overview/", views.overview, name="overview"),
    path("overview/coverage.csv", views.overview_csv, name="overview_csv"),
    path("overview/coverage.xlsx", views.overview_xlsx, name="overview_xlsx"),
]

# /scenarios/
scenario_urls = [
    path("scenarios/", views.scenarios, name="scenarios"),
    path("scenarios/new/", views.scenario_new, name="scenario_new"),
    path("scenarios/compare/", views.scenario_compare, name="scenario_compare"),
    path("scenarios/<uuid:scenario_uuid>/", views.scenario, name="scenario"),
]

# /people/experienced/
people_urls = [
    path("people/experienced/", views.experienced, name="experienced"),
]

urlpatterns = [
    *people_urls,
    *department_urls,
    *assignment_urls,
    *measure_urls,
    *scenario_urls,
    *overview_urls,
]
