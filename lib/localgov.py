"""全国地方公共団体コード: five digits of 都道府県 and 市区町村, and a sixth that checks them."""

WEIGHTS = (6, 5, 4, 3, 2)


def check_digit(code5: str) -> str:
    """Return the sixth digit for the first five of a 団体コード.

    The rule of the Ministry of Internal Affairs and Communications: the digits times 6, 5, 4, 3, 2 are added;
    eleven less the remainder of that sum by eleven, of which the last digit counts.
    Raises ValueError unless `code5` is five ASCII digits.
    """
    if len(code5) != 5 or not (code5.isascii() and code5.isdigit()):
        raise ValueError("団体コードの先頭5けたを半角数字で入れてください。")
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, code5, strict=True))
    return str((11 - total % 11) % 10)


def is_valid(code6: str) -> bool:
    """Tell whether `code6` is six ASCII digits of which the last checks the others.

    The first two are not held against the 47 prefectures, so that an invented municipality can have a code
    that no real one has.
    """
    if len(code6) != 6 or not (code6.isascii() and code6.isdigit()):
        return False
    return code6[5] == check_digit(code6[:5])
