"""Changes of several models, one module a noun; import from here."""

from organization.workflow.accounts import (
    Slip,
    change_password,
    create_account,
    end_own_sessions,
    end_sessions_of,
    grant_role,
    issue_codes,
    set_account_active,
    sign_in_with_code,
    withdraw_grant,
)
from organization.workflow.coming import apply_due
from organization.workflow.departments import DepartmentValues, create_department, edit_department
from organization.workflow.import_jobs import is_left_to_worker, order_apply, order_check, take_import
from organization.workflow.import_templates import TemplateValues, change_templates
from organization.workflow.imports import (
    PlanChanged,
    apply_import,
    check_import_again,
    discard_import,
    undo_import,
    upload_import,
)
from organization.workflow.people import add_line, edit_staff, plan_line
from organization.workflow.positions import PositionValues, set_positions

__all__ = [
    "DepartmentValues",
    "PlanChanged",
    "PositionValues",
    "Slip",
    "TemplateValues",
    "add_line",
    "apply_due",
    "apply_import",
    "change_password",
    "change_templates",
    "check_import_again",
    "create_account",
    "create_department",
    "discard_import",
    "edit_department",
    "edit_staff",
    "end_own_sessions",
    "end_sessions_of",
    "grant_role",
    "is_left_to_worker",
    "issue_codes",
    "order_apply",
    "order_check",
    "plan_line",
    "set_account_active",
    "set_positions",
    "sign_in_with_code",
    "take_import",
    "undo_import",
    "upload_import",
    "withdraw_grant",
]
