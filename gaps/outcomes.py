"""What became of a gap since something was decided about it: pure, no query, no clock."""

from enum import StrEnum

from gaps.coverage import Status


class Outcome(StrEnum):
    """状態の変化 from the day of the decision to the day of the report."""

    CLOSED = "closed"
    BETTER = "better"
    SAME = "same"
    WORSE = "worse"

    @property
    def label(self) -> str:
        """Return the word on the screen and in files."""
        return _LABELS[self]


_LABELS = {
    Outcome.CLOSED: "解消",
    Outcome.BETTER: "改善",
    Outcome.SAME: "変わらない",
    Outcome.WORSE: "悪化",
}


def outcome(before: Status, holders_before: int, now: Status, holders_now: int) -> Outcome | None:
    """Return what became of a cell, None where 必要人数 is not set on either day.

    A gap that is none any more is 解消, also where nobody needs the cell any longer. Between two gaps the status
    decides, and between equal statuses the number of holders.
    """
    if Status.UNSET in (before, now):
        return None
    if not now.is_gap:
        return Outcome.CLOSED if before.is_gap else Outcome.SAME
    if not before.is_gap:
        return Outcome.WORSE
    was, is_now = (-before.severity, holders_before), (-now.severity, holders_now)
    if was == is_now:
        return Outcome.SAME
    return Outcome.BETTER if is_now > was else Outcome.WORSE
