"""Why a record is handed out: 人事 says so before it gets a file of somebody else's (P20)."""

from django import forms

from lib.forms import DadsFormMixin, WrittenField


class ReasonForm(DadsFormMixin, forms.Form):
    """One reason."""

    reason = WrittenField(
        label="理由",
        max_length=200,
        help_text="記録に残り、本人と監査が確かめます。例：令和9年度の研修計画の資料",
    )
