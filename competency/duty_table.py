"""Duties as a table, a row for each cell that a duty asks for: rows in, the duties of duty_file out, and back. Pure."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from competency.duty_file import (
    MAX_EXAMPLES,
    MAX_HOLDERS,
    MAX_NAME,
    MAX_SOURCE,
    FileDuty,
)
from competency.framework_file import MAX_CODE, is_code
from lib.tabular_types import Problem, Row, Table, TableError
from lib.text import clean
from organization.headers import Column, RowReader, fold, guess, missing

CODE = Column("符号", ("業務コード", "業務符号"), required=True)
NAME = Column("業務", ("業務名", "業務の名前"), required=True)
GROUP = Column("種類", ("業務の種類", "分類"), required=True)
SUITED = Column("担い手の目安", ("担い手",), required=True)
EXAMPLES = Column("業務の例", ("例",), required=True)
SOURCE = Column("出典", required=True)
CELL = Column("項目コード", ("項目の符号",), required=True)
HOLDERS = Column("人数", ("必要人数",), required=True)
COLUMNS = (CODE, NAME, GROUP, SUITED, EXAMPLES, SOURCE, CELL, HOLDERS)
HEADER = [column.label for column in COLUMNS]
MOST_DUTIES = 200

GROUP_WORDS = {
    "common": "共通業務",
    "role": "デジタルガバメントを担う役割",
    "single": "担い手が示されている業務",
    "own": "独自の業務",
}
SUITED_WORDS = {"staff": "職員が従事すべき業務", "outsource": "外部委託が可能な業務", "": "分類なし"}


def duty_rows(duties: Sequence[FileDuty]) -> list[list[Any]]:
    """Return the rows of HEADER; a duty that asks for no cell gets one row without a cell."""
    rows: list[list[Any]] = []
    for duty in duties:
        head = [
            duty.code, duty.name, GROUP_WORDS[duty.group], SUITED_WORDS[duty.suited], duty.examples, duty.source,
        ]  # fmt: skip
        rows += [[*head, code, holders] for code, holders in duty.cells.items()] or [[*head, "", ""]]
    return rows


def parse_duty_table(table: Table, known: Collection[str]) -> list[FileDuty]:
    """Return the duties in the order of their first rows; raises TableError with everything that is wrong."""
    mapping = guess(table.header, COLUMNS, {})
    lacking = missing(COLUMNS, mapping)
    if lacking:
        said = "列が見つかりません。見出しの名前を見本に合わせて直してください。"
        raise TableError([Problem(None, one.column, "", f"「{one.column}」の{said}") for one in lacking])
    reading = _Reading(RowReader(table, mapping), frozenset(known))
    for row in table.rows:
        reading.take(row)
    if reading.cells.problems:
        raise TableError(reading.cells.problems)
    return [FileDuty(**head, cells=reading.demands[head["code"]]) for head in reading.heads.values()]


class _Reading:
    """Reads row after row; a duty is said by its first one, and later ones repeat it or leave it empty."""

    def __init__(self, cells: RowReader, known: frozenset[str]) -> None:
        self.cells, self._known = cells, known
        self.heads: dict[str, dict[str, str]] = {}
        self.demands: dict[str, dict[str, int]] = {}
        self._lines: dict[str, int] = {}
        self._empty: set[str] = set()

    def take(self, row: Row) -> None:
        """Read one row; what is wrong with it joins the problems."""
        code = self.cells.raw(row, CODE.label)
        if not code:
            self.cells.problem(row, CODE.label, "符号が空です。業務の符号を入れてください。")
            return
        if not is_code(code) or len(code) > MAX_CODE:
            self.cells.problem(
                row,
                CODE.label,
                f"符号は英小文字、数字、ハイフン、ピリオドで、{MAX_CODE}文字までにしてください。",
            )
            return
        if code not in self.heads:
            self._head(row, code)
        else:
            self._repeat(row, code)
        self._demand(row, code)

    def _head(self, row: Row, code: str) -> None:
        if len(self.heads) == MOST_DUTIES:
            self.cells.problem(
                row, CODE.label, f"業務は{MOST_DUTIES}件までです。使わない業務を消してください。"
            )
        self._lines[code] = row.line
        self.demands[code] = {}
        name = self._words(row, NAME, MAX_NAME)
        if not name:
            self.cells.problem(row, NAME.label, "業務の名前が空です。入力してください。")
        self.heads[code] = {
            "code": code,
            "name": name,
            "group": self._choice(row, GROUP, GROUP_WORDS, default="own"),
            "suited": self._choice(row, SUITED, SUITED_WORDS, default=""),
            "examples": self._words(row, EXAMPLES, MAX_EXAMPLES),
            "source": self._words(row, SOURCE, MAX_SOURCE),
        }

    def _repeat(self, row: Row, code: str) -> None:
        head = self.heads[code]
        said = {
            NAME: self._words(row, NAME, MAX_NAME),
            GROUP: self._choice(row, GROUP, GROUP_WORDS, default=head["group"]),
            SUITED: self._choice(row, SUITED, SUITED_WORDS, default=head["suited"]),
            EXAMPLES: self._words(row, EXAMPLES, MAX_EXAMPLES),
            SOURCE: self._words(row, SOURCE, MAX_SOURCE),
        }
        keys = {NAME: "name", GROUP: "group", SUITED: "suited", EXAMPLES: "examples", SOURCE: "source"}
        for column, value in said.items():
            if value and value != head[keys[column]]:
                self.cells.problem(
                    row,
                    column.label,
                    f"{self._lines[code]}行目の同じ符号の業務と違います。同じにするか、空にしてください。",
                )

    def _demand(self, row: Row, code: str) -> None:
        cell, holders = self.cells.raw(row, CELL.label), self.cells.raw(row, HOLDERS.label)
        if not cell and not holders:
            if self.demands[code] or code in self._empty:
                self.cells.problem(row, CELL.label, "項目コードが空です。入れるか、行を消してください。")
            self._empty.add(code)
            return
        if cell not in self._known:
            self.cells.problem(row, CELL.label, "読み込まれている体系に、この項目コードはありません。")
        elif cell in self.demands[code]:
            self.cells.problem(
                row, CELL.label, "同じ業務に、この項目コードが2回あります。1行だけ残してください。"
            )
        elif code in self._empty:
            self.cells.problem(
                row, CELL.label, "同じ業務に、項目コードの空の行があります。空の行を消してください。"
            )
        number = int(holders) if holders.isascii() and holders.isdigit() and len(holders) <= 2 else 0
        if not 1 <= number <= MAX_HOLDERS:
            self.cells.problem(
                row, HOLDERS.label, f"人数は1から{MAX_HOLDERS}までの半角の数字で入れてください。"
            )
        self.demands[code].setdefault(cell, number)

    def _words(self, row: Row, column: Column, longest: int) -> str:
        text = clean(self.cells.raw(row, column.label))
        if len(text) > longest:
            self.cells.problem(row, column.label, f"{longest}文字までにしてください（いま{len(text)}文字）。")
        return text

    def _choice(self, row: Row, column: Column, words: Mapping[str, str], *, default: str) -> str:
        said = self.cells.raw(row, column.label)
        if not said:
            return default
        for value, word in words.items():
            if said == value or fold(said) == fold(word):
                return value
        self.cells.problem(row, column.label, f"{'、'.join(words.values())} のどれかを入れてください。")
        return default
