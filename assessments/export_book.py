"""A table as a workbook that says what it is: on every page and on a sheet of its own, by 所属 if wished."""

import datetime
from collections.abc import Generator, Iterable, Sequence
from typing import Any, BinaryIO

from django.utils import timezone

from assessments.export_kind import Table
from lib.tabular_write import Page, Workbook

ABOUT = "この出力について"
NO_PLACE = "所属なし"
# Each sheet keeps a file of the system open until the end, and nobody leafs through more.
MOST_SHEETS = 250
_CODE = "所属コード"
_PIECE = 500


class TooManySheets(Exception):
    """More departments than a workbook has sheets for."""

    message = (
        f"所属が{MOST_SHEETS}を超えるため、シートを分けられません。所属をしぼるか、分けずに出力してください。"
    )


def write_book(
    file: BinaryIO,
    label: str,
    table: Table,
    rows: Iterable[Sequence[Any]],
    about: Sequence[tuple[str, Any]],
    *,
    split: bool,
) -> Generator[int, None, None]:
    """Write the rows of a table, on a sheet for each 所属 if `split`; yields how many are written after each piece.

    The last sheet holds `about` with the count. Constant memory. Raises TooManySheets.
    """
    header = table.header
    code = header.index(_CODE) if _CODE in header else table.place
    divided = split and table.place is not None
    with Workbook(file) as book:
        pages: dict[Any, Page] = {}
        count = 0
        for row in rows:
            key = row[code] if divided and code is not None else None
            page = pages.get(key)
            if page is None:
                if len(pages) >= MOST_SHEETS:
                    raise TooManySheets
                name = (row[table.place] or NO_PLACE) if divided and table.place is not None else label
                page = pages[key] = book.add(name, header)
            page.write(row)
            count += 1
            if count % _PIECE == 0:
                yield count
        if not pages:
            pages[None] = book.add(label, header)
        _tell(book, pages, about, count, divided=divided)
    yield count


def _tell(
    book: Workbook, pages: dict[Any, Page], about: Sequence[tuple[str, Any]], count: int, *, divided: bool
) -> None:
    """Write what the workbook is: above and below each printed page, and on the last sheet."""
    facts = [*about, ("行数", count)]
    said = dict(facts)
    head = "　".join(str(said[word]) for word in ("内容", "年度", "所属", "状態") if said.get(word))
    at = said.get("出力した日時")
    when = f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if isinstance(at, datetime.datetime) else ""
    reason = f"　理由：{said['理由']}" if said.get("理由") else ""
    foot = f"{said.get('出力した人', '')}　{when}　{count}行{reason}"
    last = book.add(ABOUT, ["項目", "内容"], [16, 90])
    for word, value in facts:
        last.write([word, value])
    if divided:
        last.write([None, None])
        last.write(["シート", "行数"])
        for page in pages.values():
            last.write([page.name, page.rows])
    for page in (*pages.values(), last):
        page.on_paper(head=head, foot=foot)
