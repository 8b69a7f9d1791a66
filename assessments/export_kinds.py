"""The kinds of export of this app: records long and wide, 研修計画, 資格一覧, 研修履歴 (docs/adr/0037)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery

from access.actor import Actor, Role
from access.table import may_at_all
from assessments import training_plan
from assessments.export_kind import Column, ExportKind, Table, Type, Wish
from assessments.export_lines import long_lines
from assessments.exports import (
    HANDED_IN,
    LONG_HEADER,
    PERSONAL,
    exportable,
    long_rows,
    wide_header,
    wide_rows,
)
from assessments.models import Certification, Rating, Sheet, Training
from lib import fiscal
from organization.models import Posting, Staff

_INTEGERS = frozenset({"年度", "自己到達度", "確認到達度", "費用（円）"})
_MOMENTS = frozenset({"提出日時", "確定日時"})
_DAYS = frozenset({"はじめ", "終わり", "申込日", "合格日", "登録日", "更新期限"})
# Text of one person: what CP932 cannot carry of it is listed by person.
_PERSONAL = PERSONAL | {"結果", "登録番号", "名称"}
_HANDED_OUT = "年度票を配ったときの所属で選びます。下の所属も含みます。"
_TODAY = "今日の所属で選びます。下の所属も含みます。"
_PERSON = ["年度", "所属コード", "所属名", "職員番号", "氏名", "フリガナ"]
CERTIFICATIONS = [
    *_PERSON, "名称", "登録表の資格", "合格日", "登録日", "登録番号", "更新期限", "示す項目",
]  # fmt: skip
TRAININGS = [
    *_PERSON, "名称", "実施", "形", "はじめ", "終わり", "時間数", "費用（円）", "状態", "結果", "示す項目",
]  # fmt: skip


def columns(header: Iterable[str], integers: Iterable[str] = (), days: Iterable[str] = ()) -> list[Column]:
    """Return the columns of a header, by the names that these tables share and those that one alone has."""
    whole, dated = _INTEGERS | set(integers), _DAYS | set(days)
    return [
        Column(
            name,
            Type.INTEGER if name in whole
            else Type.DATETIME if name in _MOMENTS
            else Type.DATE if name in dated
            else Type.TEXT,
            personal=name in _PERSONAL,
        )
        for name in header
    ]  # fmt: skip


def _everybody(actor: Actor) -> bool:
    """Say whether the actor exports at all (P20): everybody has at least their own."""
    return may_at_all(actor, "P20")


def _leading(actor: Actor) -> bool:
    """Say whether the actor exports about others: 人事 and the line."""
    return actor.has(Role.HR) or actor.has(Role.LINE)


def _sheets(actor: Actor, wish: Wish):
    sheets = exportable(actor, wish.cycle, wish.department)
    return sheets.filter(state=wish.state) if wish.state else sheets


def _long(actor: Actor, wish: Wish) -> Table:
    sheets = _sheets(actor, wish)
    handed_in = sheets.filter(state__in=HANDED_IN).order_by()
    return Table(
        columns(LONG_HEADER),
        lambda: Rating.objects.filter(revision__in=handed_in.values("current_revision_id")).count(),
        lambda: long_rows(sheets, wish.cycle),
        LONG_HEADER.index("所属名"),
        lambda parts: long_lines(sheets, wish.cycle, parts),
    )


def _wide(actor: Actor, wish: Wish) -> Table:
    sheets, header = _sheets(actor, wish), wide_header(wish.cycle)
    steps = header[header.index("状態") + 1 :]
    return Table(
        columns(header, steps), sheets.count, lambda: wide_rows(sheets, wish.cycle), header.index("所属名")
    )


def _plan(actor: Actor, wish: Wish) -> Table:
    year = wish.cycle.fiscal_year
    found = training_plan.plan_of(actor, year, wish.state)
    if wish.department is not None:
        found = found.filter(staff__in=_people(actor, wish).values("pk"))
    header = training_plan.HEADER
    return Table(
        columns(header), found.count, lambda: training_plan.file_rows(found, year), header.index("所属名")
    )


def _people(actor: Actor, wish: Wish):
    """Return the queryset of people whose record the actor may see, of the department and below today."""
    people = Staff.objects.with_records_visible_to(actor)
    if wish.department is not None:
        there = Staff.objects.posted_in_or_below([wish.department.path], actor.today)
        people = people.filter(pk__in=there.values("pk"))
    return people


def _entries(
    model, header: Sequence[str], cells: Callable[[Any], list[Any]], narrow: Callable[[Any, Wish], Any]
):
    """Return the `table` of entries of people in sight, with where they are today."""

    def table(actor: Actor, wish: Wish) -> Table:
        found = model.objects.standing().filter(
            municipality_id=actor.municipality_id, staff__in=_people(actor, wish).values("pk")
        )
        found = narrow(found, wish)
        main = Posting.objects.active_on(actor.today).filter(staff=OuterRef("staff"), kind=Posting.Kind.MAIN)
        main = main.order_by("start", "pk")
        placed = found.annotate(
            place_code=_first(main, "department__code"), place_name=_first(main, "department__name"),
            place_path=_first(main, "department__path"),
        )  # fmt: skip
        placed = placed.order_by(
            F("place_path").asc(nulls_last=True), "staff__kana", "staff__staff_number", "start", "pk"
        )

        def rows() -> Iterator[list[Any]]:
            listed = placed.select_related("staff").prefetch_related("cells")
            for each in listed.iterator(chunk_size=500):
                yield [
                    wish.cycle.fiscal_year, each.place_code, each.place_name or training_plan.NO_PLACE,
                    each.staff.staff_number, each.staff.name, each.staff.kana, *cells(each),
                    "、".join(sorted(cell.cell_code for cell in each.cells.all())),
                ]  # fmt: skip

        return Table(columns(header), found.count, rows, list(header).index("所属名"))

    return table


def _first(postings, name: str) -> Subquery:
    return Subquery(postings.values(name)[:1])


def _passed(found, wish: Wish):
    """Keep what was passed by the end of the year, or has no date."""
    last = fiscal.last_day(wish.cycle.fiscal_year)
    found = found.select_related("qualification")
    return found.filter(Q(start__isnull=True) | Q(start__lte=last))


def _attended(found, wish: Wish):
    """Keep what went on within the year, in the state asked for."""
    year = wish.cycle.fiscal_year
    found = found.filter(start__lte=fiscal.last_day(year)).filter(
        Q(end__gte=fiscal.first_day(year)) | Q(end__isnull=True, start__gte=fiscal.first_day(year))
    )
    return found.filter(state=wish.state) if wish.state else found


def _certification_cells(each: Certification) -> list[Any]:
    return [
        each.title, each.qualification.name if each.qualification else "", each.start, each.registered_on,
        each.registration_number, each.renew_by,
    ]  # fmt: skip


def _training_cells(each: Training) -> list[Any]:
    return [
        each.title, each.provider, each.get_form_display(), each.start, each.end, each.hours, each.fee,
        each.get_state_display(), each.result,
    ]  # fmt: skip


LONG = ExportKind(
    label="記録（明細）",
    help="1項目1行。自己と確認の到達度、根拠、日時を含みます。提出前の内容は出ません。",
    stem="スキル記録_明細",
    allowed=_everybody,
    table=_long,
    states=Sheet.State.choices,
    use="ほかのシステムに渡すときや、根拠まで確かめるときに使います。",
    department_help=_HANDED_OUT,
    action="export.records",
)
WIDE = ExportKind(
    label="記録（一覧）",
    help="1人1行、1項目1列。確認の到達度、なければ自己の到達度です。",
    stem="スキル記録_一覧",
    allowed=_everybody,
    table=_wide,
    states=Sheet.State.choices,
    use="表計算で1人ずつ見くらべるときに使います。",
    department_help=_HANDED_OUT,
    action="export.records",
)
PLAN = ExportKind(
    label="研修計画",
    help="1件1行。その年度に始まる研修の申込み、費用、結果です。",
    stem="研修計画",
    allowed=_leading,
    table=_plan,
    states=Training.State.choices,
    use="研修の予算の資料や、実施の報告に使います。",
    department_help=_TODAY,
    action="export.training_plan",
)
CERTIFICATION = ExportKind(
    label="資格一覧",
    help="1件1行。年度の終わりまでに合格した資格です。所属は今日の本務です。",
    stem="資格一覧",
    allowed=_everybody,
    table=_entries(Certification, CERTIFICATIONS, _certification_cells, _passed),
    use="資格の届出や、更新期限の確認に使います。",
    department_help=_TODAY,
    action="export.certifications",
)
TRAINING = ExportKind(
    label="研修履歴",
    help="1件1行。年度のうちに受けた研修です。所属は今日の本務です。",
    stem="研修履歴",
    allowed=_everybody,
    table=_entries(Training, TRAININGS, _training_cells, _attended),
    states=Training.State.choices,
    use="研修の実績の報告や、人事給与システムへの登録に使います。",
    department_help=_TODAY,
    action="export.trainings",
)
