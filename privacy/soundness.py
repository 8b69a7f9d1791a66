"""What must hold of the duties towards people, as `verify` asks it."""

from collections.abc import Iterator

from django.db.models import Count, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from lib.soundness import Checks, Scope, in_order, said_of
from privacy.models import Hold, Permit, Purpose, PurposeSeen, RetentionRun, RightsRequest

CHECKS = Checks()
_STATE = RetentionRun.State


@CHECKS.add("privacy.permits", "履歴を消す許可が、残っていない", "state", whole=True)
def permits(scope: Scope) -> Iterator[str]:
    """Ask for permits: one that was committed would let anybody delete history."""
    yield from said_of(Permit.objects.all(), "消去の許可が残っています。履歴を消せる状態です。")


@CHECKS.add("privacy.runs", "消去は、別の人の同意があり、30日たってから行われた", "state")
def runs(scope: Scope) -> Iterator[str]:
    """Ask for runs whose state and signatures do not belong together."""
    rows = scope.of(RetentionRun)
    agreed = rows.filter(state__in=(_STATE.AGREED, _STATE.DONE))
    lacking = Q(agreed_at__isnull=True) | Q(agreed_by__isnull=True)
    yield from said_of(agreed.filter(lacking), "同意した人か日時がないのに、同意ずみです。")
    proposed = rows.filter(state=_STATE.PROPOSED)
    yield from said_of(proposed.exclude(agreed_at__isnull=True), "確認中なのに、同意した日時があります。")
    done = Q(state=_STATE.DONE)
    yield from said_of(rows.filter(done, done_at__isnull=True), "消した日時がないのに、消去ずみです。")
    yield from said_of(
        rows.filter(~done, done_at__isnull=False), "消去ずみでないのに、消した日時があります。"
    )


@CHECKS.add("privacy.purposes", "利用目的の版は続き番号で、読んだ版はある", "state")
def purposes(scope: Scope) -> Iterator[str]:
    """Ask for versions that are missing, and for people who have read one that there is not."""
    rows = scope.of(Purpose).order_by()
    counted = rows.values("municipality").annotate(there=Count("pk"), last=Max("number"))
    with_gap = counted.exclude(there=F("last")).values("municipality")
    yield from said_of(
        scope.of(Purpose).filter(municipality__in=with_gap), "利用目的の版の番号が、続いていません。"
    )
    newest = Purpose.objects.filter(municipality=OuterRef("staff__municipality")).order_by("-number")
    seen = scope.of(PurposeSeen, "staff__municipality").annotate(
        newest=Coalesce(Subquery(newest.values("number")[:1]), 0)
    )
    yield from said_of(seen.filter(number__gt=F("newest")), "読んだという版の利用目的がありません。")


@CHECKS.add("privacy.times", "消去や請求の日時は、前後が正しい", "times")
def times(scope: Scope) -> Iterator[str]:
    """Ask for what ended before it began."""
    for model, earlier, later in (
        (RetentionRun, "proposed_at", "agreed_at"),
        (RetentionRun, "due_at", "done_at"),
        (RightsRequest, "received_on", "decided_on"),
        (RightsRequest, "decided_on", "done_on"),
        (Hold, "at", "ended_at"),
    ):
        yield from in_order(scope, model, earlier, later)
