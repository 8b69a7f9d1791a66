"""The skeleton of the matrix, and what a cell is called."""

from types import SimpleNamespace as Thing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competency import matrix


def cells_of(*places):
    """Make cells from (category, area, stage rank), in this order."""
    categories = {code: Thing(code=code) for code, _, _ in places}
    areas = {code: Thing(code=code, category=categories[category]) for category, code, _ in places}
    return [
        Thing(number=number, area=areas[area], stage=Thing(code=f"stage-{rank}", rank=rank))
        for number, (_, area, rank) in enumerate(places)
    ]


def numbers(row):
    return [[cell.number for cell in slot] for slot in row.slots]


def test_rows_stand_by_area_and_slots_by_stage():
    rows = matrix.rows(cells_of(("x", "a", 2), ("x", "b", 1), ("x", "b", 2), ("y", "c", 0), ("y", "c", 0)))
    assert [(row.category.code, row.area.code, row.first, row.span) for row in rows] == [
        ("x", "a", True, 2),
        ("x", "b", False, 0),
        ("y", "c", True, 1),
    ]
    assert [numbers(row) for row in rows] == [[[], [], [0]], [[], [1], [2]], [[3, 4], [], []]]


def test_a_tile_is_made_from_each_cell_and_groups_count_them():
    groups = matrix.groups(
        cells_of(("x", "a", 2), ("x", "b", 1), ("y", "c", 0)), lambda cell: f"tile {cell.number}"
    )
    assert [group.tiles for group in groups] == [["tile 0", "tile 1"], ["tile 2"]]
    assert groups[0].rows[1].slots == ([], ["tile 1"], [])


def test_no_cells_make_no_rows():
    assert matrix.rows([]) == []


@pytest.mark.parametrize("rank", [-1, 3])
def test_a_stage_without_a_column_is_an_error(rank):
    with pytest.raises(ValueError, match=f"rank {rank}"):
        matrix.rows(cells_of(("x", "a", rank)))


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from("abc"), st.integers(0, 2))))
def test_every_cell_stands_exactly_once(places):
    cells = cells_of(*((category, category + area, rank) for category, area, rank in places))
    rows = matrix.rows(cells)
    assert sorted(number for row in rows for slot in numbers(row) for number in slot) == list(
        range(len(cells))
    )
    assert sum(row.span for row in rows) == len(rows)
    for row in rows:
        for rank, slot in enumerate(row.slots):
            assert all(cell.stage.rank == rank and cell.area is row.area for cell in slot)


def test_a_cell_is_called_by_task_else_area_else_area_and_stage():
    called = matrix.labels(
        [
            ("plan", "企画立案", "it", "庁内情報化", "上級"),
            ("basics", "", "basics", "IT基礎知識", "初級"),
            ("run.1", "", "run", "運用管理", "初級"),
            ("run.2", "", "run", "運用管理", "中級"),
            ("mixed.1", "", "mixed", "調達", "中級"),
            ("mixed.2", "検収", "mixed", "調達", "上級"),
        ]
    )
    assert called == {
        "plan": "企画立案",
        "basics": "IT基礎知識",
        "run.1": "運用管理（初級）",
        "run.2": "運用管理（中級）",
        "mixed.1": "調達",
        "mixed.2": "検収",
    }
