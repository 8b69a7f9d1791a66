"""Who and where: municipality, departments, staff, postings, leave, grants, imports, jobs, tokens."""

from organization.models.coming import ComingChange
from organization.models.department import Department
from organization.models.imports import HeaderMapping, ImportBatch
from organization.models.jobs import Job
from organization.models.municipality import Municipality
from organization.models.position import Position
from organization.models.posting import Leave, Posting
from organization.models.staff import Grant, SignInCode, Staff
from organization.models.tokens import ApiToken

__all__ = [
    "ApiToken",
    "ComingChange",
    "Department",
    "Grant",
    "HeaderMapping",
    "ImportBatch",
    "Job",
    "Leave",
    "Municipality",
    "Position",
    "Posting",
    "SignInCode",
    "Staff",
]
