"""Home: where the person's own year stands, the one thing to do next, and what there is to know. Takes no request."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from access.actor import Actor, Role
from assessments.answers import answers_from
from assessments.comparison import change_words
from assessments.deadlines import Deadlines, deadlines_on, with_deadlines
from assessments.gains import Changes, Near, NextOfCategory, changes, near, next_steps
from assessments.history import STANDING
from assessments.home_reads import News, home_rows, meanings_from, shown_by
from assessments.line import Waiting, line_for
from assessments.models import Cycle, Sheet
from assessments.notices import Notice, day_of, personal
from assessments.own_page import waits_for
from assessments.sheet_page import SheetPage, lay_out
from assessments.targets import targets_of_sheet
from assessments.workflow.closing import leftover_of
from assessments.workflow.sheets import closed_to_the_person
from competency.matrix import Group, groups
from competency.models import Step
from organization.models import Staff

# A deadline is worth a notice in its last week.
SOON = 7


@dataclass(frozen=True)
class Tile:
    """One cell of one's own matrix: this year's step, else last year's in dots, with words for both."""

    cell: Any
    step: int | None
    last: int | None
    writable: bool

    @property
    def words(self) -> str:
        """Return the step in words, without its number."""
        return "" if self.step is None else Step(self.step).label

    @property
    def change(self) -> str:
        """Return what became of it since last year, in words."""
        if self.step is None or self.last is None:
            return "昨年の記録なし" if self.step is not None else ""
        return change_words(self.step - self.last) or "昨年と同じ"

    @property
    def past(self) -> str:
        """Return last year's step in words, for a cell that is open this year."""
        return "昨年の記録なし" if self.last is None else f"昨年 {self.last}"


@dataclass(frozen=True)
class NextStep:
    """What to do next: the heading, a sentence, and the button with the page it opens."""

    heading: str
    text: str = ""
    label: str = ""
    url_name: str = ""
    target: Any = None
    suffix: str = ""


@dataclass(frozen=True)
class Home:
    """The person's own year. `page` is there while the sheet is theirs to fill in."""

    sheet: Sheet | None
    state: str
    page: SheetPage | None = None
    matrix: list[Group] = field(default_factory=list)
    last_fiscal_year: int | None = None
    waits_for: str = ""
    notices: list[Notice] = field(default_factory=list)
    deadlines: Deadlines | None = None
    days_left: int | None = None
    changes: Changes | None = None
    next_steps: list[NextOfCategory] = field(default_factory=list)
    near: Near | None = None

    @property
    def unconfirmed(self) -> bool:
        """Say whether the place of any cell in the three stages is still to be confirmed."""
        return any(not tile.cell.placement_confirmed for group in self.matrix for tile in group.tiles)

    @property
    def mine_to_do(self) -> bool:
        """Say whether the next step lies with the person."""
        return self.state in ("not_started", "drafting", "sent_back")

    @property
    def is_shown(self) -> bool:
        """Say whether there is anything to show in the matrix."""
        return any(
            tile.step is not None or tile.last is not None for group in self.matrix for tile in group.tiles
        )


def load_home(actor: Actor, sheet: Sheet | None, *, staff: Staff, waiting: Waiting | None = None) -> Home:
    """Return the person's year; `sheet` is that of `newest_sheet`, `waiting` what was read with it for the line.

    The state is that of the sheet, or "none" without one, "coming" before the first day, "closed" for an
    unfinished sheet of a year that is over. Six queries, two of them in `gaps`; two more while
    the own sheet waits for the line and `waiting` does not tell it.
    """
    rows = home_rows(actor.staff_id, actor.today, sheet)
    news = News(rows)
    if sheet is None:
        return Home(None, "none", notices=personal(news, staff, actor.today))
    answers = answers_from(sheet, rows)
    page = lay_out(sheet, answers.drafts, answers.last, entries=shown_by(rows), meanings=meanings_from(rows))
    standing = sheet.state in STANDING
    steps = answers.steps if standing else {code: one.value.step for code, one in answers.drafts.items()}
    writable = not closed_to_the_person(sheet, actor.today)
    due = deadlines_on(sheet)
    last = answers.last
    cells = [row.cell for row in page.rows]
    matrix = groups(cells, lambda cell: Tile(cell, steps.get(cell.code), last.step(cell.code), writable))
    return Home(
        sheet=sheet,
        state=_state(sheet, actor.today),
        page=page if writable else None,
        matrix=matrix,
        last_fiscal_year=last.fiscal_year,
        waits_for=_waits_for(sheet, actor, waiting),
        notices=_notices(sheet, actor.today, page if writable else None, news)
        + personal(news, staff, actor.today),
        deadlines=due,
        days_left=(due.submit_by - actor.today).days,
        changes=changes([tile for group in matrix for tile in group.tiles], news),
        next_steps=next_steps(page, answers, targets_of_sheet(sheet, actor.today), actor),
        near=near(actor, sheet.main_path, page.rows, answers),
    )


def next_step(home: Home, name: str, waiting: int) -> NextStep:
    """Return the one next step: the own sheet while it lies with the person, else what waits for the line.

    `name` is how the person is addressed, `waiting` how many sheets wait for their confirmation.
    """
    own = _own_step(home, name)
    if waiting and not home.mine_to_do:
        return NextStep(
            f"{name}さん、確認待ちが{waiting}件あります", own.heading, "確認へ進む", "assessments:review"
        )
    return own


def _own_step(home: Home, name: str) -> NextStep:
    sheet, page = home.sheet, home.page
    if sheet is None:
        return NextStep(
            f"{name}さん、いま記入する年度票はありません", "年度が始まると、ここに次にすることが出ます。"
        )
    year = str(sheet.cycle)
    if home.state == "coming":
        return NextStep(f"{year}の記入は、{day_of(sheet.cycle.starts_on)}に始まります")
    if home.state == "closed":
        left = leftover_of(sheet)
        how = f"人事の記録は「{left.get_decision_display()}」です。" if left else ""
        text = f"{year}の受付は終わりました。{how}提出していない下書きは、あなただけが見られます。"
        return NextStep(
            f"{name}さん、いま記入する年度票はありません", text, "下書きを見る", "assessments:sheet", sheet
        )
    if home.state == Sheet.State.SENT_BACK:
        text = "理由を読んで、直してから、もう一度提出してください。"
        return NextStep(
            f"{name}さん、差戻しがあります", text, "直して提出する", "assessments:sheet_edit", sheet
        )
    if home.state in Sheet.WAITING:
        return NextStep(
            f"提出しました。{home.waits_for}", "", "提出した内容を見る", "assessments:sheet", sheet
        )
    if page is None:
        text = "確認した人からのコメントも読めます。"
        return NextStep(
            f"{year}の年度票が確定しました", text, "確定した内容を見る", "assessments:sheet", sheet
        )
    if home.state == Sheet.State.NOT_STARTED:
        text = f"{page.total}項目で10分ほどです。" + (
            "昨年から変わったところだけ選び直せます。" if home.last_fiscal_year else ""
        )
        return NextStep(
            f"{name}さん、今年度の記入を始めましょう", text, "記入を始める", "assessments:sheet_edit", sheet
        )
    return _drafting_step(sheet, page, name)


def _drafting_step(sheet: Sheet, page: SheetPage, name: str) -> NextStep:
    saved = "書いた内容は保存してあります。"
    if page.next_open:
        minutes = -(-10 * page.left // page.total)
        return NextStep(
            f"{name}さん、あと{page.left}項目で提出できます", f"残りは{minutes}分ほどで終わります。{saved}",
            "続きから記入する", "assessments:sheet_edit", sheet, f"#cell-{page.next_open.code}",
        )  # fmt: skip
    if page.to_mend:
        return NextStep(
            f"{name}さん、あと{len(page.to_mend)}か所直すと提出できます", saved,
            "直すところへ進む", "assessments:sheet_edit", sheet, f"?check=1#cell-{page.to_mend[0].code}",
        )  # fmt: skip
    return NextStep(
        f"{name}さん、{page.total}項目がそろいました", "内容を確かめて、提出してください。",
        "確認して提出へ進む", "assessments:sheet_submit", sheet,
    )  # fmt: skip


def newest_sheet(actor: Actor) -> Sheet | None:
    """Return the actor's newest sheet: of an open year that has begun, else an open one, else any. One query.

    `main_path` is the department of their 本務 today, None without one; its deadlines are read along.
    """
    sheets = with_deadlines(Sheet.objects.filter(staff_id=actor.staff_id), actor.today).select_related(
        "cycle__framework_version__framework",
        "framework_version__framework",
        "staff",
        "department",
        "current_revision",
        "leftover",
    )
    found = list(sheets.order_by("-fiscal_year")[:5])
    is_open = [sheet for sheet in found if sheet.cycle.state == Cycle.State.OPEN]
    begun = [sheet for sheet in is_open if sheet.cycle.starts_on <= actor.today]
    return next(iter([*begun, *is_open, *found]), None)


def _waits_for(sheet: Sheet, actor: Actor, waiting: Waiting | None) -> str:
    """Return whom a submitted sheet waits for; the line is asked for only where `waiting` does not tell it."""
    if sheet.state not in Sheet.WAITING:
        return ""
    return waits_for(sheet, (waiting and waiting.own) or line_for(sheet, actor.today))


def _state(sheet: Sheet, today: datetime.date) -> str:
    if sheet.can_edit and not sheet.cycle.is_open:
        return "closed"
    if sheet.can_edit and sheet.cycle.starts_on > today:
        return "coming"
    return sheet.state


def _notices(sheet: Sheet, today: datetime.date, page: SheetPage | None, news: News) -> list[Notice]:
    """Return what there is to know about the sheet."""
    found = []
    sent_back = sheet.state == Sheet.State.SENT_BACK
    remarks = [
        Notice(
            f"{day_of(row.day)}　{row.detail}から",
            row.title,
            "assessments:sheet_edit" if sent_back else "assessments:sheet",
            sheet,
        )
        for row in news.of("remark")
    ]
    if sent_back:
        # Of several reasons the newest is why it lies with the person now.
        found += remarks[:1]
    if page and page.to_mend:
        row = page.to_mend[0]
        others = "など" if len(page.to_mend) > 1 else ""
        text = f"根拠を書く項目が{len(page.to_mend)}件あります（{row.cell.full_name}{others}）"
        found.append(Notice("記入", text, "assessments:sheet_edit", sheet))
    if sheet.state == Sheet.State.CONFIRMED:
        found.append(Notice(_day(sheet.confirmed_at), "年度票が確定しました", "assessments:sheet", sheet))
        found += remarks
        if sheet.current_revision.reason:
            text = f"人事が訂正しました：{sheet.current_revision.reason}"
            found.append(Notice(_day(sheet.current_revision.submitted_at), text, "assessments:sheet", sheet))
    days = (deadlines_on(sheet).submit_by - today).days
    if page and days < 0:
        found.append(Notice("締切", f"提出の締切を{-days}日過ぎています。できるだけ早く提出してください"))
    elif page and days <= SOON:
        found.append(
            Notice("締切", "提出の締切は今日です" if days == 0 else f"提出の締切まであと{days}日です")
        )
    return found


def _day(moment: datetime.datetime) -> str:
    return day_of(timezone.localtime(moment).date())


def links_for(actor: Actor, known: set[str]) -> list[tuple[str, str]]:
    """Return (label, URL name) of the other work of the actor's roles, as far as its pages exist; a list."""
    offered = []
    if actor.has(Role.HR):
        offered += [("全庁のようすを見る", "gaps:overview"), ("年度と締切を見る", "assessments:cycles")]
    if actor.has(Role.LINE):
        offered.append(("スキルギャップを見る", "gaps:departments"))
    if actor.has(Role.SYSADMIN):
        offered.append(("アカウントを見る", "organization:accounts"))
    if actor.has(Role.AUDITOR):
        offered.append(("操作の記録を見る", "audit:events"))
    if actor.has(Role.EDITOR):
        offered.append(("体系を見る", "competency:framework"))
    return [(label, name) for label, name in offered if name in known]
