"""Materialised paths of a tree: the primary keys from the root down, eight digits a level, only digits.

A subtree is then a plain range, `path >= p and path < upper_bound(p)`, which every database answers from an
ordinary index and orders alike under every collation, because only digits of equal width are compared.
"""

LEVEL_DIGITS = 8

# The largest key of eight digits stays unused, so that adding one never carries into the level above.
MAX_PK = 10**LEVEL_DIGITS - 2


def child_path(parent_path: str, pk: int) -> str:
    """Return the path of the node `pk` below `parent_path`; an empty parent path makes it a root.

    Raises ValueError when `pk` is not in 1 … 99,999,998 or `parent_path` is no path.
    """
    if not 1 <= pk <= MAX_PK:
        raise ValueError(f"A path holds keys from 1 to {MAX_PK}, not {pk}.")
    if parent_path:
        _check(parent_path)
    return f"{parent_path}{pk:0{LEVEL_DIGITS}d}"


def upper_bound(path: str) -> str:
    """Return the smallest string of digits above `path` and everything below it: the same digits plus one.

    Raises ValueError for anything but a path; the empty path, the whole forest, has no bound.
    """
    _check(path)
    return str(int(path) + 1).zfill(len(path))


def is_within(path: str, root: str) -> bool:
    """Tell whether `path` is `root` or below it. Raises ValueError when one of them is no path."""
    _check(path)
    _check(root)
    return path.startswith(root)


def ancestors(path: str) -> list[str]:
    """Return the paths from the root down to and including `path`. Raises ValueError for no path."""
    _check(path)
    return [path[:end] for end in range(LEVEL_DIGITS, len(path) + 1, LEVEL_DIGITS)]


def keys(path: str) -> list[int]:
    """Return the primary keys from the root down to the node itself. Raises ValueError for no path."""
    _check(path)
    return [int(path[at : at + LEVEL_DIGITS]) for at in range(0, len(path), LEVEL_DIGITS)]


def depth(path: str) -> int:
    """Return the number of levels: 1 for a root. Raises ValueError for no path."""
    _check(path)
    return len(path) // LEVEL_DIGITS


def _check(path: str) -> None:
    if not path or len(path) % LEVEL_DIGITS or not (path.isascii() and path.isdigit()):
        raise ValueError(f"{path!r} is no tree path: it takes {LEVEL_DIGITS} digits a level.")
