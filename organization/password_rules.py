"""What a new password must be. Each refusal says what to do instead. Length counts, mixtures of signs do not.

The words are ours: Django's list of common passwords is English, and people here type Japanese ones.
"""

import re
import unicodedata
from functools import cache

from django.conf import settings
from django.core.exceptions import ValidationError

from lib.passwords import normalised
from organization.second_factor.reads import has_second_factor

# So many different characters must be left once what anybody tries first is taken out.
_REST = 6
_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz")
_RUN = 5
# The product's words, and what is typed most in Japan: written down here by hand from what people tell.
WORDS = frozenset(
    """
    スキル すきる skill rirekisho rireki 履歴書 職員 市役所 役所 shiyakusho shiyakusyo yakusho yakusyo yakuba kencho
    password passwd パスワード ぱすわーど pasuwado himitsu ひみつ 秘密 ansho 暗証 login ログイン admin kanri kanrisha
    welcome yokoso ようこそ konnichiwa konnitiwa こんにちは ohayou おはよう arigatou ありがとう yoroshiku よろしく
    nihon nippon 日本 japan tokyo 東京 osaka 大阪 kyoto 京都 hokkaido reiwa 令和 heisei 平成 showa 昭和
    sakura さくら 桜 himawari ひまわり yamada 山田 suzuki 鈴木 satou sato 佐藤 tanaka 田中 takahashi 高橋 watanabe
    hanako 花子 tarou taro 太郎 ichiro doraemon ドラえもん pikachu ピカチュウ pokemon anpanman baseball yakyu soccer
    aiueo あいうえお kakikukeko iroha いろは abcdefg abcd1234 abc123 abc qwertyuiop qwerty asdfghjkl asdfgh asdf zxcvbnm
    zxcvbn 1qaz2wsx 1q2w3e4r q1w2e3r4 qazwsx 123456789 12345678 1234567 123456 12345 1234 987654321 87654321 000000 111111
    haru natsu aki fuyu spring summer autumn winter love iloveyou daisuki だいすき
    """.split()  # noqa: SIM905 - a list of words
)
# Years, dates and numbers of people; blanks.
_FILLING = re.compile(r"\d{3,}|\s+")


class MinimumLength:
    """At least PASSWORD_MIN_LENGTH characters, eight beside a second factor."""

    def validate(self, password, user=None):
        """Refuse a shorter one."""
        least = least_length(user)
        if len(normalised(password)) < least:
            raise ValidationError(
                f"パスワードは{least}文字以上にしてください。いくつかの言葉をつなぐと、長くても覚えられます。",
                code="password_too_short",
            )

    def get_help_text(self):
        """Say it before."""
        return f"{settings.PASSWORD_MIN_LENGTH}文字以上にしてください。"


class NoObviousWords:
    """Not made of what anybody tries first: the product, the municipality, one's own names, frequent words."""

    def validate(self, password, user=None):
        """Refuse what has hardly anything else in it."""
        rest = _folded(password)
        for word in sorted(_folded_words() | _own_words(user), key=len, reverse=True):
            rest = rest.replace(word, " ")
        if len(set(_FILLING.sub("", rest))) < _REST:
            raise ValidationError(
                "すぐに推測されるもの（よく使われる言葉、団体や製品の名前、氏名、ログイン名、数字やキーの並び、同じ文字の繰り返し）が、ほとんどです。"
                "関係のない言葉を3つか4つつないでください。",
                code="password_obvious",
            )

    def get_help_text(self):
        """Say it before."""
        return "推測されやすい言葉だけのパスワードは使えません。"


def least_length(staff) -> int:
    """Return how many characters the password of this person has at least: fewer beside a second factor. One query."""
    if staff is not None and staff.pk is not None and has_second_factor(staff):
        return settings.PASSWORD_MIN_LENGTH_WITH_FACTOR
    return settings.PASSWORD_MIN_LENGTH


@cache
def _folded_words() -> frozenset[str]:
    ways = [way for row in _ROWS for way in (row, row[::-1])]
    runs = {way[at:end] for way in ways for at in range(len(way)) for end in range(at + _RUN, len(way) + 1)}
    return frozenset(_folded(word) for word in WORDS) | runs


def _own_words(staff) -> frozenset[str]:
    if staff is None:
        return frozenset()
    said = [
        staff.username,
        staff.staff_number,
        staff.name,
        staff.kana,
        staff.former_name,
        staff.email.split("@")[0],
    ]
    if staff.municipality_id is not None:
        said += [staff.municipality.name, staff.municipality.code]
    parts = [part for text in said for part in (text, *re.split(r"[\s　._@-]+", text))]
    return frozenset(_folded(part) for part in parts if len(part) > 1)


def _folded(text: str) -> str:
    """Return the form in which words are compared: NFKC, small, katakana as hiragana."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(chr(ord(char) - 0x60) if "ァ" <= char <= "ヶ" else char for char in plain)
