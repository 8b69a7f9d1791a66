"""年度票 of one person in one year, in its state, with all that the state has. Pure: chance comes in as a `random.Random`."""

import random
from dataclasses import dataclass

from assessments.models import Confirmation, Leftover, Remark, Revision, Sheet
from config.generating import levels
from config.generating.calendar import Acts, FiscalYear
from config.generating.levels import Patterns, Year
from config.generating.rows import NULL, Rows, hexadecimal, line

_S = Sheet.State
# Of a thousand sheets: a year that is over, and the running one.
_PAST = ((_S.CONFIRMED, 960), (_S.SUBMITTED, 12), (_S.FIRST_CONFIRMED, 3), (_S.SENT_BACK, 5), (_S.DRAFTING, 8),
         (_S.NOT_STARTED, 12))  # fmt: skip
_OPEN = ((_S.CONFIRMED, 340), (_S.SUBMITTED, 160), (_S.FIRST_CONFIRMED, 120), (_S.SENT_BACK, 40), (_S.DRAFTING, 160),
         (_S.NOT_STARTED, 180))  # fmt: skip
WITH_REVISION = (_S.SUBMITTED, _S.FIRST_CONFIRMED, _S.SENT_BACK, _S.CONFIRMED)
# Of a hundred that were submitted, so many had come back once.
_TWICE = 4
_REASON = "根拠をもう少し詳しく書いてください。"
_D = Leftover.Decision


@dataclass(frozen=True)
class Asked:
    """Whose sheet it is and where: keys of rows, and who confirms it (`first` None where there is no 係長 above)."""

    municipality: int
    cycle: int
    staff: int
    department: int
    path: str
    position: str
    employment: str
    first: int | None
    final: int
    away: bool
    leaves: bool


class Ids:
    """The keys that come next, by table: for rows that others point at."""

    def __init__(self, following: dict[str, int]) -> None:
        self.following = dict(following)

    def take(self, table: str) -> int:
        """Return the next key of a table."""
        found = self.following[table]
        self.following[table] = found + 1
        return found


def state_of(year: FiscalYear, asked: Asked, chance: random.Random) -> str:
    """Return a state: 一次確認 only where somebody makes it, 未着手 for whoever is away in the running year."""
    if year.open and asked.away:
        return _S.NOT_STARTED.value
    at = chance.randrange(1000)
    state = _S.NOT_STARTED
    for each, weight in _OPEN if year.open else _PAST:
        at -= weight
        if at < 0:
            state = each
            break
    if state == _S.FIRST_CONFIRMED and asked.first is None:
        state = _S.SUBMITTED
    return state.value


def write_sheet(
    rows: Rows,
    ids: Ids,
    patterns: Patterns,
    look: Year,
    year: FiscalYear,
    asked: Asked,
    chance: random.Random,
) -> None:
    """Add the sheet and its 提出版, 記入, 確認, 下書き, コメント and 残り."""
    state = state_of(year, asked, chance)
    acts = year.acts[chance.randrange(len(year.acts))]
    sheet = ids.take("assessments_sheet")
    submitted = confirmed = current = NULL
    updated = year.opened_at
    if state in WITH_REVISION:
        current, submitted = _answered(rows, ids, patterns, look, acts, asked, sheet, state, chance)
        updated = {
            _S.SUBMITTED: acts.submitted, _S.FIRST_CONFIRMED: acts.first, _S.SENT_BACK: acts.returned,
            _S.CONFIRMED: acts.final,
        }[_S(state)]  # fmt: skip
    elif state == _S.DRAFTING:
        updated = acts.begun
    if state == _S.CONFIRMED:
        confirmed = acts.final
    elif state != _S.NOT_STARTED:
        written = chance.randrange(1, patterns.cells + 1) if state == _S.DRAFTING else patterns.cells
        drafts = levels.by("".join(look.drafts[:written]), asked.municipality, sheet, acts.begun)
        rows.add("assessments_draft", drafts, written)
    rows.add(
        "assessments_sheet",
        f"{sheet}\t{hexadecimal(chance.getrandbits(128))}\t{asked.municipality}\t{asked.staff}\t{asked.cycle}\t{year.year}\t{NULL}"
        f"\t{asked.department}\t{asked.path}\t{asked.position}\t{asked.employment}\t{state}\t{current}\t{submitted}"
        f"\t{confirmed}\t0\t{updated}\t1\n",
    )
    if not year.open and state != _S.CONFIRMED:
        rows.add("assessments_leftover", _leftover(year, asked, sheet, state))


def _answered(
    rows: Rows, ids: Ids, patterns: Patterns, look: Year, acts: Acts, asked: Asked, sheet: int, state: str,
    chance: random.Random,
) -> tuple[str, str]:  # fmt: skip
    """Write what was submitted and what became of it; return the newest 提出版 and when it was submitted, as text."""
    returned = state == _S.SENT_BACK
    instants = [acts.begun] if returned or chance.randrange(100) < _TWICE else []
    if not returned:
        instants.append(acts.submitted)
    for number, at in enumerate(instants, 1):
        revision = ids.take("assessments_revision")
        rows.add("assessments_rating", levels.of(look.ratings, asked.municipality, revision), patterns.cells)
        rows.add(
            "assessments_revision",
            f"{revision}\t{hexadecimal(chance.getrandbits(128))}\t{asked.municipality}\t{sheet}\t{number}"
            f"\t{Revision.Kind.SUBMISSION.value}\t\t{at}\t{asked.staff}\n",
        )
        if at == acts.begun and (returned or number < len(instants)):
            rows.add("assessments_remark", _remark(asked, revision, acts.returned))
    if state == _S.CONFIRMED or state == _S.FIRST_CONFIRMED:
        if asked.first is not None:
            _confirmed(rows, patterns, look.first, asked, revision, f"{asked.first}\t{acts.first}")
        if state == _S.CONFIRMED:
            _confirmed(rows, patterns, look.final, asked, revision, f"{asked.final}\t{acts.final}")
    return str(revision), instants[-1]


def _confirmed(rows: Rows, patterns: Patterns, lines: str, asked: Asked, revision: int, act: str) -> None:
    rows.add("assessments_confirmation", levels.by(lines, asked.municipality, revision, act), patterns.cells)


def _remark(asked: Asked, revision: int, at: str) -> str:
    kind, visibility = Remark.Kind.SENT_BACK.value, Confirmation.Visibility.PERSON.value
    author = asked.final if asked.first is None else asked.first
    return f"{asked.municipality}\t{revision}\t{kind}\t{_REASON}\t{visibility}\t{author}\t{at}\n"


def _leftover(year: FiscalYear, asked: Asked, sheet: int, state: str) -> str:
    waiting = state in Sheet.WAITING
    decision = _D.NOT_CONFIRMED if waiting else _D.LEFT if asked.leaves else _D.NOT_SUBMITTED
    return line(asked.municipality, asked.cycle, sheet, decision.value, year.closed_at, None)
