"""What somebody says about one entry, as plain values of its kind; forms make them, the workflow writes them."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, ClassVar

from assessments.models import Career, Certification, Entry, Experience, Handover, Training

# Columns of `Entry`; everything else of the values below is a column of the kind's own row.
SHARED = ("title", "start", "end", "text")


@dataclass(frozen=True, kw_only=True)
class EntryValues:
    """What every kind has. `cells` are the codes of the cells that it shows; their order says nothing."""

    kind: ClassVar[Entry.Kind]
    model: ClassVar[Any]

    title: str
    start: datetime.date | None = None
    end: datetime.date | None = None
    text: str = ""
    cells: tuple[str, ...] = ()

    def shared(self) -> dict[str, Any]:
        """Return the columns of the row that every kind shares."""
        return {name: getattr(self, name) for name in SHARED}

    def own(self) -> dict[str, Any]:
        """Return the columns of the kind's own row."""
        return {
            one.name: getattr(self, one.name) for one in fields(self) if one.name not in (*SHARED, "cells")
        }


@dataclass(frozen=True, kw_only=True)
class ExperienceValues(EntryValues):
    """業務経験."""

    kind = Entry.Kind.EXPERIENCE
    model = Experience

    category: str = Experience.Category.OTHER.value
    role: str = ""
    size: str = ""
    result: str = ""


@dataclass(frozen=True, kw_only=True)
class CertificationValues(EntryValues):
    """資格; `start` is the day it was passed."""

    kind = Entry.Kind.CERTIFICATION
    model = Certification

    qualification_id: int | None = None
    registered_on: datetime.date | None = None
    registration_number: str = ""
    renew_by: datetime.date | None = None


@dataclass(frozen=True, kw_only=True)
class TrainingValues(EntryValues):
    """研修."""

    kind = Entry.Kind.TRAINING
    model = Training

    course_id: int | None = None
    provider: str = ""
    form: str = Training.Form.CLASS.value
    hours: Decimal | None = None
    fee: int | None = None
    state: str = Training.State.FINISHED.value
    result: str = ""


@dataclass(frozen=True, kw_only=True)
class CareerValues(EntryValues):
    """所属の履歴 that no 発令 tells; `title` is where."""

    kind = Entry.Kind.CAREER
    model = Career

    role: str = ""


@dataclass(frozen=True, kw_only=True)
class HandoverValues(EntryValues):
    """引継ぎメモ."""

    kind = Entry.Kind.HANDOVER
    model = Handover

    successor_id: int | None = None
    is_done: bool = False


VALUES: dict[str, type[EntryValues]] = {
    one.kind.value: one
    for one in (ExperienceValues, CertificationValues, TrainingValues, CareerValues, HandoverValues)
}


def values_of(entry: Entry, cells: Iterable[str]) -> EntryValues:
    """Return what is stored of an entry; no query where the row of its kind was loaded with it."""
    kind = VALUES[entry.kind]
    row = entry if isinstance(entry, kind.model) else getattr(entry, entry.kind)
    names = [one.name for one in fields(kind) if one.name != "cells"]
    return kind(**{name: getattr(row, name) for name in names}, cells=tuple(sorted(cells)))
