"""Views of the app, one module a noun."""

from organization.views.accounts import (
    account,
    account_active,
    account_code,
    account_grant,
    account_new,
    account_withdraw,
    accounts,
    slips,
)
from organization.views.departments import department_edit, department_new, departments
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
from organization.views.signin import login, logout, password

__all__ = [
    "account",
    "account_active",
    "account_code",
    "account_grant",
    "account_new",
    "account_withdraw",
    "accounts",
    "department_edit",
    "department_new",
    "departments",
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
    "password",
    "people",
    "people_bulk",
    "person",
    "person_edit",
    "person_posting",
    "positions",
    "slips",
]
