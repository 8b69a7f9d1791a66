"""Whether what was acknowledged is there, and what is there was written down: receipts, trail and sheets, for `verify`.

A change, its event and its receipt are one transaction; where one of the three is alone, something was lost. Years that
were written in bulk have no event of their opening and are not asked about; those whose events were trimmed neither.
"""

from collections.abc import Iterator

from django.db.models import Exists, IntegerField, OuterRef
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from assessments.models import Cycle, Remark, Revision, Sheet
from audit.models import Event, Receipt
from lib.soundness import Checks, Scope, said_of

CHECKS = Checks()
_SUBMITTED = ("sheet.submit", "sheet.proxy_submit")
_CONFIRMED = ("sheet.confirm", "sheet.confirm_without_confirmer")
_LOST_SUBMISSION = "受け付けた提出の提出版がありません。"
_LOST_CONFIRMATION = "受け付けた確定が、年度票にありません。"


def _numbered(rows, column: str):
    """Return rows with `number`, the number of a revision that a JSON column names."""
    return rows.annotate(number=Cast(KeyTextTransform("number", column), IntegerField()))


_THERE = Sheet.objects.filter(uuid=OuterRef("object_uuid"))


@CHECKS.add("trail.submissions", "受け付けた提出は、提出版になっている", "lost")
def submissions(scope: Scope) -> Iterator[str]:
    """Ask for the revision of every submission and correction that was answered or written into the trail."""
    revision = Revision.objects.filter(sheet__uuid=OuterRef("object_uuid"), number=OuterRef("number"))
    receipts = _numbered(scope.of(Receipt, "municipality_id").filter(action="sheet.submit"), "result")
    yield from said_of(receipts.filter(Exists(_THERE)).exclude(Exists(revision)), _LOST_SUBMISSION)
    events = scope.of(Event, "municipality_id").filter(action__in=(*_SUBMITTED, "sheet.correct"))
    yield from said_of(
        _numbered(events, "data").filter(Exists(_THERE)).exclude(Exists(revision)), _LOST_SUBMISSION
    )


@CHECKS.add("trail.decisions", "受け付けた確定・差戻し・訂正は、年度票にある", "lost")
def decisions(scope: Scope) -> Iterator[str]:
    """Ask for what the line and 人事 were told is done."""
    undone = Exists(_THERE.exclude(state=Sheet.State.CONFIRMED))
    receipts = scope.of(Receipt, "municipality_id")
    yield from said_of(receipts.filter(undone, action="sheet.confirm"), _LOST_CONFIRMATION)
    events = scope.of(Event, "municipality_id")
    yield from said_of(events.filter(undone, action__in=_CONFIRMED), _LOST_CONFIRMATION)
    remark = Remark.objects.filter(
        revision__sheet__uuid=OuterRef("object_uuid"), kind=Remark.Kind.SENT_BACK, at=OuterRef("at")
    )
    back = receipts.filter(Exists(_THERE), action="sheet.send_back").exclude(Exists(remark))
    yield from said_of(back, "受け付けた差戻しの理由がありません。")
    correction = Revision.objects.filter(
        sheet__uuid=OuterRef("object_uuid"), kind=Revision.Kind.CORRECTION, submitted_at=OuterRef("at")
    )
    corrected = receipts.filter(Exists(_THERE), action="sheet.correct").exclude(Exists(correction))
    yield from said_of(corrected, "受け付けた訂正の提出版がありません。")


def _written_down(scope: Scope) -> list[int]:
    """Return the keys of the years whose opening the trail still tells: all that came after is there as well."""
    opened = Event.objects.filter(object_uuid=OuterRef("uuid"), action="cycle.open")
    return list(scope.of(Cycle).filter(Exists(opened)).values_list("pk", flat=True))


@CHECKS.add("trail.written", "提出・訂正・確定は、操作の記録にある", "trail")
def written(scope: Scope) -> Iterator[str]:
    """Ask for the event of every revision and every 確定."""
    years = _written_down(scope)
    about = Event.objects.filter(object_uuid=OuterRef("sheet__uuid"))
    for kind, actions in (
        (Revision.Kind.SUBMISSION, _SUBMITTED),
        (Revision.Kind.CORRECTION, ("sheet.correct",)),
    ):
        told = _numbered(about.filter(action__in=actions), "data").filter(number=OuterRef("number"))
        rows = scope.of(Revision).filter(sheet__cycle__in=years, kind=kind)
        yield from said_of(rows.exclude(Exists(told)), "提出版のことが、操作の記録にありません。")
    taken_in = Revision.objects.filter(sheet=OuterRef("pk"), kind=Revision.Kind.IMPORT)
    told = Event.objects.filter(object_uuid=OuterRef("uuid"), action__in=_CONFIRMED)
    rows = scope.of(Sheet).filter(cycle__in=years, state=Sheet.State.CONFIRMED).exclude(Exists(taken_in))
    yield from said_of(rows.exclude(Exists(told)), "確定のことが、操作の記録にありません。")
