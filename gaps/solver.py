"""HiGHS for questions over numbers that are 0 or 1, asked one after the other (ADR 18). Knows nothing of the product."""

import time
from collections.abc import Mapping, Sequence
from typing import Any


class NotProven(Exception):
    """The solver was stopped before it could prove its answer best; no answer is given then."""


class Solver:
    """HiGHS on one thread with a fixed seed, and no gap left between the answer and its proof."""

    def __init__(self, size: int, rows: Sequence[tuple[float, float, dict[int, int]]], seconds: float):
        # Loaded when first asked: other pages need neither it nor numpy.
        import highspy
        import numpy

        self.until = time.monotonic() + seconds
        self.optimal = highspy.HighsModelStatus.kOptimal
        self.size = size
        self.last: Any = None
        self.numpy: Any = numpy
        self.highs: Any = highspy.Highs()
        self.highs.silent()
        for name, value in {
            "threads": 1, "random_seed": 0, "parallel": "off", "mip_rel_gap": 0.0, "mip_abs_gap": 0.5,
            # Each question starts from the answer before it; looking for a lucky start only takes time.
            "mip_heuristic_effort": 0.0,
        }.items():  # fmt: skip
            self.highs.setOptionValue(name, value)
        none = numpy.zeros(size)
        self.columns = numpy.arange(size, dtype=numpy.int32)
        self.highs.addVars(size, none, numpy.ones(size))
        kinds = numpy.full(size, int(highspy.HighsVarType.kInteger), dtype=numpy.uint8)
        self.highs.changeColsIntegrality(size, self.columns, kinds)
        for lower, upper, factors in rows:
            self._row(lower, upper, factors)

    def _row(self, lower: float, upper: float, factors: Mapping[int, int]) -> None:
        columns = self.numpy.array(list(factors), dtype=self.numpy.int32)
        values = self.numpy.array(list(factors.values()), dtype=float)
        self.highs.addRow(lower, upper, len(factors), columns, values)

    def at_most(self, upper: int, factors: Mapping[int, int]) -> None:
        """Let nothing that is asked from now on be worse than this in what was asked before."""
        if factors:
            self._row(-self.highs.getInfinity(), upper, factors)

    def smallest(self, factors: Mapping[int, int]) -> list[int]:
        """Return values of all columns for which the sum of the factors is smallest. Raises NotProven."""
        costs = self.numpy.zeros(self.size)
        for column, factor in factors.items():
            costs[column] = factor
        self.highs.changeColsCost(self.size, self.columns, costs)
        if self.last is not None:
            # What answered the question before is allowed here too: a start to be improved.
            self.highs.setSolution(self.size, self.columns, self.last)
        # The limit counts from the first run of the solver object on.
        left = self.until - time.monotonic()
        self.highs.setOptionValue("time_limit", max(left, 0.0) + self.highs.getRunTime())
        self.highs.run()
        if self.highs.getModelStatus() != self.optimal:
            raise NotProven
        # The solver answers within a millionth of a whole number.
        self.last = self.numpy.rint(self.highs.getSolution().col_value)
        return [int(value) for value in self.last]
