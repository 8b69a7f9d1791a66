"""What CP932 cannot carry of a table, listed for people before anything is sent. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from assessments.export_kind import Table
from lib.cp932 import find_unencodable, is_clean
from lib.tabular_write import text_rows

_NUMBER, _NAME = "職員番号", "氏名"


@dataclass(frozen=True)
class Finding:
    """One character that CP932 cannot carry: whose, in which column, and what would be written.

    Text that many rows share (所属名, 項目) belongs to nobody: `row` is then the first line of the file that has it,
    the header being line 1, and `rows` how many have it.
    """

    staff_number: str
    name: str
    row: int
    rows: int
    column: str
    char: str
    codepoint: str
    replacement: str

    @property
    def where(self) -> str:
        """Return the line in words, "" for what belongs to a person."""
        if self.staff_number:
            return ""
        return f"{self.row}行目" + (f"ほか{self.rows - 1}行" if self.rows > 1 else "")


def unencodable(table: Table) -> list[Finding]:
    """Return what CP932 would change or lose, once per person, column and character; a list. Reads the rows once."""
    header = table.header
    number = header.index(_NUMBER) if _NUMBER in header else None
    name = header.index(_NAME) if _NAME in header else None
    personal = [column.personal and number is not None for column in table.columns]
    found: dict[tuple[str, str, str], Finding] = {}
    for line, row, texts in _suspects(table):
        for each in find_unencodable([texts]):
            at = each.column_index
            about_one = line > 1 and personal[at]
            who = (
                (str(row[number]), str(row[name]) if name is not None else "")
                if about_one and number is not None
                else ("", "")
            )
            key = (who[0], header[at], each.char)
            there = found.get(key)
            found[key] = (
                replace(there, rows=there.rows + 1)
                if there
                else Finding(*who, line, 1, header[at], each.char, each.codepoint, each.replacement)
            )
    return list(found.values())


def _suspects(table: Table) -> Iterator[tuple[int, list[Any], list[str]]]:
    """Yield (line, row, texts) of the rows that CP932 would change; the header is line 1."""
    header = table.header
    rows = table.rows()
    if not is_clean("".join(header)):
        yield 1, header, header
    line = 1
    for row in rows:
        line += 1
        (texts,) = text_rows([row])
        # One look at the whole row: what cannot be carried is rare.
        if not is_clean("".join(texts)):
            yield line, row, texts
