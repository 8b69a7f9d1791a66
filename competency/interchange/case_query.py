"""Which documents a reader of the CASE REST binding asked for: limit, offset, sort, orderBy, filter, fields. Pure."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

USUAL_LIMIT, MOST_LIMIT = 100, 1000
# Members of a CFDocument that may be asked for, those that are words among them.
_LINKS = {"subjectURI", "licenseURI", "CFPackageURI", "extensions", "subject"}
_WORDS = {
    "identifier", "uri", "frameworkType", "caseVersion", "creator", "title", "lastChangeDateTime", "officialSourceURL",
    "publisher", "description", "language", "version", "adoptionStatus", "statusStartDate", "statusEndDate", "notes",
}  # fmt: skip
_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "~": lambda text, part: part.casefold() in text.casefold(),
}
_TERM = re.compile(r"\s*(\w{1,30})\s*(!=|>=|<=|=|>|<|~)\s*'([^']{0,200})'\s*")
_JOINED = re.compile(r"\s(AND|OR)\s(?=\s*\w+\s*[!<>=~])")


class QueryFault(Exception):
    """A parameter that cannot be followed: the minor code of CASE, and a sentence for people."""

    def __init__(self, minor: str, message: str):
        self.minor, self.message = minor, message
        super().__init__(message)


@dataclass(frozen=True)
class Selection:
    """One page of documents, how many there are in all, and where the pages beside it begin by their names."""

    documents: list[Mapping[str, Any]]
    total: int
    limit: int
    pages: Mapping[str, int]


def select(documents: Sequence[Mapping[str, Any]], asked: Mapping[str, str]) -> Selection:
    """Return the documents asked for, a page of them.

    Raises QueryFault for a number that is none, and for members that a document does not have.
    """
    limit = min(_number(asked, "limit", USUAL_LIMIT, 1), MOST_LIMIT)
    offset = _number(asked, "offset", 0, 0)
    matches = _filter(asked.get("filter", ""))
    found = _sorted([one for one in documents if matches(one)], asked)
    fields = _fields(asked.get("fields", ""))
    page = found[offset : offset + limit]
    if fields:
        page = [{name: value for name, value in one.items() if name in fields} for one in page]
    pages = {"first": 0, "last": max(len(found) - 1, 0) // limit * limit}
    if offset + limit < len(found):
        pages["next"] = offset + limit
    if offset:
        pages["prev"] = max(offset - limit, 0)
    return Selection(page, len(found), limit, pages)


def _number(asked: Mapping[str, str], name: str, usual: int, least: int) -> int:
    text = asked.get(name, "")
    if not text:
        return usual
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < least:
        raise QueryFault("invalid_selection_field", f"{name}は、{least}以上の数字で送ってください。")
    return int(text)


def _sorted(documents: list[Mapping[str, Any]], asked: Mapping[str, str]) -> list[Mapping[str, Any]]:
    name, order = asked.get("sort", ""), asked.get("orderBy", "") or "asc"
    if order not in ("asc", "desc"):
        raise QueryFault("invalid_sort_field", "orderByは、ascかdescで送ってください。")
    if not name:
        return documents[::-1] if order == "desc" else documents
    if name not in _WORDS:
        raise QueryFault("invalid_sort_field", "sortは、CFDocumentにある項目の名前で送ってください。")
    return sorted(documents, key=lambda one: str(one.get(name, "")), reverse=order == "desc")


def _fields(text: str) -> set[str]:
    names = {name.strip() for name in text.split(",")} - {""}
    if names - _WORDS - _LINKS:
        raise QueryFault(
            "invalid_selection_field",
            "fieldsは、CFDocumentにある項目の名前をコンマで区切って送ってください。",
        )
    return names


def _filter(text: str) -> Callable[[Mapping[str, Any]], bool]:
    """Return what keeps a document: terms such as title~'IT', several of them joined by AND, or by OR."""
    if not text.strip():
        return lambda one: True
    parts = _JOINED.split(text)
    joins, terms = set(parts[1::2]), [_TERM.fullmatch(part) for part in parts[::2]]
    found = [term.groups() for term in terms if term]
    if len(joins) > 1 or len(found) < len(terms) or any(name not in _WORDS for name, _, _ in found):
        raise QueryFault(
            "invalid_selection_field",
            "filterは、title~'情報' のように、CFDocumentにある項目で書いてください。ANDかORでつなげます。",
        )
    joined = any if joins == {"OR"} else all
    return lambda one: joined(
        name in one and _OPERATORS[sign](str(one[name]), value) for name, sign, value in found
    )
