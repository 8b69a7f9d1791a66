"""Records in the long form as finished lines of CSV: the rows of `exports.long_rows`, in a third of the time (docs/adr/0075).

Of the 23 columns 20 are the same for a person or for a cell. They are written once, and each rating puts its own
three between them. The ratings come by COPY where the database knows it, else through the ORM; whose they are is
decided before, by the queryset of sheets.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from assessments.exports import (
    LONG_HEADER,
    Person,
    cell_columns,
    cells_of,
    chunks,
    finals_of,
    ratings_of,
)
from assessments.models import Cycle, Rating
from lib.batches import batched
from lib.copy_out import can_copy, copied, copied_numbers
from lib.csv_parts import LINE_END, CsvParts

# So many people are asked for at once: each time PostgreSQL may read whole tables for what is said of a few.
_PEOPLE = 5000
# So many ratings at most are held at once, a few MB: a larger piece saves nothing.
_ROWS = 17_000


@dataclass(frozen=True)
class _Shared:
    """What the lines of a chunk share: {revision: (place of its first line, text before the cell, between the steps
    and the evidence, after it)} and {cell: (its place, its text)}.
    """

    people: dict[int, tuple[int, bytes, bytes, bytes]]
    cells: dict[int, tuple[int, bytes]]


def long_lines(sheets, cycle: Cycle, parts: CsvParts) -> Iterator[tuple[bytes, int]]:
    """Yield pieces of a CSV file and how many rows each holds, the header first; in constant memory.

    The same bytes as `write_csv(LONG_HEADER, long_rows(sheets, cycle))`. Raises CannotEncode. A query each 5,000
    people, two each 1,000 (fewer where there are more than 17 cells), and two before.
    """
    yield parts.mark + parts.part(LONG_HEADER) + LINE_END, 0
    cells = cells_of(cycle)
    words = {cell.pk: (place, parts.part(cell_columns(cell)) + b",") for place, cell in enumerate(cells)}
    size = max(1, _ROWS // max(1, len(cells)))
    for people in (part for chunk in chunks(sheets, cycle, _PEOPLE) for part in batched(chunk, size)):
        shared = _Shared(_written(people, parts, len(cells)), words)
        # One place for each rating that there could be: they need no order of their own.
        lines = [b""] * (len(shared.people) * len(cells))
        put = _put_copied if can_copy(Rating.objects.all()) else _put_read
        count = put(lines, people, shared, parts)
        yield b"".join(lines), count


def _written(people: list[Person], parts: CsvParts, cells: int) -> dict[int, tuple[int, bytes, bytes, bytes]]:
    written: dict[int, tuple[int, bytes, bytes, bytes]] = {}
    states: dict[str, bytes] = {}
    for person in people:
        if person.revision_id is None:
            continue
        if person.state not in states:
            states[person.state] = b"," + parts.part([person.state]) + b","
        written[person.revision_id] = (
            len(written) * cells,
            parts.part(person.start) + b",",
            states[person.state],
            b"," + parts.part([person.submitted_at, person.confirmed_at]) + LINE_END,
        )
    return written


def _put_read(lines: list[bytes], people: list[Person], shared: _Shared, parts: CsvParts) -> int:
    """Put every rating at its place, read through the ORM; return how many there are."""
    finals = finals_of(people).values_list("revision_id", "cell_id", "step")
    confirmed = {(revision, cell): step for revision, cell, step in finals}
    digits = {step: b"%d" % step for step in range(10)}
    nothing = b""
    count = 0
    for revision, cell, step, evidence in ratings_of(people).values_list(
        "revision_id", "cell_id", "step", "evidence"
    ):
        first, start, state, end = shared.people[revision]
        place, words = shared.cells[cell]
        final = confirmed.get((revision, cell))
        lines[first + place] = nothing.join(
            (
                start, words, digits[step], b",", nothing if final is None else digits[final], state,
                parts.cell(evidence), end,
            )
        )  # fmt: skip
        count += 1
    return count


def _put_copied(lines: list[bytes], people: list[Person], shared: _Shared, parts: CsvParts) -> int:
    """Put every rating at its place, read by COPY; return how many there are."""
    of_revision = {b"%d" % key: value for key, value in shared.people.items()}
    of_cell = {b"%d" % key: value for key, value in shared.cells.items()}
    confirmed = [b""] * len(lines)
    finals = finals_of(people).values_list("revision_id", "cell_id", "step")
    for revision, cell, step in zip(*copied_numbers(finals, 3), strict=True):
        confirmed[of_revision[revision][0] + of_cell[cell][0]] = step
    nothing = b""
    rows = copied(ratings_of(people).values_list("revision_id", "cell_id", "step", "evidence"))
    for line in rows:
        revision, cell, step, evidence = line.split(b",", 3)
        first, start, state, end = of_revision[revision]
        place, words = of_cell[cell]
        place += first
        # The call is for what is rare: most of the time nothing was written.
        text = nothing if evidence == b'""' else parts.copied(evidence)
        lines[place] = nothing.join((start, words, step, b",", confirmed[place], state, text, end))
    return len(rows)
