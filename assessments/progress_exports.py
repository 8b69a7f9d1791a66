"""The progress of a year and the list of the unsubmitted as kinds of export (P33, docs/adr/0037)."""

from collections.abc import Iterator
from typing import Any

from access.actor import Actor
from access.table import may, may_at_all
from assessments.deadlines import deadlines_of
from assessments.export_kind import ExportKind, Table, Wish
from assessments.export_kinds import columns
from assessments.models import Sheet
from assessments.reminders import Kind, last_asked
from assessments.year_progress import LATE, NOWHERE, STEPS, progress_of

State = Sheet.State
_COUNTS = ("対象者", *(State(step).label for step in STEPS), "期限切れ")
PROGRESS_HEADER = ["年度", "所属コード", "所属名", *_COUNTS[:-1], "提出の締切", "確認の締切", "期限切れ"]
UNSUBMITTED_HEADER = [
    "年度", "所属コード", "所属名", "職員番号", "氏名", "フリガナ", "職位", "状態", "提出の締切", "最後のお願い",
]  # fmt: skip
_DAYS = ("提出の締切", "確認の締切", "最後のお願い")


def _progress(actor: Actor, wish: Wish) -> Table:
    def listed() -> list[list[Any]]:
        progress = progress_of(actor, wish.cycle, deadlines_of(wish.cycle))
        inside = wish.department.path if wish.department else ""
        found = []
        for path, place in sorted(progress.places.items()):
            count, due = progress.below(path), progress.deadlines.at(path)
            if path.startswith(inside) and count.total:
                found.append(
                    [
                        wish.cycle.fiscal_year, place.code, place.name, count.total, *count.steps, due.submit_by,
                        due.confirm_by, count.overdue,
                    ]
                )  # fmt: skip
        return found

    header = PROGRESS_HEADER
    return Table(
        columns(header, _COUNTS, _DAYS), lambda: len(listed()), lambda: iter(listed()), header.index("所属名")
    )


def _unsubmitted(actor: Actor, wish: Wish) -> Table:
    states = [wish.state] if wish.state else LATE

    def found():
        progress = progress_of(actor, wish.cycle, deadlines_of(wish.cycle))
        return progress, progress.within(wish.department, states)

    def rows() -> Iterator[list[Any]]:
        progress, people = found()
        asked = last_asked(wish.cycle, Kind.SUBMIT) if may(actor, "P33r") else {}
        for row in people:
            place = progress.places.get(row.path)
            yield [
                wish.cycle.fiscal_year, place.code if place else "", place.name if place else NOWHERE, row.number,
                row.name, row.kana, row.position, row.label, progress.deadlines.at(row.path).submit_by,
                asked.get(row.staff_id),
            ]  # fmt: skip

    header = UNSUBMITTED_HEADER
    return Table(columns(header, days=_DAYS), lambda: len(found()[1]), rows, header.index("所属名"))


PROGRESS = ExportKind(
    label="提出と確認の進み",
    help="1所属1行。段階ごとの人数と締切です。上の所属は、下の所属の人を合わせて数えます。",
    stem="提出と確認の進み",
    allowed=lambda actor: may(actor, "P33r"),
    table=_progress,
    use="庁議や所属への連絡の資料に使います。",
    department_help="今日の本務の所属です。下の所属も含みます。",
    action="export.progress",
)
UNSUBMITTED = ExportKind(
    label="未提出一覧",
    help="まだ提出していない職員が1人1行。進みだけで、書いた内容は出ません。",
    stem="未提出一覧",
    allowed=lambda actor: may_at_all(actor, "P33"),
    table=_unsubmitted,
    states=[(value, State(value).label) for value in LATE],
    use="所属長への連絡や、提出のお願いに使います。",
    department_help="今日の本務の所属です。下の所属も含みます。",
    action="export.unsubmitted",
)
