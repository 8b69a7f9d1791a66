"""The person's own earlier answers, and which of their years somebody may read."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from django.db.models import OuterRef, Q, Subquery

from access.actor import Actor, Role
from assessments.models import Confirmation, Cycle, Rating, Sheet
from competency.lineage_reads import path_to
from competency.models import FrameworkVersion

# What stands as an answer: submitted and neither withdrawn nor sent back.
STANDING = (*Sheet.WAITING, Sheet.State.CONFIRMED)
_EVIDENCE_LENGTH = Rating._meta.get_field("evidence").max_length


@dataclass(frozen=True)
class LastAnswer:
    """Last year's answer to one cell: the confirmed step, else the person's own.

    `origins` are the cells of an earlier version that it was given to, by code, where that is another cell; `review`
    says that the revision of the matrix asks to look at it again.
    """

    step: int
    evidence: str
    confirmed: bool
    review: bool = False
    origins: tuple[str, ...] = ()
    cell_id: int | None = None


@dataclass(frozen=True)
class LastYear:
    """The newest earlier year that was submitted: its 年度 (None for none) and the answers by cell code."""

    fiscal_year: int | None = None
    answers: dict[str, LastAnswer] = field(default_factory=dict)

    def step(self, code: str) -> int | None:
        """Return the step of one cell, None where that year has none."""
        answer = self.answers.get(code)
        return answer.step if answer else None


def last_year(sheet: Sheet) -> LastYear:
    """Return the newest submitted year of a person before a sheet's, by cell code of the sheet's version. One query."""
    return year_before(sheet.staff_id, sheet.fiscal_year, sheet.version_in_use)


def year_before(staff_id: int, before: int, version: FrameworkVersion | None) -> LastYear:
    """Return the newest submitted year of a person before the 年度 `before`, by cell code of the version. One query.

    Without a version the codes are those of the year itself.
    """
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
            "cell_id",
            "cell__version_id",
        )
    )
    answers = {}
    for _, state, code, own, evidence, final, cell_id, _ in rows:
        confirmed = state == Sheet.State.CONFIRMED and final is not None
        answers[code] = LastAnswer(final if confirmed else own, evidence, confirmed, cell_id=cell_id)
    if not rows:
        return LastYear()
    return LastYear(rows[0][0], carried_answers(version, rows[0][-1], answers))


def carried_answers(
    version: FrameworkVersion | None, earlier_id: int, answers: dict[str, LastAnswer]
) -> dict[str, LastAnswer]:
    """Return answers by code of the version with the key `earlier_id` as answers of another version (ADR 0044)."""
    path = path_to(version, earlier_id) if version else None
    if path is None:
        return answers
    carried = path.carry({code: answer.step for code, answer in answers.items()})
    return {
        code: replace(
            answers[one.origin],
            step=one.step,
            evidence=joined_evidence(answers[origin].evidence for origin in one.origins),
            review=one.review,
            origins=one.origins if one.origins != (code,) or one.review else (),
        )
        for code, one in carried.items()
    }


def joined_evidence(texts: Iterable[str]) -> str:
    """Return the evidence of cells that were joined as one text, no longer than one cell has room for."""
    return "／".join(dict.fromkeys(filter(None, texts)))[:_EVIDENCE_LENGTH]


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
