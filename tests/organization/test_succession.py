"""Where the history of a department that has ended goes on."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from lib.paths import child_path
from organization.succession import followed, home_of


@dataclass(frozen=True)
class Unit:
    id: int
    path: str
    successor_id: int | None = None


def tree(*rows):
    """Return units by id from (id, parent id or None, successor id or None)."""
    made = {}
    for id_, parent, successor in rows:
        made[id_] = Unit(id_, child_path(made[parent].path if parent else "", id_), successor)
    return made


def test_what_goes_on_is_its_own_home():
    units = tree((1, None, None), (2, 1, None))
    assert home_of(units[2], units) == units[2].path


def test_joined_departments_go_on_in_the_new_one_with_all_below():
    units = tree((1, None, None), (2, 1, 9), (3, 2, None), (4, 1, 9), (9, 1, None))
    assert followed(units.values(), units[9].path) == {2, 3, 4, 9}


def test_a_part_with_a_successor_of_its_own_goes_its_own_way():
    units = tree((1, None, None), (2, 1, 9), (3, 2, 8), (8, 1, None), (9, 1, None))
    assert followed(units.values(), units[9].path) == {2, 9}
    assert followed(units.values(), units[8].path) == {3, 8}


def test_a_chain_is_followed_to_its_end():
    units = tree((1, None, 2), (2, None, 3), (3, None, None))
    assert home_of(units[1], units) == units[3].path


def test_where_nothing_came_from_elsewhere_the_part_of_the_tree_says_it_all():
    units = tree((1, None, None), (2, 1, None))
    assert followed(units.values(), units[1].path) is None


def test_a_circle_and_an_unknown_successor_lead_nowhere():
    units = tree((1, None, 2), (2, None, 1), (3, None, 99))
    assert [home_of(units[one], units) for one in (1, 2, 3)] == [None, None, None]


@given(
    st.lists(st.tuples(st.integers(0, 8), st.one_of(st.none(), st.integers(1, 8))), min_size=1, max_size=8)
)
def test_nobody_is_counted_in_two_departments_that_stand_apart(rows):
    units = tree(*((n, parent if 0 < parent < n else None, to) for n, (parent, to) in enumerate(rows, 1)))
    roots = [one for one in units.values() if len(one.path) == 8]
    counted = []
    for root in roots:
        mine = followed(units.values(), root.path)
        counted += (
            [one.id for one in units.values() if one.path.startswith(root.path)] if mine is None else mine
        )
    assert len(counted) == len(set(counted))
