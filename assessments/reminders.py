"""お願い: whom to ask to submit or to confirm, when each was asked last, and what the mail says (docs/adr/0035).

A mail and a slip name the year, what is asked for and the last day; nothing of a sheet, and a mail no person at all.
"""

import datetime
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.conf import settings

from access.actor import Actor
from assessments.deadlines import Deadlines, deadlines_of
from assessments.line import owed_by
from assessments.models import Cycle, Reminder, Sheet
from assessments.year_progress import LATE, YearProgress, progress_of
from lib.dates import format_wareki
from organization.models import Department, Staff

Kind, Channel, State = Reminder.Kind, Reminder.Channel, Reminder.State
# Nobody is asked again within so many days, unless it is chosen otherwise.
AGAIN_AFTER = 3
_LATELY = "lately"
NO_MAIL_BACKENDS = ("django.core.mail.backends.dummy.EmailBackend",)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person to be asked. `count` is how many sheets they owe a confirmation; `path` is where the slip goes."""

    staff_id: int
    number: str
    name: str
    place: str
    path: str
    has_mail: bool
    deadlines: Deadlines
    count: int = 1
    last: datetime.date | None = None


@dataclass(frozen=True)
class Asked:
    """Whom a wish reaches: by mail, on paper, and who was asked lately; `for_hr` are sheets that 人事 itself owes.

    `failed` are those of `mail` whose mail did not go out today: they are tried again, and may have a slip meanwhile.
    """

    mail: Sequence[Recipient]
    paper: Sequence[Recipient]
    lately: Sequence[Recipient]
    failed: Sequence[Recipient] = ()
    for_hr: int = 0

    @property
    def slips(self) -> list[Recipient]:
        """Return who gets a slip, by department; a list."""
        return sorted((*self.paper, *self.failed), key=lambda one: one.path)


@dataclass(frozen=True)
class Ask:
    """What is asked for, of whom, and how long ago the last time must lie."""

    kind: str
    department: Department | None = None
    again_after: int = AGAIN_AFTER


@dataclass(frozen=True)
class Day:
    """What went out on one day by one way."""

    day: datetime.date
    kind: str
    channel: str
    sent: int
    failed: int
    queued: int


def mail_is_set() -> bool:
    """Say whether a mail server is set (EMAIL_URL)."""
    return settings.EMAIL_BACKEND not in NO_MAIL_BACKENDS


def asked_by(actor: Actor, cycle: Cycle, ask: Ask) -> Asked:
    """Return whom to ask in an open year. Eight queries at most."""
    deadlines = deadlines_of(cycle)
    progress = progress_of(actor, cycle, deadlines)
    people, for_hr = (_late(progress, ask), 0) if ask.kind == Kind.SUBMIT else _owing(progress, cycle, ask)
    reached = _reached(cycle, ask.kind)
    since = actor.today - datetime.timedelta(days=ask.again_after)
    by_mail = mail_is_set()
    found: dict[str, list[Recipient]] = {Channel.MAIL: [], Channel.PAPER: [], _LATELY: []}
    for one in people:
        way = Channel.MAIL if by_mail and one.has_mail else Channel.PAPER
        days = reached.get(one.staff_id, {})
        last = max(days.values(), default=None)
        # Once a day by one way, whatever was chosen.
        lately = last is not None and (last > since or days.get(way) == actor.today)
        found[_LATELY if lately else way].append(replace(one, last=last))
    mail = found[Channel.MAIL]
    broken = {one.staff_id for one in failed(cycle, actor.today) if one.kind == ask.kind} if mail else set()
    again = [one for one in mail if one.staff_id in broken]
    return Asked(mail, found[Channel.PAPER], found[_LATELY], again, for_hr)


def last_asked(cycle: Cycle, kind: str) -> dict[int, datetime.date]:
    """Return when each person was reached last, by id. One query."""
    return {staff_id: max(days.values()) for staff_id, days in _reached(cycle, kind).items()}


def history(cycle: Cycle) -> list[Day]:
    """Return what went out so far, the newest day first; a list. One query."""
    found: dict[tuple, Counter] = defaultdict(Counter)
    rows = Reminder.objects.filter(cycle=cycle).order_by("-day", "kind", "channel")
    for day, kind, channel, state in rows.values_list("day", "kind", "channel", "state"):
        found[day, Kind(kind).label, Channel(channel).label][state] += 1
    return [
        Day(*key, counts[State.SENT], counts[State.FAILED], counts[State.QUEUED])
        for key, counts in found.items()
    ]


def failed(cycle: Cycle, day: datetime.date) -> list[Reminder]:
    """Return the mails that could not be sent today; a list with their people. One query."""
    found = Reminder.objects.filter(cycle=cycle, day=day, channel=Channel.MAIL, state=State.FAILED)
    return list(found.select_related("staff").order_by("staff__kana", "pk"))


def mail_of(kind: str, cycle: Cycle, due: Deadlines, today: datetime.date, contact: str) -> tuple[str, str]:
    """Return (subject, text) of one mail: the same for everybody with the same last day."""
    what = "提出" if kind == Kind.SUBMIT else "確認"
    day = due.submit_by if kind == Kind.SUBMIT else due.confirm_by
    over = "　締切を過ぎています。できるだけ早くお願いします。" if day < today else ""
    site = settings.SITE_URL.rstrip("/")
    where = f"次のアドレスを開いてください。\n{site}/{'sheet' if kind == Kind.SUBMIT else 'review'}/"
    if not site:
        where = "いつもの入口から「スキル履歴書」を開いてください。"
    lead = (
        "年度票が、まだ提出されていません。記入と提出をお願いします。"
        if kind == Kind.SUBMIT
        else "あなたの確認を待っている年度票があります。確認をお願いします。"
    )
    lines = [
        f"スキル履歴書　{cycle}", "", lead, f"{what}の締切：{format_wareki(day)}{over}", "", where, "",
        "行き違いで済んでいるときは、ご容赦ください。このメールには返信できません。",
    ]  # fmt: skip
    if contact:
        lines.append(f"問い合わせ先：{contact}")
    return f"【スキル履歴書】{what}のお願い", "\n".join(lines) + "\n"


def _late(progress: YearProgress, ask: Ask) -> list[Recipient]:
    return [
        Recipient(
            row.staff_id, row.number, row.name, progress.place_of(row), row.path, row.has_mail,
            progress.deadlines.at(row.path),
        )
        for row in progress.within(ask.department, LATE)
        # Who is on leave writes after coming back.
        if not row.away
    ]  # fmt: skip


def _owing(progress: YearProgress, cycle: Cycle, ask: Ask) -> tuple[list[Recipient], int]:
    """Return who owes confirmations, each once with how many, and how many sheets are for 人事 itself."""
    waiting = progress.within(ask.department, Sheet.WAITING)
    owed = owed_by(
        cycle, {row.sheet_id: (row.staff_id, row.state, row.main_path) for row in waiting}, progress.today
    )
    counts: Counter[int] = Counter()
    due: dict[int, Deadlines] = {}
    for row in waiting:
        for staff_id in owed[row.sheet_id]:
            counts[staff_id] += 1
            mine = progress.deadlines.at(row.path)
            # The earliest last day of what waits.
            if staff_id not in due or mine.confirm_by < due[staff_id].confirm_by:
                due[staff_id] = mine
    # Who confirms has a sheet of their own as a rule, from which their place is known.
    mine_of = {row.staff_id: row for row in progress.rows}
    people = Staff.objects.filter(pk__in=list(counts)).order_by("kana", "staff_number")
    found = [
        Recipient(
            pk, number, name, progress.place_of(mine_of[pk]) if pk in mine_of else "",
            mine_of[pk].path if pk in mine_of else "", bool(email), due[pk], counts[pk],
        )
        for pk, number, name, email in people.values_list("pk", "staff_number", "name", "email")
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.path), sum(not ids for ids in owed.values())


def _reached(cycle: Cycle, kind: str) -> dict[int, dict[str, datetime.date]]:
    """Return the last day on which each person was reached by each way."""
    found: dict[int, dict[str, datetime.date]] = defaultdict(dict)
    sent = Reminder.objects.filter(cycle=cycle, kind=kind, state=State.SENT).order_by("day")
    for staff_id, channel, day in sent.values_list("staff_id", "channel", "day"):
        found[staff_id][channel] = day
    return found
