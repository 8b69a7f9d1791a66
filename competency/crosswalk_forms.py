"""The forms of a crosswalk: what it is, and one of its lines with the parts of the matrix that belong to it (P24)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from competency.crosswalk_file import (
    AREA,
    CELL,
    FIRST_YEAR,
    LAST_YEAR,
    MAX_NAME,
    MAX_NOTE,
    MAX_PART_NOTE,
    MAX_SOURCE,
    Line,
    Link,
    in_order,
)
from competency.crosswalk_page import Named
from competency.models import Crosswalk
from lib.forms import DadsFormMixin
from lib.text import clean

_YEAR = f"{FIRST_YEAR}から{LAST_YEAR}までの西暦の数字で入力してください。"


class _OneLine(forms.CharField):
    """A text on one line, as files keep it: without line breaks and control characters."""

    def to_python(self, value: Any) -> str:
        """Return it cleaned, before its length is asked."""
        return " ".join(clean(str(super().to_python(value) or "")).split())


class CrosswalkForm(DadsFormMixin, forms.Form):
    """What a crosswalk is; its kind is chosen once."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label="種類",
        choices=Crosswalk.Kind.choices,
        widget=forms.RadioSelect,
        help_text="タグは、体系の画面で項目に付けて見ます。対応表は、別の一覧の側から読みます。",
    )
    name = _OneLine(label="名前", max_length=MAX_NAME)
    year = forms.IntegerField(
        label="出典の年（西暦）",
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 4, "autocomplete": "off"}),
        error_messages={"invalid": _YEAR, "min_value": _YEAR, "max_value": _YEAR},
    )
    source = _OneLine(
        label="出典",
        max_length=MAX_SOURCE,
        help_text="だれの、何という文書の、どの部分か。文書の文は写さず、名前だけを使います。",
    )
    note = _OneLine(
        label="説明", max_length=MAX_NOTE, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, new: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not new:
            del self.fields["kind"]


@dataclass(frozen=True)
class Tick:
    """One part of the matrix with its box."""

    value: str
    label: str
    checked: bool


@dataclass(frozen=True)
class AreaTicks:
    """One 区分 with its 項目."""

    name: str
    area: Tick
    cells: tuple[Tick, ...]


class LineForm(DadsFormMixin, forms.Form):
    """One line; the boxes are those of the version in use, and what else is linked stays."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    name = _OneLine(label="名前", max_length=MAX_NAME)
    note = _OneLine(
        label="説明",
        max_length=MAX_PART_NOTE,
        required=False,
        help_text="自分たちの言葉で、短く書きます。",
    )
    links = forms.MultipleChoiceField(
        label="対応する区分と項目",
        required=False,
        error_messages={"invalid_choice": "いまの版にない区分か項目が選ばれています。選び直してください。"},
    )

    def __init__(self, parts: Named, *args: Any, **kwargs: Any) -> None:
        self.parts = parts
        super().__init__(*args, **kwargs)
        self.fields["links"].choices = [
            *((f"{AREA}:{code}", area.name) for code, area in parts.areas.items()),
            *((f"{CELL}:{code}", cell.full_name) for code, cell in parts.cells.items()),
        ]

    @staticmethod
    def initial_of(line: Line | None, version: int) -> dict[str, Any]:
        """Return the initial values for what is stored."""
        if line is None:
            return {"version": version, "links": []}
        links = [link.key for link in line.links]
        return {"version": version, "name": line.name, "note": line.note, "links": links}

    def line(self, code: str, before: Line | None) -> Line:
        """Return what was sent; call it on a valid form.

        Links of `before` that the version in use does not have stay, and those that are kept keep their notes.
        """
        sent = self.cleaned_data
        had = before.links if before else ()
        ticked = set(sent["links"])
        kept = [link for link in had if link.key in ticked or not self.parts.has(link)]
        there = {link.key for link in kept}
        added = [Link(*key.split(":", 1)) for key, _ in self._choices() if key in ticked - there]
        return Line(code, sent["name"], sent["note"], in_order([*kept, *added]))

    def areas(self) -> list[AreaTicks]:
        """Return the boxes in the order of the matrix."""
        chosen = self["links"].value() or []
        ticked = set(chosen) if isinstance(chosen, list | tuple) else set()
        return [
            AreaTicks(
                area.name,
                Tick(f"{AREA}:{code}", f"区分「{area.name}」の全体", f"{AREA}:{code}" in ticked),
                tuple(
                    Tick(f"{CELL}:{cell.code}", cell.label, f"{CELL}:{cell.code}" in ticked)
                    for cell in self.parts.cells.values()
                    if cell.area.code == code
                ),
            )
            for code, area in self.parts.areas.items()
        ]

    def names_of(self, keys: Sequence[str]) -> str:
        """Return what these links are called, for the screen."""
        found = [self.parts.name(Link(*key.split(":", 1))) for key in keys if ":" in key]
        return "、".join(sorted(found)) or "なし"

    def _choices(self) -> list[tuple[str, str]]:
        return list(self.fields["links"].choices)
