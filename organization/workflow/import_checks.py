"""A file of HR's read and compared with what is there: nothing here writes (P21, docs/adr/0012, 0032)."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from lib.tabular import Problem, TableError, read_table
from organization.headers import guess, missing
from organization.import_kind import Plan, Question, import_kind
from organization.import_preview import Preview, pack
from organization.models import HeaderMapping, ImportBatch, Municipality

State = ImportBatch.State


@dataclass
class Read:
    """A file as typed lines, before any look at what is there. `refused` are reasons to look no further."""

    header: list[str] = field(default_factory=list)
    mapping: dict[str, str] = field(default_factory=dict)
    refused: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    lines: list[Any] = field(default_factory=list)
    broken: frozenset[str] = frozenset()
    rows: int = 0


@dataclass
class Checked:
    """A file that was compared. `plan` is None where it could not be read as a table of ours."""

    preview: Preview
    mapping: dict[str, str]
    rows: int
    plan: Plan | None = None

    @property
    def counts(self) -> dict[str, Any]:
        """Return the figures that are kept for good: no name, no number of a person."""
        counts: dict[str, Any] = {
            "rows": self.rows,
            "problems": len(self.preview.problems),
            "warnings": len(self.preview.warnings),
        }
        if self.plan is not None and not self.preview.problems:
            counts |= {"kinds": self.plan.counts(), "fingerprint": self.plan.fingerprint()}
            counts["new_positions"] = len(self.preview.new_positions)
            counts["suspicions"] = len(self.preview.suspicions)
        return counts


def read_file(
    *,
    municipality: Municipality,
    kind: str,
    file_name: str,
    content: bytes,
    mapping: dict[str, str] | None = None,
    options: dict[str, Any] | None = None,
) -> Read:
    """Read a file into typed lines. `mapping` is {our label: header}; without one it is guessed."""
    options = options or {}
    try:
        table = read_table(content, file_name)
    except TableError as refusal:
        return Read(refused=refusal.problems)
    columns = import_kind(kind).columns(municipality, options)
    if mapping is None:
        mapping = guess(table.header, columns, remembered_for(municipality, kind, table.header))
    read = Read(table.header, mapping, missing(columns, mapping), rows=len(table.rows))
    if read.refused:
        return read
    parsed = import_kind(kind).parse(table, mapping, options)
    read.lines, read.problems, read.broken = parsed.lines, parsed.problems, parsed.broken
    return read


def remembered_for(municipality: Municipality, kind: str, header: list[str]) -> dict[str, str]:
    """Return {header: our label} of the template that knows most headers of this file; of equals the last file's.

    Empty where there is none. One query.
    """
    found = HeaderMapping.objects.filter(municipality=municipality, kind=kind).order_by("name")
    best = max(found, key=lambda each: len(set(header) & each.columns.keys()), default=None)
    return best.columns if best else {}


def compare(
    read: Read, *, municipality: Municipality, kind: str, options: dict[str, Any], today: datetime.date
) -> Checked:
    """Compare a file with what is there; writes nothing.

    `options` of a roster may hold `full`: it names everybody, and `overwrite`: empty cells empty what is there.
    """
    preview = Preview(
        problems=read.refused,
        header=read.header,
        unused=[name for name in read.header if name not in read.mapping.values()],
    )
    checked = Checked(preview, read.mapping, read.rows)
    if read.refused:
        return checked
    question = Question(municipality, today, options, read.mapping, read.broken)
    plan = import_kind(kind).plan(read.lines, question)
    preview.new_positions, preview.suspicions = plan.new_positions, plan.suspicions
    preview.outcomes, preview.warnings = plan.outcomes, plan.warnings
    preview.problems = sorted(read.problems + plan.problems, key=lambda problem: problem.line or 0)
    checked.plan = plan
    return checked


def read_again(batch: ImportBatch, mapping: dict[str, str] | None) -> Read:
    """Read a kept file; without a mapping it is guessed."""
    return read_file(
        municipality=batch.municipality,
        kind=batch.kind,
        file_name=batch.file_name,
        content=bytes(batch.content),
        mapping=mapping,
        options=batch.options,
    )


def compare_again(batch: ImportBatch, read: Read, now: datetime.datetime) -> Checked:
    """Compare a kept file with what is there now; writes nothing."""
    today, municipality = timezone.localdate(now), batch.municipality
    return compare(read, municipality=municipality, kind=batch.kind, options=batch.options, today=today)


def found(checked: Checked) -> dict[str, Any]:
    """Return the columns of a batch that a check fills in."""
    values: dict[str, Any] = {
        "state": State.REFUSED if checked.preview.problems else State.PREVIEWED,
        "mapping": checked.mapping,
        "counts": checked.counts,
        "preview": pack(checked.preview),
    }
    if not checked.preview.header:
        # A file that is no table can only be mended outside and chosen again.
        values["content"] = None
    return values
