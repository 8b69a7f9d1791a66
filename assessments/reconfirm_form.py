"""What the confirmer makes of a 再確認: 確定のまま, or 人事 are asked to correct it; with a reason that the person reads."""

from typing import Any

from django import forms

from assessments.workflow.replies import REASON_LENGTH
from lib.forms import DadsFormMixin, WrittenField

KEEP, REFER = "keep", "refer"
CHOICES = (
    (KEEP, "確定のままにする"),
    (REFER, "人事に訂正を頼む"),
)


class ReconfirmForm(DadsFormMixin, forms.Form):
    """One answer to one 再確認. 人事 have no choice here: what is to be put right they put right themselves."""

    answer = forms.ChoiceField(label="見直した結果", widget=forms.RadioSelect, choices=CHOICES)
    reason = WrittenField(
        label="理由", max_length=REASON_LENGTH, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="本人の画面にそのまま出ます。何を見て、どう考えたかを書いてください。",
    )  # fmt: skip

    def __init__(self, *args: Any, may_refer: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_refer:
            del self.fields["answer"]
            self.fields["reason"].label = "確定のままにする理由"
