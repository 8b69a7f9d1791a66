"""Who and where: municipality, departments, staff, postings, leave, grants, sessions, imports, jobs, tokens."""

from organization.models.attempts import Attempt
from organization.models.coming import ComingChange
from organization.models.department import Department
from organization.models.factors import AuthenticatorApp, Passkey, RecoveryCode
from organization.models.imports import HeaderMapping, ImportBatch
from organization.models.jobs import Job
from organization.models.municipality import Municipality
from organization.models.position import Position
from organization.models.posting import Leave, Posting
from organization.models.saml import SpentAssertion
from organization.models.sessions import StaffSession
from organization.models.staff import Grant, SignInCode, Staff
from organization.models.tokens import ApiToken

__all__ = [
    "ApiToken",
    "Attempt",
    "AuthenticatorApp",
    "ComingChange",
    "Department",
    "Grant",
    "HeaderMapping",
    "ImportBatch",
    "Job",
    "Leave",
    "Municipality",
    "Passkey",
    "Position",
    "Posting",
    "RecoveryCode",
    "SignInCode",
    "SpentAssertion",
    "Staff",
    "StaffSession",
]
