"""Text as people type it: control characters, search keys, full-width digits, formula-like cells."""

import re
import unicodedata

# Line feed, carriage return and tab stay. The others, and lone surrogates, cannot stand in XML or a database.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_KATAKANA_TO_HIRAGANA = {code: code - 0x60 for code in [*range(0x30A1, 0x30F7), 0x30FD, 0x30FE]}
_HIRAGANA_TO_KATAKANA = {hiragana: katakana for katakana, hiragana in _KATAKANA_TO_HIRAGANA.items()}
_ASCII_TO_FULLWIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_FULLWIDTH_TO_ASCII = {wide: code for code, wide in _ASCII_TO_FULLWIDTH.items()} | {0x3000: 0x20}
_NARROW = [chr(code) for code in range(0xFF66, 0xFF9E)]
# デ is two letters in half width; what stands alone comes first and is kept.
_NARROW_KANA = {
    wide: narrow
    for narrow in [*(letter + mark for letter in _NARROW for mark in "ﾞﾟ"), *_NARROW]
    if len(wide := unicodedata.normalize("NFKC", narrow)) == 1
}
_FULLWIDTH_DIGITS = re.compile("[０-９]")

_SPACES = " \u3000\xa0\r\n\v\f"
_LIVE = re.compile(f"[{_SPACES}]*[=+\\-@\t\r＝＋－＠]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
# The only first characters of cells that `defuse` changes: a look at one saves writers two regular expressions.
SUSPECT_STARTS = frozenset(f"{_SPACES}=+-@\t＝＋－＠'")
_DEFUSED = re.compile(f"'+[{_SPACES}]*[=+\\-@\t\r＝＋－＠]")


def strip_controls(text: str) -> str:
    """Return `text` without control characters, lone surrogates and non-characters; tab, CR and LF stay."""
    return _CONTROLS.sub("", text)


def has_controls(text: str) -> bool:
    """Tell whether `strip_controls` would leave something out."""
    return _CONTROLS.search(text) is not None


def search_key(text: str) -> str:
    """Return the form under which a text is searched: NFKC, case-folded, katakana as hiragana, stripped.

    Only for a column of its own and for what a user types into a search box. Names themselves are never
    normalised: NFKC turns 神 (U+FA19) into another letter and takes ① and ㈱ apart.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded).translate(_KATAKANA_TO_HIRAGANA).strip()


def spellings(word: str) -> list[str]:
    """Return the ways in which people write a word: half and full width, either case, either kana; a list, no doubles.

    For a search in text that has no column of folded text (docs/adr/0031): any of them is looked for. A word that
    mixes widths within itself is found only as it was typed.
    """
    plain = unicodedata.normalize("NFKC", word).strip()
    if not plain:
        return []
    kana = plain.translate(_KATAKANA_TO_HIRAGANA), plain.translate(_HIRAGANA_TO_KATAKANA)
    narrow = "".join(_NARROW_KANA.get(letter, letter) for letter in kana[1])
    found = [word.strip(), plain, *kana, narrow]
    wide = [each.translate(_ASCII_TO_FULLWIDTH) for each in (plain, plain.upper(), plain.lower())]
    return list(dict.fromkeys([*found, *wide, plain.lower(), plain.upper()]))


def has_fullwidth_digits(text: str) -> bool:
    """Tell whether `text` holds one of ０ to ９, which a code or a number must not."""
    return _FULLWIDTH_DIGITS.search(text) is not None


def half_width(text: str) -> str:
    """Return a name to sign in with as it is kept: full-width letters, digits, signs and blanks as ASCII; kana stay."""
    return text.translate(_FULLWIDTH_TO_ASCII).strip()


def defuse(cell: str) -> str:
    """Return `cell` so that no spreadsheet runs it as a formula when it opens the text file.

    A cell that begins, after any spaces, with = + - @, a tab, a carriage return or a full-width ＝ ＋ － ＠
    gets an apostrophe in front, as OWASP advises. Plain numbers (-5, +1.50, -2e-7) are exempt. A cell that already
    looks defused gets one more, so that `restore` gives back every string exactly.
    """
    if _LIVE.match(cell):
        return cell if _NUMBER.fullmatch(cell) else "'" + cell
    return "'" + cell if _DEFUSED.match(cell) else cell


def restore(cell: str) -> str:
    """Return what `defuse` was given: `restore(defuse(x)) == x` for every string.

    Only an apostrophe before something live is taken away, so that 'tis stays as it is.
    """
    return cell[1:] if _DEFUSED.match(cell) else cell


def clean(text: str) -> str:
    """Return what somebody wrote as it is kept: LF line breaks, no control characters, no outer spaces."""
    return strip_controls(text.replace("\r\n", "\n").replace("\r", "\n")).strip()
