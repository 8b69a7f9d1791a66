"""Asking for everybody's résumé of a department: the order and its audit event are one act (P20d)."""

from django.db import transaction

from access.actor import Actor
from audit.models import record
from gaps.resume_bundle import ASKED
from organization.jobs import start_job
from organization.models import Department, Job

KIND_NAME = "resumes"


@transaction.atomic
def ask_resumes(*, department: Department, people: int, reason: str, by: Actor, now) -> Job:
    """Order the file and return the job; the same order that is still being made is returned again.

    Raises Conflict for too many orders at once.
    """
    job = start_job(
        kind=KIND_NAME, title=f"{department.name}のスキル履歴書"[:120], params={"department": department.pk},
        by=by, now=now,
    )  # fmt: skip
    record(
        by=by, action=ASKED, now=now, target=department,
        data={"department": department.code, "rows": people, "reason": reason, "job": str(job.uuid)},
    )  # fmt: skip
    return job
