"""What every form of the product shares: Japanese messages, the crispy helper, dates as text. Imports no app."""

import datetime
from collections.abc import Mapping
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError

from lib.dates import format_month, format_wareki, last_of_month, parse_date, parse_month_or_date
from lib.text import clean

_DEFAULT_REQUIRED = forms.Field.default_error_messages["required"]


def required_message(field: forms.Field, label: str) -> str:
    """Return the sentence for an empty required field, in the verb that fits its control."""
    if isinstance(field, forms.BooleanField):
        return f"「{label}」に印を付けてください"
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField | forms.FileField):
        return f"{label}を選んでください"
    return f"{label}を入力してください"


def page_helper(*, show_requirement: bool = True) -> FormHelper:
    """Return a helper that prints the fields alone: `<form>`, token and buttons stand in the template.

    `show_requirement=False` leaves out ※必須 and ※任意, for search forms where everything is optional.
    """
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.hide_requirement = not show_requirement
    return helper


class DadsFormMixin:
    """A form in the look of the product: `{% crispy form %}` between the template's own `<form novalidate>` tags.

    Put it before `forms.Form` or `forms.ModelForm`. A message given in the field's own `error_messages` stays.
    """

    fields: Mapping[str, forms.Field]
    show_requirement = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = page_helper(show_requirement=self.show_requirement)
        for name, field in self.fields.items():
            if field.error_messages.get("required") == _DEFAULT_REQUIRED:
                field.error_messages["required"] = required_message(field, str(field.label or name))


class JapaneseDateField(forms.DateField):
    """A date as text, because the browsers' pickers know no 元号: 令和8年4月1日, R8.4.1, 2026/4/1, 2026-04-01.

    Cleans to a `datetime.date` or None, shows 令和8年4月1日. The error is the sentence of `lib.dates.parse_date`.
    """

    widget = forms.TextInput(attrs={"size": 18, "autocomplete": "off"})

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "例：令和8年4月1日、R8.4.1、2026/4/1")
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> datetime.date | None:
        """Return the date; raises ValidationError with a sentence saying what to do."""
        if value in self.empty_values:
            return None
        try:
            return parse_date(value)
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error

    def prepare_value(self, value: Any) -> Any:
        """Show a date in 和暦; text that the person wrote stays as it was written."""
        return format_wareki(value) if isinstance(value, datetime.date) else value


class JapaneseMonthField(JapaneseDateField):
    """A day that people often know by its month alone: 令和7年6月, R7.6, 2025-06, or a whole date.

    A month cleans to its first day, with `last=True` to its last; that day is shown as the month again.
    """

    def __init__(self, *, last: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "例：令和7年6月、R7.6、2025-06。日まで書いてもかまいません。")
        super().__init__(**kwargs)
        self.last = last

    def to_python(self, value: Any) -> datetime.date | None:
        """Return the day; raises ValidationError with a sentence saying what to do."""
        if value in self.empty_values:
            return None
        try:
            return parse_month_or_date(value, last=self.last)
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error

    def prepare_value(self, value: Any) -> Any:
        """Show a month in 和暦, or the whole date where a day inside it was given."""
        if isinstance(value, datetime.date) and self.is_month(value):
            return format_month(value)
        return super().prepare_value(value)

    def is_month(self, day: datetime.date) -> bool:
        """Say whether a day may stand for its whole month."""
        return day == (last_of_month(day) if self.last else day.replace(day=1))


class WrittenField(forms.CharField):
    """What somebody writes, as it is kept: `lib.text.clean`, "" for none. Too much is refused with its length, never cut.

    The control has no `maxlength`, for a browser cuts what is pasted and says nothing.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs["error_messages"] = {
            "max_length": "%(limit_value)d字までです。いまは%(show_value)d字あるので、短くしてください。",
            **(kwargs.get("error_messages") or {}),
        }
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        """Return the text as it is kept."""
        return clean(super().to_python(value) or "")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Return no `maxlength`."""
        return {name: one for name, one in super().widget_attrs(widget).items() if name != "maxlength"}


class YenField(forms.IntegerField):
    """A sum as people write it: 1,200,000円, full-width digits too."""

    def to_python(self, value: Any) -> int | None:
        """Return the number without separators and the word 円."""
        if isinstance(value, str):
            value = value.strip().replace(",", "").replace("，", "").removesuffix("円")
        return super().to_python(value)
