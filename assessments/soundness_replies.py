"""What must hold of 確認への返事 and 再確認, as `verify` asks it."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef

from assessments.models import Confirmation, Reconfirmation, Reply, Revision, Sheet
from audit.models import Receipt
from lib.soundness import Checks, Scope, in_order, said_of

CHECKS = Checks()
_State = Reconfirmation.State


@CHECKS.add("replies.settled", "確認への返事は、確定した年度票の、確認した項目だけにある", "state")
def settled(scope: Scope) -> Iterator[str]:
    """Ask for words about what nobody confirmed."""
    early = scope.of(Reply).exclude(revision__sheet__state=Sheet.State.CONFIRMED)
    yield from said_of(early, "確定していない年度票への返事です。")
    there = Confirmation.objects.filter(revision=OuterRef("revision"), cell=OuterRef("cell"))
    yield from said_of(scope.of(Reply).exclude(Exists(there)), "確認していない項目への返事です。")


@CHECKS.add("replies.asked", "再確認には、それを頼む返事がある", "state")
def asked(scope: Scope) -> Iterator[str]:
    """Ask for a 再確認 of no cell, for one of another sheet's revision, and for a request that nobody was given."""
    words = Reply.objects.filter(revision=OuterRef("revision"), again=True)
    yield from said_of(scope.of(Reconfirmation).exclude(Exists(words)), "再確認を頼む返事がありません。")
    foreign = scope.of(Reconfirmation).exclude(revision__sheet=F("sheet"))
    yield from said_of(foreign, "ほかの年度票の提出版の再確認です。")
    there = Reconfirmation.objects.filter(revision=OuterRef("revision"))
    lost = scope.of(Reply).filter(again=True).exclude(Exists(there))
    yield from said_of(lost, "頼まれた再確認がありません。")


@CHECKS.add("replies.ended", "訂正して終わった再確認には、訂正の提出版がある", "state")
def ended(scope: Scope) -> Iterator[str]:
    """Ask for a 再確認 that says that something was put right where nothing was."""
    correction = Revision.objects.filter(
        sheet=OuterRef("sheet"), kind=Revision.Kind.CORRECTION, submitted_at=OuterRef("decided_at")
    )
    rows = scope.of(Reconfirmation).filter(state=_State.CORRECTED).exclude(Exists(correction))
    yield from said_of(rows, "訂正したのに、訂正の提出版がありません。")


@CHECKS.add("replies.times", "再確認の日時は、前後が正しい", "times")
def times(scope: Scope) -> Iterator[str]:
    """Ask for answers that came before the question."""
    for earlier, later in (
        ("asked_at", "referred_at"),
        ("asked_at", "decided_at"),
        ("referred_at", "decided_at"),
    ):
        yield from in_order(scope, Reconfirmation, earlier, later)


@CHECKS.add("replies.kept", "受け付けた返事と再確認の答えは、年度票にある", "lost")
def kept(scope: Scope) -> Iterator[str]:
    """Ask for what people were told is done."""
    receipts = scope.of(Receipt, "municipality_id").filter(
        Exists(Sheet.objects.filter(uuid=OuterRef("object_uuid")))
    )
    words = Reply.objects.filter(revision__sheet__uuid=OuterRef("object_uuid"), at=OuterRef("at"))
    lost = receipts.filter(action="sheet.reply").exclude(Exists(words))
    yield from said_of(lost, "受け付けた返事がありません。")
    about = Reconfirmation.objects.filter(sheet__uuid=OuterRef("object_uuid"))
    answered = about.filter(referred_at=OuterRef("at")), about.filter(decided_at=OuterRef("at"))
    lost = receipts.filter(action="sheet.reconfirm").exclude(Exists(answered[0]) | Exists(answered[1]))
    yield from said_of(lost, "受け付けた再確認の答えがありません。")
