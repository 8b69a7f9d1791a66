"""Forms of the year."""

from typing import Any

from django import forms

from assessments.models import Cycle, Extension
from assessments.workflow.cycles import DATES, Copy, Plan
from assessments.workflow.participants import Longer
from competency.models import FrameworkVersion
from lib import fiscal
from lib.dates import format_wareki, years_later
from lib.forms import DadsFormMixin, JapaneseDateField, WrittenField
from organization.department_field import DepartmentField
from organization.models import Department

# How far back a municipality may type in what it has on paper, and how far ahead it may prepare.
YEARS_BACK = 5
YEARS_AHEAD = 2
SATURDAY = 5
PLAN = (*DATES, "final_without_confirmer", "confirmer_date", "steps")


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
    steps = forms.ChoiceField(
        label="確認の段階",
        widget=forms.RadioSelect,
        choices=[
            (Cycle.Steps.TWO, "一次確認と確定（係長級が一次確認、所属長が確定）"),
            (Cycle.Steps.ONE, "確定だけ（所属長が確定）"),
        ],
        initial=Cycle.Steps.TWO,
        help_text="受付を始めた後は変えられません。",
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
            # The sheets were handed out by the one, and some confirmed by the other.
            for name in ("reference_date", "steps"):
                self.fields[name].disabled = cycle.is_open

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
    """A new year, empty or after another one."""

    fiscal_year = forms.TypedChoiceField(label="年度", coerce=int)
    framework_version = VersionField(
        label="体系の版", queryset=FrameworkVersion.objects.none(), to_field_name="uuid", empty_label=None
    )
    exclusions = forms.BooleanField(label="対象外の所属と職員を写す", required=False, initial=True)
    needs = forms.BooleanField(label="必要人数、委託常駐、数え方を写す", required=False, initial=True)
    field_order = ("fiscal_year", "framework_version")

    def __init__(
        self, versions, today, *args: Any, taken=None, source: Cycle | None = None, **kwargs: Any
    ) -> None:
        """`taken` holds the 確認者の基準日 of each year that exists; the first one without is proposed.

        The dates of `source`, which the new year is made after, are proposed a whole number of years later; without
        one the 確認者の基準日 of the newest year before it.
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
        self.source = source
        if source is not None:
            self._after(source)
            return
        for name in ("exclusions", "needs"):
            del self.fields[name]
        last = max((year for year in taken if year < free), default=None)
        if last is not None and taken[last]:
            self.initial["confirmer_date"] = years_later(taken[last], free - last)

    def _after(self, source: Cycle) -> None:
        """Propose what the year before had: version and steps, and its dates a whole number of years later."""
        year = max(self.initial["fiscal_year"], source.fiscal_year + 1)
        later = year - source.fiscal_year
        days = {name: getattr(source, name) for name in (*DATES, "confirmer_date")}
        self.initial = {
            "fiscal_year": year, "framework_version": source.framework_version.uuid, "steps": source.steps,
            "final_without_confirmer": source.final_without_confirmer, "exclusions": True, "needs": True,
            **{name: years_later(day, later) for name, day in days.items() if day},
        }  # fmt: skip
        for name in ("submit_by", "confirm_by"):
            day = self.initial[name]
            if day.weekday() >= SATURDAY:
                self.fields[
                    name
                ].help_text = (
                    f"1年後の同じ日は{'土日'[day.weekday() - SATURDAY]}曜日です。必要なら直してください。"
                )

    def chosen_version(self) -> FrameworkVersion | None:
        """Return the version that was sent, None before that and where it was refused."""
        return getattr(self, "cleaned_data", {}).get("framework_version")

    def chosen_day(self):
        """Return the 基準日 that was sent, else that which is proposed."""
        return getattr(self, "cleaned_data", {}).get("reference_date") or self.initial.get("reference_date")

    def copy(self) -> Copy | None:
        """Return what comes along from the year that this one is made after, None without one."""
        if self.source is None:
            return None
        return Copy(self.source, self.cleaned_data["exclusions"], self.cleaned_data["needs"])


class ExtensionForm(DadsFormMixin, forms.Form):
    """Longer deadlines of one department."""

    department = DepartmentField(
        label="所属", queryset=Department.objects.none(), to_field_name="uuid", empty_label="選んでください",
        help_text="下の所属も含みます。下の所属を別に延長すると、そちらが優先します。",
    )  # fmt: skip
    submit_by = JapaneseDateField(label="提出の締切")
    confirm_by = JapaneseDateField(label="確認の締切")
    reason = WrittenField(label="理由", max_length=200, help_text="例：窓口の繁忙期と重なるため")

    def __init__(
        self, *args: Any, cycle: Cycle, departments, one: Extension | None = None, **kwargs: Any
    ) -> None:
        """`one` is the extension to change; its department stays."""
        super().__init__(*args, **kwargs)
        self.cycle = cycle
        self.fields["department"].queryset = departments
        self.initial = {"submit_by": cycle.submit_by, "confirm_by": cycle.confirm_by}
        if one is not None:
            names = ("submit_by", "confirm_by", "reason")
            self.initial = {"department": one.department.uuid, **{name: getattr(one, name) for name in names}}
            self.fields["department"].disabled = True

    def clean(self) -> dict[str, Any]:
        """Check that nothing is earlier than the year's, and that something is later."""
        cleaned = super().clean() or {}
        submit_by, confirm_by = cleaned.get("submit_by"), cleaned.get("confirm_by")
        for name, day in (("submit_by", submit_by), ("confirm_by", confirm_by)):
            year = getattr(self.cycle, name)
            if day and day < year:
                self.add_error(name, f"年度の締切（{format_wareki(year)}）より前にはできません。")
        if submit_by and confirm_by and submit_by > confirm_by:
            self.add_error("confirm_by", "提出の締切と同じ日か、それより後の日にしてください。")
        elif (submit_by, confirm_by) == (self.cycle.submit_by, self.cycle.confirm_by):
            self.add_error("submit_by", "年度の締切と同じです。延ばす日を入力してください。")
        return cleaned

    def longer(self) -> Longer:
        """Return the cleaned deadlines."""
        return Longer(**{name: self.cleaned_data[name] for name in ("submit_by", "confirm_by", "reason")})


class PlaceOutForm(DadsFormMixin, forms.Form):
    """A department that takes no part in a year."""

    prefix = "place"
    department = DepartmentField(
        label="所属", queryset=Department.objects.none(), to_field_name="uuid", empty_label="選んでください",
        help_text="下の所属も含みます。",
    )  # fmt: skip
    reason = WrittenField(label="理由", max_length=200, help_text="例：消防職は別の制度で記録するため")

    def __init__(self, *args: Any, departments, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = departments


class PeopleOutForm(DadsFormMixin, forms.Form):
    """Why some people take no part in a year."""

    prefix = "people"
    reason = WrittenField(label="理由", max_length=200, help_text="例：年度末で退職の予定のため")
