"""The form of 必要人数: a number, a note and 委託常駐 for every cell, and how the department counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from competency.models import Cell
from gaps.proposal import Proposed
from gaps.workflow import CellNeed, Needs
from lib.forms import DadsFormMixin

MOST = 999
MOST_EXTERNAL = 99
NOTE_LENGTH = 200


@dataclass(frozen=True)
class Line:
    """One cell of the form with its bound fields, last year's number, the proposal from the duties where there
    is one and, after a conflict, what is stored.
    """

    cell: Cell
    needed: forms.BoundField
    external: forms.BoundField
    note: forms.BoundField
    before: int | None
    stored: str
    proposed: Proposed | None = None


class NeedsForm(DadsFormMixin, forms.Form):
    """Blank is not set, 0 is 対象外."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    count_fiscal_year_staff = forms.BooleanField(
        label="会計年度任用職員を人数に含める",
        required=False,
        help_text="含めないときは、できる人がいても別に出します。",
    )
    count_external = forms.BooleanField(
        label="委託常駐を人数に含める", required=False, help_text="含めないときは、人数を別に出します。"
    )
    show_requirement = False

    def __init__(self, cells: Iterable[Cell], *args: Any, **kwargs: Any) -> None:
        self.cells = list(cells)
        super().__init__(*args, **kwargs)
        for cell in self.cells:
            name = cell.full_name
            self.fields[f"need-{cell.code}"] = _number(f"{name}の必要人数", MOST)
            self.fields[f"external-{cell.code}"] = _number(f"{name}の委託常駐の人数", MOST_EXTERNAL)
            self.fields[f"note-{cell.code}"] = forms.CharField(
                label=f"{name}のメモ",
                required=False,
                max_length=NOTE_LENGTH,
                widget=forms.TextInput(attrs={"autocomplete": "off", "class": "input"}),
            )

    @staticmethod
    def values_of(needs: Needs) -> dict[str, Any]:
        """Return the initial values for what is stored."""
        values: dict[str, Any] = {
            "version": needs.version,
            "count_fiscal_year_staff": needs.count_fiscal_year_staff,
            "count_external": needs.count_external,
        }
        for code, one in needs.cells.items():
            values |= {
                f"need-{code}": one.needed,
                f"external-{code}": one.external,
                f"note-{code}": one.note,
            }
        return values

    def clean(self) -> dict[str, Any]:
        """Refuse a note that has no number to stand beside."""
        cleaned = super().clean() or {}
        for cell in self.cells:
            need = f"need-{cell.code}"
            if cleaned.get(f"note-{cell.code}") and cleaned.get(need) is None and need not in self.errors:
                self.add_error(
                    need, "メモだけは保存できません。必要人数も入れてください（必要でなければ0）。"
                )
        return cleaned

    def needs(self) -> Needs:
        """Return what was sent; call it on a valid form."""
        sent = self.cleaned_data
        return Needs(
            cells={
                cell.code: CellNeed(
                    sent[f"need-{cell.code}"], sent[f"note-{cell.code}"], sent[f"external-{cell.code}"]
                )
                for cell in self.cells
            },
            count_fiscal_year_staff=sent["count_fiscal_year_staff"],
            count_external=sent["count_external"],
            version=sent["version"],
        )

    def lines(
        self,
        before: Mapping[str, int],
        stored: Needs | None = None,
        proposal: Mapping[str, Proposed] | None = None,
    ) -> list[Line]:
        """Return the cells in the order of the matrix. `stored` marks what differs from what was sent."""
        return [
            Line(
                cell,
                self[f"need-{cell.code}"],
                self[f"external-{cell.code}"],
                self[f"note-{cell.code}"],
                before.get(cell.code),
                _difference(stored.cells.get(cell.code, CellNeed()), self.needs().cells[cell.code])
                if stored
                else "",
                (proposal or {}).get(cell.code),
            )
            for cell in self.cells
        ]


class AssignmentsFileForm(DadsFormMixin, forms.Form):
    """One Excel 事務分掌表."""

    file = forms.FileField(
        label="ファイル",
        allow_empty_file=True,
        help_text="Excel（.xlsx）か、CSV（UTF-8かCP932）。3万行まで。",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
    )
    show_requirement = False


def _number(label: str, most: int) -> forms.IntegerField:
    between = f"0から{most}までの数を入れてください。"
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=most,
        # A text control takes full-width digits, which the browsers' number control refuses.
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "size": 4, "autocomplete": "off", "class": "input short-input"}
        ),
        error_messages={"invalid": between, "min_value": between, "max_value": between},
    )


def _difference(stored: CellNeed, sent: CellNeed) -> str:
    """Return in words what is stored where it differs from what was sent, else ""."""
    if stored == sent:
        return ""
    parts = []
    if stored.needed != sent.needed:
        parts.append("必要人数 " + ("未設定" if stored.needed is None else f"{stored.needed}人"))
    if stored.external != sent.external:
        parts.append("委託常駐 " + ("なし" if stored.external is None else f"{stored.external}人"))
    if stored.note != sent.note:
        parts.append(f"メモ「{stored.note}」" if stored.note else "メモなし")
    return "、".join(parts)
