"""A person's entries with what hangs on them: cells, files, and the ratings that rest on each. Takes no request."""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, CharField, F, IntegerField, OuterRef, Q, Subquery, UUIDField, Value, When
from django.db.models.functions import Cast, Coalesce, Concat, TruncDate

from access.actor import Actor
from assessments.models import (
    Attachment,
    Entry,
    EntryCell,
    ForeignLevel,
    ForeignRecord,
    RatingEvidence,
    Sheet,
)
from competency.models import Cell, FrameworkVersion, Step
from lib import fiscal
from lib.dates import format_wareki

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
    """One entry as pages and files show it. `cells` are codes in order of code, `names` their full names."""

    entry: Entry
    cells: tuple[str, ...] = ()
    files: tuple[FileOf, ...] = ()
    ratings: tuple[Resting, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

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
    return _with(entries, part_legs([one.pk for one in entries]))


def _with(entries: Iterable[Entry], legs: Iterable[tuple]) -> list[Shown]:
    cells: dict[int, dict[str, str]] = defaultdict(dict)
    files: dict[int, list[FileOf]] = defaultdict(list)
    ratings: dict[int, list[Resting]] = defaultdict(list)
    names: dict[int, dict[str, str]] = defaultdict(dict)
    for leg, entry_id, words, more, number, year, key in legs:
        if leg == "cell":
            cells[entry_id][words] = names[entry_id][words] = more or words
        elif leg == "file":
            files[entry_id].append(FileOf(_uuid(key), words, more, number))
        elif leg == "rating":
            ratings[entry_id].append(Resting(year, words, number))
            names[entry_id].setdefault(words, more)
    return [
        Shown(
            one,
            tuple(sorted(cells[one.pk])),
            tuple(files[one.pk]),
            tuple(sorted(ratings[one.pk], key=lambda each: (-each.fiscal_year, each.cell_code))),
            dict(names[one.pk]),
        )
        for one in entries
    ]


@dataclass(frozen=True)
class ForeignStep:
    """One level confirmed elsewhere: 年度, the cell in the words of there, the step, the day of its 確定."""

    fiscal_year: int
    cell_name: str
    step: int
    confirmed_on: datetime.date | None

    @property
    def year(self) -> str:
        """Return the 年度 in words."""
        return fiscal.short_label(self.fiscal_year)

    @property
    def words(self) -> str:
        """Return the step with its word."""
        return f"{self.step} {Step(self.step).label}"

    @property
    def confirmed(self) -> str:
        """Return the day of the 確定 in 和暦, "" where it is not known."""
        return format_wareki(self.confirmed_on) if self.confirmed_on else ""


@dataclass(frozen=True)
class Foreign:
    """What one record from elsewhere says about levels: who issued it, on which day; the newest years first."""

    uuid: uuid.UUID
    issuer: str
    issued_on: datetime.date
    steps: tuple[ForeignStep, ...]

    @property
    def issued(self) -> str:
        """Return the day of issue in 和暦."""
        return format_wareki(self.issued_on)


def record_of(staff_id: int) -> tuple[list[Shown], list[Foreign]]:
    """Return somebody's whole standing record: the entries as `entries_of` gives them, and levels from elsewhere.

    The caller has the person in scope (P04). Two queries, however many entries and records.
    """
    entries = list(Entry.objects.of(staff_id).select_related(*DETAILS))
    legs = part_legs([one.pk for one in entries], foreign_to=staff_id)
    steps: dict[int, list[ForeignStep]] = defaultdict(list)
    for leg, record_id, words, more, number, year, _ in legs:
        if leg == "level":
            steps[record_id].append(ForeignStep(year, words, number, _day(more)))
    foreign = [
        Foreign(
            _uuid(key), words, _day(more) or datetime.date.min,
            tuple(sorted(steps[record_id], key=lambda one: (-one.fiscal_year, one.cell_name))),
        )
        for leg, record_id, words, more, _, _, key in legs
        if leg == "record"
    ]  # fmt: skip
    return _with(entries, legs), sorted(foreign, key=lambda one: one.issued_on, reverse=True)


def cell_names(codes: Iterable[str], actor: Actor) -> dict[str, str]:
    """Return the full name of each cell by code, in the newest words that the actor's municipality knows. One query."""
    cells = (
        Cell.objects.filter(code__in=set(codes), version__in=FrameworkVersion.objects.visible_to(actor))
        .select_related("area", "stage")
        .order_by("version__published_at", "pk")
    )
    return {cell.code: cell.full_name for cell in cells}


def named(codes: Iterable[str], names: Mapping[str, str]) -> list[str]:
    """Return the names of cells in the order given; a code that no version knows stands for itself."""
    return [names.get(code, code) for code in codes]


def part_legs(pks: list[int], *, foreign_to: int | None = None) -> list[tuple]:
    """Return (leg, owner id, words, more words, number, year, uuid) of every part of the entries. One query.

    With `foreign_to` the person's records from elsewhere, with their levels, are legs too.
    """
    text, number, key = CharField(), IntegerField(), UUIDField()
    name = Case(When(task="", then=F("label")), default=Concat("area__name", Value("｜"), "task"))
    # In the words of the newest version that knows the cell, common or of the person's own municipality.
    known = Cell.objects.filter(
        Q(version__framework__municipality=None)
        | Q(version__framework__municipality=OuterRef("entry__municipality")),
        code=OuterRef("cell_code"), version__published_at__isnull=False,
    )  # fmt: skip
    newest = known.order_by("-version__published_at", "-pk").annotate(words=name).values("words")[:1]
    cells = EntryCell.objects.filter(entry__in=pks).values_list(
        Value("cell", text), "entry_id", F("cell_code"), Coalesce(Subquery(newest, output_field=text), Value("")),
        Value(0, number), Value(0, number), Value(None, key),
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
    rated = Case(
        When(cell__task="", then=F("cell__label")),
        default=Concat("cell__area__name", Value("｜"), "cell__task"),
    )
    ratings = RatingEvidence.objects.filter(standing, entry__in=pks).values_list(
        Value("rating", text), "entry_id", F("cell__code"), rated, step,
        F("revision__sheet__fiscal_year"), Value(None, key),
    )  # fmt: skip
    legs = [files, ratings]
    if foreign_to is not None:
        records = ForeignRecord.objects.filter(staff=foreign_to, removed_at__isnull=True)
        levels = ForeignLevel.objects.filter(record__staff=foreign_to, record__removed_at__isnull=True)
        legs += [
            records.values_list(
                Value("record", text), "pk", F("issuer_name"), Cast(TruncDate("issued_at"), text),
                Value(0, number), Value(0, number), F("uuid"),
            ),
            levels.values_list(
                Value("level", text), "record_id", F("cell_name"), Coalesce(Cast("confirmed_on", text), Value("")),
                F("step"), F("fiscal_year"), Value(None, key),
            ),
        ]  # fmt: skip
    return list(cells.union(*legs, all=True))


def _day(text: str) -> datetime.date | None:
    """Return the day of a text that a database made of it."""
    return datetime.date.fromisoformat(text[:10]) if text else None


def _uuid(value: Any) -> uuid.UUID:
    """Return a uuid from what a union gives: SQLite hands out its text."""
    return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))
