"""スキル履歴書 of everybody in a department and below, one PDF each in one ZIP: a kind of long work (docs/adr/0027).

Names of files say nothing: numbers in the order of the list, which lies inside (一覧.csv).
"""

import logging
import zipfile
from collections.abc import Generator
from functools import partial
from typing import Any, BinaryIO

from django.db import InterfaceError, InternalError, OperationalError
from django.utils import timezone

from access.actor import Actor, Role
from assessments import pdf
from assessments.resume_files import resume_pdf_of
from audit.models import Event, record
from gaps.policies import may_bundle_resumes
from lib.tabular import write_csv
from organization.jobs import Kind, Made, Refused
from organization.models import Department, Job, Staff

log = logging.getLogger(__name__)
ASKED = "resumes.ask"
LIST_NAME = "一覧.csv"
_HEADER = ["ファイル", "職員番号", "氏名", "フリガナ", "結果"]
NO_PDF = (
    "このサーバーではPDFを作れないため、作成を止めました。スキル履歴書の画面から1人ずつ印刷してください。"
)
NOBODY = "この所属と下の所属に、いま在籍している人がいないため、作成を止めました。"
NONE_MADE = "1人分も作れませんでした。システム管理者に知らせてください。"


def people_of(actor: Actor, place: Department):
    """Return the queryset of people posted in a department or below today whose record the actor may see, by reading."""
    posted = Staff.objects.posted_in_or_below([place.path], actor.today)
    return (
        Staff.objects.with_records_visible_to(actor)
        .filter(pk__in=posted.values("pk"))
        .in_service_on(actor.today)
        .order_by("kana", "staff_number", "pk")
    )


def allowed(actor: Actor, params: dict[str, Any]) -> bool:
    """Say whether the actor may have the file: the department, and everybody who is in it already, in scope today."""
    place = _place(actor, params)
    if place is None or not may_bundle_resumes(actor, place.path):
        return False
    inside = params.get("staff", [])
    return Staff.objects.with_records_visible_to(actor).filter(pk__in=inside).count() == len(inside)


def make(job: Job, actor: Actor, file: BinaryIO) -> Generator[tuple[int, int], None, Made]:
    """Write the ZIP, a person at a time. Whose résumé cannot be made is listed, and the others are there."""
    place = _place(actor, job.params)
    if not pdf.available():
        raise Refused(NO_PDF)
    people = list(people_of(actor, place)) if place else []
    if not people:
        raise Refused(NOBODY)
    total, listed, inside, reason = len(people), [], [], _reason_of(job)
    yield 0, total
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as package:
        for number, staff in enumerate(people, start=1):
            name, result = f"{number:0{max(3, len(str(total)))}}.pdf", "作成"
            try:
                content = resume_pdf_of(actor, staff, timezone.localtime(), reason=reason)
            except (OperationalError, InterfaceError, InternalError):
                # The database is away, for everybody who follows as well.
                raise
            except Exception as failure:  # whatever one record holds, the others are made
                log.error("job %s: one résumé failed: %s", job.uuid, type(failure).__name__)
                name, result = "", "作成できませんでした"
            else:
                package.writestr(name, content)
                inside.append(staff)
            listed.append([name, staff.staff_number, staff.name, staff.kana, result])
            yield number, total
        package.writestr(LIST_NAME, b"".join(write_csv(_HEADER, listed)))
    if not inside:
        raise Refused(NONE_MADE)
    told = partial(
        record, by=actor, action="export.resumes", now=timezone.now(), target=place,
        data={
            "department": place.code, "format": "pdf", "rows": len(inside), "job": str(job.uuid),
            "reason": reason,
        },
    )  # fmt: skip
    missing = total - len(inside)
    words = f"{total}人中{len(inside)}人分を作りました。"
    if missing:
        words += f"作れなかった{missing}人は、ZIPの中の「{LIST_NAME}」に書いてあります。"
    return Made(words, {"staff": [staff.pk for staff in inside]}, along=told)


def _reason_of(job: Job) -> str:
    """Return why it was asked for, which the trail alone keeps; the event of the file says it again. One query."""
    asked = Event.objects.filter(municipality_id=job.municipality_id, action=ASKED, data__job=str(job.uuid))
    newest = asked.order_by("-at", "-pk").first()
    return newest.data.get("reason", "") if newest else ""


def _place(actor: Actor, params: dict[str, Any]) -> Department | None:
    return Department.objects.of(actor).filter(pk=params.get("department")).first()


KIND = Kind(
    file_name="スキル履歴書.zip", content_type="application/zip", allowed=allowed, make=make, reads=True
)


def needs_reason(actor: Actor) -> bool:
    """Say whether the actor says why (P20): 人事."""
    return actor.has(Role.HR)
