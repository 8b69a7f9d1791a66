"""Handing out records: the file and the audit event are one act (P20)."""

from django.db import transaction

from access.actor import Actor
from assessments.export_files import Export, Written, write
from assessments.exports import Finding
from audit.models import record
from organization.models import Department


@transaction.atomic
def export_records(
    *, export: Export, kind: str, department: Department | None, reason: str, by: Actor | None, now,
    replaced: list[Finding] | None = None,
) -> Written:  # fmt: skip
    """Write the file and the event with its row count and filter, and return the file.

    `by` None is the operator. Raises lib.cp932.CannotEncode where CP932 cannot carry everything and nobody
    has chosen a replacement; then there is no event either.
    """
    written = write(export, kind, replaced)
    record(
        by=by, action="export.records", now=now, municipality_id=export.cycle.municipality_id, target=export.cycle,
        data={
            "fiscal_year": export.cycle.fiscal_year, "department": department.code if department else "",
            "form": export.form, "format": kind, "rows": written.rows, "replaced": len(replaced or ()),
            "reason": reason,
        },
    )  # fmt: skip
    return written
