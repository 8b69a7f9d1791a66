"""到達度 of people over the years, as ready-made lines. Pure: chance comes in as a `random.Random`.

17 記入 and up to 34 確認 a sheet are most of what is written. A few hundred patterns of growth are made once and put into lines;
of a sheet only its keys are put in, which is a replacement of text and no work for each line.
"""

import random
from dataclasses import dataclass

from config.generating.rows import NULL

# Stand in ready-made lines for what a sheet or a confirmation adds. No text of ours holds them.
_OWNER, _ACT = "\x01", "\x02"
HOLDER = 3
TOP = 4
PATTERNS = 256
# Mean and spread of the first year's level: in the information department, elsewhere.
_FIRST = {True: (1.7, 1.0), False: (0.7, 0.9)}
# What a year adds to a level at most; on average a half of it.
_GROWTH = 0.5
# How often the line stays one step below the person, of a hundred.
_BELOW = 22
_EVIDENCE = (
    "担当として手順書を作り直し、1人で運用しています。", "前年の更改で仕様書を書き、受入れの試験まで行いました。",
    "庁内研修の講師を2回務めました。", "障害の切り分けと業者への連絡を受け持ちました。",
    "係内の後任に教え、引継書にまとめました。", "予算要求の資料を作り、査定の質問に答えました。",
)  # fmt: skip
_COMMENTS = ("", "", "", "", "根拠を確認しました。", "次の年は後任に教えることを期待します。")


@dataclass(frozen=True)
class Year:
    """One pattern in one year, as lines: 記入, 一次確認, 確定, and a line for each 下書き, in the order of the cells."""

    ratings: str
    first: str
    final: str
    drafts: tuple[str, ...]


@dataclass(frozen=True)
class Steps:
    """One pattern in one year, in steps 0 to 4 by cell: the person's own, and those of the line."""

    own: tuple[int, ...]
    first: tuple[int, ...]
    final: tuple[int, ...]


def growth(chance: random.Random, *, cells: int, years: int, information: bool) -> list[Steps]:
    """Return the steps of one person over the years; none ever falls, and the line never stands above the person."""
    mean, spread = _FIRST[information]
    # Some are good at all of it.
    talent = chance.gauss(0, 0.6)
    level = [chance.gauss(mean + talent, spread) for _ in range(cells)]
    first = final = own = (0,) * cells
    found = []
    for _ in range(years):
        own = tuple(max(was, min(TOP, max(0, round(at)))) for was, at in zip(own, level, strict=True))
        first = tuple(
            max(was, step - (chance.random() * 100 < _BELOW and step > 0))
            for was, step in zip(first, own, strict=True)
        )
        final = tuple(
            max(was, min(step, said + (chance.random() < 0.1)))
            for was, said, step in zip(final, first, own, strict=True)
        )
        found.append(Steps(own, first, final))
        level = [at + chance.random() * _GROWTH for at in level]
    return found


class Patterns:
    """All patterns, for people of the information department and others; `cells` are the keys of the cells in use."""

    def __init__(self, chance: random.Random, cells: list[int], years: int) -> None:
        self._cells = cells
        self._years = {
            information: [
                [
                    self._lines(chance, steps)
                    for steps in growth(chance, cells=len(cells), years=years, information=information)
                ]
                for _ in range(PATTERNS)
            ]
            for information in (True, False)
        }
        self.cells = len(cells)

    def year(self, pattern: int, year: int, *, information: bool) -> Year:
        """Return a pattern (any number) in a year (0 is the first)."""
        return self._years[information][pattern % PATTERNS][year]

    def _lines(self, chance: random.Random, steps: Steps) -> Year:
        evidence = [chance.choice(_EVIDENCE) if step >= HOLDER else "" for step in steps.own]
        answers = [
            f"{_OWNER}\t{cell}\t{step}\t{text}\t{NULL}\t0"
            for cell, step, text in zip(self._cells, steps.own, evidence, strict=True)
        ]
        confirmed = {
            level: "".join(
                f"{_OWNER}\t{cell}\t{level}\t{step}\t{chance.choice(_COMMENTS)}\tperson\t{_ACT}\t1\n"
                for cell, step in zip(self._cells, line, strict=True)
            )
            for level, line in (("first", steps.first), ("final", steps.final))
        }
        return Year(
            "".join(f"{each}\n" for each in answers),
            confirmed["first"],
            confirmed["final"],
            tuple(f"{each}\t{_ACT}\t1\n" for each in answers),
        )


def of(lines: str, municipality: int, owner: int) -> str:
    """Return ready-made lines for a revision (記入) or, without what `by` adds, a sheet."""
    return lines.replace(_OWNER, f"{municipality}\t{owner}")


def by(lines: str, municipality: int, owner: int, act: str) -> str:
    """Return ready-made lines with what was done: of 確認 the confirmer and the instant, of 下書き the instant."""
    return lines.replace(_OWNER, f"{municipality}\t{owner}").replace(_ACT, act)
