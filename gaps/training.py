"""Where training pays most: whom to raise in which cell with so many places, proven best (ADR 18). Pure.

One place raises one person in one cell to step 3, at most two steps within the year. What is best is asked in this
order, each question among the best answers to those before it: fewest 不在, fewest 一人依存, fewest 不足, fewest raises
out of order, fewest steps, fewest places. The model is linear and HiGHS solves it exactly; nothing is searched here.
"""

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from competency.models.matrix import HOLDER_STEP
from gaps.coverage import JUDGED, Status, status
from gaps.solver import Solver

# A person rises so far within a year; who stands at 0 does not reach step 3.
MOST_STEPS = 2
MOST_PER_PERSON = 2
# For all questions together. A department of forty with a dozen places takes a small part of it.
SECONDS = 8.0
_COUNTED = (Status.NONE, Status.SINGLE, Status.SHORT)

Pair = tuple[int, str]


@dataclass(frozen=True)
class TrainingCell:
    """One cell as the question needs it: `needed` None is not set; `stage` is the rank of 初級, 中級, 上級."""

    code: str
    needed: int | None
    holders: int
    area: str
    stage: int

    def status(self, more: int = 0) -> Status:
        """Return 充足状況 with so many holders more."""
        return Status.UNSET if self.needed is None else status(self.needed, self.holders + more)

    @property
    def enough(self) -> int:
        """Return how many holders make it 充足: what is needed, and two at the least."""
        return max(self.needed or 0, 2)


@dataclass(frozen=True)
class Trainee:
    """Somebody who counts in the department, with confirmed steps by cell code; who is 未評価 has none."""

    id: int
    steps: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Limits:
    """What there is to spend: places, or a budget in yen at a price a place, or both; both then hold."""

    places: int | None = None
    budget: int | None = None
    price: int | None = None
    most_per_person: int = MOST_PER_PERSON

    @property
    def most(self) -> int:
        """Return how many places there are. Raises ValueError where nothing bounds them, or for a bad number."""
        numbers = [self.places, self.budget, self.price, self.most_per_person]
        if any(number is not None and number < 0 for number in numbers):
            raise ValueError("limits are counted from 0")
        bounds = [] if self.places is None else [self.places]
        if self.budget is not None:
            if not self.price:
                raise ValueError("a budget needs the price of a place")
            bounds.append(self.budget // self.price)
        if not bounds:
            raise ValueError("neither places nor a budget")
        return min(bounds)


@dataclass(frozen=True)
class Raise:
    """One place: who rises in which cell from which step to which, and why in words.

    `out_of_order` says that an easier cell of the 区分 would come first by the order of 初級, 中級, 上級.
    """

    person: int
    cell: str
    from_step: int
    to_step: int
    reason: str
    out_of_order: bool = False


@dataclass(frozen=True)
class Proposal:
    """The best use of the places, in the order of the matrix, with 充足状況 by cell code before and after.

    `candidates` says how many pairs of person and cell could be chosen at all.
    """

    raises: tuple[Raise, ...]
    before: Mapping[str, Status]
    after: Mapping[str, Status]
    candidates: int

    def counts(self, states: Mapping[str, Status]) -> dict[Status, int]:
        """Return how many cells are in each judged state, of `before` or of `after`."""
        held = list(states.values())
        return {one: held.count(one) for one in JUDGED}

    def gone(self, one: Status) -> list[str]:
        """Return the codes of cells that leave a state."""
        return [code for code, was in self.before.items() if was is one and self.after[code] is not one]

    @property
    def steps(self) -> int:
        """Return how many steps people rise in all."""
        return sum(each.to_step - each.from_step for each in self.raises)

    @property
    def vector(self) -> tuple[int, ...]:
        """Return what is made as small as possible, the most important first."""
        after = self.counts(self.after)
        out_of_order = sum(each.out_of_order for each in self.raises)
        return (*(after[one] for one in _COUNTED), out_of_order, self.steps, len(self.raises))


def candidates(
    cells: Sequence[TrainingCell], people: Sequence[Trainee], left_out: Collection[Pair] = ()
) -> list[Pair]:
    """Return the list of (person, cell code) that a place could go to: cells that are a gap, in their order, and
    for each the people who reach step 3 within the year, in theirs. `left_out` are pairs not to be asked.
    """
    return [
        (person.id, cell.code)
        for cell in cells
        if cell.status().is_gap
        for person in people
        if reaches(person.steps.get(cell.code)) and (person.id, cell.code) not in left_out
    ]


def reaches(step: int | None) -> bool:
    """Say whether somebody at this confirmed step, None for 未評価, can be raised to step 3 within the year."""
    return step is not None and HOLDER_STEP - MOST_STEPS <= step < HOLDER_STEP


def easier(cell: TrainingCell, cells: Sequence[TrainingCell]) -> list[TrainingCell]:
    """Return the needed cells of the same 区分 at an easier 段階. What the department does not need asks nothing."""
    return [one for one in cells if one.area == cell.area and one.stage < cell.stage and one.needed]


def propose(
    cells: Sequence[TrainingCell],
    people: Sequence[Trainee],
    limits: Limits,
    *,
    left_out: Collection[Pair] = (),
    seconds: float = SECONDS,
) -> Proposal:
    """Return the best use of the places; the same input gives the same answer.

    Only gaps are trained for, and never more people in a cell than make it 充足. Where several answers are equal in
    everything, cells and then people that stand earlier win. `seconds` bounds the whole. Raises NotProven, and
    ValueError for limits that are none.
    """
    pairs = candidates(cells, people, left_out)
    chosen: set[Pair] = set()
    if pairs and limits.most and limits.most_per_person:
        chosen = _Model(cells, people, pairs, limits).solve(seconds)
    return proposal_of(cells, people, [pair for pair in pairs if pair in chosen], len(pairs))


def proposal_of(
    cells: Sequence[TrainingCell], people: Sequence[Trainee], chosen: Sequence[Pair], could: int = 0
) -> Proposal:
    """Return what a choice comes to, counted without any solver; `could` is the number of candidates."""
    steps = {person.id: person.steps for person in people}
    raised = set(chosen)
    more = {cell.code: sum(code == cell.code for _, code in raised) for cell in cells}
    by_code = {cell.code: cell for cell in cells}
    before = {cell.code: cell.status() for cell in cells}
    after = {cell.code: cell.status(more[cell.code]) for cell in cells}
    raises = []
    for person, code in chosen:
        first = easier(by_code[code], cells)
        lacking = any(
            steps[person].get(one.code, 0) < HOLDER_STEP and (person, one.code) not in raised for one in first
        )
        gap = any(after[one.code].is_gap for one in first)
        others = [
            other.id
            for other in people
            if other.steps.get(code) == HOLDER_STEP - 1 and (other.id, code) not in raised
        ]
        raises.append(
            Raise(
                person=person,
                cell=code,
                from_step=steps[person][code],
                to_step=HOLDER_STEP,
                reason=_reason(by_code[code], steps[person][code], bool(others), gap, lacking),
                out_of_order=gap or lacking,
            )
        )
    return Proposal(tuple(raises), before, after, could)


def _reason(cell: TrainingCell, step: int, nearer: bool, gap: bool, lacking: bool) -> str:
    """Return why this person in this cell, in at most three short sentences."""
    was = cell.status()
    if was is Status.NONE:
        told = "できる人がいない項目です。"
    elif was is Status.SINGLE:
        told = "できる人が1人だけの項目です。"
    else:
        told = f"必要な人数まで、あと{cell.enough - cell.holders}人の項目です。"
    if step == HOLDER_STEP - 1:
        told += "あと1段階で届きます。"
    elif nearer:
        told += "2段階で届きます。1段階で届く人は、1人あたりの上限やほかの項目との兼ね合いで外れました。"
    else:
        told += "2段階で届きます。ほかに1段階で届く人はいません。"
    if lacking:
        told += "同じ区分のやさしい項目は、本人がまだ届いていません。"
    elif gap:
        told += "同じ区分のやさしい項目も、まだ足りていません。"
    return told


class _Model:
    """The question as a linear model over numbers that are 0 or 1, built row by row.

    `raise` is 1 where a pair is chosen. `filled` is 1 where a cell gets at least its k-th new holder: with them
    充足状況 is linear. `early` is 1 where a chosen pair is out of order.
    """

    def __init__(
        self, cells: Sequence[TrainingCell], people: Sequence[Trainee], pairs: list[Pair], limits: Limits
    ):
        self.cells = cells
        self.steps = {person.id: person.steps for person in people}
        self.pairs = pairs
        self.size = 0
        # Each row is the least and the most that a sum of columns times factors may be.
        self.rows: list[tuple[float, float, dict[int, int]]] = []
        self.raised = {pair: self._column() for pair in pairs}
        self.filled: dict[str, list[int]] = {}
        self._places(limits)
        self._fill()
        self.early = [column for pair in pairs for column in self._order(pair)]

    def _column(self) -> int:
        self.size += 1
        return self.size - 1

    def _at_most(self, upper: int, factors: dict[int, int]) -> None:
        self.rows.append((-float("inf"), upper, factors))

    def _places(self, limits: Limits) -> None:
        self._at_most(limits.most, dict.fromkeys(self.raised.values(), 1))
        of_person: dict[int, dict[int, int]] = {}
        for (person, _), column in self.raised.items():
            of_person.setdefault(person, {})[column] = 1
        for factors in of_person.values():
            self._at_most(limits.most_per_person, factors)

    def _fill(self) -> None:
        for cell in self.cells:
            mine = [column for (_, code), column in self.raised.items() if code == cell.code]
            if not mine:
                continue
            steps = [self._column() for _ in range(min(len(mine), cell.enough - cell.holders))]
            self.filled[cell.code] = steps
            # As many new holders as raises, and no second one without a first.
            self.rows.append((0, 0, dict.fromkeys(mine, 1) | dict.fromkeys(steps, -1)))
            for first, second in itertools.pairwise(steps):
                self._at_most(0, {second: 1, first: -1})

    def _order(self, pair: Pair) -> list[int]:
        """Return the column that says that a pair is out of order, in a list; [] where nothing is easier."""
        person, code = pair
        first = easier(next(cell for cell in self.cells if cell.code == code), self.cells)
        if not first:
            return []
        early = self._column()
        for cell in first:
            # early >= raise - (the easier cell is 充足), and early >= raise - (the person can do the easier one)
            constant, factors = self._reached(cell, cell.enough)
            covered = {column: -factor for column, factor in factors.items()}
            self._at_most(constant, {self.raised[pair]: 1, early: -1, **covered})
            if self.steps[person].get(cell.code, 0) >= HOLDER_STEP:
                continue
            too = self.raised.get((person, cell.code))
            self._at_most(0, {self.raised[pair]: 1, early: -1, **({} if too is None else {too: -1})})
        return [early]

    def _reached(self, cell: TrainingCell, number: int) -> tuple[int, dict[int, int]]:
        """Return (constant, factors) that come to 1 where a cell has `number` holders afterwards, else to 0."""
        missing = number - cell.holders
        if missing <= 0:
            return 1, {}
        filled = self.filled.get(cell.code, [])
        return (0, {filled[missing - 1]: 1}) if missing <= len(filled) else (0, {})

    def _count(self, one: Status) -> dict[int, int]:
        """Return the factors that count the cells in a state afterwards, but for a constant."""
        found: dict[int, int] = {}
        for cell in self.cells:
            if cell.code not in self.filled:
                continue
            if one is Status.NONE:
                parts = [(1, -1)]
            elif one is Status.SINGLE:
                parts = [(1, 1), (2, -1)]
            else:
                parts = [(2, 1), (cell.enough, -1)]
            for number, sign in parts:
                for column, factor in self._reached(cell, number)[1].items():
                    found[column] = found.get(column, 0) + sign * factor
        return found

    def questions(self) -> list[dict[int, int]]:
        """Return what is made as small as possible, as factors by column, one after the other."""
        steps = {
            column: HOLDER_STEP - self.steps[person][code] for (person, code), column in self.raised.items()
        }
        return [
            *(self._count(one) for one in _COUNTED),
            dict.fromkeys(self.early, 1),
            steps,
            dict.fromkeys(self.raised.values(), 1),
            # Between equals, whoever stands earlier: the same input gives the same answer.
            {column: place for place, column in enumerate(self.raised.values())},
        ]

    def solve(self, seconds: float) -> set[Pair]:
        """Return the pairs to choose. Raises NotProven."""
        solver = Solver(self.size, self.rows, seconds)
        values: list[int] = []
        for factors in self.questions():
            values = solver.smallest(factors)
            best = sum(factor * values[column] for column, factor in factors.items())
            solver.at_most(best, factors)
        return {pair for pair, column in self.raised.items() if values[column]}
