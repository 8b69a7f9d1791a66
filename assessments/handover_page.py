"""引継ぎシート: what somebody's successor must know, on one A4 page. Takes no request."""

from dataclasses import dataclass, field

from django.db.models import F
from django.utils import timezone

from access.actor import Actor
from assessments.entry_reads import Shown, cell_names, entries_of, named
from assessments.models import Confirmation, Entry, Sheet
from assessments.resume_page import Profile, places_of
from competency.models import DutyAssignment, Step
from competency.models.matrix import HOLDER_STEP
from lib import fiscal
from lib.dates import format_month, format_wareki
from organization.models import Staff


@dataclass(frozen=True)
class Note:
    """One 引継ぎメモ with the names of its items."""

    shown: Shown
    cells: list[str]

    @property
    def written(self) -> str:
        """Return the day of the last change in 和暦."""
        return format_wareki(timezone.localtime(self.shown.entry.updated_at).date())


@dataclass(frozen=True)
class Work:
    """One 業務経験 that goes on."""

    shown: Shown

    @property
    def since(self) -> str:
        """Return the month it began in 和暦, "" where nobody wrote it."""
        start = self.shown.entry.start
        return f"{format_month(start)}から" if start else ""


@dataclass(frozen=True)
class Can:
    """One item that the person does alone or teaches, by the line's confirmation: the 年度 of it and the step."""

    name: str
    step: int
    words: str
    year: str


@dataclass(frozen=True)
class HandoverSheet:
    """Everything on the page."""

    staff: Staff
    profile: Profile
    year: str
    duties: list[tuple[str, str, str]] = field(default_factory=list)
    cells: list[Can] = field(default_factory=list)
    works: list[Work] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @property
    def open_notes(self) -> int:
        """Return how many notes are not handed over yet."""
        return sum(not note.shown.detail.is_done for note in self.notes)


def load_handover(actor: Actor, staff: Staff) -> HandoverSheet:
    """Return the sheet of somebody whose record the actor may see (P04). Seven queries, whatever the size."""
    today = actor.today
    year = fiscal.fiscal_year(today)
    profile, _ = places_of(staff, today)
    entries = entries_of(staff.pk, (Entry.Kind.EXPERIENCE, Entry.Kind.HANDOVER))
    steps = _confirmed(staff)
    names = cell_names(steps, actor)
    return HandoverSheet(
        staff=staff,
        profile=profile,
        year=fiscal.label(year),
        duties=_duties(staff, year),
        cells=[
            Can(names.get(code, code), step, Step(step).label, fiscal.short_label(of_year))
            for code, (of_year, step) in steps.items()
            if step >= HOLDER_STEP
        ],
        works=[
            Work(each)
            for each in entries
            if each.entry.kind == Entry.Kind.EXPERIENCE
            and (each.entry.end is None or each.entry.end >= today)
        ],
        notes=[
            Note(each, named(each.cells, each.names))
            for each in entries
            if each.entry.kind == Entry.Kind.HANDOVER
        ],
    )


def _duties(staff: Staff, year: int) -> list[tuple[str, str, str]]:
    """Return (業務, 所属, 担当) of the year, 主担当 first. One query."""
    rows = (
        DutyAssignment.objects.of_year(staff.municipality_id, year)
        .filter(staff=staff)
        .order_by("-role", "department_duty__duty__code", "pk")
        .values_list("department_duty__duty__name", "department_duty__plan__department__name", "role")
    )
    return [(duty, place, DutyAssignment.Role(role).label) for duty, place, role in rows]


def _confirmed(staff: Staff) -> dict[str, tuple[int, int]]:
    """Return (年度, step) of the newest 確定 of each item by code, in the order of the matrix. One query."""
    rows = (
        Confirmation.objects.filter(
            level=Confirmation.Level.FINAL,
            revision__sheet__staff=staff,
            revision__sheet__state=Sheet.State.CONFIRMED,
            revision__sheet__current_revision=F("revision"),
        )
        .order_by("revision__sheet__fiscal_year", "cell__rank")
        .values_list("cell__code", "revision__sheet__fiscal_year", "step")
    )
    return {code: (year, step) for code, year, step in rows}
