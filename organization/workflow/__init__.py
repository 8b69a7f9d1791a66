"""Changes of several models, one module a noun; import from here."""

from organization.workflow.accounts import (
    Slip,
    change_password,
    create_account,
    grant_role,
    issue_codes,
    set_account_active,
    sign_in_with_code,
    withdraw_grant,
)
from organization.workflow.departments import DepartmentValues, create_department, edit_department
from organization.workflow.imports import (
    PlanChanged,
    apply_import,
    check_import_again,
    discard_import,
    upload_import,
)

__all__ = [
    "DepartmentValues",
    "PlanChanged",
    "Slip",
    "apply_import",
    "change_password",
    "check_import_again",
    "create_account",
    "create_department",
    "discard_import",
    "edit_department",
    "grant_role",
    "issue_codes",
    "set_account_active",
    "sign_in_with_code",
    "upload_import",
    "withdraw_grant",
]
