"""Makers of Excel workbooks, sound and unsound, for the tests of reading and writing them."""

import io
import zipfile

import pytest

from lib.tabular import Sheet, TableError, read_table, write_xlsx

HEADER = ["職員番号", "氏名", "備考"]


def written(rows, header=HEADER, **options):
    file = io.BytesIO()
    write_xlsx(file, [Sheet("記録", header, rows, **options)])
    return file.getvalue()


def saved(book):
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def cells_of(content):
    return [row.cells for row in read_table(content, "a.xlsx").rows]


def repacked(content, **changes):
    """Return the workbook with parts replaced (bytes), or dropped (None); `sheet1` is the first sheet."""
    names = {"sheet1": "xl/worksheets/sheet1.xml", "styles": "xl/styles.xml", "book": "xl/workbook.xml"}
    changes = {names.get(name, name): part for name, part in changes.items()}
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), *changes]):
            part = changes[name] if name in changes else old.read(name)
            if part is not None:
                new.writestr(name, part)
    return file.getvalue()


def sheet_of(body):
    """Return a workbook whose first sheet has this XML between its sheetData tags."""
    xml = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{body}</sheetData></worksheet>'
    return repacked(written([["1", "a", "b"]]), sheet1=xml.encode())


def problems_of(content, filename="roster.xlsx", **options):
    with pytest.raises(TableError) as refusal:
        read_table(content, filename, **options)
    assert refusal.value.problems
    for problem in refusal.value.problems:
        assert problem.message.endswith("ください。")
    return refusal.value.problems
