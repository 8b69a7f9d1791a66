"""What all drills of a run come to: acknowledged answers, those lost, doubled or half done, answers 500. No drill itself."""

from collections.abc import Iterable

from bench.bounds import Bound
from bench.results import Figure

TOTALS = {
    "drill.answers": Bound(30_000, "answers", per_database=False, at_least=True, short_limit=2_000),
    "drill.lost": Bound(0, "answers", per_database=False),
    "drill.duplicates": Bound(0, "rows", per_database=False),
    "drill.half": Bound(0, "sheets", per_database=False),
    "drill.http500": Bound(0, "answers", per_database=False),
}


def sums(figures: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Return the sum of each kind over the figures of all drills, by the last word of the total's name.

    `crash.lost.sqlite` and `jobs.lost.postgres` are of one kind; `backup.under_writers.lost` counts rows and is none. Answers
    are those of drills that looked for lost ones.
    """
    parts = [(*f"{name}.".split(".")[:2], value) for name, value in figures]
    looked = {drill for drill, word, _ in parts if word == "lost"}
    total = {name.split(".")[1]: 0.0 for name in TOTALS}
    for drill, word, value in parts:
        if word in total and drill != "drill" and (word != "answers" or drill in looked):
            total[word] += value
    return total


def totals(figures: Iterable[Figure]) -> list[Figure]:
    """Return the figures over all drills of a run."""
    found = sums((one.name, one.value) for one in figures)
    return [Figure(name, found[name.split(".")[1]]) for name in TOTALS]
