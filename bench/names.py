"""Invented names, by place: enough of them that neighbours in a list differ."""

FAMILY = (
    ("山﨑", "ヤマザキ"), ("小林", "コバヤシ"), ("𠮷田", "ヨシダ"), ("髙橋", "タカハシ"), ("伊藤", "イトウ"), ("森", "モリ"),
    ("大橋", "オオハシ"), ("石井", "イシイ"), ("清水", "シミズ"), ("松本", "マツモト"), ("長谷川", "ハセガワ"),
)  # fmt: skip
GIVEN = (
    ("美咲", "ミサキ"), ("健", "ケン"), ("由紀子", "ユキコ"), ("誠一", "セイイチ"), ("正", "タダシ"), ("香織", "カオリ"),
    ("大輔", "ダイスケ"), ("綾", "アヤ"), ("圭", "ケイ"),
    ("直人", "ナオト"), ("恵", "メグミ"), ("隆", "タカシ"), ("陽子", "ヨウコ"),
)  # fmt: skip


def _pair(place: int, kind: int) -> str:
    family, given = FAMILY[place % len(FAMILY)], GIVEN[place % len(GIVEN)]
    return f"{family[kind]} {given[kind]}"


def name_of(place: int) -> str:
    """Return 氏名 of the person at a place; 143 of them before one comes again."""
    return _pair(place, 0)


def kana_of(place: int) -> str:
    """Return フリガナ of the same person."""
    return _pair(place, 1)
