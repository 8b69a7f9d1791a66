"""Text that breaks files, pages and queries that were not written with care."""

import random

CELLS = [
    "", " ", "　", "007", "0", "-5", "+1.50", "1e5", "1/2", "2026-04-01", "TRUE", "null", "None", "=1+1", "=cmd|' /C calc'!A0",
    "+SUM(A1)", "-1+1", "@SUM(1)", "\t=1", "＝1", "－1", "＠x", "'=1", "''=1", "'tis", '"', '""', 'a"b', "a,b", "a\nb",
    "a\tb", ";", "<script>alert(1)</script>", "&amp;", "髙﨑 𠮷", "葛󠄀城", "か\u3099", "〜～－−―—", "①㈱㍻", "👩‍👩‍👧", "e\u0301",
    "ｱｲｳ", "０１２", "{% raw %}", "' OR 1=1 --", "\\", "%s", "../..", "終\n", "\u200b", "\u202e逆", "あ" * 300,
]  # fmt: skip

# What cells are made of: every start that a spreadsheet runs, what ends a field or a line, what encodings trip over.
STARTS = [
    "",
    "",
    "",
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\n",
    "'",
    "''",
    "＝",
    "＋",
    "－",
    "＠",
    " =",
    "　＝",
    "\xa0-",
    "0",
    "00",
    "'=",
]
PIECES = [
    "SUM(A1:A9)", "HYPERLINK(\"http://x\",\"y\")", "cmd|' /C calc'!A0", '"', '""', ",", ";", "\n", "\n\n", "\t", "'", "\\", "%",
    "0", "007", "12", "1.50", "1e5", "１２３", "ＡＢ", "ｶﾞ", "が", "か\u3099", "髙", "﨑", "𠮷", "葛\U000e0100", "辻\ufe00",
    "①", "㈱", "㍻", "㋿", "〜", "～", "－", "−", "―", "—", "‖", "¥", "·", "👩‍👩‍👧", "🇯🇵", "👍🏽", "é", "e\u0301", "ß", "ı",
    "\u200b", "\u200d", "\u202e", "\ufeff", "\u2028", "\x85", "山田", "太郎", " ", "　", "令和8年4月1日", "2026/4/1", "_x000D_",
    "_x0041_", "&lt;", "<b>", "{{ x }}", "null", "TRUE", "#N/A", "#REF!", "1/2", "E", "|", "~", "`", "$", "^",
]  # fmt: skip


def generated(count: int, seed: int = 2026) -> list[str]:
    """Return so many different texts, the same ones every time; none holds a control character that nothing keeps."""
    source = random.Random(seed)
    found: dict[str, None] = dict.fromkeys(CELLS)
    while len(found) < count:
        length = source.choice((0, 1, 1, 2, 2, 3, 5, 8))
        found[source.choice(STARTS) + "".join(source.choices(PIECES, k=length))] = None
    return list(found)[:count]


def in_rows(cells: list[str], width: int) -> list[list[str]]:
    """Return the cells as rows that begin with a number of their own, with leading zeros."""
    return [[f"{at:06d}", *cells[at : at + width]] for at in range(0, len(cells), width)]
