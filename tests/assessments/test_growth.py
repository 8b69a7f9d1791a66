"""次に伸ばすなら: one next step a 分類, the same for the same answers, one step above where the person is."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.growth import next_of
from competency.targets import Target


def cell(code, stage=0):
    return SimpleNamespace(code=code, stage=SimpleNamespace(rank=stage))


CELLS = [cell("a", 2), cell("b", 1), cell("c", 0), cell("d", 0)]
CODES = [each.code for each in CELLS]
STEPS = st.dictionaries(st.sampled_from(CODES), st.one_of(st.none(), st.integers(0, 4)))
TARGETS = st.dictionaries(st.sampled_from(CODES), st.builds(Target, st.integers(1, 4), st.just("職位：主事")))


def chosen(steps, **targets):
    found = next_of(CELLS, steps, {code: Target(step, "職位：主事") for code, step in targets.items()})
    return found and (found.cell.code, found.now, found.to)


@pytest.mark.parametrize(
    ("steps", "targets", "expected"),
    [
        ({}, {}, None),
        ({"a": None}, {}, None),
        ({"a": 4, "b": 4}, {}, None),
        ({"a": 0, "b": 2, "c": 1}, {}, ("b", 2, 3)),
        # The largest distance to the target, although another is nearer to 3.
        ({"a": 0, "b": 2}, {"a": 2, "b": 3}, ("a", 0, 1)),
        # As far from the target: the one nearer to 3.
        ({"a": 0, "b": 2}, {"a": 1, "b": 3}, ("b", 2, 3)),
        # A target that is reached asks for nothing.
        ({"a": 1, "b": 0}, {"a": 1}, ("a", 1, 2)),
        # A target of 4 comes before a cell that is below 3 without any.
        ({"a": 3, "b": 2}, {"a": 4}, ("a", 3, 4)),
        # As near to 3: the easier stage, then the order of the matrix.
        ({"a": 2, "b": 2, "c": 2, "d": 2}, {}, ("c", 2, 3)),
        ({"a": 4, "b": 3, "c": 3}, {}, ("b", 3, 4)),
    ],
)
def test_the_rule(steps, targets, expected):
    assert chosen(steps, **targets) == expected


def test_it_says_why():
    assert next_of(CELLS, {"a": 1}, {"a": Target(3, "主担当：企画")}).why == "目標は3です（主担当：企画）。"
    assert "「3 独力でできる」にいちばん近い" in next_of(CELLS, {"a": 1}, {}).why
    assert "教える側" in next_of(CELLS, {"a": 3}, {}).why


@given(STEPS, TARGETS)
def test_always_one_step_up_of_a_cell_that_is_known_and_open(steps, targets):
    found = next_of(CELLS, steps, targets)
    still_open = [code for code in CODES if steps.get(code) is not None and steps[code] < 4]
    assert (found is None) == (not still_open)
    if found:
        assert found.cell.code in still_open
        assert (found.now, found.to) == (steps[found.cell.code], steps[found.cell.code] + 1)


@given(STEPS, TARGETS)
def test_no_open_cell_lies_further_behind_its_target(steps, targets):
    found = next_of(CELLS, steps, targets)
    if found is None:
        return

    def behind(code):
        return max(targets[code].step - steps[code], 0) if code in targets else 0

    furthest = max(behind(code) for code in CODES if steps.get(code) is not None and steps[code] < 4)
    assert behind(found.cell.code) == furthest
    if not furthest and found.now >= 3:
        assert all(steps[code] is None or steps[code] >= 3 for code in steps)


@given(STEPS, TARGETS)
def test_the_cells_not_chosen_can_go_and_the_answer_stays(steps, targets):
    found = next_of(CELLS, steps, targets)
    if found:
        alone = next_of([found.cell], steps, targets)
        assert alone == found
