"""What every form of the record has: the cells to tick, days that have not come, both texts after a conflict."""

import datetime
from dataclasses import dataclass
from typing import Any

from django import forms

from assessments.entry_options import Options
from assessments.entry_values import EntryValues
from assessments.models import Entry
from assessments.workflow.entries import END_BEFORE_START, END_NEEDS_START
from lib.forms import DadsFormMixin, JapaneseMonthField, WrittenField

START_AHEAD = "まだ来ていない年月です。始まってから記録してください。"
END_AHEAD = "まだ来ていない年月です。続いているときは空にしてください。"


@dataclass(frozen=True)
class CellChoices:
    """One 分類 of the cells to tick: its name, the check boxes, how many are ticked."""

    name: str
    boxes: list[Any]
    ticked: int


def line(label: str, length: int, help_text: str = "", *, required: bool = False, **kwargs) -> WrittenField:
    """Return a field of one line."""
    return WrittenField(
        label=label, max_length=length, required=required, help_text=help_text,
        widget=forms.TextInput(attrs={"autocomplete": "off"}), **kwargs,
    )  # fmt: skip


def note(label: str, length: int, help_text: str = "") -> WrittenField:
    """Return a field of several lines."""
    return WrittenField(
        label=label, max_length=length, required=False, help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


def ahead(day: datetime.date | None, field: forms.Field, today: datetime.date) -> bool:
    """Say whether a day has not come; where only its month was given, whether the month has not."""
    if day is None:
        return False
    if isinstance(field, JapaneseMonthField) and field.is_month(day):
        day = day.replace(day=1)
    return day > today


class EntryForm(DadsFormMixin, forms.Form):
    """What every kind has; `stored` is what is saved already, None for a new entry."""

    kind: Entry.Kind
    order: tuple[str, ...] = ()

    version = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    cells = forms.MultipleChoiceField(
        label="示す項目", required=False, widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "選べない項目がありました。項目を選び直してください。"},
    )  # fmt: skip

    def __init__(
        self, options: Options, *args: Any, stored: EntryValues | None = None, **kwargs: Any
    ) -> None:
        self.options = options
        self.stored = stored
        super().__init__(*args, **kwargs)
        self.fields["cells"].choices = [(group.name, list(group.cells)) for group in options.cells]
        if not options.cells:
            del self.fields["cells"]

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        """Return the fields above the cells, in the order of the page."""
        return [self[name] for name in self.order]

    @property
    def cell_choices(self) -> list[CellChoices]:
        """Return the check boxes of the cells by 分類; empty for a kind that shows none."""
        if "cells" not in self.fields:
            return []
        boxes = {str(box.data["value"]): box for box in self["cells"].subwidgets}
        chosen = set(self["cells"].value() or ())
        return [
            CellChoices(
                group.name,
                [boxes[code] for code, _ in group.cells],
                sum(code in chosen for code, _ in group.cells),
            )
            for group in self.options.cells
        ]

    def clean(self) -> dict[str, Any]:
        """Compare the days with each other and with today."""
        data = super().clean() or {}
        start, end = data.get("start"), data.get("end")
        if start is not None and ahead(start, self.fields["start"], self.options.today):
            self.add_error("start", START_AHEAD)
        if end is not None and ahead(end, self.fields["end"], self.options.today):
            self.add_error("end", END_AHEAD)
        if end is not None and start is None and "start" not in self.errors:
            self.add_error("start", END_NEEDS_START)
        if start is not None and end is not None and end < start:
            self.add_error("end", END_BEFORE_START)
        return data

    def _shared(self, *names: str) -> dict[str, Any]:
        sent = self.cleaned_data
        return {name: sent[name] for name in names} | {"cells": tuple(sorted(sent.get("cells", ())))}

    @staticmethod
    def initial_of(values: EntryValues, options: Options) -> dict[str, Any]:
        """Return the initial values for what is stored."""
        return {**values.shared(), **values.own(), "cells": list(values.cells)}

    @staticmethod
    def named(title: str, options: Options) -> dict[str, str]:
        """Return the data or initial values for an entry of which only the name is known."""
        return {"title": title}

    def told(self, stored: EntryValues) -> dict[str, str]:
        """Return what is stored in words, by field."""
        fields = type(self)(self.options, initial=self.initial_of(stored, self.options))
        return {name: _in_words(fields[name]) for name in self.fields if name not in ("version", "key")}

    def tell_stored(self, stored: EntryValues, sent: EntryValues) -> None:
        """Say beside every field that differs what is stored."""
        theirs, mine = self.told(stored), self.told(sent)
        for name, words in theirs.items():
            if words != mine[name]:
                self[name].help_text = f"保存されている値：{words or 'なし'}"


def _in_words(field: forms.BoundField) -> str:
    """Return the initial value of a field as people read it."""
    value = field.value()
    if isinstance(field.field, forms.BooleanField):
        return "はい" if value else "いいえ"
    if isinstance(field.field, forms.ChoiceField):
        names = {}
        for key, name in field.field.choices:
            names |= dict(name) if isinstance(name, list | tuple) else {key: name}
        chosen = value if isinstance(value, list | tuple) else [value]
        return "、".join(str(names.get(one, one)) for one in chosen if one not in ("", None))
    return "" if value is None else str(value)
