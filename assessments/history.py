"""The person's own earlier answers, and which of their years somebody may read."""

from dataclasses import dataclass, field

from django.db.models import OuterRef, Q, Subquery

from access.actor import Actor, Role
from assessments.models import Confirmation, Cycle, Rating, Sheet

# What stands as an answer: submitted and neither withdrawn nor sent back.
STANDING = (*Sheet.WAITING, Sheet.State.CONFIRMED)


@dataclass(frozen=True)
class LastAnswer:
    """Last year's answer to one cell: the confirmed step, else the person's own."""

    step: int
    evidence: str
    confirmed: bool


@dataclass(frozen=True)
class LastYear:
    """The newest earlier year that was submitted: its 年度 (None for none) and the answers by cell code."""

    fiscal_year: int | None = None
    answers: dict[str, LastAnswer] = field(default_factory=dict)

    def step(self, code: str) -> int | None:
        """Return the step of one cell, None where that year has none."""
        answer = self.answers.get(code)
        return answer.step if answer else None


def last_year(staff_id: int, before: int) -> LastYear:
    """Return the newest submitted year of a person before the 年度 `before`; matched by cell code. One query."""
    rows = list(
        Rating.objects.filter(revision=Subquery(latest_standing(staff_id, before)))
        .annotate(final=Subquery(final_steps().values("step")[:1]))
        .values_list(
            "revision__sheet__fiscal_year",
            "revision__sheet__state",
            "cell__code",
            "step",
            "evidence",
            "final",
        )
    )
    answers = {}
    for _, state, code, own, evidence, final in rows:
        confirmed = state == Sheet.State.CONFIRMED and final is not None
        answers[code] = LastAnswer(final if confirmed else own, evidence, confirmed)
    return LastYear(rows[0][0] if rows else None, answers)


def latest_standing(staff_id: int, before: int):
    """Return the queryset of the one 提出版 that stands of a person's newest year before `before`, for a subquery."""
    standing = Sheet.objects.filter(staff_id=staff_id, fiscal_year__lt=before, state__in=STANDING)
    return standing.order_by("-fiscal_year").values("current_revision")[:1]


def final_steps():
    """Return the queryset of the 確定 of the rating around it, for use in a subquery."""
    return Confirmation.objects.filter(
        revision=OuterRef("revision"), cell=OuterRef("cell"), level=Confirmation.Level.FINAL
    )


def readable_sheets(actor: Actor, staff_id: int):
    """Return the queryset of a person's submitted sheets that the actor may read, newest first.

    The caller has the person in scope already. Of closed years the line sees only what was confirmed (P14);
    nobody but the person ever sees a draft, so sheets that are being written are left out for all.
    """
    sheets = Sheet.objects.filter(
        staff_id=staff_id, municipality_id=actor.municipality_id, state__in=STANDING
    ).order_by("-fiscal_year")
    if staff_id == actor.staff_id or actor.has(Role.HR):
        return sheets
    return sheets.filter(~Q(cycle__state=Cycle.State.CLOSED) | Q(state=Sheet.State.CONFIRMED))
