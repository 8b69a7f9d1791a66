"""Forms of the progress of a year and of お願い."""

from typing import Any

from django import forms

from assessments.models import Reminder
from assessments.reminders import AGAIN_AFTER, Ask
from lib.forms import DadsFormMixin
from organization.department_field import DepartmentField
from organization.models import Department

LONGEST = 60


class AskForm(DadsFormMixin, forms.Form):
    """What is asked for, of whom, and how long ago the last time must lie."""

    kind = forms.ChoiceField(
        label="お願いの内容",
        widget=forms.RadioSelect,
        choices=Reminder.Kind.choices,
        initial=Reminder.Kind.SUBMIT,
    )
    department = DepartmentField(
        label="所属", queryset=Department.objects.none(), to_field_name="uuid", required=False,
        empty_label="全員", help_text="いまの本務の所属です。下の所属も含みます。",
    )  # fmt: skip
    again_after = forms.IntegerField(
        label="前のお願いから何日たった人に出すか", min_value=0, max_value=LONGEST, initial=AGAIN_AFTER,
        help_text="0にすると、前にお願いした人にも出します。メールは1日に1人1通までです。",
    )  # fmt: skip

    def __init__(self, *args: Any, departments, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = departments

    def ask(self) -> Ask:
        """Return what was chosen; only after is_valid()."""
        return Ask(
            self.cleaned_data["kind"], self.cleaned_data["department"], self.cleaned_data["again_after"]
        )
