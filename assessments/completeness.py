"""What a sheet must have before it can be submitted. Pure: steps and texts in, sentences out."""

from competency.models import Step
from competency.models.matrix import HOLDER_STEP

OPEN = "段階を選んでください。"


def is_raised(step: int | None, last: int | None) -> bool:
    """Say whether a step of 3 or 4 is new: above last year's, or without one. Such a step asks for evidence."""
    return step is not None and step >= HOLDER_STEP and (last is None or step > last)


def evidence_problem(step: int | None, evidence: str, last: int | None) -> str:
    """Return the sentence for a missing evidence note, empty where none is missing."""
    if is_raised(step, last) and not evidence.strip():
        return f"「{step} {Step(step).label}」を新しく選んだときは、根拠を書いてください。"
    return ""


def problem(step: int | None, evidence: str, last: int | None) -> str:
    """Return the sentence that keeps one cell from being submitted, empty where nothing does."""
    return OPEN if step is None else evidence_problem(step, evidence, last)
