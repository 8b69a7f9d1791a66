"""Sessions: Django's own in the database, and beside each of a person's a row for its owner to see and to end.

Ending one deletes Django's row: the next request of that browser is nobody's, without a query to ask for it
(docs/adr/0062). This module is the SESSION_ENGINE.
"""

import datetime
import logging
import uuid

from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import DatabaseError, InterfaceError, transaction

from organization.models import Staff, StaffSession

log = logging.getLogger(__name__)
# In the session: which row of ours it has, when it began and when it was last noted as in use, in seconds.
KEY = "session_uuid"
BEGAN = "session_began"
SEEN = "session_seen"
# "Last used" is written this often, so that reading a page costs no writing.
SEEN_EVERY = datetime.timedelta(minutes=5)


class SessionStore(db.SessionStore):
    """Django's sessions in the database; our row follows where the key of one changes."""

    def save(self, must_create=False):
        """Write it down. A database that takes nothing is said to be just that.

        Django turns every failure into "the session was deleted meanwhile", and answers 400: only one is.
        """
        try:
            super().save(must_create=must_create)
        except UpdateError as error:
            if type(error.__context__) not in (DatabaseError, type(None)):
                raise error.__context__ from None
            raise

    def cycle_key(self):
        """Give the session another key, as Django does where somebody's rights change."""
        before = self.session_key
        super().cycle_key()
        if KEY not in self:
            return
        rows = StaffSession.objects.filter(uuid=self[KEY])
        if rows.filter(session_key=before).update(session_key=self.session_key):
            return
        # Another request of this session was first: its key is the one that can be seen and ended. No row, none at all.
        self.delete(self.session_key)
        kept = rows.values_list("session_key", flat=True).first()
        if kept:
            self._session_key = kept
        else:
            self.flush()


def oldest(now: datetime.datetime) -> datetime.datetime:
    """Return the moment after which a session that still runs has begun."""
    return now - datetime.timedelta(hours=settings.SESSION_HOURS)


def running(staff: Staff, now: datetime.datetime):
    """Return the queryset of the person's sessions that still open a page, newest first."""
    return (
        StaffSession.objects.of_person(staff.pk)
        .running(now, oldest(now))
        .order_by("-seen_at", "-began_at", "-pk")
    )


def note_use(session: SessionStore, now: datetime.datetime) -> None:
    """Write down that a session is in use, which puts off its end. Where nothing can be written, reading goes on."""
    before = session[SEEN], session[BEGAN]
    session[SEEN] = int(now.timestamp())
    # Begun before the clock was set back: it lasts SESSION_HOURS from now on, not from a time to come.
    session[BEGAN] = min(session[BEGAN], session[SEEN])
    try:
        with transaction.atomic():
            StaffSession.objects.filter(uuid=session[KEY]).update(seen_at=now)
            session.save()
    except (DatabaseError, InterfaceError) as error:
        log.warning("the use of a session could not be noted: %s", type(error).__name__)
        session[SEEN], session[BEGAN] = before
    except UpdateError:
        # It was ended from elsewhere since it was read.
        session.flush()
        return
    session.modified = False


def end_sessions(
    *,
    staff: Staff,
    how: StaffSession.Ended,
    now: datetime.datetime,
    only: uuid.UUID | str | None = None,
    keep: uuid.UUID | str | None = None,
) -> int:
    """End a person's sessions, or `only` one, all but the one to `keep`; return how many were still running.

    Takes effect at the next request of each. The caller writes the event and holds the transaction.
    """
    rows = StaffSession.objects.of_person(staff.pk).filter(ended_at__isnull=True)
    if only is not None:
        rows = rows.filter(uuid=only)
    if keep is not None:
        rows = rows.exclude(uuid=keep)
    keys = list(rows.values_list("session_key", flat=True))
    rows.update(ended_at=now, ended_how=how, session_key="")
    theirs = Session.objects.filter(session_key__in=[key for key in keys if key])
    ended = theirs.filter(expire_date__gt=now).count()
    theirs.delete()
    return ended
