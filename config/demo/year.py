"""What 人事 does in the year that goes on: longer deadlines, a sheet filled in for somebody away, a token, an export kept.

And somebody replies to their confirmers.
"""

import datetime
import uuid

from django.utils import timezone

from access.actor import Actor
from assessments.models import Cycle, Proxy, Sheet
from assessments.workflow.exporting import save_export
from assessments.workflow.participants import Longer, extend
from assessments.workflow.proxies import open_proxy
from assessments.workflow.replies import Words, reply
from assessments.workflow.sheets import save_drafts, submit
from assessments.workflow.tokens import issue_token
from competency.models import Cell
from config.demo import story
from config.demo.desk import at_noon
from organization.models import Department, Leave
from organization.scope import actor_for


def keep(cycle: Cycle, *, by: Actor) -> None:
    """Do all of it on the day of the actor, who is 人事."""
    now = at_noon(by.today)
    department = Department.objects.get(municipality=cycle.municipality, code=story.LONGER["department"])
    days = datetime.timedelta(days=story.LONGER["days"])
    longer = Longer(cycle.submit_by + days, cycle.confirm_by + days, story.LONGER["reason"])
    extend(cycle=cycle, department=department, longer=longer, version=0, by=by, now=now)
    _on_behalf(cycle, by, now)
    _reply(cycle, now)
    issue_token(
        name=story.TOKEN["name"], reason=story.TOKEN["reason"], scopes=story.TOKEN["scopes"], department=None,
        last_day=by.today + datetime.timedelta(days=300), by=by, now=now,
    )  # fmt: skip
    save_export(**story.SAVED_EXPORT, by=by, now=now)


def _on_behalf(cycle: Cycle, by: Actor, now: datetime.datetime) -> None:
    """Fill in a sheet as last year, from what was said on the telephone; it waits for the person's consent."""
    sheet = Sheet.objects.select_related("cycle", "staff").get(
        cycle=cycle, staff__staff_number=story.ON_BEHALF
    )
    away = Leave.objects.active_on(by.today).filter(staff=sheet.staff).exists()
    ground = Proxy.Ground.ON_LEAVE if away else Proxy.Ground.NO_PC
    open_proxy(sheet=sheet, ground=ground, key=uuid.uuid4(), by=by, now=now)
    codes = list(Cell.objects.of_version(cycle.framework_version_id).values_list("code", flat=True))
    save_drafts(sheet=sheet, answers={}, same=codes, by=by, now=now)
    sheet.refresh_from_db()
    submit(
        sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=by, now=now + datetime.timedelta(minutes=5)
    )


def _reply(cycle: Cycle, now: datetime.datetime) -> None:
    """Let somebody reply to their confirmers, and ask to have one cell looked at again."""
    number, said = story.REPLIES
    sheet = Sheet.objects.select_related("staff").get(cycle=cycle, staff__staff_number=number)
    cells = dict(Cell.objects.of_version(cycle.framework_version_id).values_list("code", "pk"))
    reply(
        sheet=sheet, words=[Words(cells[code], text, again) for code, (text, again) in said.items()],
        version=sheet.version, key=uuid.uuid4(), by=actor_for(sheet.staff, timezone.localdate(now)), now=now,
    )  # fmt: skip
