"""Forms of the 研修 catalogue: the filter, a course with the steps it leads to, and what 人事 decides."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory

from assessments.entry_forms import HoursField
from assessments.models import Training
from assessments.workflow.courses import APPLY_AFTER_START, END_BEFORE_START, END_NEEDS_START, CourseValues
from assessments.workflow.training import DECISIONS
from competency.models import Cell, Course, Provider, Step
from lib.forms import DadsFormMixin, JapaneseDateField, WrittenField, YenField

MOST_YEN = 10_000_000
MOST_HOURS = 2000
_LEADS = [("", "めざさない"), *((step.value, f"{step.value} {step.label}") for step in Step if step)]


class CourseFilter(DadsFormMixin, forms.Form):
    """What of the catalogue is shown. Whatever is not among the choices filters nothing: lists never refuse."""

    q = forms.CharField(label="ことば", required=False, max_length=60)
    category = forms.ChoiceField(label="分類", required=False)
    cell = forms.ChoiceField(label="項目", required=False)
    form = forms.ChoiceField(label="形", required=False, choices=[("", "すべて"), *Course.Form.choices])
    provider = forms.ChoiceField(label="実施機関", required=False)
    past = forms.BooleanField(label="申込みが終わった講座も見る", required=False)
    show_requirement = False

    def __init__(self, cells: Sequence[Cell], courses: Iterable[Course], data: Mapping[str, Any]) -> None:
        super().__init__(data)
        categories = {cell.area.category.code: cell.area.category.name for cell in cells}
        providers = {course.provider.code: course.provider for course in courses}
        ordered = sorted(providers.values(), key=lambda one: (one.rank, one.pk))
        self.fields["category"].choices = [("", "すべて"), *categories.items()]
        self.fields["cell"].choices = [("", "すべて"), *((cell.code, cell.full_name) for cell in cells)]
        self.fields["provider"].choices = [("", "すべて"), *((one.code, one.name) for one in ordered)]
        self.is_valid()


class CourseForm(DadsFormMixin, forms.Form):
    """One course without its cells."""

    version = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)
    name = WrittenField(label="講座名", max_length=120)
    provider = forms.ModelChoiceField(
        label="実施機関", queryset=Provider.objects.none(), empty_label="選んでください"
    )
    form = forms.ChoiceField(
        label="形",
        choices=Course.Form.choices,
        help_text="職場で教わるOJTと、事務分掌ローテーションも研修です。",
    )
    starts_on = JapaneseDateField(label="開始日", required=False)
    ends_on = JapaneseDateField(label="終了日", required=False, help_text="1日だけのときは空にします。")
    apply_by = JapaneseDateField(
        label="申込みの締切",
        required=False,
        help_text="この日まで申し込めます。空のときは、開始日まで申し込めます。",
    )
    hours = HoursField(
        label="時間数",
        required=False,
        min_value=0,
        max_value=MOST_HOURS,
        decimal_places=1,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 6, "autocomplete": "off"}),
    )
    fee = YenField(
        label="1人あたりの費用（円）", required=False, min_value=0, max_value=MOST_YEN,
        help_text="受講料と旅費などの合計です。無料のときは0を入れます。",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 12, "autocomplete": "off"}),
    )  # fmt: skip
    place = WrittenField(label="会場など", required=False, max_length=120)
    text = WrittenField(
        label="内容", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, providers, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["provider"].queryset = providers
        between = f"0から{MOST_YEN:,}までの数を入れてください。"
        hours = f"0から{MOST_HOURS:,}までの数を、小数1けたまでで入れてください。"
        for name, told in (("fee", between), ("hours", hours)):
            field = self.fields[name]
            field.error_messages |= dict.fromkeys(("invalid", "min_value", "max_value"), told)
            for validator in field.validators:
                validator.message = told
        decimals = self.fields["hours"].validators[-1]
        decimals.messages = dict.fromkeys(decimals.messages, hours)

    def clean(self) -> dict[str, Any]:
        """Say which dates do not go together."""
        data = super().clean() or {}
        start, end, until = (data.get(name) for name in ("starts_on", "ends_on", "apply_by"))
        if end and not start and "starts_on" not in self.errors:
            self.add_error("starts_on", ValidationError(END_NEEDS_START))
        if start and end and end < start:
            self.add_error("ends_on", ValidationError(END_BEFORE_START))
        if start and until and until > start:
            self.add_error("apply_by", ValidationError(APPLY_AFTER_START))
        return data

    def values(self, steps: Mapping[str, int]) -> CourseValues:
        """Return what was sent; call it on a valid form."""
        sent = {
            name: value for name, value in self.cleaned_data.items() if name not in ("version", "provider")
        }
        return CourseValues(provider_id=self.cleaned_data["provider"].pk, steps=steps, **sent)

    @staticmethod
    def initial_of(values: CourseValues, version: int) -> dict[str, Any]:
        """Return the initial values for what is stored."""
        names = ("name", "form", "starts_on", "ends_on", "apply_by", "hours", "fee", "place", "text")
        stored = {name: getattr(values, name) for name in names}
        return {**stored, "version": version, "provider": values.provider_id}


class LeadForm(forms.Form):
    """The step of one cell that a course leads to; the cell stands in the formset."""

    step = forms.TypedChoiceField(
        label="めざす到達度", choices=_LEADS, coerce=int, required=False, empty_value=None,
        widget=forms.Select(attrs={"class": "select small"}),
    )  # fmt: skip
    cell: Cell


class BaseLeadFormSet(BaseFormSet):
    """One row for every cell of the matrix in use, so that nothing has to be added by a script."""

    def __init__(self, cells: Sequence[Cell], data=None, steps: Mapping[str, int] | None = None) -> None:
        self.cells = list(cells)
        # Cells that the version in use does not have stay with the course.
        self.strange = {
            code: step
            for code, step in (steps or {}).items()
            if code not in {cell.code for cell in self.cells}
        }
        initial = [{"step": (steps or {}).get(cell.code)} for cell in self.cells]
        super().__init__(data, prefix="lead", initial=initial)

    def add_prefix(self, index) -> str:
        """Name the controls of a row after its cell: another matrix between the clicks must not shift steps."""
        return (
            f"{self.prefix}-{self.cells[index].code}" if isinstance(index, int) else super().add_prefix(index)
        )

    def add_fields(self, form, index) -> None:
        """Name each row after its cell."""
        super().add_fields(form, index)
        if index is not None and index < len(self.cells):
            form.cell = self.cells[index]
            form.fields["step"].label = f"{form.cell.full_name}のめざす到達度"

    def total_form_count(self) -> int:
        """Return the number of cells, whatever was sent."""
        return len(self.cells)

    def initial_form_count(self) -> int:
        """Return the same: every row stands there from the first."""
        return len(self.cells)

    def steps(self) -> dict[str, int]:
        """Return the steps by cell code, with those of cells that the matrix does not have; of a valid formset."""
        chosen = {form.cell.code: form.cleaned_data.get("step") for form in self.forms}
        return self.strange | {code: step for code, step in chosen.items() if step}


LeadFormSet = formset_factory(LeadForm, formset=BaseLeadFormSet, extra=0)


class DecideForm(DadsFormMixin, forms.Form):
    """What 人事 says about one application."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    state = forms.ChoiceField(
        label="状態", widget=forms.RadioSelect, choices=[(state.value, state.label) for state in DECISIONS]
    )
    hours = HoursField(
        label="受けた時間数", required=False, min_value=0, max_value=MOST_HOURS, decimal_places=1,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 6, "autocomplete": "off"}),
    )  # fmt: skip
    result = WrittenField(
        label="結果", required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="修了したときの成績や、見送りの理由を書きます。本人に見えます。",
    )  # fmt: skip

    def __init__(self, training: Training, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault(
            "initial",
            {
                "version": training.version,
                "hours": training.hours,
                "result": training.result,
                "state": training.state if training.state in DECISIONS else None,
            },
        )
        super().__init__(*args, **kwargs)
