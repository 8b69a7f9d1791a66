"""Which comments of the line a reader may read: after a transfer the new line sees levels and entries, not these."""

import datetime
from functools import cached_property

from django.utils import timezone

from access.actor import Actor, Role
from lib.intervals import unbroken_since
from organization.models import Posting


class Hearing:
    """Says of each comment about one person whether the actor may read it. One query, and only where it is needed.

    Read is what was said since the person came into the actor's present scope without a break, what the actor said,
    and for 人事 all of it. The caller has the person in scope; what the person themselves reads is elsewhere.
    """

    def __init__(self, actor: Actor, staff_id: int) -> None:
        self._actor = actor
        self._staff_id = staff_id

    def may_read(self, author_id: int, at: datetime.datetime) -> bool:
        """Say whether a comment by this author at this instant is for the actor."""
        if self._actor.has(Role.HR) or author_id == self._actor.staff_id:
            return True
        return self._since is not None and timezone.localdate(at) >= self._since

    @cached_property
    def _since(self) -> datetime.date | None:
        postings = Posting.objects.filter(staff_id=self._staff_id, start__lte=self._actor.today)
        return unbroken_since(
            (
                (start, end)
                for start, end, path in postings.values_list("start", "end", "department__path")
                if self._actor.leads(path)
            ),
            self._actor.today,
        )
