"""URLs of the app, one group a noun."""

from django.urls import path

from organization import views

app_name = "organization"

# /login/, /logout/, /password/, /sso/
signin_urls = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("password/", views.password, name="password"),
    path("sessions/", views.sessions, name="sessions"),
    path("login/step/", views.second_step, name="second_step"),
    path("login/passkey/", views.passkey_login, name="passkey_login"),
    path("sso/<slug:provider>/", views.sso, name="sso"),
    path("sso/<slug:provider>/answer/", views.sso_answer, name="sso_answer"),
    path("sso/<slug:provider>/acs/", views.sso_acs, name="sso_acs"),
    path("sso/<slug:provider>/metadata/", views.sso_metadata, name="sso_metadata"),
]

# /factors/
factor_urls = [
    path("factors/", views.factors, name="factors"),
    path("factors/proof/", views.factor_proof, name="factor_proof"),
    path("factors/app/", views.factor_app, name="factor_app"),
    path("factors/app/remove/", views.factor_app_remove, name="factor_app_remove"),
    path("factors/passkeys/", views.factor_passkey_new, name="factor_passkey_new"),
    path("factors/passkeys/<uuid:passkey_uuid>/", views.factor_passkey, name="factor_passkey"),
    path(
        "factors/passkeys/<uuid:passkey_uuid>/remove/",
        views.factor_passkey_remove,
        name="factor_passkey_remove",
    ),
    path("factors/codes/", views.factor_codes, name="factor_codes"),
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
    path("accounts/<uuid:staff_uuid>/sessions/", views.account_sessions, name="account_sessions"),
    path("accounts/<uuid:staff_uuid>/code/", views.account_code, name="account_code"),
    path("accounts/<uuid:staff_uuid>/factors/", views.account_factors, name="account_factors"),
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
    *factor_urls,
    *account_urls,
    *import_urls,
    *people_urls,
    *department_urls,
    *job_urls,
]
