"""JSON from strangers: small, flat, one value a name, text that a database takes. Pure; ends in NotTaken, never otherwise."""

import json
import math
from typing import Any

from lib.text import has_controls

DEPTH = 12
# Beyond it a number is another one in JavaScript, and RFC 8785 has no form for it.
_LARGEST = 2**53 - 1
_DIGITS = 40


class NotTaken(ValueError):
    """The text is no JSON that is read here; `reason` is a sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read(data: bytes) -> Any:
    """Return what UTF-8 JSON says; raises NotTaken with a sentence for everything else, in time linear in its length."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotTaken("文字がUTF-8でないため、読めません。") from None
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_constant,
        )
    except NotTaken:
        raise
    except RecursionError:
        raise NotTaken(_DEEP) from None
    except ValueError:
        raise NotTaken(
            "JSONとして読めません。書き出したファイルを、開かず、変えずに選んでください。"
        ) from None
    _look_through(value)
    return value


_DEEP = "入れ子が深すぎるため、読みません。"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotTaken("同じ名前の項目が2つあるため、どちらが正しいかわかりません。")
    return found


def _integer(digits: str) -> int:
    if len(digits) > _DIGITS or abs(int(digits)) > _LARGEST:
        raise NotTaken("大きすぎる数があります。")
    return int(digits)


def _float(digits: str) -> float:
    if len(digits) > _DIGITS or not math.isfinite(float(digits)):
        raise NotTaken("大きすぎる数があります。")
    return float(digits)


def _constant(word: str) -> Any:
    raise NotTaken("数でない数（NaN、Infinity）があります。")


def _look_through(value: Any) -> None:
    """Refuse what is nested too deep, and text with control characters or half characters."""
    todo = [(value, 1)]
    while todo:
        part, depth = todo.pop()
        if isinstance(part, str):
            if has_controls(part):
                raise NotTaken("使えない文字（制御文字など）があります。")
        elif isinstance(part, dict | list):
            if depth > DEPTH:
                raise NotTaken(_DEEP)
            inner = [*part, *part.values()] if isinstance(part, dict) else part
            todo += [(one, depth + 1) for one in inner]
