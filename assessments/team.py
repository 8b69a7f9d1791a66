"""What the own department lacks, asked of whoever knows it: `gaps` stands above and answers here (docs/adr/0031).

The home page is the person's and lies here; what a department needs lies in `gaps`, which this app may not import.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from access.actor import Actor


@dataclass(frozen=True)
class Lack:
    """One cell that the department lacks: its code, the word and the class of its 充足状況. No number, no name."""

    code: str
    word: str
    css: str


@dataclass(frozen=True)
class Lacking:
    """What a department lacks among the cells asked for, the worst first."""

    place: str
    cells: tuple[Lack, ...]


# (actor, path of the department of their 本務, cell codes in the order of the matrix)
Asked = Callable[[Actor, str, Sequence[str]], Lacking | None]
_answers: list[Asked] = []


def answer_with(asked: Asked) -> None:
    """Let this function say what a department lacks; called once, when the apps are ready."""
    _answers[:] = [asked]


def lacking(actor: Actor, path: str, codes: Sequence[str]) -> Lacking | None:
    """Return what the own department lacks among these cells, None where nothing is known."""
    return _answers[0](actor, path, codes) if _answers and codes else None
