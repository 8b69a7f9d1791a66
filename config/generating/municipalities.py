"""Which municipalities there are, and how many people each has. Pure: chance comes in as a `random.Random`.

Invented throughout. The first two digits of a 団体コード name a prefecture, 01 to 47; ours begin with 50 and more, so that none
is anybody's.
"""

import random
from dataclasses import dataclass

from config.generating.words import words
from lib.localgov import check_digit
from organization.models import Municipality

Kind, Band = Municipality.Kind, Municipality.Band

# 47 都道府県, 20 政令指定都市, 23 特別区, 772 市, 926 町村: what there is in Japan, and how many names there are here.
_KINDS = (
    (47, Kind.PREFECTURE),
    (67, Kind.DESIGNATED_CITY),
    (90, Kind.WARD),
    (862, Kind.CITY),
    (1788, Kind.TOWN),
)
MOST = _KINDS[-1][0]
# Fewer would be a sample without the rare kinds.
_FEW = 20
# HR, 編集, 監査, two 課長, two people of the information department and one more.
LEAST_PEOPLE = 8
# Sizes follow a log-normal law; with this spread the largest of 1,788 has some forty times the mean, the middle one half of it.
_SPREAD = 1.2
_FINE = 1_000_000
# People of the municipality (職員) from which a population band is likely: about 7 for a thousand inhabitants.
_BANDS = (
    (3500, Band.B500), (2800, Band.B400), (2100, Band.B300), (1400, Band.B200), (700, Band.B100), (350, Band.B50),
    (0, Band.B0),
)  # fmt: skip
_SUFFIXES = {
    Kind.PREFECTURE: "県", Kind.DESIGNATED_CITY: "市", Kind.WARD: "区", Kind.CITY: "市", Kind.TOWN: "町",
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """One municipality that is to be made: `people` over all its years, those who left included."""

    number: int
    code: str
    name: str
    kind: str
    band: str
    people: int


def places(count: int, people: int, chance: random.Random) -> list[Place]:
    """Return `count` municipalities that have `people` together, the largest first.

    Raises ValueError for a count outside 1 … MOST, and for fewer than LEAST_PEOPLE people each.
    """
    if not 1 <= count <= MOST:
        raise ValueError(f"municipalities: 1 to {MOST}")
    sizes = shares(people, [chance.lognormvariate(0, _SPREAD) for _ in range(count)], LEAST_PEOPLE)
    sizes.sort(reverse=True)
    return [
        Place(number, code_of(number), _name_of(number, kind), kind, _band_of(size), size)
        for number, size in enumerate(sizes)
        for kind in [_kind_of(number, count)]
    ]


def shares(total: int, weights: list[float], least: int) -> list[int]:
    """Return whole numbers of at least `least` that add up to `total`, what is above by weight.

    By largest remainder, the first of equal ones first. Raises ValueError where the total does not reach, and for weights that
    are not above 0.
    """
    rest = total - least * len(weights)
    if rest < 0:
        raise ValueError(f"at least {least} each")
    if not weights or min(weights) <= 0:
        raise ValueError("weights above 0")
    # In whole numbers: the sums of floats would miss by a unit or two.
    parts = [max(1, round(weight * _FINE)) for weight in weights]
    whole = sum(parts)
    found = [rest * part // whole for part in parts]
    order = sorted(range(len(parts)), key=lambda at: rest * parts[at] % whole, reverse=True)
    for at in order[: rest - sum(found)]:
        found[at] += 1
    return [least + share for share in found]


def code_of(number: int) -> str:
    """Return the 団体コード of a municipality, six digits of which the last checks the others; 0 ≤ number < MOST."""
    code = f"{50 + number // 50:02d}{101 + number % 50 * 7:03d}"
    return code + check_digit(code)


def _name_of(number: int, kind: str) -> str:
    # Neighbours in a list differ in both halves, and no two are alike.
    firsts, seconds = words()["places"], words()["endings"]
    first = number % len(firsts)
    second = (number // len(firsts) + 7 * first) % len(seconds)
    return f"{firsts[first]}{seconds[second]}{_SUFFIXES[Kind(kind)]}"


def _kind_of(number: int, count: int) -> str:
    if count < _FEW:
        return Kind.CITY.value
    place = (number + 0.5) * MOST / count
    return next(kind.value for limit, kind in _KINDS if place < limit)


def _band_of(people: int) -> str:
    return next(band.value for least, band in _BANDS if people >= least)
