"""Long things in parts (itertools.batched came with Python 3.12)."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield lists of up to `size` items in their order."""
    iterator = iter(items)
    while part := list(islice(iterator, size)):
        yield part
