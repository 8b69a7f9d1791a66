"""The figures over all drills are the sums of theirs, and one lost answer of any drill makes them red."""

from bench.results import Figure
from tests.drills.totals import TOTALS, sums, totals

FIGURES = [
    Figure("crash.answers.sqlite", 20_000),
    Figure("restarts.answers", 11_000),
    Figure("crash.lost.sqlite", 0),
    Figure("restarts.lost", 1),
    Figure("evening.answers.sqlite", 6_000),
    Figure("fuzz.http500.postgres", 0),
    Figure("backup.under_writers.lost.sqlite", 7),
    Figure("drill.recovery.app.sqlite", 2),
]


def test_kinds_are_summed_over_drills_and_databases():
    assert sums((one.name, one.value) for one in FIGURES) == {
        "answers": 31_000,
        "lost": 1,
        "duplicates": 0,
        "half": 0,
        "http500": 0,
    }


def test_one_lost_answer_is_red():
    keeps = {one.name: TOTALS[one.name].keeps(one.value) for one in totals(FIGURES)}
    assert keeps == {name: name != "drill.lost" for name in TOTALS}


def test_too_few_answers_are_red():
    few = totals([Figure("crash.answers.sqlite", 1_999), Figure("crash.lost.sqlite", 0)])[0]
    assert not TOTALS[few.name].keeps(few.value, short=True)
