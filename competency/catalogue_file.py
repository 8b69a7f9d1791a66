"""資格 register and 実施機関 as tables: rows in, frozen dataclasses out, and what a new register changes. Pure.

The columns are described in competency/data/README.md. A file is taken whole or refused with everything that is
wrong, each with its line, column and value.
"""

import datetime
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from lib.dates import format_wareki, parse_date
from lib.tabular_types import Problem, Row, Table
from lib.text import has_fullwidth_digits, strip_controls

MOST_ROWS = 1000
MOST_YEARS = 50
# In characters; the columns of the models are as wide (a test compares them).
LENGTHS = {
    "code": 20, "name": 120, "group": 80, "level": 40, "registration_title": 120, "note": 200, "source": 200,
}  # fmt: skip
COLUMNS = {
    "code": "符号", "name": "名称", "group": "種類", "level": "レベル", "valid_from": "実施のはじめ",
    "valid_to": "実施の終わり", "is_planned": "予定", "registration_title": "登録の名称",
    "renewal_years": "登録の有効年数", "note": "備考", "source": "出典",
}  # fmt: skip
PROVIDER_COLUMNS = {"code": "符号", "name": "実施機関"}
PROVIDER_LENGTHS = {"code": 20, "name": 80}
PLANNED = "予定"


@dataclass(frozen=True)
class QualificationRow:
    """One examination of a register, in the words of the model."""

    code: str
    name: str
    group: str = ""
    level: str = ""
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None
    is_planned: bool = False
    registration_title: str = ""
    renewal_years: int | None = None
    note: str = ""
    source: str = ""

    @staticmethod
    def of(stored: Any) -> "QualificationRow":
        """Return what a row of the model says."""
        return QualificationRow(
            **{field.name: getattr(stored, field.name) for field in fields(QualificationRow)}
        )


@dataclass(frozen=True)
class ProviderRow:
    """One 実施機関."""

    code: str
    name: str


@dataclass(frozen=True)
class Change:
    """One examination that a new register says something else about: (column, before, after) in words."""

    row: QualificationRow
    parts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class RegisterPlan:
    """What a new register does to the one in use."""

    new: tuple[QualificationRow, ...]
    changed: tuple[Change, ...]
    retired: tuple[QualificationRow, ...]
    same: int
    moved: bool

    @property
    def is_empty(self) -> bool:
        """Say whether the register in use says all of it already, in the same order."""
        return not (self.new or self.changed or self.retired or self.moved)


def parse_register(table: Table) -> tuple[list[QualificationRow], list[Problem]]:
    """Return the rows in the order of the file, and everything that is wrong with it."""
    return _parse(table, COLUMNS, LENGTHS, _qualification)


def parse_providers(table: Table) -> tuple[list[ProviderRow], list[Problem]]:
    """Return the providers in the order of the file, and everything that is wrong with it."""
    return _parse(
        table,
        PROVIDER_COLUMNS,
        PROVIDER_LENGTHS,
        lambda cells, say: ProviderRow(cells["code"], cells["name"]),
    )


def register_table(rows: Iterable[QualificationRow]) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of a file that reads back to the same rows."""
    return list(COLUMNS.values()), [[_text(getattr(row, name)) for name in COLUMNS] for row in rows]


def plan_register(before: Sequence[QualificationRow], after: Sequence[QualificationRow]) -> RegisterPlan:
    """Compare by code the register in use with the one that replaces it."""
    there = {row.code: row for row in before}
    named = {row.code for row in after}
    changed = [
        Change(row, tuple(_parts(there[row.code], row)))
        for row in after
        if row.code in there and there[row.code] != row
    ]
    new = tuple(row for row in after if row.code not in there)
    retired = tuple(row for row in before if row.code not in named)
    kept = [row.code for row in before if row.code in named]
    return RegisterPlan(
        new, tuple(changed), retired, len(after) - len(new) - len(changed),
        moved=kept != [row.code for row in after if row.code in there],
    )  # fmt: skip


def fingerprint(rows: Sequence[QualificationRow]) -> str:
    """Return a short text that is another as soon as anything of the register is."""
    return hashlib.sha256(json.dumps(dump(rows), ensure_ascii=False).encode()).hexdigest()[:32]


def dump(rows: Iterable[QualificationRow]) -> list[list[Any]]:
    """Return rows as plain values that JSON can carry; `undump` reads them."""
    return [
        [value.isoformat() if isinstance(value, datetime.date) else value for value in asdict(row).values()]
        for row in rows
    ]


def undump(values: Iterable[Sequence[Any]]) -> list[QualificationRow]:
    """Return the rows that `dump` wrote."""
    names = [field.name for field in fields(QualificationRow)]
    rows = []
    for each in values:
        said = dict(zip(names, each, strict=True))
        for name in ("valid_from", "valid_to"):
            said[name] = datetime.date.fromisoformat(said[name]) if said[name] else None
        rows.append(QualificationRow(**said))
    return rows


def _parts(before: QualificationRow, after: QualificationRow):
    for name, label in COLUMNS.items():
        was, becomes = getattr(before, name), getattr(after, name)
        if was != becomes:
            yield label, _words(was), _words(becomes)


def _words(value: Any) -> str:
    return (format_wareki(value) if isinstance(value, datetime.date) else _text(value)) or "なし"


def _text(value: Any) -> str:
    if value is None or value is False:
        return ""
    return PLANNED if value is True else value.isoformat() if isinstance(value, datetime.date) else str(value)


def _parse(
    table: Table, columns: Mapping[str, str], lengths: Mapping[str, int], build: Callable[..., Any]
) -> tuple[list[Any], list[Problem]]:
    at = {name: number for number, name in enumerate(table.header)}
    missing = [columns[name] for name in ("code", "name") if columns[name] not in at]
    strange = [name for name in table.header if name not in columns.values()]
    problems = [
        Problem(None, label, "", f"「{label}」の列がありません。見本と同じ見出しにしてください。")
        for label in missing
    ]
    problems += [
        Problem(None, name, "", "知らない列です。見出しを見本と同じにするか、この列を消してください。")
        for name in strange
    ]
    if problems:
        return [], problems
    rows: list[Any] = []
    seen: dict[str, int] = {}
    for number, row in enumerate(table.rows):
        if number == MOST_ROWS:
            told = f"{MOST_ROWS}行を超えています。使わない行を消してください。"
            problems.append(Problem(row.line, "", "", told))
            break
        cells = {name: _clean(row.cells[at[label]]) if label in at else "" for name, label in columns.items()}
        rows.append(_row(row, cells, columns, lengths, seen, problems, build))
    return ([] if problems else rows), problems


def _row(row: Row, cells, columns, lengths, seen: dict[str, int], problems: list[Problem], build):
    """Return one row, adding what is wrong with it to `problems`."""

    def say(name: str, message: str) -> None:
        problems.append(Problem(row.line, columns[name], cells[name], message))

    for name in ("code", "name"):
        if not cells[name]:
            say(name, f"{columns[name]}が空です。入力してください。")
    for name, most in lengths.items():
        if len(cells[name]) > most:
            say(name, f"{most}文字までにしてください（いま{len(cells[name])}文字）。")
    code = cells["code"]
    if any(char.isspace() for char in code) or has_fullwidth_digits(code):
        say("code", "符号には、空白と全角の数字を使えません。")
    elif code and code in seen:
        say("code", f"{seen[code]}行目と同じ符号です。どちらかの符号を変えるか、行を消してください。")
    seen.setdefault(code, row.line)
    return build(cells, say)


def _qualification(cells: Mapping[str, str], say: Callable[[str, str], None]) -> QualificationRow:
    dates: dict[str, datetime.date | None] = {}
    for name in ("valid_from", "valid_to"):
        dates[name] = None
        try:
            dates[name] = parse_date(cells[name]) if cells[name] else None
        except ValueError as error:
            say(name, str(error))
    first, last = dates["valid_from"], dates["valid_to"]
    if first is not None and last is not None and last < first:
        say("valid_to", "実施の終わりが、はじめより前です。どちらかの日付を直してください。")
    if cells["is_planned"] not in ("", PLANNED):
        say("is_planned", f"「{PLANNED}」と書くか、空にしてください。")
    years = cells["renewal_years"]
    between = f"1から{MOST_YEARS}までの半角の数字を入れるか、空にしてください。"
    number = int(years) if years.isascii() and years.isdigit() and len(years) <= 2 else None
    if years and (number is None or not 1 <= number <= MOST_YEARS):
        say("renewal_years", between)
    elif years and not cells["registration_title"]:
        say(
            "renewal_years",
            "有効年数だけがあります。「登録の名称」も入力するか、有効年数を空にしてください。",
        )
    plain = {name: cells[name] for name in LENGTHS}
    return QualificationRow(
        **plain,
        valid_from=first,
        valid_to=last,
        is_planned=cells["is_planned"] == PLANNED,
        renewal_years=number,
    )


def _clean(cell: str) -> str:
    """Return a cell as one line: line ends of Excel become spaces, outer spaces go."""
    return " ".join(strip_controls(cell).replace("\r", "\n").split("\n")).strip()
