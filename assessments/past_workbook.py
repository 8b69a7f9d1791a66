"""The workbook in which departments write down what they kept: names there, drop-downs, headers that stay. Pure.

The table is the first sheet, so that it comes back by the reader of every other file (lib.tabular); what to write where
is on the second. Locked are the header and whoever stands on a line, everything else is free.
"""

import datetime
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from assessments.models import Entry, Experience, Training
from assessments.past_entries import COLUMNS, KINDS
from assessments.past_ratings import FINAL, PastCell, cell_column
from competency.models import Step
from lib import fiscal
from lib.text import strip_controls

SPARE_LINES = 300
_GREY, _LINE = "#E8F1FE", "#767676"
_DATES = frozenset({"はじめ", "終わり", "合格日", "登録日", "更新期限"})
_CHOICES = {"区分": Experience.Category.labels, "形": Training.Form.labels}
_WIDE = frozenset({"名称", "内容", "結果", "示す項目", "規模", "実施"})
RULES = (
    "1行目の見出しと、灰色の列は変えないでください。並べ替えと絞り込みはできます。",
    "書き終わったら、Excelブック（.xlsx）のまま保存して、人事の「過去の記録の取込み」で選びます。",
    "取り込む前に、何が入るかを1行ずつ画面で確かめます。もうある記録は上書きしません。",
)


@dataclass(frozen=True)
class Listed:
    """Somebody on the list: number, name, and where they stood."""

    number: str
    name: str
    department_code: str = ""
    department_name: str = ""


def ratings_workbook(people: Iterable[Listed], cells: Sequence[PastCell], *, year: int, level: str) -> bytes:
    """Return the workbook of one year's 到達度: a line a person, a column a cell, steps from a list."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        looks = _Looks(book)
        page = book.add_worksheet("到達度")
        header = ["職員番号", "氏名", "所属コード", "所属名", *(cell_column(cell) for cell in cells)]
        _head(page, looks, header, 2)
        page.set_column(0, 0, 12)
        page.set_column(1, 1, 18)
        page.set_column(2, 2, 12)
        page.set_column(3, 3, 20)
        page.set_column(4, len(header) - 1, 11)
        line = 0
        for line, one in enumerate(people, start=1):
            said = (one.number, one.name, one.department_code, one.department_name)
            for column, text in enumerate(said):
                look = looks.free_text if column == 2 else looks.locked
                page.write_string(line, column, strip_controls(text), look)
            for column in range(4, len(header)):
                page.write_blank(line, column, None, looks.step)
        if line:
            page.data_validation(1, 4, line, len(header) - 1, _step_list())
            page.autofilter(0, 0, line, len(header) - 1)
        whose = "上司が確認した到達度" if level == FINAL else "本人の自己評価"
        guide = [
            f"{fiscal.label(year)}の{whose}を書きます。1人が1行です。",
            "項目の列には、0から4の数字を入れます。セルを選ぶと一覧から選べます。記録のない項目は空のままにします。",
            *(f"{step.value}　{step.label}" for step in Step),
            "「所属コード」は、その年度の終わりの所属です。いまの所属が入っているときは、直してください。",
            *RULES,
        ]
        _guide(book, looks, guide)
    return file.getvalue()


def entries_workbook(people: Sequence[Listed], kind: str) -> bytes:
    """Return the workbook of 業務経験, 資格 or 研修: a line for everybody, and spare lines that take any of them."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        looks = _Looks(book)
        page = book.add_worksheet(KINDS[kind])
        header = [column.label for column in COLUMNS[kind]]
        _head(page, looks, header, 2)
        for column, label in enumerate(header):
            page.set_column(column, column, 36 if label in _WIDE else 16)
        last = len(people) + SPARE_LINES
        for line in range(1, last + 1):
            one = people[line - 1] if line <= len(people) else None
            for column, label in enumerate(header):
                if one is not None and column < 2:
                    page.write_string(
                        line, column, strip_controls((one.number, one.name)[column]), looks.locked
                    )
                else:
                    page.write_blank(line, column, None, looks.date if label in _DATES else looks.free_text)
        for column, label in enumerate(header):
            if label in _CHOICES:
                page.data_validation(1, column, last, column, _word_list(label))
            elif label in _DATES:
                page.data_validation(1, column, last, column, _date_rule(label))
        page.autofilter(0, 0, last, len(header) - 1)
        _guide(book, looks, _entry_guide(kind))
        if people:
            _register(book, looks, people)
            numbers = f"=職員!$A$2:$A${len(people) + 1}"
            page.data_validation(
                len(people) + 1, 0, last, 0,
                {
                    "validate": "list", "source": numbers, "error_type": "warning",
                    "error_title": "職員番号", "error_message": "一覧にない職員番号です。",
                },
            )  # fmt: skip
    return file.getvalue()


_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


class _Looks:
    """The formats of a book. Numbers are text, so that their zeros stay."""

    def __init__(self, book: Any) -> None:
        edge = {"border": 1, "border_color": _LINE, "valign": "top"}
        self.header = book.add_format(
            {**edge, "bold": True, "bg_color": _GREY, "text_wrap": True, "locked": True}
        )
        self.locked = book.add_format({**edge, "bg_color": "#F2F2F2", "num_format": "@", "locked": True})
        self.step = book.add_format({**edge, "align": "center", "locked": False})
        self.free_text = book.add_format({**edge, "num_format": "@", "locked": False})
        self.date = book.add_format({**edge, "num_format": "yyyy/m/d", "align": "left", "locked": False})
        self.prose = book.add_format({"text_wrap": True, "valign": "top"})


def _head(page: Any, looks: _Looks, header: Sequence[str], frozen: int) -> None:
    for column, name in enumerate(header):
        page.write_string(0, column, strip_controls(name), looks.header)
    page.set_row(0, 48)
    page.freeze_panes(1, frozen)
    page.repeat_rows(0)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    # Without a password: it keeps a slip of the hand off, nobody is locked out of their own file.
    page.protect("", {"sort": True, "autofilter": True, "format_columns": True, "format_rows": True})


def _guide(book: Any, looks: _Looks, lines: Iterable[str]) -> None:
    page = book.add_worksheet("書き方")
    page.set_column(0, 0, 90)
    for number, line in enumerate(lines):
        page.write_string(number, 0, line, looks.prose)
    page.set_paper(9)
    page.protect("")


def _register(book: Any, looks: _Looks, people: Sequence[Listed]) -> None:
    page = book.add_worksheet("職員")
    for column, name in enumerate(("職員番号", "氏名", "所属名")):
        page.write_string(0, column, name, looks.header)
    for line, one in enumerate(people, start=1):
        for column, text in enumerate((one.number, one.name, one.department_name)):
            page.write_string(line, column, strip_controls(text), looks.locked)
    page.set_column(0, 2, 20)
    page.protect("")


def _step_list() -> dict[str, Any]:
    return {
        "validate": "list", "source": [str(step.value) for step in Step],
        "input_title": "到達度",
        "input_message": "\n".join(f"{step.value} {step.label}" for step in Step),
        "error_title": "到達度", "error_message": "0から4のどれかを入れてください。",
    }  # fmt: skip


def _word_list(label: str) -> dict[str, Any]:
    words = [str(word) for word in _CHOICES[label]]
    return {
        "validate": "list", "source": words, "error_title": label,
        "error_message": "一覧から選んでください。",
    }  # fmt: skip


def _date_rule(label: str) -> dict[str, Any]:
    return {
        "validate": "date", "criteria": ">=", "value": datetime.date(1926, 1, 1),
        "error_type": "information", "error_title": label,
        "error_message": "日付でなければ、令和6年6月のように、年と月で書いてください。",
    }  # fmt: skip


def _entry_guide(kind: str) -> list[str]:
    known = {
        Entry.Kind.EXPERIENCE.value: "業務経験を1件1行で書きます。「はじめ」と「終わり」は年と月だけでもかまいません。",
        Entry.Kind.CERTIFICATION.value: "合格した資格を1件1行で書きます。登録番号と更新期限は、登録日があるときだけ入れます。",
        Entry.Kind.TRAINING.value: "修了した研修を1件1行で書きます。時間数は数字、費用は円です。",
    }
    end = xl_col_to_name(len(COLUMNS[kind]) - 1)
    return [
        known[kind],
        "2件目からは、下の空いた行に、職員番号を一覧から選んで書きます。氏名は空のままでかまいません。",
        "日付は、2024/6/1、令和6年6月1日、R6.6、令和6年6月のどれでも読めます。",
        f"最後の{end}列「示す項目」は空でかまいません。入れるときは、項目の名前か項目コードを「、」で区切ります。",
        "使わない行は、そのままにしておいてください。取り込みません。",
        *RULES,
    ]
