"""What a sheet must have before it can be submitted. Pure: steps and texts in, sentences out."""

from competency.models import Step
from competency.models.matrix import HOLDER_STEP

OPEN = "段階を選んでください。"


def is_raised(step: int | None, last: int | None) -> bool:
    """Say whether a step of 3 or 4 is new: above last year's, or without one. Such a step asks for evidence."""
    return step is not None and step >= HOLDER_STEP and (last is None or step > last)


def evidence_problem(step: int | None, evidence: str, last: int | None, *, shown: bool = False) -> str:
    """Return the sentence for missing evidence, empty where none is missing.

    A written note is evidence, and so is an entry of the person that shows the cell (`shown`).
    """
    if is_raised(step, last) and not evidence.strip() and not shown:
        return f"「{step} {Step(step).label}」を新しく選んだときは、根拠を書くか、根拠にする記録を選んでください。"
    return ""


def problem(step: int | None, evidence: str, last: int | None, *, shown: bool = False) -> str:
    """Return the sentence that keeps one cell from being submitted, empty where nothing does."""
    return OPEN if step is None else evidence_problem(step, evidence, last, shown=shown)
