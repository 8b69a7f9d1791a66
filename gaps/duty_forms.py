"""The form of what a department does: a tick and a 担い手 for every duty it may choose, and one of its own to add."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from competency.duty_page import demands
from competency.models import Cell, DepartmentDuty, Duty
from gaps.workflow import Plan
from lib.forms import DadsFormMixin

NOT_CHOSEN = "選ばれていない"
_LABELS = dict(DepartmentDuty.DoneBy.choices)


@dataclass(frozen=True)
class DutyLine:
    """One duty of the form: its bound fields, what it asks for, how many people have it, last year's 担い手.

    `stored` is what is saved where, after a conflict, it differs from what was sent; `held` says why it stays.
    """

    duty: Duty
    has: forms.BoundField
    done_by: forms.BoundField
    asks: str
    before: str
    stored: str
    held: str


@dataclass(frozen=True)
class DutyLines:
    """The lines of one kind of duties."""

    label: str
    lines: list[DutyLine]


class DutiesForm(DadsFormMixin, forms.Form):
    """Which of `duties` the department has. A 担い手 without a tick says nothing."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    new_name = forms.CharField(
        label="所属だけの業務を加える",
        max_length=80,
        required=False,
        help_text="一覧にない業務の名前を書きます。保存した後に、必要な項目と人数を決められます。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    show_requirement = False

    def __init__(self, duties: Iterable[Duty], *args: Any, **kwargs: Any) -> None:
        self.duties = list(duties)
        super().__init__(*args, **kwargs)
        for duty in self.duties:
            self.fields[f"has-{duty.uuid}"] = forms.BooleanField(label=duty.name, required=False)
            self.fields[f"by-{duty.uuid}"] = forms.ChoiceField(
                label=f"{duty.name}の担い手",
                required=False,
                choices=DepartmentDuty.DoneBy.choices,
                widget=forms.Select(attrs={"class": "select"}),
                error_messages={"invalid_choice": "担い手を選び直してください。"},
            )

    @staticmethod
    def initial_of(plan: Plan, version: int, duties: Iterable[Duty]) -> dict[str, Any]:
        """Return the initial values for a plan, under the version that the form is to be saved over."""
        values: dict[str, Any] = {"version": version}
        for duty in duties:
            if duty.pk in plan.done_by:
                values |= {f"has-{duty.uuid}": True, f"by-{duty.uuid}": plan.done_by[duty.pk]}
        return values

    def done_by(self) -> dict[int, str]:
        """Return the 担い手 by primary key of what is ticked; call it on a valid form."""
        sent = self.cleaned_data
        return {
            duty.pk: sent[f"by-{duty.uuid}"] or DepartmentDuty.DoneBy.STAFF.value
            for duty in self.duties
            if sent[f"has-{duty.uuid}"]
        }

    def groups(
        self,
        cells: Sequence[Cell],
        *,
        last: Plan | None = None,
        stored: Plan | None = None,
        held: Mapping[int, str] | None = None,
    ) -> list[DutyLines]:
        """Return the lines by kind, kinds without a duty left out."""
        sent = self.done_by() if stored else {}
        lines: dict[str, list[DutyLine]] = {}
        for duty in self.duties:
            now = stored.done_by.get(duty.pk) if stored else None
            differs = stored is not None and now != sent.get(duty.pk)
            lines.setdefault(duty.group, []).append(
                DutyLine(
                    duty,
                    self[f"has-{duty.uuid}"],
                    self[f"by-{duty.uuid}"],
                    "、".join(f"{one.cell.full_name} {one.holders}人" for one in demands(duty, cells)[0]),
                    _LABELS[last.done_by[duty.pk]] if last and duty.pk in last.done_by else "",
                    (_LABELS[now] if now else NOT_CHOSEN) if differs else "",
                    (held or {}).get(duty.pk, ""),
                )
            )
        return [DutyLines(kind.label, lines[kind]) for kind in Duty.Group if kind in lines]
