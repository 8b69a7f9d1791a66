"""Forms of the year."""

from typing import Any

from django import forms

from assessments.models import Cycle
from assessments.workflow.cycles import DATES, Plan
from competency.models import FrameworkVersion
from lib import fiscal
from lib.dates import years_later
from lib.forms import DadsFormMixin, JapaneseDateField

# How far back a municipality may type in what it has on paper, and how far ahead it may prepare.
YEARS_BACK = 5
YEARS_AHEAD = 2
PLAN = (*DATES, "final_without_confirmer", "confirmer_date")


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
    confirmer_date = JapaneseDateField(
        label="確認者の基準日",
        required=False,
        help_text="この日の上司が、この日の後の異動に関係なく確認します。異動でその職員を見られなくなった上司は除き、"
        "残る人がいなければ、いまの上司が確認します。空欄なら、確認する日の上司です。",
    )
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
            self.initial = {name: getattr(cycle, name) for name in PLAN}
            # The sheets were handed out by it.
            self.fields["reference_date"].disabled = cycle.is_open

    def clean(self) -> dict[str, Any]:
        """Check that the dates follow each other, and say so beside the one that does not."""
        cleaned = super().clean() or {}
        for before, after in (("starts_on", "submit_by"), ("submit_by", "confirm_by")):
            if cleaned.get(before) and cleaned.get(after) and cleaned[before] > cleaned[after]:
                label = self.fields[before].label
                self.add_error(after, f"{label}と同じ日か、それより後の日にしてください。")
        date, first, last = (cleaned.get(name) for name in ("confirmer_date", "reference_date", "confirm_by"))
        if date and ((first and date < first) or (last and date > last)):
            self.add_error("confirmer_date", "基準日から確認の締切までの日にしてください。")
        return cleaned

    def plan(self) -> Plan:
        """Return the cleaned dates."""
        return Plan(**{name: self.cleaned_data[name] for name in PLAN})


class CycleForm(PlanForm):
    """A new year."""

    fiscal_year = forms.TypedChoiceField(label="年度", coerce=int)
    framework_version = VersionField(
        label="体系の版", queryset=FrameworkVersion.objects.none(), to_field_name="uuid", empty_label=None
    )
    field_order = ("fiscal_year", "framework_version")

    def __init__(self, versions, today, *args: Any, taken=None, **kwargs: Any) -> None:
        """`taken` holds the 確認者の基準日 of each year that exists; the first one without is proposed.

        The date of the newest year before it is proposed again, a whole number of years later.
        """
        super().__init__(*args, **kwargs)
        taken = taken or {}
        this_year = fiscal.fiscal_year(today)
        years = range(this_year + YEARS_AHEAD, this_year - YEARS_BACK - 1, -1)
        self.fields["fiscal_year"].choices = [(year, fiscal.label(year)) for year in years]
        self.fields["framework_version"].queryset = versions
        free = next((year for year in reversed(years) if year >= this_year and year not in taken), this_year)
        first = max(today, fiscal.first_day(free))
        self.initial = {"fiscal_year": free, "reference_date": first, "starts_on": first}
        last = max((year for year in taken if year < free), default=None)
        if last is not None and taken[last]:
            self.initial["confirmer_date"] = years_later(taken[last], free - last)
