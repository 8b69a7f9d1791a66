"""Text that breaks files, pages and queries that were not written with care."""

CELLS = [
    "", " ", "　", "007", "0", "-5", "+1.50", "1e5", "1/2", "2026-04-01", "TRUE", "null", "None", "=1+1", "=cmd|' /C calc'!A0",
    "+SUM(A1)", "-1+1", "@SUM(1)", "\t=1", "＝1", "－1", "＠x", "'=1", "''=1", "'tis", '"', '""', 'a"b', "a,b", "a\nb",
    "a\tb", ";", "<script>alert(1)</script>", "&amp;", "髙﨑 𠮷", "葛󠄀城", "か\u3099", "〜～－−―—", "①㈱㍻", "👩‍👩‍👧", "e\u0301",
    "ｱｲｳ", "０１２", "{% raw %}", "' OR 1=1 --", "\\", "%s", "../..", "終\n", "\u200b", "\u202e逆", "あ" * 300,
]  # fmt: skip
