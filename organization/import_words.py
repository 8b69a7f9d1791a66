"""The kinds of lines of a preview in words, in the order in which a screen shows them."""

from collections.abc import Mapping

from organization.import_kind import import_kind


def kind_labels(kind: str) -> Mapping[str, str]:
    """Return {kind of line: word} for a kind of file."""
    return import_kind(kind).labels


def kind_label(kind: str, of_line: str) -> str:
    """Return the word for one kind of line."""
    return kind_labels(kind)[of_line]
