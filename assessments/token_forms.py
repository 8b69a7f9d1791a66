"""The form that issues a 連携トークン."""

import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from access.actor import Actor
from assessments.export_kind import export_kinds
from lib import fiscal
from lib.dates import format_wareki
from lib.forms import DadsFormMixin, JapaneseDateField, WrittenField
from organization.department_field import DepartmentField
from organization.models import Department

# A forgotten token ends by itself within a little more than a year: it is renewed with the 年度.
MOST_DAYS = 400


class TokenForm(DadsFormMixin, forms.Form):
    """For which system, what it may read, of whom, until when, and why."""

    name = WrittenField(
        label="システムの名前", max_length=60, help_text="例：人事給与システム。人の名前は入れません。"
    )
    scopes = forms.MultipleChoiceField(
        label="読める内容",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "読める内容を1つ以上選んでください"},
    )
    department = DepartmentField(
        label="所属",
        queryset=Department.objects.none(),
        to_field_name="uuid",
        required=False,
        empty_label="全員",
        help_text="選ぶと、その所属と下の所属だけを読めます。",
    )
    last_day = JapaneseDateField(label="使える最後の日")
    reason = WrittenField(
        label="理由",
        max_length=200,
        help_text="記録に残り、監査で確かめます。例：人事給与システムの研修の画面に出すため",
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = actor.today
        self.fields["scopes"].choices = [(name, kind.label) for name, kind in export_kinds().items()]
        self.fields["department"].queryset = (
            Department.objects.of(actor).valid_on(actor.today).order_by("path", "pk")
        )
        self.initial = {"last_day": fiscal.last_day(fiscal.fiscal_year(actor.today))}

    def clean_last_day(self) -> datetime.date:
        """Return the last day; it is neither past nor far away."""
        day = self.cleaned_data["last_day"]
        if day < self.today:
            raise ValidationError("今日か、今日より後の日を入れてください。")
        latest = self.today + datetime.timedelta(days=MOST_DAYS)
        if day > latest:
            raise ValidationError(
                f"{format_wareki(latest)}までの日を入れてください。年度が替わるときに作り直します。"
            )
        return day
