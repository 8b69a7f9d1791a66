"""Reading the person's form, whole or in parts. Takes the posted mapping alone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from access.refusals import Invalid
from assessments.merge import Base, Outcome, Stored, Value, merge, parse_base
from assessments.models import Draft
from competency.lineage import Lineage
from competency.models import Step
from lib.text import clean

EVIDENCE_LENGTH = Draft._meta.get_field("evidence").max_length
MINE, THEIRS = "mine", "theirs"
_FIELDS = ("step-", "evidence-", "base-", "undecided-")


@dataclass(frozen=True)
class Answer:
    """One posted cell: what it was loaded as and what it says now.

    `undecided` marks a cell whose two texts are on the page and wait for the person's choice; `keep` is that
    choice, "mine", "theirs" or "".
    """

    base: Base
    value: Value
    undecided: bool = False
    keep: str = ""


@dataclass(frozen=True)
class Reading:
    """What was sent: answers by cell code, and sentences by cell code for texts that cannot be kept."""

    answers: dict[str, Answer] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


def follow(
    posted: Mapping[str, str], codes: set[str], lineage: Lineage, *, reopened: Collection[str] = ()
) -> tuple[Mapping[str, str], set[str]]:
    """Return what was sent as if it had been written for the version with these `codes`, and which codes were not its own.

    A page that was open when the year moved to another version sends cells of the one before: each goes to what it
    became, unless that was sent too. What became nothing is left out, and so are `reopened` ones, which ask something
    else under the same code. Codes that no version knew stay, for `read` to refuse.
    """
    sent = {
        name.removeprefix(prefix): prefix for prefix in _FIELDS for name in posted if name.startswith(prefix)
    }
    known = {code for _, revision in lineage.chain[1:] for code in revision.codes}
    moved = ((sent.keys() - codes) & known) | (sent.keys() & set(reopened))
    if not moved:
        return posted, set()
    kept = {
        name: value
        for name, value in posted.items()
        if not any(name == f"{prefix}{code}" for prefix in _FIELDS for code in moved)
    }
    senders: dict[str, list[str]] = {}
    for code in sorted(moved):
        for heir in () if code in codes else lineage.successors(code):
            if f"base-{heir}" not in kept:
                senders.setdefault(heir, []).append(code)
    for heir, sent_codes in senders.items():
        kept |= _in_the_name_of(heir, sent_codes, posted, joined=lineage.is_joined(heir))
    return kept, moved


def _in_the_name_of(
    heir: str, codes: list[str], posted: Mapping[str, str], *, joined: bool
) -> dict[str, str]:
    """Return the fields of cells of the version before as those of the cell that they became.

    What became part of a joined cell is no answer to the whole: what was changed waits for the person's choice.
    """
    if not joined:
        code = codes[0]
        return {
            f"{prefix}{heir}": posted[f"{prefix}{code}"] for prefix in _FIELDS if f"{prefix}{code}" in posted
        }
    changed = [code for code in codes if f"base-{code}" in posted and not _as_loaded(posted, code)]
    if not changed:
        return {}
    lowest = min(changed, key=lambda code: posted.get(f"step-{code}", ""))
    fields = {f"{name}{heir}": posted.get(f"{name}{lowest}", "") for name in ("step-", "evidence-")}
    return fields | {f"base-{heir}": posted[f"base-{lowest}"], f"undecided-{heir}": "1"}


def _as_loaded(posted: Mapping[str, str], code: str) -> bool:
    value = Value(_step(posted.get(f"step-{code}", "")), clean(posted.get(f"evidence-{code}", "")))
    return _base(posted[f"base-{code}"]).is_of(value)


def read(posted: Mapping[str, str], codes: set[str]) -> Reading:
    """Return what the form says about the cells of the version, whose codes are `codes`.

    A cell is sent with its base; without one it is no part of this form (autosave sends changed cells only).
    Raises Invalid for what no form of ours sends: a step of 7, a broken base, a cell of another version.
    """
    for name in posted:
        prefix = next((prefix for prefix in _FIELDS if name.startswith(prefix)), None)
        if prefix and name.removeprefix(prefix) not in codes:
            raise Invalid
    choice, _, chosen = posted.get("keep", "").partition(":")
    if choice not in ("", MINE, THEIRS) or (choice and chosen not in codes):
        raise Invalid
    answers: dict[str, Answer] = {}
    problems: dict[str, str] = {}
    for code in codes:
        if f"base-{code}" not in posted:
            continue
        evidence = clean(posted.get(f"evidence-{code}", ""))
        answers[code] = Answer(
            base=_base(posted[f"base-{code}"]),
            value=Value(_step(posted.get(f"step-{code}", "")), evidence),
            undecided=f"undecided-{code}" in posted,
            keep=choice if chosen == code else "",
        )
        # Whoever chose the other text gives this one up, however long it is.
        if len(evidence) > EVIDENCE_LENGTH and answers[code].keep != THEIRS:
            problems[code] = f"根拠は{EVIDENCE_LENGTH}文字までで書いてください（いま{len(evidence)}文字）。"
    return Reading(answers, problems)


def colliding(reading: Reading, stored: Mapping[str, Stored]) -> set[str]:
    """Return the cells whose text cannot be kept while another one is stored that the page has not shown or settled.

    A page that comes back carries what is stored as its base: without a choice, the next text would replace it unseen.
    """
    found = set()
    for code in reading.problems:
        answer = reading.answers[code]
        undecided = answer.undecided and not answer.keep
        if undecided or merge(answer.base, answer.value, stored.get(code, Stored())) is Outcome.CONFLICT:
            found.add(code)
    return found


def _base(token: str) -> Base:
    try:
        return parse_base(token)
    except ValueError:
        raise Invalid from None


def _step(text: str) -> int | None:
    if text == "":
        return None
    if text not in {str(value) for value in Step.values}:
        raise Invalid
    return int(text)
