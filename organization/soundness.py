"""What must hold of who is where, of accounts, files and long work, as `verify` asks it."""

from organization.soundness_accounts import CHECKS as ACCOUNTS
from organization.soundness_people import CHECKS as PEOPLE
from organization.soundness_work import CHECKS as WORK

CHECKS = [*PEOPLE, *ACCOUNTS, *WORK]
