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

__all__ = [
    "Slip",
    "change_password",
    "create_account",
    "grant_role",
    "issue_codes",
    "set_account_active",
    "sign_in_with_code",
    "withdraw_grant",
]
