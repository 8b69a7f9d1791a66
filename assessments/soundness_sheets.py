"""What must hold of 年度票, their 提出版, 記入 and 確認, as `verify` asks it."""

from collections.abc import Iterator

from django.db.models import CharField, Count, Exists, F, Max, Min, OuterRef, Q, Value
from django.db.models.functions import Cast, LPad

from assessments.history import STANDING
from assessments.models import Confirmation, Cycle, Draft, Rating, Remark, Revision, Sheet, Target
from competency.models import Cell
from lib.paths import LEVEL_DIGITS
from lib.soundness import CHUNK, Checks, Scope, in_order, said_of, say

CHECKS = Checks()
_LEVELS = Confirmation.Level


@CHECKS.add("sheets.year", "年度票の年度と所属の位置は、指すもののとおり", "rows")
def snapshots(scope: Scope) -> Iterator[str]:
    """Compare what a sheet keeps a copy of: its year, and the end of its department's path."""
    rows = scope.of(Sheet)
    yield from said_of(
        rows.exclude(fiscal_year=F("cycle__fiscal_year")), "年度が、指している年度と違います。"
    )
    own = LPad(Cast("department_id", CharField()), LEVEL_DIGITS, Value("0"))
    here = rows.annotate(own=own).filter(department_path__endswith=F("own"))
    yield from said_of(rows.exclude(pk__in=here.values("pk")), "所属の位置が、所属と違います。")


@CHECKS.add("sheets.prepared", "準備中の年度に、年度票はない", "state")
def prepared(scope: Scope) -> Iterator[str]:
    """Ask for sheets that were handed out before their year was opened."""
    early = scope.of(Sheet).filter(cycle__state=Cycle.State.PREPARED)
    yield from said_of(early, "準備中の年度に、年度票があります。")


@CHECKS.add("sheets.current", "年度票は、いちばん新しい提出版を指す", "state")
def current(scope: Scope) -> Iterator[str]:
    """Ask for sheets that stand on another sheet's revision, or not on their newest: a submission that is half there."""
    foreign = scope.of(Sheet).filter(current_revision__isnull=False).exclude(current_revision__sheet=F("pk"))
    yield from said_of(foreign, "ほかの年度票の提出版を指しています。")
    newer = Revision.objects.filter(sheet=OuterRef("sheet"), number__gt=OuterRef("number"))
    newest = scope.of(Revision).exclude(Exists(newer))
    behind = newest.filter(Q(sheet__current_revision__isnull=True) | ~Q(sheet__current_revision=F("pk")))
    yield from said_of(behind, "いちばん新しい提出版なのに、年度票が指していません。")
    begun = scope.of(Sheet).filter(state=Sheet.State.NOT_STARTED, current_revision__isnull=False)
    yield from said_of(begun, "未着手なのに、提出版があります。")
    back = scope.of(Sheet).filter(state=Sheet.State.SENT_BACK, current_revision__isnull=True)
    yield from said_of(back, "差し戻されたのに、提出版がありません。")


@CHECKS.add("sheets.numbers", "提出版の番号は、1からの続き番号", "state")
def numbers(scope: Scope) -> Iterator[str]:
    """Ask for sheets one of whose revisions is gone."""
    counted = scope.of(Revision).order_by().values("sheet").annotate(there=Count("pk"), last=Max("number"))
    for row in counted.exclude(there=F("last")).order_by("sheet").iterator(chunk_size=CHUNK):
        yield say(Sheet, row["sheet"], "提出版の番号が、続いていません。")


@CHECKS.add("sheets.submitted", "提出の日時は、提出版のとおり", "state")
def submitted(scope: Scope) -> Iterator[str]:
    """A standing sheet was submitted when one of its revisions was; a correction does not move the day."""
    same = Revision.objects.filter(sheet=OuterRef("pk"), submitted_at=OuterRef("submitted_at"))
    rows = scope.of(Sheet).filter(state__in=STANDING)
    yield from said_of(
        rows.exclude(Exists(same.exclude(kind=Revision.Kind.CORRECTION))),
        "提出日時と同じ提出版がありません。",
    )


@CHECKS.add("sheets.whole", "提出版には、版の項目の記入がそろっている", "state")
def whole(scope: Scope) -> Iterator[str]:
    """Count the ratings of every revision: a submission answers every cell in use of one version, a correction as many
    as the revision before it.
    """
    empty = scope.of(Revision).exclude(Exists(Rating.objects.filter(revision=OuterRef("pk"))))
    yield from said_of(empty, "記入が1つもない提出版です。")
    used = dict(
        Cell.objects.filter(in_use=True).order_by().values_list("version").annotate(there=Count("pk"))
    )
    counted = scope.of(Rating).order_by().values(
        "revision", "revision__sheet", "revision__number", "revision__kind"
    ).annotate(
        there=Count("pk"), low=Min("cell__version"), high=Max("cell__version"),
        unused=Count("pk", filter=Q(cell__in_use=False)),
    )  # fmt: skip
    before: tuple[int, int] = (0, 0)
    for row in counted.order_by("revision__sheet", "revision__number").iterator(chunk_size=CHUNK):
        if row["low"] != row["high"]:
            yield say(Revision, row["revision"], "2つの版の項目が混ざっています。")
        elif row["unused"]:
            yield say(Revision, row["revision"], "年度票で使わない項目の記入があります。")
        elif row["revision__kind"] == Revision.Kind.SUBMISSION and row["there"] != used.get(row["low"]):
            yield say(Revision, row["revision"], "記入のない項目があります。")
        elif row["revision__kind"] == Revision.Kind.CORRECTION and before != (
            row["revision__sheet"],
            row["there"],
        ):
            yield say(Revision, row["revision"], "訂正の記入の数が、訂正の前と違います。")
        before = (row["revision__sheet"], row["there"])


@CHECKS.add("sheets.confirmed", "一次確認・確定した年度票には、項目すべての確認がある", "state")
def confirmed(scope: Scope) -> Iterator[str]:
    """Ask for ratings without the confirmation that the state of their sheet says is there."""
    for state, level, words in (
        (Sheet.State.CONFIRMED, _LEVELS.FINAL, "確定した年度票に、確定の確認がない項目があります。"),
        (Sheet.State.FIRST_CONFIRMED, _LEVELS.FIRST, "一次確認の年度票に、一次確認がない項目があります。"),
    ):
        there = Confirmation.objects.filter(revision=OuterRef("revision"), cell=OuterRef("cell"), level=level)
        rows = scope.of(Rating).filter(
            revision__sheet__state=state, revision__sheet__current_revision=F("revision")
        )
        yield from said_of(rows.exclude(Exists(there)), words)


@CHECKS.add("sheets.unasked", "確認は、提出された項目だけにある", "state")
def unasked(scope: Scope) -> Iterator[str]:
    """Ask for confirmations of what nobody submitted."""
    there = Rating.objects.filter(revision=OuterRef("revision"), cell=OuterRef("cell"))
    yield from said_of(scope.of(Confirmation).exclude(Exists(there)), "提出されていない項目の確認です。")


@CHECKS.add("sheets.own", "自分の年度票は、自分では確認しない", "state")
def own(scope: Scope) -> Iterator[str]:
    """Ask for people who confirmed themselves; not where there is nobody else, nor in what was taken in from elsewhere."""
    taken_in = Revision.objects.filter(sheet=OuterRef("revision__sheet"), kind=Revision.Kind.IMPORT)
    rows = scope.of(Confirmation).filter(
        confirmer=F("revision__sheet__staff"), revision__sheet__without_confirmer=False
    )
    yield from said_of(rows.exclude(Exists(taken_in)), "本人が、自分の年度票を確認したことになっています。")
    unmarked = scope.of(Sheet).filter(without_confirmer=True).exclude(state=Sheet.State.CONFIRMED)
    yield from said_of(unmarked, "確定していないのに、「確認者なし」の印があります。")


@CHECKS.add("sheets.targets", "目標は、確定した年度票だけにある", "state")
def targets(scope: Scope) -> Iterator[str]:
    """Targets are written down with the 確定, in one step; before it they are worked out anew each time."""
    early = scope.of(Target).exclude(sheet__state=Sheet.State.CONFIRMED)
    yield from said_of(early, "確定していない年度票に、目標が書かれています。")


@CHECKS.add("sheets.drafts", "未着手の年度票に、下書きはない", "state")
def drafts(scope: Scope) -> Iterator[str]:
    """The first word moves a sheet to 記入中, in one step."""
    early = scope.of(Draft).filter(sheet__state=Sheet.State.NOT_STARTED)
    yield from said_of(early, "未着手の年度票に、下書きがあります。")


@CHECKS.add("sheets.sent_back", "差し戻した年度票には、理由がある", "state")
def sent_back(scope: Scope) -> Iterator[str]:
    """Ask for sheets that came back without a word."""
    why = Remark.objects.filter(revision=OuterRef("current_revision"), kind=Remark.Kind.SENT_BACK)
    rows = scope.of(Sheet).filter(state=Sheet.State.SENT_BACK).exclude(Exists(why))
    yield from said_of(rows, "差し戻した理由がありません。")


@CHECKS.add("sheets.times", "年度票の日時は、前後が正しい", "times")
def times(scope: Scope) -> Iterator[str]:
    """Ask for sheets that were confirmed before they were submitted."""
    yield from in_order(scope, Sheet, "submitted_at", "confirmed_at")
