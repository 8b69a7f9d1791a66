"""次に伸ばすなら: the one next step of each 分類. Pure.

It looks at one person alone: no step of anybody else comes in, and nothing is added up or ordered by it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from competency.models import Step
from competency.models.matrix import HOLDER_STEP
from competency.targets import Target

TOP = Step.TEACHES


@dataclass(frozen=True)
class Growth:
    """The cell of one 分類 that is next: the step now and the one after it, with the target where it has one."""

    cell: Any
    now: int
    target: Target | None = None

    @property
    def to(self) -> int:
        """Return the next step: always one above, however far the target is."""
        return self.now + 1

    @property
    def now_words(self) -> str:
        """Return the step now in words, without its number."""
        return Step(self.now).label

    @property
    def to_words(self) -> str:
        """Return the next step in words, without its number."""
        return Step(self.to).label

    @property
    def why(self) -> str:
        """Return why this one was chosen, in a sentence."""
        if self.target is not None and self.target.step > self.now:
            return f"目標は{self.target.step}です（{self.target.reason}）。"
        if self.now < HOLDER_STEP:
            return f"この分類で「{HOLDER_STEP.value} {HOLDER_STEP.label}」にいちばん近い項目です。"
        return "この分類は、どの項目も独力でできます。教える側にまわれる項目です。"


def next_of(
    cells: Iterable[Any], steps: Mapping[str, int | None], targets: Mapping[str, Target]
) -> Growth | None:
    """Return the next step among the cells of one 分類, None where no step is known or all are at the top.

    The cell with the largest distance to its target; of equals the one nearer to 「3 独力でできる」. Where every
    target is reached, or there is none: the cell below 3 that is nearest to it, of equals the easier stage; where
    all are at 3 or more, the first that is not yet 4. What is still equal goes by the order of the matrix.
    """
    open_ = [
        (order, cell, step)
        for order, cell in enumerate(cells)
        if (step := steps.get(cell.code)) is not None and step < TOP
    ]
    if not open_:
        return None

    def rank(one: tuple[int, Any, int]) -> tuple[int, ...]:
        order, cell, step = one
        target = targets.get(cell.code)
        behind = max(target.step - step, 0) if target else 0
        if behind:
            return (0, -behind, abs(HOLDER_STEP - step), order)
        if step < HOLDER_STEP:
            return (1, HOLDER_STEP - step, cell.stage.rank, order)
        return (2, order)

    _, cell, step = min(open_, key=rank)
    return Growth(cell, step, targets.get(cell.code))
