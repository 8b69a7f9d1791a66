"""What must hold of a 年度 and of what belongs to it beside its sheets, as `verify` asks it."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Q

from assessments.history import STANDING
from assessments.models import (
    Cycle,
    Draft,
    Leftover,
    Proxy,
    Rating,
    Reminder,
    Revision,
    Sheet,
    Target,
    VersionChange,
)
from competency.models import FrameworkVersion
from lib.soundness import Checks, Scope, in_order, said_of

CHECKS = Checks()


def outside_the_year(rows, cycle: str):
    """Return the queryset of rows whose cell is of no version that their year ever had; `cycle` leads to the year."""
    moved = VersionChange.objects.filter(
        Q(earlier=OuterRef("cell__version")) | Q(later=OuterRef("cell__version")), cycle=OuterRef(cycle)
    )
    return rows.exclude(cell__version=F(f"{cycle}__framework_version")).exclude(Exists(moved))


@CHECKS.add("years.version", "年度が使う版は、公開されたもので、移行の記録と合う", "state")
def versions(scope: Scope) -> Iterator[str]:
    """Ask for years that use a draft, and for those whose version is another than they were last moved to."""
    rows = scope.of(Cycle)
    draft = rows.filter(framework_version__state=FrameworkVersion.State.DRAFT)
    yield from said_of(draft, "年度が、公開していない版を使っています。")
    changes = scope.of(VersionChange).filter(undone_at__isnull=True)
    later = VersionChange.objects.filter(
        cycle=OuterRef("cycle"), undone_at__isnull=True, pk__gt=OuterRef("pk")
    )
    last = changes.exclude(Exists(later)).exclude(later=F("cycle__framework_version"))
    yield from said_of(last, "年度の版が、移した版と違います。")


@CHECKS.add("years.cells", "記入・下書き・目標の項目は、年度の版のもの", "rows")
def cells(scope: Scope) -> Iterator[str]:
    """Ask for cells of versions that the year never had, and for standing answers of another than the sheet's."""
    for model, cycle in (
        (Draft, "sheet__cycle"),
        (Target, "sheet__cycle"),
        (Rating, "revision__sheet__cycle"),
    ):
        yield from said_of(outside_the_year(scope.of(model), cycle), "年度の版にない項目です。")
    standing = scope.of(Rating).filter(
        revision__sheet__current_revision=F("revision"), revision__sheet__state__in=STANDING
    )
    kept = Q(revision__sheet__framework_version__isnull=False)
    strange = standing.filter(
        kept & ~Q(cell__version=F("revision__sheet__framework_version"))
        | ~kept & ~Q(cell__version=F("revision__sheet__cycle__framework_version"))
    )
    yield from said_of(strange, "年度票の版と違う版の項目が書かれています。")


@CHECKS.add("years.leftovers", "終わった年度の、確定していない年度票には、どうするかの決定がある", "state")
def leftovers(scope: Scope) -> Iterator[str]:
    """A year ends decided (docs/adr/0034); what was taken in from elsewhere was never asked about."""
    closed = scope.of(Sheet).filter(cycle__state=Cycle.State.CLOSED).exclude(state=Sheet.State.CONFIRMED)
    taken_in = Revision.objects.filter(sheet=OuterRef("pk"), kind=Revision.Kind.IMPORT)
    undecided = closed.filter(leftover__isnull=True).exclude(Exists(taken_in))
    yield from said_of(undecided, "終わった年度で確定していないのに、どうするかの決定がありません。")
    rows = scope.of(Leftover)
    yield from said_of(rows.exclude(cycle=F("sheet__cycle")), "ほかの年度の年度票についての決定です。")
    ended = rows.filter(cycle__state=Cycle.State.CLOSED)
    confirmed = ended.filter(sheet__state=Sheet.State.CONFIRMED)
    yield from said_of(confirmed, "確定した年度票に、確定しないまま終える決定が残っています。")
    decision = Leftover.Decision
    odd = Q(decision=decision.NOT_CONFIRMED) & ~Q(sheet__state__in=(*Sheet.WAITING, Sheet.State.CONFIRMED))
    odd |= Q(decision=decision.NOT_SUBMITTED, sheet__state__in=Sheet.WAITING)
    yield from said_of(ended.filter(odd), "決定が、年度票の状態に合いません。")


@CHECKS.add("years.proxies", "代理入力は、その年度票のもので、提出のときに終わっている", "state")
def proxies(scope: Scope) -> Iterator[str]:
    """Ask for 代理入力 that goes on after the submission, or says something of another sheet."""
    rows = scope.of(Proxy)
    open_ones = rows.filter(closed_at__isnull=True)
    yield from said_of(
        open_ones.filter(sheet__state__in=STANDING), "提出した年度票で、代理入力が終わっていません。"
    )
    yield from said_of(open_ones.filter(revision__isnull=False), "終わっていないのに、提出版があります。")
    foreign = rows.filter(revision__isnull=False).exclude(revision__sheet=F("sheet"))
    yield from said_of(foreign, "ほかの年度票の提出版を指しています。")
    answered = rows.exclude(consent=Proxy.Consent.WAITING).filter(consent_by__isnull=True)
    yield from said_of(answered, "本人の確認を、だれが記録したかがありません。")


@CHECKS.add("years.reminders", "送ったお願いには、送信日時がある", "state")
def reminders(scope: Scope) -> Iterator[str]:
    """Ask for お願い that were sent at no time, or have a time and were not sent."""
    sent = Q(state=Reminder.State.SENT)
    yield from said_of(
        scope.of(Reminder).filter(sent, sent_at__isnull=True), "送信日時がないのに、送信済みです。"
    )


@CHECKS.add("years.times", "年度と代理入力などの日時は、前後が正しい", "times")
def times(scope: Scope) -> Iterator[str]:
    """Ask for what ended before it began."""
    for model, earlier, later in (
        (Cycle, "opened_at", "closed_at"),
        (Proxy, "opened_at", "closed_at"),
        (Proxy, "opened_at", "consent_at"),
        (Reminder, "asked_at", "sent_at"),
        (VersionChange, "at", "undone_at"),
    ):
        yield from in_order(scope, model, earlier, later)
