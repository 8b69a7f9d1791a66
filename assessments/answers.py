"""What a person answers in one year beside their year before: drafts or what stands. Takes no request."""

from dataclasses import dataclass, field

from django.db.models import Case, F, Q, Subquery, When

from assessments.history import (
    STANDING,
    LastAnswer,
    LastYear,
    carried_answers,
    final_steps,
    latest_standing,
)
from assessments.merge import Stored, Value
from assessments.models import Draft, Rating, Sheet
from assessments.own_rows import Rows, leg, read


@dataclass(frozen=True)
class Answers:
    """One year by cell code: `drafts` while it is being written, `steps` that stand after that.

    `steps` are the confirmed ones after 確定, else the person's own, which `own` holds in either case.
    """

    drafts: dict[str, Stored] = field(default_factory=dict)
    steps: dict[str, int] = field(default_factory=dict)
    own: dict[str, int] = field(default_factory=dict)
    last: LastYear = field(default_factory=LastYear)

    def newest(self, code: str) -> int | None:
        """Return the newest step of a cell: of this year, a draft included, else last year's; None for neither."""
        if code in self.steps:
            return self.steps[code]
        draft = self.drafts.get(code)
        return self.last.step(code) if draft is None or draft.value.step is None else draft.value.step


def answers_of(sheet: Sheet) -> Answers:
    """Return the answers of a standing sheet and of the newest standing year before it. One query."""
    return answers_from(sheet, read(answer_legs(sheet)))


def answer_legs(sheet: Sheet, *, drafts: bool = False) -> list:
    """Return what a union reads for `answers_from`; with `drafts`, which only the person may see (P05), those too."""
    years = Q(revision=Subquery(latest_standing(sheet.staff_id, sheet.fiscal_year)))
    if sheet.state in STANDING:
        years |= Q(revision=sheet.current_revision_id)
    final = Subquery(final_steps().values("step")[:1])
    legs = [
        leg(
            Rating.objects.filter(years), "rating", F("evidence"), F("cell__code"), step="step",
            year="revision__sheet__fiscal_year",
            version="cell__version_id",
            # What was confirmed counts from 確定 on.
            other=Case(When(revision__sheet__state=Sheet.State.CONFIRMED, then=final)),
        )
    ]  # fmt: skip
    if drafts and sheet.state not in STANDING:
        written = Draft.objects.filter(sheet=sheet, cell__version=sheet.version_in_use_id)
        legs.append(leg(written, "draft", F("evidence"), F("cell__code"), step="step", other="version"))
    return legs


def answers_from(sheet: Sheet, rows: Rows) -> Answers:
    """Return the answers from what `answer_legs` read."""
    drafts = {row.detail: Stored(Value(row.step, row.title), row.other or 0) for row in rows.get("draft", ())}
    steps, own, last = {}, {}, {}
    last_year = last_version = None
    for row in rows.get("rating", ()):
        step = row.step if row.other is None else row.other
        if row.year == sheet.fiscal_year:
            own[row.detail], steps[row.detail] = row.step, step
        else:
            last_year, last_version = row.year, row.version
            last[row.detail] = LastAnswer(step, row.title, row.other is not None)
    if last_version is not None:
        last = carried_answers(sheet.version_in_use, last_version, last)
    return Answers(drafts, steps, own, LastYear(last_year, last))
