"""The requirements of OWASP ASVS 5.0, levels 1 and 2: which there are, and what docs/security/asvs.csv says of each.

The numbers and levels are those of the standard (OWASP ASVS 5.0.0, CC BY-SA 4.0); its sentences are not here.

Usage: python -m scripts.check.asvs writes docs/security/asvs.md from the table.
"""

import csv
import sys
from collections import Counter
from pathlib import Path

from scripts.check.files import ROOT

TABLE, PAGE, HEAD = "docs/security/asvs.csv", "docs/security/asvs.md", "docs/security/asvs-head.txt"
COLUMNS = ["番号", "水準", "要点", "判定", "どう満たすか", "場所", "試験"]
MET, NOT_OURS, CITY, OPEN = "適合", "該当しない", "市がすること", "未対応"
VERDICTS = (MET, NOT_OURS, CITY, OPEN)
CHAPTERS = {
    "V1": "符号化と無害化", "V2": "入力の確認と業務の順序", "V3": "ブラウザーの守り", "V4": "APIとHTTP", "V5": "ファイル",
    "V6": "本人の確認", "V7": "セッション", "V8": "権限", "V9": "自己完結のトークン", "V10": "OAuthとOIDC", "V11": "暗号",
    "V12": "通信", "V13": "設定", "V14": "データの保護", "V15": "作りと部品", "V16": "ログとエラー", "V17": "WebRTC",
}  # fmt: skip
# Section → the level of each of its requirements, in order.
_LEVELS = (
    "V1.1=22 V1.2=1111122223 V1.3=112222222223 V1.4=222 V1.5=123 V2.1=122 V2.2=112 V2.3=12223 V2.4=23 V3.1=3 V3.2=113 "
    "V3.3=12223 V3.4=11222233 V3.5=11122333 V3.6=3 V3.7=22333 V4.1=12233 V4.2=23333 V4.3=22 V4.4=1222 V5.1=2 "
    "V5.2=112333 V5.3=113 V5.4=222 V6.1=122 V6.2=111111112222 V6.3=11223333 V6.4=112233 V6.5=22222333 V6.6=2223 "
    "V6.7=33 V6.8=2222 V7.1=222 V7.2=1111 V7.3=22 V7.4=11222 V7.5=223 V7.6=22 V8.1=1233 V8.2=1123 V8.3=133 V8.4=23 "
    "V9.1=111 V9.2=1222 V10.1=22 V10.2=223 V10.3=22223 V10.4=1111122222233333 V10.5=22222 V10.6=22 V10.7=222 "
    "V11.1=2233 V11.2=22233 V11.3=11233 V11.4=1222 V11.5=23 V11.6=23 V11.7=33 V12.1=12233 V12.2=11 V12.3=22223 "
    "V13.1=2333 V13.2=222223 V13.3=2233 V13.4=1222233 V14.1=22 V14.2=12223333 V14.3=122 V15.1=12233 V15.2=12233 "
    "V15.3=1222222 V15.4=3333 V16.1=2 V16.2=22222 V16.3=2222 V16.4=222 V16.5=2223 V17.1=23 V17.2=22223333 V17.3=22"
)


def requirements() -> dict[str, str]:
    """Return number → level ("1" or "2") of every requirement of these levels, in the order of the standard."""
    found = {}
    for section, levels in (word.split("=") for word in _LEVELS.split()):
        for place, level in enumerate(levels, 1):
            if level in "12":
                found[f"{section}.{place}"] = level
    return found


def rows(root: Path) -> list[dict[str, str]]:
    """Return the lines of the table; KeyError or csv.Error never, a wrong header is left to the check."""
    with (root / TABLE).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def page(root: Path) -> str:
    """Return the table as a page for people: the head, the counts, one table a chapter."""
    lines = rows(root)
    counts = Counter((row["判定"], row["水準"]) for row in lines)
    out = [
        (root / HEAD).read_text(encoding="utf-8").rstrip(),
        "",
        "| 判定 | 水準1 | 水準2 | 計 |",
        "|---|---|---|---|",
    ]
    for verdict in VERDICTS:
        one, two = counts[verdict, "1"], counts[verdict, "2"]
        out.append(f"| {verdict} | {one} | {two} | {one + two} |")
    out.append(f"| 計 | {_total(lines, '1')} | {_total(lines, '2')} | {len(lines)} |")
    chapter = ""
    for row in lines:
        if row["番号"].split(".")[0] != chapter:
            chapter = row["番号"].split(".")[0]
            out += [
                "",
                f"## {chapter} {CHAPTERS.get(chapter, '')}",
                "",
                "| 番号 | 水準 | 要点 | 判定 | どう満たすか | 場所と試験 |",
            ]
            out.append("|---|---|---|---|---|---|")
        proof = "<br>".join(f"`{name}`" for name in [*row["場所"].split(), *row["試験"].split()])
        out.append(
            f"| {row['番号']} | {row['水準']} | {row['要点']} | {row['判定']} | {row['どう満たすか']} | {proof} |"
        )
    return "\n".join(out) + "\n"


def _total(lines: list[dict[str, str]], level: str) -> int:
    return sum(row["水準"] == level for row in lines)


if __name__ == "__main__":
    (ROOT / PAGE).write_text(page(ROOT), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
