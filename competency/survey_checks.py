"""What the figures of a survey must be to each other, and what is worth a second look. Pure.

The shape was read before (survey_file); here every fault names its place, so that a form can show it beside the row.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SKILLS = "Q3-1"


@dataclass(frozen=True)
class Fault:
    """Something wrong. `where` is (code of the question or share, number of the row or name of the column)."""

    where: tuple[Any, ...]
    sentence: str


def faults(kind: str, answered: int, content: Mapping[str, Any]) -> list[Fault]:
    """Return what cannot be: more answers than municipalities, fewer without a note, a correction of another value."""
    of_kind = _survey_faults(answered, content) if kind == "survey" else _staffing_faults(content)
    return [*of_kind, *_correction_faults(kind, content)]


def remarks(kind: str, content: Mapping[str, Any]) -> list[str]:
    """Return what may be right and is worth a look: bands that do not add up to 合計."""
    if kind == "survey" or "合計" not in content["municipalities"]:
        return []
    lines = [("団体数", content["municipalities"])]
    lines += [(each["label"], each["counts"]) for each in content["shares"]]
    found = []
    for label, counts in lines:
        if not {"合計", *content["bands"]} <= set(counts):
            continue
        total = sum(counts[band] for band in content["bands"])
        if total != counts["合計"]:
            found.append(
                f"{label}：人口段階を足すと{total}で、合計の{counts['合計']}と合いません。出典を確かめてください。"
            )
    return found


def rows_of(content: Mapping[str, Any]) -> Iterator[tuple[str, bool, Mapping[str, Any], dict[str, int]]]:
    """Yield (code of the question, whether several answers were allowed, row, counts by answer) of a survey."""
    for each in content["skills"]:
        yield SKILLS, False, each, each["counts"]
    for question in content["questions"]:
        for row in question["rows"]:
            counts = dict(zip(question["answers"], row["counts"], strict=True))
            yield question["code"], question["multiple"], row, counts


def _survey_faults(answered: int, content: Mapping[str, Any]) -> Iterator[Fault]:
    kinds = content["answered_kind"]
    if kinds and sum(kinds.values()) != answered:
        yield Fault(
            ("answered",), f"答えた団体の内訳を足すと{sum(kinds.values())}で、{answered}と合いません。"
        )
    for code, multiple, row, counts in rows_of(content):
        where, place = (code, row["number"]), f"{code}の{row['number']}「{row['label']}」"
        total = sum(counts.values())
        if multiple:
            over = [answer for answer, count in counts.items() if count > answered]
            if over:
                yield Fault(
                    where, f"{place}：「{over[0]}」が、答えた団体の数（{answered}）より多くなっています。"
                )
        elif total > answered:
            yield Fault(where, f"{place}：足すと{total}で、答えた団体の数（{answered}）を超えています。")
        elif total < answered and not row.get("note"):
            yield Fault(
                where,
                f"{place}：足すと{total}で、答えた団体の数（{answered}）に足りません。"
                "数を直すか、備考にわけを書いてください。",
            )


def _staffing_faults(content: Mapping[str, Any]) -> Iterator[Fault]:
    totals = content["municipalities"]
    for each in content["shares"]:
        for name, count in each["counts"].items():
            if count > totals[name]:
                yield Fault(
                    (each["code"], name),
                    f"{each['label']}の「{name}」：{count}が、団体数（{totals[name]}）を超えています。",
                )


def _correction_faults(kind: str, content: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield corrections that are of no figure, or whose value is another than the one that stands there."""
    there: dict[tuple[str, str], int] = {}
    if kind == "survey":
        for code, _, row, counts in rows_of(content):
            there |= {(f"{code}.{row['number']}", answer): count for answer, count in counts.items()}
    else:
        for each in content["shares"]:
            there |= {(each["code"], name): count for name, count in each["counts"].items()}
    for correction in content["corrections"]:
        key = correction["code"], correction["band"]
        if there.get(key) != correction["used"]:
            yield Fault(
                ("corrections",),
                f"直した値の「{correction['code']}」「{correction['band']}」：used が、表の数と違います。",
            )
