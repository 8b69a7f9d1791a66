"""People at work while `verify` runs: they fill in, submit and withdraw, keep entries and files, sign in and out; the
trail is sealed beside them.
"""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import OperationalError, connections
from django.test import Client
from django.utils import timezone

from access.refusals import Conflict
from assessments.entry_values import ExperienceValues
from assessments.merge import Stored, Value, parse_base
from assessments.models import Cycle, Entry, Sheet
from assessments.sheet_form import Answer
from assessments.workflow.entries import add_entry, remove_entry
from assessments.workflow.files import add_file
from assessments.workflow.sheets import save_drafts, stored_drafts, submit, withdraw
from config.demo import story
from organization.models import Municipality, Staff
from organization.scope import actor_for
from tests.drills.corruptions.world import sealed_and_noted

_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000a49444154789c6300010000050001"
    "0d0a2db40000000049454e44ae426082"
)
_THINKING = 0.1


@contextmanager
def writing() -> Iterator[Callable[[], int]]:
    """Let people work as long as the block lasts; yields what tells how many acts were done so far."""
    stop, done, broken = threading.Event(), [0], list[BaseException]()

    def work(act: Callable[[int], None]) -> None:
        number = 0
        try:
            while not stop.is_set():
                try:
                    act(number)
                except (Conflict, OperationalError):
                    # Somebody was first, or SQLite had somebody else write for longer than its patience.
                    time.sleep(0.05)
                else:
                    done[0] += 1
                number += 1
                # People think; and all of this is one process, whose time `verify` needs as well.
                time.sleep(_THINKING)
        except BaseException as failure:
            broken.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(act,)) for act in (_fill_in, _keep, _sign_in, _seal)]
    for thread in threads:
        thread.start()
    try:
        yield lambda: done[0]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    if broken:
        raise AssertionError("somebody could not work") from broken[0]


def _city() -> Municipality:
    return Municipality.objects.get(code=story.CODE)


def _actor(staff: Staff):
    return actor_for(staff, timezone.localdate())


def _fill_in(number: int) -> None:
    """Fill in, submit and withdraw one's own sheet of this year, as whoever has not submitted yet."""
    year = Cycle.objects.filter(municipality=_city()).latest("fiscal_year")
    mine = Sheet.objects.filter(
        cycle=year, state__in=(*Sheet.EDITABLE, Sheet.State.SUBMITTED), proxies__isnull=True
    )
    sheet = list(mine.select_related("staff__municipality", "cycle").order_by("pk"))[number % 3]
    by, now = _actor(sheet.staff), timezone.now()
    if sheet.can_withdraw:
        withdraw(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=by, now=now)
        return
    there = stored_drafts(sheet)
    cells = year.framework_version.cells.filter(in_use=True).values_list("code", flat=True)
    answers = {
        code: Answer(
            parse_base(there.get(code, Stored()).token),
            Value((number + at) % 5, f"{number}回目に書きました。"),
        )
        for at, code in enumerate(cells)
    }
    save_drafts(sheet=sheet, answers=answers, by=by, now=now)
    fresh = Sheet.objects.select_related("staff", "cycle").get(pk=sheet.pk)
    submit(sheet=fresh, version=fresh.version, key=uuid.uuid4(), by=by, now=timezone.now())


def _keep(number: int) -> None:
    """Write an entry with a file, or take the last one off the record."""
    staff = Staff.objects.select_related("municipality").get(username="kakari")
    by, now = _actor(staff), timezone.now()
    if number % 3 == 2:
        last = Entry.objects.filter(staff=staff, kind="experience", removed_at=None).latest("pk")
        remove_entry(entry=last, version=last.version, by=by, now=now)
        return
    entry = add_entry(
        staff=staff,
        values=ExperienceValues(title=f"作業{number}", start=timezone.localdate()),
        by=by,
        now=now,
    )
    add_file(entry=entry, label="写し", content=_PNG, by=by, now=timezone.now())


def _sign_in(number: int) -> None:
    client = Client()
    client.post("/login/", {"username": "kacho", "password": story.PASSWORD})
    client.get("/")
    if number % 2:
        client.post("/logout/")


def _seal(number: int) -> None:
    sealed_and_noted()
    time.sleep(0.2)
