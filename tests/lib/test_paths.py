"""Tree paths: ranges of digits that are exactly the subtrees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import paths

LARGE = st.integers(paths.MAX_PK - 2, paths.MAX_PK)
KEYS = st.one_of(st.integers(1, 12), LARGE, st.integers(1, paths.MAX_PK))
TREE_PATHS = st.lists(KEYS, min_size=1, max_size=6).map(lambda keys: "".join(f"{key:08d}" for key in keys))


@given(TREE_PATHS, TREE_PATHS)
def test_range_is_the_subtree(path, root):
    in_range = root <= path < paths.upper_bound(root)
    assert in_range == paths.is_within(path, root) == path.startswith(root)


@given(TREE_PATHS, st.lists(KEYS, max_size=3))
def test_descendants_are_within(root, keys):
    path = root
    for key in keys:
        path = paths.child_path(path, key)
    assert paths.is_within(path, root)
    assert root <= path < paths.upper_bound(root)
    assert paths.keys(path) == paths.keys(root) + keys
    assert paths.depth(path) == paths.depth(root) + len(keys)


@given(TREE_PATHS)
def test_bound_is_the_smallest_of_its_width(path):
    bound = paths.upper_bound(path)
    assert len(bound) == len(path)
    assert int(bound) == int(path) + 1
    assert not bound.startswith(path)


@given(TREE_PATHS)
def test_ancestors_lead_to_the_node(path):
    above = paths.ancestors(path)
    assert above[-1] == path
    assert [paths.depth(each) for each in above] == list(range(1, paths.depth(path) + 1))
    assert all(paths.is_within(path, each) for each in above)


def test_example():
    assert paths.child_path("", 5) == "00000005"
    assert paths.child_path("00000005", 12) == "0000000500000012"
    assert paths.upper_bound("0000000500000012") == "0000000500000013"


@pytest.mark.parametrize("key", [0, -1, paths.MAX_PK + 1])
def test_refuses_keys_that_do_not_fit(key):
    with pytest.raises(ValueError, match="keys from 1"):
        paths.child_path("", key)


@pytest.mark.parametrize("path", ["", "1", "0000000a", "００００００００", "000000001"])
def test_refuses_what_is_no_path(path):
    for function in (paths.upper_bound, paths.ancestors, paths.keys, paths.depth):
        with pytest.raises(ValueError, match="no tree path"):
            function(path)
    with pytest.raises(ValueError, match="no tree path"):
        paths.is_within("00000001", path)
    with pytest.raises(ValueError, match="no tree path"):
        paths.is_within(path, "00000001")


def test_refuses_a_parent_that_is_no_path():
    with pytest.raises(ValueError, match="no tree path"):
        paths.child_path("12", 1)
