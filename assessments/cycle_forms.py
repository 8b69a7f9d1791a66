"""Forms of the year."""

from typing import Any

from django import forms

from assessments.models import Cycle
from assessments.workflow.cycles import DATES, Plan
from competency.models import FrameworkVersion
from lib import fiscal
from lib.forms import DadsFormMixin, JapaneseDateField

# How far back a municipality may type in what it has on paper, and how far ahead it may prepare.
YEARS_BACK = 5
YEARS_AHEAD = 2


class VersionField(forms.ModelChoiceField):
    """A published version by framework and name; known by its UUID."""

    def label_from_instance(self, obj: FrameworkVersion) -> str:
        """Return LASDEC 2012."""
        return f"{obj.framework.name} {obj.name}"


class PlanForm(DadsFormMixin, forms.Form):
    """The dates of a year."""

    reference_date = JapaneseDateField(label="基準日")
    starts_on = JapaneseDateField(label="記入開始日")
    submit_by = JapaneseDateField(label="提出の締切")
    confirm_by = JapaneseDateField(label="確認の締切")
    final_without_confirmer = forms.BooleanField(
        label="確認者なし：自己記入で確定",
        required=False,
        help_text="確認する人が1人もいない団体だけで使います。確定した記録にその旨が付きます。",
    )

    def __init__(self, *args: Any, cycle: Cycle | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[
            "reference_date"
        ].help_text = "この日に在籍する職員に年度票を配ります。例：令和8年4月1日、R8.4.1、2026/4/1"
        if cycle is not None:
            self.initial = {name: getattr(cycle, name) for name in (*DATES, "final_without_confirmer")}
            # The sheets were handed out by it.
            self.fields["reference_date"].disabled = cycle.is_open

    def clean(self) -> dict[str, Any]:
        """Check that the dates follow each other, and say so beside the one that does not."""
        cleaned = super().clean() or {}
        for before, after in (("starts_on", "submit_by"), ("submit_by", "confirm_by")):
            if cleaned.get(before) and cleaned.get(after) and cleaned[before] > cleaned[after]:
                label = self.fields[before].label
                self.add_error(after, f"{label}と同じ日か、それより後の日にしてください。")
        return cleaned

    def plan(self) -> Plan:
        """Return the cleaned dates."""
        names = (*DATES, "final_without_confirmer")
        return Plan(**{name: self.cleaned_data[name] for name in names})


class CycleForm(PlanForm):
    """A new year."""

    fiscal_year = forms.TypedChoiceField(label="年度", coerce=int)
    framework_version = VersionField(
        label="体系の版", queryset=FrameworkVersion.objects.none(), to_field_name="uuid", empty_label=None
    )
    field_order = ("fiscal_year", "framework_version")

    def __init__(self, versions, today, *args: Any, taken=frozenset(), **kwargs: Any) -> None:
        """`taken` holds the numbers of the years that exist; the first one without is proposed."""
        super().__init__(*args, **kwargs)
        this_year = fiscal.fiscal_year(today)
        years = range(this_year + YEARS_AHEAD, this_year - YEARS_BACK - 1, -1)
        self.fields["fiscal_year"].choices = [(year, fiscal.label(year)) for year in years]
        self.fields["framework_version"].queryset = versions
        free = next((year for year in reversed(years) if year >= this_year and year not in taken), this_year)
        first = max(today, fiscal.first_day(free))
        self.initial = {"fiscal_year": free, "reference_date": first, "starts_on": first}
