"""One line into the record: what kind, what, when, which cell. Everything else can wait."""

import uuid
from typing import Any

from django import forms

from assessments.entry_form import EntryForm, line
from assessments.entry_forms import FORMS
from assessments.entry_options import CellGroup, Options
from assessments.models import Entry, Experience, Training
from assessments.models.entries import TITLE_LENGTH
from lib.forms import DadsFormMixin, JapaneseMonthField

# 所属の履歴 is left out: it is compared with the 発令, and written once in a lifetime.
KINDS = (Entry.Kind.EXPERIENCE, Entry.Kind.CERTIFICATION, Entry.Kind.TRAINING, Entry.Kind.HANDOVER)
_DATED = (Entry.Kind.EXPERIENCE, Entry.Kind.CERTIFICATION, Entry.Kind.TRAINING)


class QuickForm(DadsFormMixin, forms.Form):
    """The one line; `whole` is the form of the chosen kind, which says what cannot be."""

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label="種類", choices=[(kind.value, kind.label) for kind in KINDS], widget=forms.RadioSelect
    )
    title = line(
        "内容（1行）", TITLE_LENGTH, "例：庁内ネットワーク機器の更改、応用情報技術者試験", required=True
    )
    when = JapaneseMonthField(label="時期", required=False)
    cell = forms.ChoiceField(label="示す項目", required=False)
    # From the sheet somebody comes for one cell, and goes back to choosing what it rests on.
    sheet = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, cells: tuple[CellGroup, ...], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = [(group.name, list(group.cells)) for group in cells]
        self.fields["cell"].choices = [("", "あとで選ぶ"), *groups]

    def whole(self, options: Options) -> EntryForm:
        """Return the bound form of the chosen kind, and take over its errors; call it on a valid form."""
        sent = self.cleaned_data
        form = FORMS[sent["kind"]]
        data: dict[str, Any] = {
            **form.named(sent["title"], options),
            "category": Experience.Category.OTHER.value,
            "form": Training.Form.CLASS.value,
            "cells": [sent["cell"]] if sent["cell"] else [],
            # A handover is of today: the day on which it was written stands with it.
            "start": sent["when"] if sent["kind"] in _DATED else None,
        }
        bound = form(options, data)
        for name, errors in bound.errors.items():
            for error in errors:
                self.add_error({"start": "when", "cells": "cell"}.get(name, "title"), error)
        return bound

    @staticmethod
    def prefilled(query: Any) -> dict[str, Any]:
        """Return the initial values from an address: kind, title and cell; what is unknown there says nothing."""
        kind = query.get("kind", "")
        return {
            "key": uuid.uuid4(),
            "kind": kind if kind in KINDS else Entry.Kind.EXPERIENCE.value,
            "title": query.get("title", ""),
            "cell": query.get("cell", ""),
            "sheet": query.get("sheet", ""),
        }
