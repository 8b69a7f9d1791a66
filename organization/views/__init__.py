"""Views of the app, one module a noun."""

from organization.views.accounts import (
    account,
    account_active,
    account_code,
    account_factors,
    account_grant,
    account_new,
    account_sessions,
    account_withdraw,
    accounts,
    slips,
)
from organization.views.departments import department_edit, department_new, departments
from organization.views.factors import (
    factor_app,
    factor_app_remove,
    factor_codes,
    factor_passkey,
    factor_passkey_new,
    factor_passkey_remove,
    factor_proof,
    factors,
)
from organization.views.import_templates import import_templates
from organization.views.imports import (
    import_apply,
    import_check,
    import_discard,
    import_map,
    import_preview,
    import_template,
    import_undo,
    imports,
)
from organization.views.jobs import job, job_file, jobs
from organization.views.people import people, person, person_edit, person_posting
from organization.views.people_bulk import people_bulk
from organization.views.positions import positions
from organization.views.second_step import passkey_login, second_step
from organization.views.sessions import sessions
from organization.views.signin import login, logout, password
from organization.views.sso import sso, sso_acs, sso_answer, sso_metadata

__all__ = [
    "account",
    "account_active",
    "account_code",
    "account_factors",
    "account_grant",
    "account_new",
    "account_sessions",
    "account_withdraw",
    "accounts",
    "department_edit",
    "department_new",
    "departments",
    "factor_app",
    "factor_app_remove",
    "factor_codes",
    "factor_passkey",
    "factor_passkey_new",
    "factor_passkey_remove",
    "factor_proof",
    "factors",
    "import_apply",
    "import_check",
    "import_discard",
    "import_map",
    "import_preview",
    "import_template",
    "import_templates",
    "import_undo",
    "imports",
    "job",
    "job_file",
    "jobs",
    "login",
    "logout",
    "passkey_login",
    "password",
    "people",
    "people_bulk",
    "person",
    "person_edit",
    "person_posting",
    "positions",
    "second_step",
    "sessions",
    "slips",
    "sso",
    "sso_acs",
    "sso_answer",
    "sso_metadata",
]
