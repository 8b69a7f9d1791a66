"""お願い: ordered, sent a mail at a time, noted as handed out on paper (P33r, docs/adr/0035)."""

import datetime
from collections.abc import Callable, Iterable, Iterator

from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Q

from access.actor import Actor
from access.refusals import Conflict, Forbidden
from access.table import may
from assessments.models import Cycle, Reminder
from assessments.reminders import Ask, Recipient, mail_of
from audit.models import record
from organization.jobs import start_job
from organization.models import Job, Municipality, Staff

JOB = "reminders"
NOT_OPEN = "お願いを出せるのは、受付中の年度だけです。"
# A worker that was killed leaves mails that nobody knows about: after this they are sent again.
_LOST = datetime.timedelta(minutes=10)
_BATCH = 500
# So often in a row the server may be out of reach before a run gives up.
_TRIES = 3


@transaction.atomic
def order_mails(*, cycle: Cycle, ask: Ask, count: int, by: Actor, now) -> Job:
    """Order the mails and return the job; the same order that is still going on is returned again.

    `count` is how many people were shown. Raises Forbidden, Conflict for a year that is not open.
    """
    _check(cycle, by)
    params = {
        "cycle": cycle.pk, "kind": ask.kind, "again_after": ask.again_after,
        "department": ask.department.pk if ask.department else None,
    }  # fmt: skip
    title = Reminder.Kind(ask.kind).label
    job = start_job(kind=JOB, title=f"{title}のメール　{cycle}", params=params, by=by, now=now)
    _report("reminder.ask", cycle, ask, by, now, rows=count, job=str(job.uuid))
    return job


@transaction.atomic
def note_paper(*, cycle: Cycle, ask: Ask, staff_ids: Iterable[int], by: Actor, now) -> int:
    """Note that the slips of these people were handed out today; return for how many that is new."""
    _check(cycle, by)
    there = Reminder.objects.filter(cycle=cycle, kind=ask.kind, channel=Reminder.Channel.PAPER, day=by.today)
    known = set(there.values_list("staff_id", flat=True))
    rows = [
        Reminder(
            municipality_id=cycle.municipality_id, cycle=cycle, staff_id=staff_id, kind=ask.kind,
            channel=Reminder.Channel.PAPER, state=Reminder.State.SENT, day=by.today, asked_by_id=by.staff_id,
            asked_at=now, sent_at=now,
        )
        for staff_id in staff_ids
        if staff_id not in known
    ]  # fmt: skip
    # Two clicks at the same moment note the same people.
    Reminder.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)
    if rows:
        _report("reminder.paper", cycle, ask, by, now, rows=len(rows))
    return len(rows)


def send_mails(
    *, cycle: Cycle, ask: Ask, people: list[Recipient], by: Actor, clock: Callable[[], datetime.datetime]
) -> Iterator[str]:
    """Send a mail to each person and yield how it ended, a Reminder.State or "" for one whom another run has.

    Each mail is noted before and after it is sent, in transactions of their own, with the time of that moment: a run
    that is killed sends nothing twice but the one mail in its hands.
    """
    addresses = dict(Staff.objects.filter(pk__in=[one.staff_id for one in people]).values_list("pk", "email"))
    contact = Municipality.objects.values_list("contact", flat=True).get(pk=cycle.municipality_id)
    connection = get_connection()
    unreached = 0
    try:
        for one in people:
            # A server that answers nothing takes its time for every mail; the others are for the next run.
            if unreached == _TRIES:
                return
            note = _claimed(cycle, ask, one, by, clock())
            if note is None:
                yield ""
                continue
            subject, text = mail_of(ask.kind, cycle, one.deadlines, by.today, contact)
            reached = _reached(connection)
            unreached = 0 if reached else unreached + 1
            message = EmailMessage(subject, text, to=[addresses[one.staff_id]])
            state = _sent(connection, message) if reached else Reminder.State.FAILED
            sent_at = clock() if state == Reminder.State.SENT else None
            Reminder.objects.filter(pk=note.pk).update(state=state, sent_at=sent_at)
            yield state
    finally:
        connection.close()


def _claimed(cycle: Cycle, ask: Ask, one: Recipient, by: Actor, now) -> Reminder | None:
    """Return the note of this mail, taken by this run; None where another run has it or it went out today."""
    note, created = Reminder.objects.get_or_create(
        cycle=cycle, staff_id=one.staff_id, kind=ask.kind, channel=Reminder.Channel.MAIL, day=by.today,
        defaults={
            "municipality_id": cycle.municipality_id, "state": Reminder.State.QUEUED, "asked_by_id": by.staff_id,
            "asked_at": now,
        },
    )  # fmt: skip
    if created:
        return note
    free = Q(state=Reminder.State.FAILED) | Q(state=Reminder.State.QUEUED, asked_at__lt=now - _LOST)
    taken = Reminder.objects.filter(free, pk=note.pk).update(
        state=Reminder.State.QUEUED, asked_at=now, asked_by_id=by.staff_id
    )
    return note if taken else None


def _reached(connection) -> bool:
    """Open the way to the server, where it is not open, and say whether that worked."""
    try:
        connection.open()
    except Exception:  # refused, silent, wrong name, wrong password: the sentence for people is the same
        return False
    return True


def _sent(connection, message: EmailMessage) -> str:
    """Hand one mail to the server; whatever it refuses, the others are sent."""
    try:
        done = connection.send_messages([message])
    except Exception:  # an address may break the building of a mail in many ways, and the others still go out
        # After a fault the server may have closed; the next mail opens anew.
        connection.close()
        return Reminder.State.FAILED
    return Reminder.State.SENT if done else Reminder.State.FAILED


def _check(cycle: Cycle, by: Actor) -> None:
    if not may(by, "P33r"):
        raise Forbidden
    if not cycle.is_open:
        raise Conflict(NOT_OPEN)


def _report(action: str, cycle: Cycle, ask: Ask, by: Actor, now, **data) -> None:
    place = ask.department.code if ask.department else ""
    record(
        by=by, action=action, now=now, target=cycle,
        data={"fiscal_year": cycle.fiscal_year, "kind": ask.kind, "department": place, **data},
    )  # fmt: skip
