"""Scope of sight: the Actor of a request, computed from dated rows each time (permissions.md)."""

import datetime

from access.actor import AUDITOR_EXCLUDES, Actor, Role
from lib.tenant import as_tenant
from organization.models import Grant, Posting, Staff
from organization.models.position import LineRole


def actor_for(staff: Staff, today: datetime.date, *, request_id: str = "-", address: str = "") -> Actor:
    """Return the Actor of `staff` on `today`. Two queries: postings in force, grants not withdrawn.

    A scope follows from postings whose half-open interval holds `today`: from 00:00 of the day a transfer
    takes effect the former superior no longer sees the person. 監査 excludes 人事, 編集 and システム管理.
    """
    postings = list(
        Posting.objects.active_on(today)
        .filter(staff=staff)
        .select_related("department")
        .order_by("kind", "start", "pk")
    )
    roles = {Role.SELF, *(Role(role) for role in _granted(staff))}
    if Role.AUDITOR in roles:
        roles -= AUDITOR_EXCLUDES
    first = tuple(p.department.path for p in postings if p.line_role == LineRole.FIRST)
    head = tuple(p.department.path for p in postings if p.line_role == LineRole.HEAD)
    if first or head:
        roles.add(Role.LINE)
    main = next((p for p in postings if p.kind == Posting.Kind.MAIN), None)
    return Actor(
        staff_id=staff.pk,
        staff_uuid=staff.uuid,
        municipality_id=staff.municipality_id,
        today=today,
        roles=frozenset(roles),
        first_paths=first,
        head_paths=head,
        own_paths=tuple(p.department.path for p in postings),
        name=staff.name,
        place=main.department.name if main else "",
        municipality_name=staff.municipality.name,
        request_id=request_id,
        address=address,
    )


def _granted(staff: Staff) -> list[str]:
    return list(Grant.objects.filter(staff=staff, withdrawn_at__isnull=True).values_list("role", flat=True))


def is_sysadmin(staff: Staff) -> bool:
    """Say whether somebody who is only signing in has システム管理."""
    with as_tenant(staff.municipality_id):
        return Role.SYSADMIN.value in _granted(staff)
