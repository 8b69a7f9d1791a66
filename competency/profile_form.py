"""The form of one 期待像: a target step, or none, for every cell of the matrix."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from competency.models import Cell, Step
from lib.forms import DadsFormMixin

NO_TARGET = "目標なし"
_CHOICES = [(0, NO_TARGET), *((step.value, f"{step.value} {step.label}") for step in Step if step)]
_CHOOSE = "一覧から段階を選んでください。"


@dataclass(frozen=True)
class Line:
    """One cell of the form. `stored` tells in words what is kept, where a conflict left something else there."""

    cell: Cell
    field: forms.BoundField
    stored: str


class ProfileForm(DadsFormMixin, forms.Form):
    """0 is no target: the 職位 asks for nothing in that cell."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    show_requirement = False

    def __init__(self, cells: Iterable[Cell], *args: Any, **kwargs: Any) -> None:
        self.cells = list(cells)
        super().__init__(*args, **kwargs)
        for cell in self.cells:
            self.fields[f"target-{cell.code}"] = forms.TypedChoiceField(
                label=f"{cell.full_name}の目標",
                coerce=int,
                choices=_CHOICES,
                error_messages={"required": _CHOOSE, "invalid_choice": _CHOOSE},
                widget=forms.Select(attrs={"class": "select small"}),
            )

    @staticmethod
    def values_of(steps: Mapping[str, int], cells: Iterable[Cell], version: int) -> dict[str, Any]:
        """Return the initial values for target steps by cell code."""
        return {"version": version, **{f"target-{cell.code}": steps.get(cell.code, 0) for cell in cells}}

    def targets(self) -> dict[str, int]:
        """Return what was sent, by cell code; call it on a valid form."""
        return {cell.code: self.cleaned_data[f"target-{cell.code}"] for cell in self.cells}

    def groups(self, stored: Mapping[str, int] | None = None) -> list[tuple[str, list[Line]]]:
        """Return (分類, its cells) in the order of the matrix. `stored` marks what differs from what was sent."""
        found: dict[str, list[Line]] = {}
        for cell in self.cells:
            name = f"target-{cell.code}"
            kept = stored.get(cell.code, 0) if stored is not None else None
            differs = kept is not None and kept != self.cleaned_data.get(name)
            line = Line(cell, self[name], step_words(kept) if differs else "")
            found.setdefault(cell.area.category.name, []).append(line)
        return list(found.items())


def step_words(step: int | None) -> str:
    """Return a target step in words, 目標なし for 0 and None."""
    return f"{step} {Step(step).label}" if step else NO_TARGET
