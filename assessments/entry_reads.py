"""A person's entries with what hangs on them: cells, files, and the ratings that rest on each. Takes no request."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, IntegerField, OuterRef, Q, Subquery, UUIDField, Value

from assessments.models import Attachment, Entry, EntryCell, RatingEvidence, Sheet
from competency.models import Cell

# Everything of one entry by one query: the kinds share a row (assessments.models.entries).
DETAILS = (
    "experience",
    "certification__qualification",
    "training__course__provider",
    "career",
    "handover__successor",
    "foreign_record",
    "created_by",
)


@dataclass(frozen=True)
class FileOf:
    """One file of an entry, without its bytes."""

    uuid: uuid.UUID
    label: str
    content_type: str
    size: int

    @property
    def type_words(self) -> str:
        """Return PDF, PNG or JPEG."""
        return Attachment.Type(self.content_type).label


@dataclass(frozen=True)
class Resting:
    """One confirmed or submitted rating that rests on an entry: the 年度, the cell and the person's own step."""

    fiscal_year: int
    cell_code: str
    step: int


@dataclass(frozen=True)
class Shown:
    """One entry as pages and files show it. `cells` are codes in order of code."""

    entry: Entry
    cells: tuple[str, ...] = ()
    files: tuple[FileOf, ...] = ()
    ratings: tuple[Resting, ...] = ()

    @property
    def detail(self) -> Any:
        """Return the row of its own kind: Experience, Certification, Training, Career or Handover. No query."""
        return getattr(self.entry, self.entry.kind)


def entries_of(staff_id: int, kinds: Iterable[str] = tuple(Entry.Kind)) -> list[Shown]:
    """Return somebody's standing entries of the kinds, newest first, undated ones leading; a list.

    The caller has the person in scope (P04). Two queries, however many entries.
    """
    entries = list(Entry.objects.of(staff_id).filter(kind__in=list(kinds)).select_related(*DETAILS))
    return with_parts(entries)


def with_parts(entries: list[Entry]) -> list[Shown]:
    """Return entries that were loaded with DETAILS, with their parts, in the same order; a list. One query."""
    if not entries:
        return []
    cells: dict[int, list[str]] = defaultdict(list)
    files: dict[int, list[FileOf]] = defaultdict(list)
    ratings: dict[int, list[Resting]] = defaultdict(list)
    for leg, entry_id, words, more, number, year, key in _parts([one.pk for one in entries]):
        if leg == "cell":
            cells[entry_id].append(words)
        elif leg == "file":
            files[entry_id].append(FileOf(_uuid(key), words, more, number))
        else:
            ratings[entry_id].append(Resting(year, words, number))
    return [
        Shown(
            one,
            tuple(sorted(cells[one.pk])),
            tuple(files[one.pk]),
            tuple(sorted(ratings[one.pk], key=lambda each: (-each.fiscal_year, each.cell_code))),
        )
        for one in entries
    ]


def cell_names(codes: Iterable[str]) -> dict[str, str]:
    """Return the full name of each cell by code, in the words of the newest published version that has it. One query."""
    cells = (
        Cell.objects.filter(Q(code__in=set(codes)), version__published_at__isnull=False)
        .select_related("area", "stage")
        .order_by("version__published_at", "pk")
    )
    return {cell.code: cell.full_name for cell in cells}


def named(codes: Iterable[str], names: Mapping[str, str]) -> list[str]:
    """Return the names of cells in the order given; a code that no version knows stands for itself."""
    return [names.get(code, code) for code in codes]


def _parts(pks: list[int]):
    """Return (leg, entry id, words, more words, number, year, uuid) of every part of the entries. One query."""
    text, number, key = CharField(), IntegerField(), UUIDField()
    cells = EntryCell.objects.filter(entry__in=pks).values_list(
        Value("cell", text), "entry_id", F("cell_code"), Value("", text), Value(0, number), Value(0, number),
        Value(None, key),
    )  # fmt: skip
    files = Attachment.objects.filter(entry__in=pks, removed_at__isnull=True).values_list(
        Value("file", text), "entry_id", F("label"), F("content_type"), F("size"), Value(0, number), F("uuid")
    )
    step = Subquery(
        RatingEvidence.objects.filter(pk=OuterRef("pk"), revision__ratings__cell=OuterRef("cell")).values(
            "revision__ratings__step"
        )[:1]
    )
    # What was withdrawn or sent back since is no rating that stands.
    standing = Q(revision__sheet__current_revision=F("revision"), revision__sheet__state__in=(
        *Sheet.WAITING, Sheet.State.CONFIRMED,
    ))  # fmt: skip
    ratings = RatingEvidence.objects.filter(standing, entry__in=pks).values_list(
        Value("rating", text), "entry_id", F("cell__code"), Value("", text), step,
        F("revision__sheet__fiscal_year"), Value(None, key),
    )  # fmt: skip
    return list(cells.union(files, ratings, all=True))


def _uuid(value: Any) -> uuid.UUID:
    """Return a uuid from what a union gives: SQLite hands out its text."""
    return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))
