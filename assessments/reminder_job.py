"""The mails of お願い as long work; whoever ordered them finds the result on the page of お願い (docs/adr/0027, 0035)."""

from collections import Counter
from collections.abc import Generator
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils import timezone

from access.actor import Actor
from access.table import may
from assessments.models import Cycle, Reminder
from assessments.reminders import AGAIN_AFTER, Ask, asked_by, mail_is_set
from assessments.workflow.reminders import NOT_OPEN, send_mails
from audit.models import record
from organization.jobs import Kind, Made, Refused
from organization.models import Department, Job

NO_SERVER = "メールの送り先のサーバーが設定されていません。紙のお願いを使ってください。"


def allowed(actor: Actor, params: dict[str, Any]) -> bool:
    """Say whether the actor may still ask the whole municipality."""
    return may(actor, "P33r") and Cycle.objects.visible_to(actor).filter(pk=params.get("cycle")).exists()


def make(job: Job, actor: Actor, file: None) -> Generator[tuple[int, int], None, Made]:
    """Send the mails to whoever is still to be asked now, not when it was ordered."""
    cycle = Cycle.objects.visible_to(actor).get(pk=job.params["cycle"])
    if not cycle.is_open:
        raise Refused(NOT_OPEN)
    if not mail_is_set():
        raise Refused(NO_SERVER)
    place = Department.objects.of(actor).filter(pk=job.params["department"]).first()
    if job.params["department"] and place is None:
        raise Refused("選んだ所属がなくなったため、送りませんでした。")
    ask = Ask(job.params["kind"], place, job.params.get("again_after", AGAIN_AFTER))
    people = list(asked_by(actor, cycle, ask).mail)
    yield 0, len(people)
    ended: Counter[str] = Counter()
    for number, state in enumerate(
        send_mails(cycle=cycle, ask=ask, people=people, by=actor, clock=timezone.now), start=1
    ):
        ended[state] += 1
        yield number, len(people)
    sent, failed = ended[Reminder.State.SENT], ended[Reminder.State.FAILED]
    told = partial(
        record, by=actor, action="reminder.mail", now=timezone.now(), target=cycle,
        data={
            "fiscal_year": cycle.fiscal_year, "kind": ask.kind, "rows": sent, "failed": failed, "job": str(job.uuid),
        },
    )  # fmt: skip
    words = f"{sent}人に送りました。"
    left = len(people) - ended.total()
    if left:
        words += f"メールのサーバーにつながらないため、途中でやめました。残りの{left}人には送っていません。"
    if failed:
        words += f"{failed}人には送れませんでした。だれかは、お願いの画面に出ています。紙で渡してください。"
    return Made(words, {"page": str(cycle.uuid)}, along=told)


def _page(params: dict[str, Any]) -> str:
    return reverse("assessments:reminders", args=[params["page"]])


KIND = Kind(file_name="", content_type="", allowed=allowed, make=make, page=_page)
