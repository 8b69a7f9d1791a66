"""CP932, the Windows form of Shift_JIS that older systems take: what it cannot carry, and what goes instead.

Never the codec `shift_jis`, which lacks 髙, 﨑, ① and ㈱. The codec `cp932` writes 〜 and a few more that
come back as another character; a change like that is listed too, and made only when the user chose it.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

GETA = "〓"

# Near equals that CP932 has, and the invisible characters that may go.
_NEAR = {"—": "―", "–": "－", "¥": "￥", "·": "・", "•": "・", "‾": "￣", "‑": "‐", "\xa0": " ", "㋿": "令和"}
# The codec itself would put these in, without a word.
_NEAR |= {"〜": "～", "−": "－", "‖": "∥", "¢": "￠", "£": "￡", "¬": "￢"}
_NEAR |= dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff", "")
# Python writes these as single bytes that are no CP932 to anyone else.
_ODD = re.compile("[\x80\uf8f0-\uf8f3]")

_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_MARKS = "\u0300-\u036f\u3099\u309a"
_SELECTOR = re.compile(f"[{_SELECTORS}]")
_CLUSTER = re.compile(f"[^{_SELECTORS}{_MARKS}]?[{_SELECTORS}{_MARKS}]+|.", re.DOTALL)


@dataclass(frozen=True)
class Unencodable:
    """One character that CP932 cannot carry back unchanged, where it stands, and what would be written."""

    row_index: int  # 0-based, among the rows given
    column_index: int  # 0-based, in the row
    char: str  # with its base character where it is a variation selector or a combining mark
    codepoint: str  # U+20BB7; several are separated by a space
    replacement: str  # 〓, a near equal, or nothing


class CannotEncode(ValueError):
    """The text cannot be written as CP932 unchanged, and nobody has chosen a replacement.

    `problems` is the list of `Unencodable`.
    """

    def __init__(self, problems: list[Unencodable]) -> None:
        self.problems = problems
        super().__init__(
            f"CP932（Shift_JIS）で書けない文字が{len(problems)}か所あります。UTF-8で出力するか、置き換えを選んでください。"
        )


def is_clean(text: str) -> bool:
    """Tell whether CP932 carries `text` back unchanged."""
    if text.isascii():
        return True
    try:
        encoded = text.encode("cp932")
    except UnicodeEncodeError:
        return False
    return encoded.decode("cp932") == text and not _ODD.search(text)


def to_cp932(text: str, replace: bool) -> bytes:
    """Return `text` in CP932.

    With `replace`, variation selectors are dropped, near equals put in (〜 → ～, — → ―, ㋿ → 令和) and 〓 for
    the rest. Without it, text that would not come back unchanged raises `CannotEncode`, whose problems all
    stand in row 0, column 0. Never a question mark.
    """
    if not replace:
        problems = find_unencodable([[text]])
        if problems:
            raise CannotEncode(problems)
    return replaced(text).encode("cp932")


def replaced(text: str) -> str:
    """Return `text` with everything that CP932 cannot carry replaced; what it returns is clean."""
    if is_clean(text):
        return text
    return "".join(
        cluster if is_clean(cluster) else _replacement(cluster) for cluster in _CLUSTER.findall(text)
    )


def find_unencodable(rows: Iterable[Sequence[object]]) -> list[Unencodable]:
    """Return every character that CP932 would change or lose, in the order of rows and columns; a list.

    `rows` is any iterable of rows; cells that are no strings (numbers, dates, None) are always clean. A
    character is listed once a cell, however often it stands there. An empty list means that the rows come
    back from CP932 exactly as they went.
    """
    found = []
    for row_index, row in enumerate(rows):
        for column_index, cell in enumerate(row):
            if isinstance(cell, str) and not is_clean(cell):
                for cluster in dict.fromkeys(_CLUSTER.findall(cell)):
                    if not is_clean(cluster):
                        codepoint = " ".join(f"U+{ord(char):04X}" for char in cluster)
                        found.append(
                            Unencodable(row_index, column_index, cluster, codepoint, _replacement(cluster))
                        )
    return found


def _replacement(cluster: str) -> str:
    bare = _SELECTOR.sub("", cluster)
    if len(bare) > 1:
        # か with a separate voiced mark, as macOS writes it, is が.
        bare = unicodedata.normalize("NFC", bare)
    if is_clean(bare):
        return bare
    return "".join(char if is_clean(char) else _NEAR.get(char, GETA) for char in bare)
