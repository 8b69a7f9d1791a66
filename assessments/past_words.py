"""Steps and years as people write them in tables of their own. Pure."""

import re
import unicodedata

from competency.models import Step

_STEP = re.compile(r"([0-4])(?:\.0)?(?:[\s:.・-]*(.*))?")


def step_of(text: str) -> int | None:
    """Return the step that a cell of a file says: 3, ３, 「3 独力でできる」, 「独力でできる」; None for none of them."""
    plain = unicodedata.normalize("NFKC", text).strip()
    for step in Step:
        if plain == step.label:
            return int(step)
    match = _STEP.fullmatch(plain)
    if match is None or (match[2] and match[2].strip() != Step(int(match[1])).label):
        return None
    return int(match[1])


def year_of(text: str) -> int | None:
    """Return the 年度 that a cell says: 2024, 2024年度, 令和6年度, R6; None for none."""
    plain = unicodedata.normalize("NFKC", text).strip().upper().removesuffix("年度").removesuffix("年")
    if re.fullmatch(r"\d{4}", plain):
        return int(plain)
    era = re.fullmatch(r"(令和|平成|R|H)(元|\d{1,2})", plain)
    if era is None:
        return None
    number = 1 if era[2] == "元" else int(era[2])
    return (2018 if era[1] in ("令和", "R") else 1988) + number
