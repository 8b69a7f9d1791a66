"""The entries of a résumé, kind by kind, as pages and files print them. Takes no request and asks no database."""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from assessments.entry_reads import Foreign, Shown
from assessments.models import Entry, Training
from lib import fiscal
from lib.dates import format_month, format_months, format_wareki

# A registration is worth a warning in its last sixty days.
SOON = 60
# (fiscal year, cell code) → the step that the reader may see, None for none.
StepOf = Callable[[int, str], int | None]


@dataclass(frozen=True)
class Line:
    """One entry: when it was in words, what it shows, and which ratings rest on it.

    `rests` are cells with a rating that the reader may see, the newest year beside each; `shows` the other cells.
    """

    shown: Shown
    when: str
    rests: list[str]
    shows: list[str]

    @property
    def entry(self) -> Entry:
        """Return the shared row."""
        return self.shown.entry

    @property
    def detail(self) -> Any:
        """Return the row of its own kind."""
        return self.shown.detail

    @property
    def months(self) -> list[str]:
        """Return `when` in pieces that are not to be broken: 令和7年6月から, 令和8年3月."""
        first, mark, last = self.when.partition("から")
        return [first + mark, *([last] if last else [])]

    @property
    def origin(self) -> str:
        """Return who wrote it where that was not the person, in words."""
        if self.entry.foreign_record_id is not None:
            # What was changed since is the person's own word, not the issuer's.
            changed = "（取り込んだ後に変更）" if self.entry.version > 1 else ""
            return f"{self.entry.foreign_record.issuer_name}の記録から{changed}"
        return "" if self.entry.created_by_id == self.entry.staff_id else "人事が記録"


@dataclass(frozen=True)
class Certificate(Line):
    """One 資格: 合格 and 登録 apart, and how urgent its renewal is."""

    registered: str = ""
    renew: str = ""
    warning: str = ""
    gone: bool = False


@dataclass(frozen=True)
class Course(Line):
    """One 研修 as it stands on the record, or an application that is open."""

    by: str = ""


@dataclass(frozen=True)
class Memo(Line):
    """One 引継ぎメモ with who wrote it last, and when."""

    by: str = ""


@dataclass(frozen=True)
class Record:
    """Everything that somebody keeps. `applications` are open ones of 研修, for the person and 人事 alone."""

    experiences: list[Line] = field(default_factory=list)
    certificates: list[Certificate] = field(default_factory=list)
    courses: list[Course] = field(default_factory=list)
    applications: list[Course] = field(default_factory=list)
    careers: list[Line] = field(default_factory=list)
    memos: list[Memo] = field(default_factory=list)
    foreign: list[Foreign] = field(default_factory=list)


def lay_out_record(
    entries: Iterable[Shown],
    foreign: list[Foreign],
    *,
    today: datetime.date,
    step_of: StepOf,
    keeps: bool,
) -> Record:
    """Return the entries by kind, in the order given. `keeps` says that the reader may change them (P03)."""
    record = Record(foreign=foreign)
    for shown in entries:
        kind = shown.entry.kind
        said = (shown, _when(shown.entry), *_cells(shown, step_of))
        if kind == Entry.Kind.EXPERIENCE:
            record.experiences.append(Line(*said))
        elif kind == Entry.Kind.CERTIFICATION:
            record.certificates.append(_certificate(said, today))
        elif kind == Entry.Kind.CAREER:
            record.careers.append(Line(*said))
        elif kind == Entry.Kind.HANDOVER:
            record.memos.append(Memo(*said, by=_writer(shown.entry)))
        elif shown.detail.state == Training.State.FINISHED:
            record.courses.append(Course(*said, by=_provider(shown.detail)))
        elif keeps and shown.detail.state in Training.OPEN:
            record.applications.append(Course(*said, by=_provider(shown.detail)))
    return record


def warning_of(renew_by: datetime.date | None, today: datetime.date) -> str:
    """Return the warning about a registration from sixty days before its end, "" where there is none yet."""
    if renew_by is None:
        return ""
    left = (renew_by - today).days
    if left < 0:
        return "更新期限を過ぎています"
    if left == 0:
        return "更新期限は今日です"
    return f"更新期限まであと{left}日" if left <= SOON else ""


def _certificate(said: tuple[Shown, str, list[str], list[str]], today: datetime.date) -> Certificate:
    row = said[0].detail
    exam = row.qualification
    return Certificate(
        *said,
        registered=format_wareki(row.registered_on) if row.registered_on else "",
        renew=format_wareki(row.renew_by) if row.renew_by else "",
        warning=warning_of(row.renew_by, today),
        gone=exam is not None and exam.valid_to is not None and exam.valid_to < today,
    )


def _when(entry: Entry) -> str:
    if entry.kind in (Entry.Kind.CERTIFICATION, Entry.Kind.TRAINING) and entry.end is None:
        return format_month(entry.start) if entry.start else ""
    return format_months(entry.start, entry.end)


def _provider(row: Training) -> str:
    """Return who holds it: as written, else as the catalogue says."""
    return row.provider or (row.course.provider.name if row.course is not None else "")


def _writer(entry: Entry) -> str:
    who = "本人" if entry.updated_by_id == entry.staff_id else "人事"
    return f"{who}　{format_wareki(timezone.localdate(entry.updated_at))}"


def _cells(shown: Shown, step_of: StepOf) -> tuple[list[str], list[str]]:
    newest: dict[str, str] = {}
    for one in shown.ratings:
        step = step_of(one.fiscal_year, one.cell_code)
        if step is not None and one.cell_code not in newest:
            newest[one.cell_code] = f"{fiscal.short_label(one.fiscal_year)}年度 {step}"
    rests = [f"{shown.names.get(code, code)}（{words}）" for code, words in newest.items()]
    return rests, [shown.names.get(code, code) for code in shown.cells if code not in newest]
