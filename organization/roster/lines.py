"""A roster file as typed lines (interfaces.md, Files, "Roster in"), or every reason why a line cannot be read."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from lib.intervals import end_after
from lib.tabular import Problem, Row, Table
from organization.headers import Column, RowReader, fold

COLUMNS = (
    Column(
        "職員番号",
        ("職員コード", "職員CD", "職員No", "社員番号", "社員コード", "職番"),
        required=True,
    ),
    Column("氏名", ("氏名漢字", "漢字氏名", "職員氏名", "名前", "職員名")),
    Column("姓", ("氏", "名字", "苗字", "漢字姓", "姓漢字", "氏名姓")),
    Column("名", ("漢字名", "名漢字", "氏名名")),
    Column("フリガナ", ("カナ氏名", "氏名カナ", "カナ", "ふりがな", "氏名フリガナ", "ヨミガナ")),
    Column("旧姓", ("旧氏", "旧姓漢字")),
    Column("職員区分", ("任用区分", "雇用区分", "職員種別", "任用形態")),
    Column(
        "所属コード", ("所属CD", "所属番号", "部署コード", "部署CD", "組織コード", "課コード"), required=True
    ),
    Column("所属名", ("所属", "所属名称", "部署", "部署名", "組織名")),
    Column("職位", ("役職", "役職名", "職名", "補職名", "補職")),
    Column("確認者区分", ("確認者", "評定者区分")),
    Column("発令種別", ("発令区分", "異動区分", "本務兼務区分", "兼務区分")),
    Column("発令日", ("発令年月日", "異動日", "異動年月日", "開始日", "配属日"), required=True),
    Column("終了日", ("終了年月日", "満了日", "任期満了日", "発令終了日")),
    Column("メール", ("メールアドレス", "Eメール", "E-mail", "mail")),
)

POSTING_KINDS = {
    "本務": "main",
    "兼務": "additional",
    "併任": "concurrent",
    "派遣": "seconded",
    "事務取扱": "acting",
}
LEAVE_KINDS = {"休職": "leave", "育休": "childcare"}
RETURNED, RESIGNED = "returned", "resigned"
KINDS = {**POSTING_KINDS, **LEAVE_KINDS, "復職": RETURNED, "退職": RESIGNED}
EMPLOYMENTS = {
    "正規": "regular",
    "再任用": "reappointed",
    "任期付": "fixed_term",
    "会計年度任用": "fiscal_year",
    "派遣受入": "seconded_in",
}
# What 空欄で上書き may empty: never a number, a name, a date, or a word of a fixed list.
CLEARABLE = {"フリガナ": "kana", "旧姓": "former_name", "メール": "email"}
LINE_ROLES = {"なし": "none", "係長級": "first", "所属長": "head"}

_MORE_KINDS = {"育児休業": "childcare", "代理": "acting", "事務代理": "acting", "事務取扱（代理）": "acting"}
_MORE_EMPLOYMENTS = {
    "正規職員": "regular",
    "再任用職員": "reappointed",
    "任期付職員": "fixed_term",
    "任期付き職員": "fixed_term",
    "会計年度任用職員": "fiscal_year",
    "派遣受入職員": "seconded_in",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line that can be read. Empty texts and None mean an empty cell: what is there stays.

    `cleared` are fields whose cell is empty in a file of which 空欄で上書き was chosen: these are emptied.

    `end` is half-open: the day after the last day that the file names.
    """

    line: int | None
    number: str
    kind: str
    start: datetime.date
    end: datetime.date | None = None
    name: str = ""
    kana: str = ""
    former_name: str = ""
    employment: str = ""
    department: str = ""
    department_name: str = ""
    position: str = ""
    line_role: str = ""
    email: str = ""
    cleared: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Parsed:
    """A file that was gone through: readable lines, problems, and numbers with a line that is not readable."""

    lines: list[Line]
    problems: list[Problem]
    broken: frozenset[str]


def parse_lines(table: Table, mapping: Mapping[str, str], *, overwrite: bool = False) -> Parsed:
    """Read every row; `mapping` is {our label: header of the file} (headers.guess).

    終了日 is the last day in the posting, as offices write it; 9999-12-31 and an empty cell alike mean that
    none is known. Nothing is corrected in silence: full-width digits in a number are a problem. `overwrite` lets
    an empty cell of フリガナ, 旧姓 and メール empty what is there, where the file has that column.
    """
    reader = _Reader(table, mapping, overwrite=overwrite)
    lines, broken = [], set()
    for row in table.rows:
        line = reader.read(row)
        if line is None:
            broken.add(reader.raw(row, "職員番号"))
        else:
            lines.append(line)
    return Parsed(lines, reader.problems, frozenset(broken))


class _Reader(RowReader):
    def __init__(self, table: Table, mapping: Mapping[str, str], *, overwrite: bool) -> None:
        super().__init__(table, mapping)
        self._emptied = {label: field for label, field in CLEARABLE.items() if overwrite and self.has(label)}
        self._codes = {
            "発令種別": _vocabulary(KINDS, _MORE_KINDS),
            "職員区分": _vocabulary(EMPLOYMENTS, _MORE_EMPLOYMENTS),
            "確認者区分": _vocabulary(LINE_ROLES, {}),
        }

    def read(self, row: Row) -> Line | None:
        before = len(self.problems)
        number = self.code(row, "職員番号")
        kind = self._word(row, "発令種別", KINDS) or "main"
        start = self.date(row, "発令日")
        last = self.date(row, "終了日")
        if not number:
            self.problem(row, "職員番号", "職員番号がありません。番号を入れるか、この行を消してください。")
        if start is None and not self.raw(row, "発令日"):
            self.problem(row, "発令日", "発令日がありません。この発令が始まる日を入れてください。")
        if start and last and last < start:
            self.problem(row, "終了日", "終了日が発令日より前です。どちらかの日付を直してください。")
        if kind == "acting" and end_after(last) is None and (last or not self.raw(row, "終了日")):
            self.problem(row, "終了日", "事務取扱には終了日が要ります。最後の日を入れてください。")
        values = {
            "name": self.text(row, "氏名", 60) if self.has("氏名") else self._family_and_given(row),
            "kana": self.text(row, "フリガナ", 80),
            "former_name": self.text(row, "旧姓", 60),
            "employment": self._word(row, "職員区分", EMPLOYMENTS),
            "department": self.code(row, "所属コード"),
            "department_name": self.text(row, "所属名", 200),
            "position": self.text(row, "職位", 40),
            "line_role": self._word(row, "確認者区分", LINE_ROLES),
            "email": self._email(row),
        }
        if start is None or len(self.problems) > before:
            return None
        cleared = frozenset(field for label, field in self._emptied.items() if not self.raw(row, label))
        return Line(
            line=row.line,
            number=number,
            kind=kind,
            start=start,
            end=end_after(last),
            cleared=cleared,
            **values,
        )

    def _family_and_given(self, row: Row) -> str:
        parts = [self.text(row, label, 29) for label in ("姓", "名")]
        return " ".join(part for part in parts if part)

    def _word(self, row: Row, label: str, words: Mapping[str, str]) -> str:
        text = self.raw(row, label)
        found = self._codes[label].get(fold(text), "")
        if text and not found:
            self.problem(row, label, f"{'、'.join(words)} のどれかに直してください。")
        return found

    def _email(self, row: Row) -> str:
        text = self.text(row, "メール", 254)
        if text:
            try:
                validate_email(text)
            except ValidationError:
                self.problem(row, "メール", "メールアドレスの形ではありません。直すか、空にしてください。")
        return text


def _vocabulary(words: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    return {fold(word): code for word, code in {**words, **more}.items()}
