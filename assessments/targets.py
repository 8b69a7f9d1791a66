"""目標 of one sheet: live until 確定, then as they stood. And how a target is printed beside a step. Takes no request."""

import datetime

from django.utils.html import format_html
from django.utils.safestring import SafeString

from assessments.models import Sheet, Target
from competency.models import Step
from competency.target_reads import targets_in_position, targets_of_person
from competency.targets import Gap
from competency.targets import Target as Aim


def targets_of_sheet(sheet: Sheet, on: datetime.date) -> dict[str, Aim]:
    """Return the targets by cell code. One query.

    While the person writes they follow the 本務 of the day `on`; a submitted sheet keeps the 職位 that it was
    submitted with, as its head says; a confirmed one has what was written down with the 確定. The duties are
    those of the sheet's 年度.
    """
    if sheet.state == Sheet.State.CONFIRMED:
        rows = Target.objects.filter(sheet=sheet).values_list("cell__code", "step", "reason")
        return {code: Aim(step, reason) for code, step, reason in rows}
    asked = {
        "municipality_id": sheet.municipality_id, "fiscal_year": sheet.fiscal_year, "staff_id": sheet.staff_id,
    }  # fmt: skip
    if sheet.state in Sheet.WAITING:
        return targets_in_position(**asked, position=sheet.position)
    return targets_of_person(**asked, on=on)


def gap_of(target: Aim | None, step: int | None) -> Gap | None:
    """Return a target beside a step; None where the cell has no target."""
    return None if target is None else Gap(target, step)


def aim_line(target: Aim | None) -> str:
    """Return the target with its reason as HTML, to stand where the person chooses; "" without one."""
    if target is None:
        return ""
    return format_html(
        '<span class="aim"><b>目標 {} {}</b><span>{}</span></span>',
        target.step,
        Step(target.step).label,
        target.reason,
    )


def gap_cell(gap: Gap | None) -> str:
    """Return 「2（−1）」 with the target and its reason below as HTML, for a table; "―" without a target."""
    if gap is None:
        return "―"
    return format_html(
        '{}<small class="why">目標 {}　{}</small>', _mark(gap, gap.text), gap.target.step, gap.target.reason
    )


def gap_tag(gap: Gap | None) -> str:
    """Return 「目標 3 −1」 as HTML, for a tile in which the step stands already; "" without a target."""
    if gap is None:
        return ""
    return format_html(
        '<span class="line aim"><span>目標 {}</span>{}</span>', gap.target.step, _mark(gap, gap.signed)
    )


def _mark(gap: Gap, text: str) -> SafeString:
    """Return the distance: signs for the eye, words for the ear."""
    if gap.distance is None:
        return SafeString("")
    return format_html(
        '<span class="gap-mark {}"><span aria-hidden="true">{}</span><span class="hidden">{}</span></span>',
        gap.css, text, f"{gap.step}、{gap.words}" if text == gap.text else gap.words,
    )  # fmt: skip
