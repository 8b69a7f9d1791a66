"""People who leave and come, by property and by a worked example (issue 3, point 5)."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gaps.coverage import Person, Status, department_coverage
from gaps.scenario import carries_alone, holds, outcome, returning
from tests.gaps.test_coverage_arithmetic import CELLS, CODES, NEEDS, RULES, STEPS, people


@st.composite
def reports(draw):
    """A department of today."""
    return department_coverage(
        "課", 2026, CELLS, draw(people()), needs=draw(NEEDS), rule=draw(RULES),
        external=draw(st.dictionaries(st.sampled_from(CODES), st.integers(0, 3))),
    )  # fmt: skip


@st.composite
def newcomers(draw):
    """People who are not in the department: of the municipality, or nameless (below zero)."""
    ids = draw(st.lists(st.integers(-3, -1) | st.integers(100, 103), unique=True, max_size=4))
    return [Person(id=one, name=f"入る人{one}", steps=draw(STEPS), year=2026) for one in ids]


SOME = st.frozensets(st.integers(0, 7))


@given(reports())
def test_nobody_moving_is_today(report):
    found = outcome(report)
    assert found.after == found.before == report
    assert not any(change.changed or change.moved for change in found.changes)
    assert found.covers() == found.handovers() == []
    assert all(one.difference == 0 for one in found.counts())


@given(reports(), SOME)
def test_who_leaves_never_makes_a_cell_better(report, leavers):
    for change in outcome(report, leavers=leavers).changes:
        assert change.after.count <= change.before.count
        assert not change.better


@given(reports(), newcomers())
def test_who_comes_never_makes_a_cell_worse(report, joiners):
    for change in outcome(report, joiners=joiners).changes:
        assert change.after.count >= change.before.count
        assert not change.worse


@given(reports(), SOME)
def test_leaving_and_coming_back_with_the_same_steps_is_today(report, leavers):
    same = [person for person in report.everyone if person.id in leavers]
    found = outcome(report, leavers=leavers, joiners=same)
    assert found.after == report
    assert found.leavers == ()


@given(reports(), SOME, newcomers(), st.randoms())
def test_the_order_of_the_moves_says_nothing(report, leavers, joiners, chance):
    shuffled, gone = list(joiners), list(leavers)
    chance.shuffle(shuffled)
    chance.shuffle(gone)
    one = outcome(report, leavers=leavers, joiners=joiners)
    assert outcome(report, leavers=gone, joiners=shuffled) == one
    # One after the other comes to the same as all at once, as far as cells and counts go.
    first = outcome(report, joiners=shuffled).after
    for leaver in gone:
        first = outcome(first, leavers=[leaver]).after
    assert [cell.count for cell in first.cells] == [cell.count for cell in one.after.cells]


@given(reports(), SOME, newcomers())
def test_what_is_told_adds_up(report, leavers, joiners):
    found = outcome(report, leavers=leavers, joiners=joiners)
    assert sum(one.before for one in found.counts()) == len(report.judged) == len(found.after.judged)
    assert sum(one.after for one in found.counts()) == len(report.judged)
    assert [cover.change for cover in found.covers()] == found.worsened
    assert len(found.after.everyone) == len(report.everyone) - len(found.leavers) + len(joiners)
    for cover in found.covers():
        code = cover.change.cell.code
        assert {person.id for person in cover.people} <= {person.id for person in found.after.people}
        assert all(person.steps[code] == cover.step in (1, 2) for person in cover.people)
    for handover in found.handovers():
        assert handover.person.id in leavers
        for change in handover.cells:
            assert change.worse
            assert handover.person in change.before.holders


def test_whoever_falls_into_the_last_holders_is_on_somebodys_list():
    """Three can do it and two leave: no list of at most two would name the cell."""
    trio = [Person(id=n, name=f"{n}", steps={"cell-0": 3}, year=2026) for n in range(3)]
    report = department_coverage("課", 2026, CELLS, trio, needs={"cell-0": 2})
    lists = outcome(report, leavers={0, 1}).handovers()
    assert [[one.cell.code for one in each.cells] for each in lists] == [["cell-0"], ["cell-0"]]


def test_a_worked_example():
    """𠮷田 alone writes policy; of three who analyse one leaves and somebody comes who can run systems."""
    staff = [
        Person(id=1, name="髙橋", steps={"cell-0": 2, "cell-1": 3}, year=2026),
        Person(id=2, name="𠮷田", steps={"cell-0": 4, "cell-1": 3}, year=2026),
        Person(id=3, name="佐藤", steps={"cell-0": 1, "cell-2": 1}, year=2026),
        Person(id=4, name="小林", steps={"cell-0": 2, "cell-3": 3}, year=2026),
    ]
    report = department_coverage(
        "課", 2026, CELLS, staff, needs={"cell-0": 1, "cell-1": 1, "cell-2": 1, "cell-3": 2}
    )
    coming = [Person(id=-1, name="新規採用 1人", steps={"cell-3": 3})]
    found = outcome(report, leavers={2, 99}, joiners=coming)
    assert [(one.before.count, one.after.count) for one in found.changes] == [(1, 0), (2, 1), (0, 0), (1, 2)]
    assert [one.cell.code for one in found.fallen_to_none] == ["cell-0"]
    assert [one.cell.code for one in found.fallen_to_single] == ["cell-1"]
    assert [one.cell.code for one in found.improved] == ["cell-3"]
    assert [(one.before, one.after, one.difference) for one in found.counts()] == [
        (1, 1, 0), (0, 0, 0), (2, 1, -1), (1, 2, 1),
    ]  # fmt: skip
    first, second = found.covers()
    assert (first.step, [person.name for person in first.people]) == (2, ["髙橋", "小林"])
    assert (second.step, second.people) == (0, ())
    (handover,) = found.handovers(measures={2: ["改定"]}, duties={2: ["監査の窓口"], 3: ["その他"]})
    assert [one.cell.code for one in handover.cells] == ["cell-0", "cell-1"]
    assert (handover.measures, handover.duties) == (("改定",), ("監査の窓口",))
    assert (holds(staff[1]), holds(staff[2])) == (2, 0)
    assert carries_alone(report) == {2: 1, 4: 1}


def test_a_department_of_one():
    alone = [Person(id=1, name="山田", steps={"cell-0": 4}, year=2026)]
    report = department_coverage("係", 2026, CELLS, alone, needs={"cell-0": 1})
    gone = outcome(report, leavers={1})
    assert (gone.after.size, gone.after.cells[0].status) == (0, Status.NONE)
    assert gone.covers()[0].people == ()
    successor = Person(id=7, name="鈴木", steps={"cell-0": 2}, year=2026)
    replaced = outcome(report, leavers={1}, joiners=[successor])
    assert (replaced.covers()[0].people, replaced.covers()[0].joining) == ((successor,), True)
    pair = [*alone, Person(id=2, name="鈴木", steps={"cell-0": 3}, year=2026)]
    smaller = outcome(department_coverage("係", 2026, CELLS, pair, needs={"cell-0": 1}), leavers={2})
    assert smaller.changes[0].after.word == "1人体制"
    assert smaller.fallen_to_single == [smaller.changes[0]]


def test_who_comes_back_from_a_leave_counts_again():
    away = Person(id=1, name="山田", steps={"cell-0": 3}, year=2026, on_leave=True)
    report = department_coverage("係", 2026, CELLS, [away], needs={"cell-0": 1})
    found = outcome(report, joiners=[returning(away)])
    assert (found.before.size, found.after.size) == (0, 1)
    assert found.joiners == (replace(away, on_leave=False),)
    assert found.changes[0].better
