"""URLs of the app, one group a noun."""

from django.urls import path

from organization import views

app_name = "organization"

# /login/, /logout/, /password/
signin_urls = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("password/", views.password, name="password"),
]

# /accounts/
account_urls = [
    path("accounts/", views.accounts, name="accounts"),
    path("accounts/new/", views.account_new, name="account_new"),
    path("accounts/slips/", views.slips, name="slips"),
    path("accounts/<uuid:staff_uuid>/", views.account, name="account"),
    path("accounts/<uuid:staff_uuid>/grant/", views.account_grant, name="account_grant"),
    path(
        "accounts/<uuid:staff_uuid>/withdraw/<uuid:grant_uuid>/",
        views.account_withdraw,
        name="account_withdraw",
    ),
    path("accounts/<uuid:staff_uuid>/active/", views.account_active, name="account_active"),
    path("accounts/<uuid:staff_uuid>/code/", views.account_code, name="account_code"),
]

# /imports/
import_urls = [
    path("imports/", views.imports, name="imports"),
    path("imports/templates/", views.import_templates, name="import_templates"),
    path("imports/template/<slug:kind>.csv", views.import_template, name="import_template"),
    path("imports/<uuid:import_uuid>/", views.import_preview, name="import_preview"),
    path("imports/<uuid:import_uuid>/map/", views.import_map, name="import_map"),
    path("imports/<uuid:import_uuid>/apply/", views.import_apply, name="import_apply"),
    path("imports/<uuid:import_uuid>/check/", views.import_check, name="import_check"),
    path("imports/<uuid:import_uuid>/discard/", views.import_discard, name="import_discard"),
    path("imports/<uuid:import_uuid>/undo/", views.import_undo, name="import_undo"),
]

# /people/
people_urls = [
    path("people/", views.people, name="people"),
    path("people/bulk/", views.people_bulk, name="people_bulk"),
    path("people/<uuid:staff_uuid>/", views.person, name="person"),
    path("people/<uuid:staff_uuid>/edit/", views.person_edit, name="person_edit"),
    path("people/<uuid:staff_uuid>/posting/", views.person_posting, name="person_posting"),
]

# /organization/
department_urls = [
    path("organization/", views.departments, name="departments"),
    path("organization/new/", views.department_new, name="department_new"),
    path("organization/positions/", views.positions, name="positions"),
    path("organization/<uuid:department_uuid>/edit/", views.department_edit, name="department_edit"),
]

# /jobs/
job_urls = [
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/<uuid:job_uuid>/", views.job, name="job"),
    path("jobs/<uuid:job_uuid>/file/", views.job_file, name="job_file"),
]

urlpatterns = [
    *signin_urls,
    *account_urls,
    *import_urls,
    *people_urls,
    *department_urls,
    *job_urls,
]
