"""What 人事 did to somebody's record on behalf, so that the person is told. Takes no request."""

import datetime
import uuid
from dataclasses import dataclass

from django.db.models import F, Q

from assessments.models import Entry


@dataclass(frozen=True)
class OnBehalf:
    """One entry of the person that somebody else wrote, changed or removed last."""

    uuid: uuid.UUID
    title: str
    at: datetime.datetime
    act: str
    by: str

    @property
    def text(self) -> str:
        """Return the sentence for the person."""
        return f"{self.by}さんが、あなたに代わって「{self.title}」を{self.act}"


def entries_on_behalf(staff_id: int, since: datetime.datetime) -> list[OnBehalf]:
    """Return the person's own entries that somebody else touched last since then, the newest first; a list.

    Only for the person: the caller passes the actor's own id. One query, twenty at most. What the person changed
    afterwards is known to them and no longer told, but a new entry is, until `since` has passed it.
    """
    others = ~Q(updated_by=F("staff")) & Q(updated_at__gte=since)
    written = ~Q(created_by=F("staff")) & Q(created_at__gte=since)
    entries = (
        Entry.objects.filter(others | written, staff=staff_id, foreign_record__isnull=True)
        .select_related("created_by", "updated_by")
        .order_by("-updated_at", "-pk")[:20]
    )
    return [_told(one) for one in entries]


def _told(entry: Entry) -> OnBehalf:
    by = entry.created_by if entry.updated_by_id == entry.staff_id else entry.updated_by
    at = entry.created_at if entry.updated_by_id == entry.staff_id else entry.updated_at
    if entry.removed_at is not None and entry.updated_by_id != entry.staff_id:
        act = "取り消しました"
    elif entry.updated_at == entry.created_at or entry.updated_by_id == entry.staff_id:
        act = "記録しました"
    else:
        act = "直しました"
    return OnBehalf(entry.uuid, entry.title, at, act, by.name)
