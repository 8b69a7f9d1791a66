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
from organization.views.signin import login, logout, password

__all__ = [
    "account",
    "account_active",
    "account_code",
    "account_grant",
    "account_new",
    "account_withdraw",
    "accounts",
    "login",
    "logout",
    "password",
    "slips",
]
