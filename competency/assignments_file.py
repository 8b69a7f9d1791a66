"""An Excel 事務分掌表, read and compared with the people and duties of a department. Nothing here touches the database.

Two layouts are read. Long: a line a person, with 業務, 職員番号 or 氏名, and 担当. Wide: a line a duty, with the
names in the columns 主担当 and 副担当. Which it is, is told by the header.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from competency.assignments import DEPUTY, MAIN, ROLES, DutyLine, Person, Shares
from lib.tabular import Problem, Row, Table
from organization.headers import Column, RowReader, fold, guess

PLACE = Column("所属コード", ("所属CD", "所属番号", "部署コード", "組織コード", "課コード"))
DUTY = Column(
    "業務",
    (
        "事務分掌",
        "分掌事務",
        "担当業務",
        "業務名",
        "事務",
        "事務名",
        "分掌",
        "業務内容",
        "事務の内容",
        "名称",
    ),
)
CODE = Column("符号", ("業務コード", "業務符号", "事務コード", "業務番号"))
NUMBER = Column("職員番号", ("職員ID", "職員コード", "職員CD", "社員番号", "番号"))
NAME = Column("氏名", ("職員氏名", "職員名", "担当者", "担当者名", "名前", "担当職員"))
ROLE = Column("担当", ("主副", "主・副", "主副の別", "担当区分", "区分", "役割", "正副", "正・副"))
MAINS = Column("主担当", ("主担当者", "正担当", "正担当者", "主任担当", "主"))
DEPUTIES = Column("副担当", ("副担当者", "副", "補助担当", "副担当職員"))
COLUMNS = (PLACE, DUTY, CODE, NUMBER, NAME, ROLE, MAINS, DEPUTIES)

HEADER = ["所属コード", "符号", "業務", "職員番号", "氏名", "担当"]

_ROLE_WORDS = {
    **dict.fromkeys(("主", "主担当", "主担当者", "正", "正担当", "正担当者", "◎", MAIN), MAIN),
    **dict.fromkeys(("副", "副担当", "副担当者", "○", "〇", "◯", "補助", DEPUTY), DEPUTY),
}
_NAMES = re.compile(r"[、，,；;／/\r\n\t]+")
_SPACES = re.compile(r"\s+")
# Which form of a letter is meant (葛 with and without a selector); many systems drop them on the way.
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_LONGEST = 60
_FIX_ROLE = "「主担当」か「副担当」（主、副、◎、○でもよい）を入れてください。"


@dataclass(frozen=True)
class Parsed:
    """What a file says: who has which of the duties it names, or everything that is wrong with it."""

    shares: Shares = field(default_factory=dict)
    duties: tuple[DutyLine, ...] = ()
    problems: tuple[Problem, ...] = ()
    unused: tuple[str, ...] = ()


def parse(
    table: Table,
    *,
    place_code: str,
    people: Iterable[Person],
    duties: Sequence[DutyLine],
    catalogue: Sequence[DutyLine],
) -> Parsed:
    """Return what the table says of one department.

    `people` are those posted there or below today, `duties` what the department has, `catalogue` what it may
    take up. Every line that cannot be taken is a problem; with one problem there are no shares.
    """
    mapping = guess(table.header, COLUMNS, {})
    reading = _Reading(table, mapping, place_code, _People(people), _Duties(duties, catalogue))
    unread = [name for name in table.header if name not in mapping.values()]
    problems = _missing(mapping)
    if problems:
        return Parsed(problems=tuple(problems), unused=tuple(unread))
    for row in table.rows:
        reading.take(row)
    if reading.cells.problems:
        return Parsed(problems=tuple(reading.cells.problems), unused=tuple(unread))
    here = {duty.id for duty in duties}
    having = {duty_id for duty_id, _ in reading.shares}
    # The workbook to fill in lists what the department may take up: a duty left without people is not taken up.
    named = tuple(duty for duty in reading.named.values() if duty.id in here or duty.id in having)
    return Parsed(reading.shares, named, unused=tuple(unread))


def rows(
    place_code: str, duties: Iterable[DutyLine], people: Iterable[Person], shares: Shares
) -> list[list[str]]:
    """Return the lines of HEADER that say what is stored; a duty that nobody has gets a line without a person."""
    lines = []
    people = list(people)
    for duty in duties:
        having = [(shares[duty.id, one.id], one) for one in people if (duty.id, one.id) in shares]
        having.sort(key=lambda pair: pair[0] != MAIN)
        of_duty = [place_code, duty.code, duty.name]
        lines += [[*of_duty, one.number, one.name, ROLES[role]] for role, one in having]
        if not having:
            lines.append([*of_duty, "", "", ""])
    return lines


def name_key(name: str) -> str:
    """Return a name without spaces, letter for letter: 「髙橋　誠一」 and 「髙橋誠一」 are one, 高橋 is another."""
    return _SPACES.sub("", name)


def loose_key(name: str) -> str:
    """Return a name as it is compared where no letter-for-letter one fits: full width and selectors folded."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", _SELECTORS.sub("", name))).casefold()


class _Index:
    """Finds things by a text: letter for letter, else folded."""

    def __init__(self, things: Iterable[tuple[str, Any]], exact, loose) -> None:
        self._exact, self._loose = exact, loose
        self._by_exact: dict[str, list[Any]] = defaultdict(list)
        self._by_loose: dict[str, list[Any]] = defaultdict(list)
        for text, thing in things:
            self._by_exact[exact(text)].append(thing)
            self._by_loose[loose(text)].append(thing)

    def find(self, text: str) -> list[Any]:
        """Return all that the text may mean."""
        return self._by_exact.get(self._exact(text)) or self._by_loose.get(self._loose(text)) or []


class _People:
    def __init__(self, people: Iterable[Person]) -> None:
        people = list(people)
        self.by_number = {person.number: person for person in people}
        self.by_name = _Index(((person.name, person) for person in people), name_key, loose_key)

    def by_text(self, text: str) -> tuple[Person | None, str]:
        """Return who is meant by a name, or None and what to do."""
        found = self.by_name.find(text)
        if len(found) == 1:
            return found[0], ""
        if found:
            return None, "同じ氏名の職員が2人以上います。「職員番号」の列を作り、番号で書いてください。"
        return None, (
            "この所属に今日在籍する職員に、この氏名の人はいません。姓と名、字体（髙と高など）を確かめるか、職員番号で書いてください。"
        )


class _Duties:
    def __init__(self, duties: Sequence[DutyLine], catalogue: Sequence[DutyLine]) -> None:
        # The department's own first: where both have a duty of a name, its own is meant.
        self._layers = [
            (
                {duty.code: duty for duty in layer},
                _Index(((duty.name, duty) for duty in layer), name_key, fold),
            )
            for layer in (duties, catalogue)
        ]

    def by_code(self, code: str) -> DutyLine | None:
        """Return the duty with this 符号."""
        return next((codes[code] for codes, _ in self._layers if code in codes), None)

    def by_name(self, text: str) -> list[DutyLine]:
        """Return the duties that a name may mean, or the one whose 符号 it is."""
        for codes, names in self._layers:
            if text in codes:
                return [codes[text]]
            if found := names.find(text):
                return found
        return []


class _Reading:
    """Reads line after line, and remembers what was said where, so that a second, other word is a problem."""

    def __init__(self, table: Table, mapping, place_code: str, people: _People, duties: _Duties) -> None:
        self.cells = RowReader(table, mapping)
        self.shares: dict[tuple[int, int], str] = {}
        self.named: dict[int, DutyLine] = {}
        self._lines: dict[tuple[int, int], int] = {}
        self._place_code, self._people, self._duties = place_code, people, duties
        self._wide = is_wide(mapping)
        self._duty_above: DutyLine | None = None

    def take(self, row: Row) -> None:
        """Read one line; what is wrong with it joins the problems."""
        self._check_place(row)
        duty = self._duty(row)
        if duty is not None:
            self.named.setdefault(duty.id, duty)
        if self._wide:
            for column, role in ((MAINS, MAIN), (DEPUTIES, DEPUTY)):
                self._names(row, duty, column.label, role)
        else:
            self._one(row, duty)

    def _check_place(self, row: Row) -> None:
        code = self.cells.raw(row, PLACE.label)
        if code and code != self._place_code:
            self.cells.problem(
                row,
                PLACE.label,
                f"この画面の所属（{self._place_code}）の行ではありません。"
                "所属コードを直すか、行を消して、その所属の画面で取り込んでください。",
            )

    def _duty(self, row: Row) -> DutyLine | None:
        """Return the duty of a line. Merged cells of Excel leave all but their first line empty: that is the one above."""
        code, name = self.cells.raw(row, CODE.label), self.cells.raw(row, DUTY.label)
        if not code and not name:
            if self._duty_above is None:
                self.cells.problem(row, DUTY.label, "業務が空です。業務の名前か符号を入れてください。")
            return self._duty_above
        found = [one] if code and (one := self._duties.by_code(code)) else []
        if not found and code:
            self.cells.problem(
                row, CODE.label, "この符号の業務はありません。「業務の一覧」の符号に直してください。"
            )
        elif not found:
            found = self._duties.by_name(name)
            self._say_unknown_duty(row, found)
        elif name and found[0] not in self._duties.by_name(name):
            self.cells.problem(
                row,
                DUTY.label,
                f"符号は「{found[0].name}」の業務です。符号か業務の名前のどちらかを直してください。",
            )
        self._duty_above = found[0] if len(found) == 1 else None
        return self._duty_above

    def _say_unknown_duty(self, row: Row, found: list[DutyLine]) -> None:
        if len(found) > 1:
            self.cells.problem(
                row, DUTY.label, "同じ名前の業務が2つ以上あります。「符号」の列を作り、符号で書いてください。"
            )
        elif not found:
            self.cells.problem(
                row,
                DUTY.label,
                "この所属の業務にも「業務の一覧」にもありません。名前を一覧に合わせるか、先に業務を作ってください。",
            )

    def _one(self, row: Row, duty: DutyLine | None) -> None:
        number, name = self.cells.raw(row, NUMBER.label), self.cells.raw(row, NAME.label)
        word = self.cells.raw(row, ROLE.label)
        if not number and not name:
            if word:
                label = NUMBER.label if self.cells.has(NUMBER.label) else NAME.label
                self.cells.problem(row, label, "担当する人が空です。職員番号か氏名を入れてください。")
            return
        role = _ROLE_WORDS.get(word) or _ROLE_WORDS.get(fold(word))
        if role is None:
            trouble = "主担当か副担当かが空です。" if not word else "主担当か副担当か読めません。"
            self.cells.problem(row, ROLE.label, trouble + _FIX_ROLE)
        person = self._by_number(row, number, name) if number else self._by_name(row, NAME.label, name)
        if duty is not None and person is not None and role is not None:
            self._note(row, duty, person, role, NUMBER.label if number else NAME.label)

    def _by_number(self, row: Row, number: str, name: str) -> Person | None:
        """Return who has the number. Their name, where it stands beside it, must be theirs: a line may have slipped."""
        so_far = len(self.cells.problems)
        self.cells.code(row, NUMBER.label)
        if len(self.cells.problems) > so_far:
            return None
        person = self._people.by_number.get(number)
        if person is None:
            self.cells.problem(
                row,
                NUMBER.label,
                "この所属に今日在籍する職員に、この番号の人はいません。番号を直すか、行を消してください。",
            )
        elif name and loose_key(name) not in (loose_key(person.name), loose_key(person.former_name)):
            self.cells.problem(
                row, NAME.label, "職員番号の人の氏名と違います。番号か氏名のどちらかを直してください。"
            )
            return None
        return person

    def _by_name(self, row: Row, label: str, name: str) -> Person | None:
        person, message = self._people.by_text(name)
        if message:
            self._problem(row, label, name, message)
        return person

    def _names(self, row: Row, duty: DutyLine | None, label: str, role: str) -> None:
        """Read a cell of several names, or of numbers."""
        for text in _NAMES.split(self.cells.raw(row, label)):
            text = text.strip()
            if not text:
                continue
            person = self._people.by_number.get(text) or self._by_name(row, label, text)
            if duty is not None and person is not None:
                self._note(row, duty, person, role, label)

    def _note(self, row: Row, duty: DutyLine, person: Person, role: str, label: str) -> None:
        pair = (duty.id, person.id)
        if self.shares.setdefault(pair, role) != role:
            self._problem(
                row,
                label,
                person.name,
                f"「{duty.name}」では、{self._lines[pair]}行目で{ROLES[self.shares[pair]]}になっています。"
                "どちらか1つにしてください。",
            )
        self._lines.setdefault(pair, row.line)

    def _problem(self, row: Row, label: str, value: str, message: str) -> None:
        """Note a problem with a part of a cell."""
        shown = value if len(value) <= _LONGEST else value[:_LONGEST] + "…"
        self.cells.problems.append(Problem(row.line, self.cells.named(label), shown, message))


def is_wide(mapping) -> bool:
    """Say whether a header is that of the wide layout: a column of people for each 担当, and none for all."""
    single = NUMBER.label in mapping or NAME.label in mapping
    return not single and (MAINS.label in mapping or DEPUTIES.label in mapping)


def _missing(mapping) -> list[Problem]:
    """Return a problem for each column without which the file says nothing."""
    wanted = []
    if DUTY.label not in mapping and CODE.label not in mapping:
        wanted.append(DUTY)
    if not is_wide(mapping):
        if NUMBER.label not in mapping and NAME.label not in mapping:
            wanted.append(NAME)
        if ROLE.label not in mapping:
            wanted.append(ROLE)
    return [
        Problem(
            None,
            column.label,
            "",
            f"「{column.label}」の列が見つかりません。見出しの名前を見本に合わせて直してください。",
        )
        for column in wanted
    ]
