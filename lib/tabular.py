"""Tables in files, CSV and XLSX: the one place to import reading and writing from.

Reading is in `tabular_read` (and `tabular_xlsx`), writing in `tabular_write`, CP932 in `cp932`.
"""

from lib.cp932 import CannotEncode, Unencodable, find_unencodable, to_cp932
from lib.tabular_read import MAX_ROWS, read_table
from lib.tabular_types import Problem, Row, Table, TableError
from lib.tabular_write import ENCODINGS, Sheet, Workbook, text_rows, write_csv, write_xlsx

__all__ = [
    "ENCODINGS",
    "MAX_ROWS",
    "CannotEncode",
    "Problem",
    "Row",
    "Sheet",
    "Table",
    "TableError",
    "Unencodable",
    "Workbook",
    "find_unencodable",
    "read_table",
    "text_rows",
    "to_cp932",
    "write_csv",
    "write_xlsx",
]
