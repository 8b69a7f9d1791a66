"""Forms of the trail."""

from django import forms

from lib.forms import DadsFormMixin


class SettleForm(DadsFormMixin, forms.Form):
    """What came of an alarm."""

    note = forms.CharField(
        label="確かめた結果",
        max_length=200,
        help_text="例：人事評価の時期の確認で、本人に聞いて業務と分かった。",
        error_messages={"required": "確かめた結果を入力してください。"},
    )
