"""What every form of the product shares: Japanese messages, the crispy helper, dates as text. Imports no app."""

import datetime
from collections.abc import Mapping
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError

from lib.dates import format_wareki, parse_date
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


class WrittenField(forms.CharField):
    """What somebody writes, as it is kept: `lib.text.clean`, and never silently cut. Cleans to text, "" for none."""

    def to_python(self, value: Any) -> str:
        """Return the text without control characters and outer spaces, with LF line breaks."""
        return clean(super().to_python(value))
