"""What was acknowledged to whom, and what each page has shown: the oracle of the interleavings. No drill itself.

Knows nothing of tokens and versions: only which values a page has shown, which it sent, and what was answered. A value
that a page never showed may not be replaced by what it sends.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from assessments.models import Confirmation, Cycle, Draft, Leftover, Rating, Sheet

EDITABLE = ("not_started", "drafting", "sent_back")
WAITING = ("submitted", "first_confirmed")
# What stands in the controls of a cell: a step and words.
Value = tuple[int | None, str]
OPEN: Value = (None, "")


@dataclass
class Verdict:
    """What is wrong, a sentence each; and how much was acknowledged at all."""

    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    illegal: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    http500: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """Return everything that is wrong."""
        return self.lost + self.unseen + self.illegal + self.refused + self.http500


@dataclass
class Model:
    """One sheet as it must be. `moves` counts what moved it on, `written` what confirmers kept: so a page knows its age."""

    codes: tuple[str, ...]
    state: str = "not_started"
    year_open: bool = True
    next_year: bool = False
    place: str = "A"
    cells: dict[str, Value] = field(default_factory=dict)
    writes: dict[str, int] = field(default_factory=dict)
    revisions: list[dict[str, Value]] = field(default_factory=list)
    # By level, of the newest revision.
    confirmations: dict[str, dict[str, Value]] = field(default_factory=dict)
    written: int = 0
    proxy: bool = False
    # The person saved, submitted or took back: from then on nobody else begins.
    own_words: bool = False
    # What 人事 decided about the unfinished sheet, and whether that was after the newest submission.
    decision: str = ""
    decided_since: bool = False
    moves: int = 0
    verdict: Verdict = field(default_factory=Verdict)

    def value(self, code: str) -> Value:
        """Return what is kept of a cell."""
        return self.cells.get(code, OPEN)

    @property
    def editable(self) -> bool:
        """Say whether answers may change at all."""
        return self.year_open and self.state in EDITABLE

    def may_write(self, *, own: bool) -> bool:
        """Say whether the person, or 人事 on their behalf, may write now."""
        return self.editable and (own or self.proxy)

    @property
    def complete(self) -> bool:
        """Say whether every cell has a step."""
        return all(self.value(code)[0] is not None for code in self.codes)

    def level_of(self, who: str) -> str:
        """Return what the sheet asks of somebody of the line: "first", "final" or "".

        In 課 A somebody makes the 一次確認 before; 課 B has a 所属長 alone.
        """
        if not self.year_open or self.state not in WAITING:
            return ""
        if self.place == "B":
            return "final" if who == "head_b" else ""
        wanted = {"submitted": ("kakari", "first"), "first_confirmed": ("kacho", "final")}[self.state]
        return wanted[1] if who == wanted[0] else ""

    def may_send_back(self, who: str) -> bool:
        """Say whether somebody may give the sheet back."""
        line = {"A": ("kakari", "kacho"), "B": ("head_b",)}[self.place]
        return self.year_open and self.state in WAITING and who in (*line, "hr")

    def decision_fits(self) -> bool:
        """Say whether what 人事 decided about the unfinished sheet is one for its state."""
        if self.state == "confirmed":
            return True
        if self.state in WAITING:
            return self.decision == "unconfirmed" and self.decided_since
        return self.decision == "unsubmitted"

    def saved(self, sent: Mapping[str, "Sent"], *, own: bool, allowed: bool, what: str) -> None:
        """Take over what was saved by a request of one page; `allowed` as it was when it was sent."""
        changed = False
        for code, one in sent.items():
            stored = self.value(code)
            if not one.acknowledged:
                continue
            self.verdict.acknowledged += 1
            if not allowed:
                self.verdict.illegal.append(f"{what}: {code} was kept in {self.state}")
            if one.value != stored and one.seen != stored:
                self.verdict.unseen.append(f"{what}: {code} was {stored}, shown was {one.seen}")
            if one.value != stored:
                self.cells[code] = one.value
                self.writes[code] = self.writes.get(code, 0) + 1
                changed = True
        if changed:
            self.moves += 1
            self.state = "drafting" if self.state == "not_started" else self.state
            if own:
                self.own_words, self.proxy = True, False

    def submitted(self, *, own: bool) -> None:
        """Take over a submission."""
        self.revisions.append({code: self.value(code) for code in self.codes})
        self.confirmations = {"first": {}, "final": {}}
        self.state, self.proxy, self.decided_since = "submitted", False, False
        self.own_words = self.own_words or own
        self.moves += 1

    def moved(self, state: str) -> None:
        """Take over any other step of the sheet."""
        self.state = state
        self.moves += 1

    def compare(self, sheet_pk: int, what: str) -> None:
        """Hold the database against what must be there; what differs is written down and taken as it is."""
        sheet = (
            Sheet.objects.filter(pk=sheet_pk)
            .values(
                "state", "cycle__state", "current_revision", "current_revision__number", "leftover__decision"
            )
            .get()
        )
        wrong = self.verdict.lost
        is_open = sheet["cycle__state"] == Cycle.State.OPEN
        if (sheet["state"], is_open) != (self.state, self.year_open):
            self.verdict.illegal.append(f"{what}: is {sheet['state']}, must be {self.state}")
            self.state, self.year_open = sheet["state"], is_open
        if not is_open and self.state == "confirmed" and sheet["leftover__decision"]:
            self.verdict.illegal.append(f"{what}: confirmed, and left over as well")
        drafts = {code: (step, text) for code, step, text in _values(Draft, sheet=sheet_pk)}
        if drafts != self.cells:
            wrong.append(f"{what}: drafts {_differing(drafts, self.cells)}")
            self.cells = drafts
        if (sheet["current_revision__number"] or 0) != len(self.revisions):
            wrong.append(f"{what}: {sheet['current_revision__number']} is current of {len(self.revisions)}")
        if self.revisions:
            ratings = {
                code: (step, text) for code, step, text in _values(Rating, revision=sheet["current_revision"])
            }
            if ratings != self.revisions[-1]:
                wrong.append(f"{what}: revision {_differing(ratings, self.revisions[-1])}")
                self.revisions[-1] = ratings
            self._compare_confirmations(sheet["current_revision"], what)

    def _compare_confirmations(self, revision: int, what: str) -> None:
        found: dict[str, dict[str, Value]] = {"first": {}, "final": {}}
        rows = Confirmation.objects.filter(revision=revision)
        for level, code, step, comment in rows.values_list("level", "cell__code", "step", "comment"):
            found[level][code] = (step, comment)
        if found != self.confirmations:
            self.verdict.lost.append(f"{what}: confirmations {_differing(found, self.confirmations)}")
            self.confirmations = found


@dataclass
class Sent:
    """One cell of a request: what it said, what the page had shown as kept, and whether the answer calls it kept."""

    value: Value
    seen: Value
    acknowledged: bool = False


def decision_of(sheet_pk: int) -> str:
    """Return what 人事 decided about a sheet."""
    return Leftover.objects.filter(sheet=sheet_pk).values_list("decision", flat=True).first() or ""


def _values(model, **where):
    return model.objects.filter(**where).values_list("cell__code", "step", "evidence")


def _differing(found: Mapping, wanted: Mapping) -> str:
    keys = sorted(key for key in found.keys() | wanted.keys() if found.get(key) != wanted.get(key))
    return "; ".join(f"{key} is {found.get(key)}, must be {wanted.get(key)}" for key in keys)
