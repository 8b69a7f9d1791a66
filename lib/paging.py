"""Pages of a list that has no end: the newest so many are counted and turned, what is older is looked for by its date."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator

# A table of years is counted no further, and nobody turns so many pages.
MOST = 10_000


class NewestPages(Paginator):
    """A Paginator over the first MOST rows of a queryset. `more` says that there are others behind them.

    Counting, and leaving out a million rows to show fifty, would read the whole of what was asked for.
    """

    @cached_property
    def _found(self) -> int:
        rows: Any = self.object_list
        return rows.order_by()[: MOST + 1].count()

    @cached_property
    def count(self) -> int:
        """Return how many rows the pages hold."""
        return min(self._found, MOST)

    @property
    def more(self) -> bool:
        """Say whether there are rows that no page holds."""
        return self._found > MOST
