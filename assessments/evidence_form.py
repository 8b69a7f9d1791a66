"""The form that says which entries show one cell, and how it is read."""

import uuid
from collections.abc import Iterable

from django import forms

from access.refusals import Invalid
from assessments.models import Entry
from lib.dates import format_range, format_wareki
from lib.forms import DadsFormMixin

_MOST = 2000
_CHOSEN, _OPEN = "+", "-"


class EvidenceForm(DadsFormMixin, forms.Form):
    """One's own entries, those that show the cell ticked. `seen` remembers what the page showed as ticked."""

    show_requirement = False
    entries = forms.MultipleChoiceField(
        label="この項目を示す記録", required=False, widget=forms.CheckboxSelectMultiple
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, entries: Iterable[Entry], chosen: set[uuid.UUID]):
        entries = list(entries)
        super().__init__(
            initial={
                "entries": [str(one.uuid) for one in entries if one.uuid in chosen],
                "seen": " ".join(f"{_CHOSEN if one.uuid in chosen else _OPEN}{one.uuid}" for one in entries),
            }
        )
        self.fields["entries"].choices = [(str(one.uuid), words(one)) for one in entries]  # type: ignore[attr-defined]


def words(entry: Entry) -> str:
    """Return an entry in one line: its kind, what it is called, and when."""
    if entry.start is None:
        when = ""
    elif entry.kind == Entry.Kind.CERTIFICATION:
        when = format_wareki(entry.start)
    else:
        when = format_range(entry.start, entry.end)
    return f"{entry.get_kind_display()}：{entry.title}{f'（{when}）' if when else ''}"  # type: ignore[attr-defined]


def read_choice(posted) -> tuple[dict[uuid.UUID, bool], set[uuid.UUID]]:
    """Return what the page showed, by entry whether it was ticked, and what is ticked now; raises Invalid."""
    tokens = posted.get("seen", "").split()
    if len(tokens) > _MOST or any(token[0] not in (_CHOSEN, _OPEN) for token in tokens):
        raise Invalid
    try:
        seen = {uuid.UUID(token[1:]): token[0] == _CHOSEN for token in tokens}
        return seen, {uuid.UUID(key) for key in posted.getlist("entries")}
    except ValueError:
        raise Invalid from None
