"""The form of a duty: what it is, and how many holders of which cell it asks for (P17, P17c)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from competency.models import Cell, Duty
from competency.workflow import DutyValues
from lib.forms import DadsFormMixin

MOST = 99
BETWEEN = f"1から{MOST}までの数を入れるか、空にしてください。"


@dataclass(frozen=True)
class DemandLine:
    """One cell of the form with its bound field and, after a conflict, what is stored."""

    cell: Cell
    holders: forms.BoundField
    stored: str


class DutyForm(DadsFormMixin, forms.Form):
    """A blank number, or 0, says that the duty does not ask for the cell."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    name = forms.CharField(label="業務の名前", max_length=80)
    examples = forms.CharField(
        label="業務の例",
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="どんな仕事を含むかを、ほかの職員にわかるように書きます。",
    )
    suited = forms.ChoiceField(
        label="担い手の目安",
        required=False,
        choices=[(value, label) for value, label in Duty.Suited.choices],
        widget=forms.RadioSelect,
    )

    def __init__(self, cells: Iterable[Cell], *args: Any, **kwargs: Any) -> None:
        self.cells = list(cells)
        super().__init__(*args, **kwargs)
        for cell in self.cells:
            self.fields[f"cell-{cell.code}"] = forms.IntegerField(
                label=f"{cell.full_name}の人数",
                required=False,
                min_value=0,
                max_value=MOST,
                # A text control takes full-width digits, which the browsers' number control refuses.
                widget=forms.TextInput(
                    attrs={
                        "inputmode": "numeric",
                        "size": 3,
                        "autocomplete": "off",
                        "class": "input short-input",
                    }
                ),
                error_messages={"invalid": BETWEEN, "min_value": BETWEEN, "max_value": BETWEEN},
            )

    @staticmethod
    def initial_of(values: DutyValues, version: int) -> dict[str, Any]:
        """Return the initial values for what is stored."""
        return {
            "version": version,
            "name": values.name,
            "examples": values.examples,
            "suited": values.suited,
            **{f"cell-{code}": holders for code, holders in values.demands.items()},
        }

    def values(self, before: Mapping[str, int]) -> DutyValues:
        """Return what was sent; call it on a valid form.

        `before` are the stored demands: those for cells that this version of the matrix does not have stay.
        """
        sent = self.cleaned_data
        shown = {cell.code for cell in self.cells}
        demands = {code: holders for code, holders in before.items() if code not in shown}
        demands |= {cell.code: sent[f"cell-{cell.code}"] for cell in self.cells if sent[f"cell-{cell.code}"]}
        return DutyValues(sent["name"], sent["examples"], sent["suited"], demands)

    def lines(self, stored: Mapping[str, int] | None = None) -> list[DemandLine]:
        """Return the cells in the order of the matrix. `stored` marks what differs from what was sent."""
        return [
            DemandLine(cell, self[f"cell-{cell.code}"], self._difference(cell.code, stored))
            for cell in self.cells
        ]

    def _difference(self, code: str, stored: Mapping[str, int] | None) -> str:
        if stored is None or stored.get(code) == (self.cleaned_data.get(f"cell-{code}") or None):
            return ""
        return f"{stored[code]}人" if code in stored else "求めない"
