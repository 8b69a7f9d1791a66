"""Reading the confirmer's form: five keys, a comment and its visibility per cell. Takes the posted mapping alone."""

from collections.abc import Mapping
from dataclasses import dataclass

from access.refusals import Invalid
from assessments.confirm_page import VISIBLE, Answer, Page
from assessments.models import Confirmation
from assessments.workflow.confirmation import Entry
from competency.models import Step
from lib.text import clean

COMMENT_LENGTH = Confirmation._meta.get_field("comment").max_length


@dataclass(frozen=True)
class Reading:
    """What was sent: answers by cell code, the entries that can be kept, and sentences by cell code."""

    answers: dict[str, Answer]
    entries: list[Entry]
    problems: dict[str, str]


def read(posted: Mapping[str, str], page: Page) -> Reading:
    """Return what the form says about the cells of `page`.

    A cell without a step is left open; with a comment it is a problem. Raises Invalid for what no form of
    ours sends: a step, a visibility or a version that does not exist, or a cell of another version.
    """
    known = {row.cell.code for row in page.rows}
    if any(name.startswith("step-") and name.removeprefix("step-") not in known for name in posted):
        raise Invalid
    answers: dict[str, Answer] = {}
    entries: list[Entry] = []
    problems: dict[str, str] = {}
    for row in page.rows:
        code = row.cell.code
        answer = Answer(
            step=_step(posted.get(f"step-{code}", "")),
            comment=clean(posted.get(f"comment-{code}", "")),
            visibility=_visibility(posted.get(f"visibility-{code}", VISIBLE)),
            version=number(posted.get(f"version-{code}", "0")),
        )
        answers[code] = answer
        if len(answer.comment) > COMMENT_LENGTH:
            problems[code] = (
                f"コメントは{COMMENT_LENGTH}文字までで入力してください（いま{len(answer.comment)}文字）。"
            )
        elif answer.step is None and answer.comment:
            problems[code] = "コメントを付ける項目は、到達度も選んでください。"
        elif answer.step is not None:
            entries.append(Entry(row.cell.pk, answer.step, answer.comment, answer.visibility, answer.version))
    return Reading(answers, entries, problems)


def filled(reading: Reading, page: Page, which: str) -> list[Entry]:
    """Return the entries with the open cells that are "unchanged" or "agreed" filled with the person's step."""
    open_codes = {code for code, answer in reading.answers.items() if answer.step is None}
    return [
        *reading.entries,
        *(
            Entry(row.cell.pk, row.steps.own)
            for row in page.open_and(which)
            if row.cell.code in open_codes and row.cell.code not in reading.problems
        ),
    ]


def number(text: str) -> int:
    """Return a version number from a form; Invalid for anything else."""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Invalid
    return int(text)


def _step(text: str) -> int | None:
    if text == "":
        return None
    step = number(text)
    if step not in Step.values:
        raise Invalid
    return step


def _visibility(text: str) -> str:
    if text not in Confirmation.Visibility.values:
        raise Invalid
    return text
