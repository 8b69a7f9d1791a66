"""CSV lines put together from parts, where many rows share most of their cells: each part is written once."""

import csv
from collections.abc import Sequence

from lib.cp932 import CannotEncode, find_unencodable, is_clean, replaced
from lib.tabular_write import ENCODINGS, text_rows
from lib.text import SUSPECT_STARTS, defuse

LINE_END = b"\r\n"
_LOOK_TWICE = SUSPECT_STARTS | {"", '"'}


class CsvParts:
    """Writes parts of the lines of one file, as `lib.tabular_write.write_csv` writes whole ones.

    A line is its parts, joined by commas, and LINE_END: every cell is written by itself, so that the line is the same
    however it is cut. With cp932 and not `replace`, a part that would not come back unchanged raises CannotEncode,
    whose problems count the cells of the part alone.
    """

    def __init__(self, encoding: str, *, replace: bool = False) -> None:
        if encoding not in ENCODINGS:
            raise ValueError(f"encoding is one of {', '.join(ENCODINGS)}, not {encoding}.")
        self._codec = "cp932" if encoding == "cp932" else "utf-8"
        self.mark = "\ufeff".encode() if encoding == "utf-8-sig" else b""
        self._replace = replace
        self._written: list[str] = []
        self._writer = csv.writer(self, lineterminator=LINE_END.decode())

    def write(self, line: str) -> None:
        """Take a line from the writer of Python, who thinks that this is a file."""
        self._written.append(line)

    def part(self, cells: Sequence[object]) -> bytes:
        """Return the cells as they stand in a line, with the commas between them."""
        (texts,) = text_rows([cells])
        if self._codec == "cp932" and not is_clean("".join(texts)):
            if not self._replace:
                raise CannotEncode(find_unencodable([texts]))
            texts = [replaced(text) for text in texts]
        # Last, because leaving out or replacing a character may bring a live one to the front. The empty cell at the
        # end keeps the writer from quoting one that is empty and alone.
        self._writer.writerow([*(defuse(text) if text[:1] in SUSPECT_STARTS else text for text in texts), ""])
        return self._written.pop()[: -len(LINE_END) - 1].encode(self._codec)

    def cell(self, text: str) -> bytes:
        """Return `part([text])`, quickly for most texts."""
        # isprintable() is the quickest look for control characters there is; full-width spaces fail it too.
        if text[:1] in _LOOK_TWICE or "," in text or '"' in text or not text.isprintable():
            return self.part([text]) if text else b""
        if self._codec == "cp932" and not is_clean(text):
            return self.part([text])
        return text.encode(self._codec)

    def copied(self, cell: bytes) -> bytes:
        """Return `part([text])` for a cell that PostgreSQL wrote as CSV in UTF-8.

        It has put quotes where Python does, and around an empty text, which is NULL for it without them.
        """
        text = cell.decode()
        if text[:1] not in _LOOK_TWICE and text.isprintable() and (self._codec == "utf-8" or is_clean(text)):
            return cell if self._codec == "utf-8" else text.encode(self._codec)
        return self.part([text[1:-1].replace('""', '"') if text[:1] == '"' else text])
