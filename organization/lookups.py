"""Loading in scope: a lookup returns the object or raises the refusal (permissions.md)."""

import uuid

from access.actor import Actor
from access.refusals import NotVisible
from organization.models import Department, ImportBatch, Job, Staff


def staff_for(actor: Actor, staff_uuid: uuid.UUID) -> Staff:
    """Return a person whose card the actor may see (P01), or raise NotVisible."""
    staff = Staff.objects.visible_to(actor).filter(uuid=staff_uuid).first()
    if staff is None:
        raise NotVisible
    return staff


def department_for(actor: Actor, department_uuid: uuid.UUID) -> Department:
    """Return a department, with parent and successor, whose report the actor may open in some form (P16), or raise NotVisible."""
    department = (
        Department.objects.visible_to(actor)
        .select_related("parent", "successor")
        .filter(uuid=department_uuid)
        .first()
    )
    if department is None:
        raise NotVisible
    return department


def import_for(actor: Actor, import_uuid: uuid.UUID) -> ImportBatch:
    """Return an import of the municipality with its job and without its bytes, or raise NotVisible.

    The view asks P21 first. One query.
    """
    batch = (
        ImportBatch.objects.visible_to(actor)
        .light()
        .select_related("uploaded_by", "job")
        .filter(uuid=import_uuid)
        .first()
    )
    if batch is None:
        raise NotVisible
    return batch


def job_for(actor: Actor, job_uuid: uuid.UUID) -> Job:
    """Return an order of the actor's own, or raise NotVisible: nobody sees another's. One query."""
    job = Job.objects.of(actor).filter(uuid=job_uuid).first()
    if job is None:
        raise NotVisible
    return job
