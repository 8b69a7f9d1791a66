"""What reading and writing tables share: the table, its rows, and what may be wrong with a file."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """One row of data: the line (CSV) or row number (Excel) where it starts, from 1, and its cells.

    There are as many cells as the header has names; an empty cell is "".
    """

    line: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """A file that was read: the header, the rows that are not blank, and how the file was encoded.

    `encoding` is utf-8-sig, utf-8, cp932 or xlsx.
    """

    header: list[str]
    rows: list[Row] = field(repr=False)
    encoding: str


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a file, in words for the person who has to put it right.

    `line` is None where the whole file is meant; `column` is the name in the header, or ""; `value` is what
    stands there, or ""; `message` says in Japanese what is wrong and what to do.
    """

    line: int | None
    column: str
    value: str
    message: str


class TableError(ValueError):
    """The file is refused whole. `problems` lists why: at least one, in the order of the lines."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(_sentence(problem) for problem in problems))


def refusal(message: str, *, line: int | None = None, column: str = "", value: str = "") -> TableError:
    """Return a `TableError` with one problem."""
    return TableError([Problem(line, column, value, message)])


def _sentence(problem: Problem) -> str:
    return problem.message if problem.line is None else f"{problem.line}行目：{problem.message}"
