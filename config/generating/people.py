"""Invented people: names, employment, when they came and left. Pure: chance comes in as a `random.Random`."""

import random
from dataclasses import dataclass

from config.generating.words import words
from organization.models import Staff

Employment = Staff.Employment

# 職員区分 by weight, of those who lead nobody; whoever leads is 正規.
_EMPLOYMENTS = (
    (Employment.REGULAR, 78), (Employment.FISCAL_YEAR, 14), (Employment.REAPPOINTED, 4), (Employment.FIXED_TERM, 2),
    (Employment.SECONDED_IN, 2),
)  # fmt: skip
_REGULAR = ("主事", "主事", "主任", "主査")
_POSITIONS = {
    Employment.FISCAL_YEAR: "会計年度任用職員", Employment.REAPPOINTED: "主査", Employment.FIXED_TERM: "主任",
    Employment.SECONDED_IN: "主査",
}  # fmt: skip
# Of a thousand, each year.
_LEAVING, _JOINING = 25, 25
_FORMER = 30


@dataclass(frozen=True)
class Person:
    """One invented person: names, 職員区分 and 職位; `joined` and `left` are numbers of years (config.generating.careers)."""

    name: str
    kana: str
    former_name: str
    employment: str
    position: str
    joined: int
    left: int | None


def names(chance: random.Random) -> tuple[str, str, str]:
    """Return 氏名, フリガナ and 旧姓, the last empty for most."""
    families = words()["families"]
    family, family_kana = chance.choice(families)
    given, given_kana = chance.choice(words()["givens"])
    former = ""
    if chance.random() * 1000 < _FORMER:
        former = chance.choice([other for other, _ in families if other != family])
    return f"{family} {given}", f"{family_kana} {given_kana}", former


def leader(position: str, chance: random.Random) -> Person:
    """Return somebody who leads, or holds a 権限, in every year."""
    return Person(*names(chance), Employment.REGULAR.value, position, 0, None)


def member(years: int, chance: random.Random) -> Person:
    """Return one of the others, who may come in a year after the first and leave on any 1 April."""
    named = names(chance)
    at = chance.randrange(100)
    for employment, weight in _EMPLOYMENTS:  # noqa: B007  # the last one taken counts
        at -= weight
        if at < 0:
            break
    position = _POSITIONS.get(employment) or chance.choice(_REGULAR)
    joined, left = 0, None
    for year in range(years):
        luck = chance.random() * 1000
        if luck < _LEAVING:
            left = year
            break
        if year and not joined and luck < _LEAVING + _JOINING:
            joined = year
    return Person(*named, employment.value, position, joined, left)
