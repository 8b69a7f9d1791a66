"""Who would leave a cell empty: the arithmetic, by property and by example."""

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from gaps.coverage import Person, Rule, Status, department_coverage
from gaps.keystones import keystones

AREA = SimpleNamespace(code="a", name="区分")
CELLS = [SimpleNamespace(code=code, full_name=code, area=AREA) for code in ("x", "y", "z")]


def report_of(levels, needs=None, *, leave=(), fiscal=(), external=None, counts_external=False):
    """A department; `levels` are steps of x, y, z by person, None for not rated."""
    people = [
        Person(
            id=number,
            name=f"職員{number}",
            year=2026,
            steps={cell.code: step for cell, step in zip(CELLS, steps, strict=True) if step is not None},
            on_leave=number in leave,
            is_fiscal_year=number in fiscal,
        )
        for number, steps in enumerate(levels)
    ]
    return department_coverage(
        "課", 2026, CELLS, people, needs=needs or {"x": 1, "y": 1, "z": 1},
        external=external, rule=Rule(external=counts_external),
    )  # fmt: skip


def told(report):
    return [
        (each.person.id, [(one.cell.cell.code, [p.id for p in one.cover], one.step) for one in each.cells])
        for each in keystones(report)
    ]


def test_who_holds_alone_with_the_cells_and_the_nearest():
    report = report_of([(3, 3, 0), (2, 4, 4), (2, 0, 1), (1, 0, 1)], {"x": 2, "y": 1, "z": 1})
    assert told(report) == [(0, [("x", [1, 2], 2)]), (1, [("z", [2, 3], 1)])]


def test_nobody_near_is_said_as_nobody():
    assert told(report_of([(3, 0, 0), (0, None, None)])) == [(0, [("x", [], 0)])]


def test_what_is_not_needed_or_not_set_warns_of_nobody():
    assert told(report_of([(3, 3, 0), (0, 0, 0)], {"x": 0})) == []


def test_a_contractor_who_counts_stays_when_the_person_goes():
    levels = [(3, 0, 0), (0, 0, 0)]
    assert told(report_of(levels, external={"x": 1}, counts_external=True)) == []
    assert told(report_of(levels, external={"x": 1})) == [(0, [("x", [], 0)])]
    # The contractor alone is no person of ours.
    assert told(report_of([(0, 0, 0), (0, 0, 0)], external={"x": 1}, counts_external=True)) == []


def test_who_does_not_count_neither_holds_nor_covers():
    report = report_of([(3, 0, 0), (3, 0, 0), (2, 0, 0), (0, 0, 0)], leave=[1], fiscal=[2])
    assert told(report) == [(0, [("x", [], 0)])]


def test_a_department_of_one_rests_on_one_by_nature():
    assert told(report_of([(3, 3, 3)])) == []


STEPS = st.none() | st.integers(0, 4)
LEVELS = st.lists(st.tuples(STEPS, STEPS, STEPS), min_size=2, max_size=7)
NEEDS = st.fixed_dictionaries({code: st.integers(0, 3) for code in "xyz"})


@given(LEVELS, NEEDS, st.data())
def test_taking_a_keystone_away_empties_exactly_its_cells(levels, needs, data):
    leave = data.draw(st.sets(st.integers(0, len(levels) - 1), max_size=len(levels) - 2))
    report = report_of(levels, needs, leave=leave)
    found = {each.person.id: {one.cell.cell.code for one in each.cells} for each in keystones(report)}
    before = {cell.cell.code for cell in report.cells_with(Status.NONE)}
    for number in range(len(levels)):
        if number in leave:
            assert number not in found
            continue
        without = report_of(levels, needs, leave=leave | {number})
        emptied = {cell.cell.code for cell in without.cells_with(Status.NONE)} - before
        assert emptied == found.get(number, set())


@given(LEVELS, NEEDS)
def test_whoever_covers_has_the_smallest_step_to_go(levels, needs):
    report = report_of(levels, needs)
    order = [person.id for person in report.people]
    found = keystones(report)
    assert [each.person.id for each in found] == [i for i in order if i in {e.person.id for e in found}]
    for each in found:
        for one in each.cells:
            steps = {
                p.id: p.steps.get(one.cell.cell.code, 0) for p in report.people if p.id != each.person.id
            }
            assert {p.id for p in one.cover} == {i for i, s in steps.items() if s == one.step and s}
            assert one.step == max(steps.values())


@given(LEVELS, NEEDS, st.tuples(STEPS, STEPS, STEPS))
def test_one_more_person_never_adds_a_cell_that_had_somebody(levels, needs, more):
    def pairs(report):
        return {(each.person.id, one.cell.cell.code) for each in keystones(report) for one in each.cells}

    held = {cell.cell.code for cell in report_of(levels, needs).cells if cell.holders}
    assert {pair for pair in pairs(report_of([*levels, more], needs)) if pair[1] in held} <= pairs(
        report_of(levels, needs)
    )
