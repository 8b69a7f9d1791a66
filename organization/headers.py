"""Which header of a file means which of our columns: guessed from words offices use, remembered, changed on screen."""

import datetime
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lib.dates import parse_date
from lib.tabular import Problem, Row, Table
from lib.text import has_fullwidth_digits

_NOISE = re.compile(r"[\s・･_\-‐－―:：()（）\[\]【】※*＊]+")

_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]*")
_LINE_BREAKS = re.compile(r"[\t\r\n]")


@dataclass(frozen=True)
class Column:
    """One column of ours: its name on the screen, and other names for it in files."""

    label: str
    synonyms: tuple[str, ...] = ()
    required: bool = False


def fold(text: str) -> str:
    """Return the form under which headers and fixed words are compared: NFKC, no spaces or marks, small letters."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).casefold()


def guess(header: Sequence[str], columns: Sequence[Column], remembered: Mapping[str, str]) -> dict[str, str]:
    """Return {our label: header of the file} for every column that is recognised.

    `remembered` is {header: our label}, from the last file of the municipality; an empty label means that the
    header is left out on purpose. It goes before our own names, and these before the synonyms.
    """
    labels = {column.label for column in columns}
    found: dict[str, str] = {}
    free = []
    for name in header:
        label = remembered.get(name)
        if label in labels and label not in found:
            found[label] = name
        elif label is None or (label and label not in labels):
            # Never seen, or seen in a file of the same kind with other columns.
            free.append(name)
    for words in (lambda column: (column.label,), lambda column: column.synonyms):
        by_word = {fold(word): column.label for column in columns for word in words(column)}
        for name in free:
            label = by_word.get(fold(name))
            if label and label not in found and name not in found.values():
                found[label] = name
    return found


def missing(columns: Sequence[Column], mapping: Mapping[str, str]) -> list[Problem]:
    """Return a problem for each required column that no header of the file stands for."""
    return [
        Problem(
            None,
            column.label,
            "",
            f"「{column.label}」の列が見つかりません。見出しの名前を直すか、「列の対応を決める」で選んでください。",
        )
        for column in columns
        if column.required and column.label not in mapping
    ]


class RowReader:
    """Reads the cells of rows by our column names, and collects what is wrong with them.

    A column that is not in the file reads as an empty cell. Problems name the column as the file does.
    """

    def __init__(self, table: Table, mapping: Mapping[str, str]) -> None:
        positions = {name: at for at, name in enumerate(table.header)}
        self.problems: list[Problem] = []
        self._at = {label: positions[name] for label, name in mapping.items() if name in positions}
        self._names = dict(mapping)

    def has(self, label: str) -> bool:
        """Say whether the file has this column."""
        return label in self._at

    def named(self, label: str) -> str:
        """Return what the file calls this column; our own name where it has none."""
        return self._names.get(label, label)

    def raw(self, row: Row, label: str) -> str:
        """Return the cell without spaces around it, whatever it holds."""
        at = self._at.get(label)
        return "" if at is None else row.cells[at].strip()

    def text(self, row: Row, label: str, longest: int) -> str:
        """Return one line of text; too long or broken into lines is a problem."""
        text = self.raw(row, label)
        if len(text) > longest:
            self.problem(row, label, f"{label}が長すぎます。{longest}文字までにしてください。")
        elif _LINE_BREAKS.search(text):
            self.problem(row, label, "改行かタブが入っています。1行の文字にしてください。")
        return text

    def code(self, row: Row, label: str) -> str:
        """Return a code or number as it stands; full-width digits are a problem, never changed in silence."""
        text = self.text(row, label, 20)
        if has_fullwidth_digits(text):
            self.problem(row, label, "全角の数字があります。半角の数字に直してください。")
        elif text and not _CODE.fullmatch(text):
            self.problem(row, label, f"{label}に使えるのは、半角の英数字と . _ - です。直してください。")
        return text

    def date(self, row: Row, label: str) -> datetime.date | None:
        """Return the day, None for an empty cell; an impossible one is a problem."""
        text = self.raw(row, label)
        if not text:
            return None
        day, message = _parsed(text)
        if message:
            self.problem(row, label, message)
        return day

    def problem(self, row: Row, label: str, message: str) -> None:
        """Note what is wrong with a cell and what to do."""
        value = self.raw(row, label)
        shown = value if len(value) <= 60 else value[:60] + "…"
        self.problems.append(Problem(row.line, self.named(label), shown, message))


@lru_cache(maxsize=4096)
def _parsed(text: str) -> tuple[datetime.date | None, str]:
    """Return the date, or None and what is wrong with it. A file holds few different dates, hence the cache."""
    try:
        return parse_date(text), ""
    except ValueError as error:
        return None, str(error)
