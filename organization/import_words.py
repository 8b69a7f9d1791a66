"""The kinds of a preview in words, in the order in which a screen shows them."""

from organization.models import ImportBatch

_ROSTER = {
    "left": "退職",
    "candidate": "退職候補",
    "new": "新規",
    "rehired": "再採用",
    "transfer": "異動",
    "promotion": "昇任・職位の変更",
    "added": "兼務追加",
    "renamed": "氏名変更",
    "leave": "休職・育休",
    "return": "復職",
    "corrected": "内容の訂正",
    "unchanged": "変更なし",
}
_ORGANIZATION = {
    "closed": "廃止",
    "new": "新規",
    "moved": "上位の変更",
    "renamed": "名称変更",
    "succeeded": "引継ぎ先の変更",
    "corrected": "期間の訂正",
    "unchanged": "変更なし",
}


def kind_labels(kind: str) -> dict[str, str]:
    """Return {kind of line: word} for a kind of file."""
    return _ORGANIZATION if kind == ImportBatch.Kind.ORGANIZATION else _ROSTER


def kind_label(kind: str, of_line: str) -> str:
    """Return the word for one kind of line."""
    return kind_labels(kind)[of_line]
