"""The form in which the 所属長 puts another answer in place of the one worked out."""

from typing import Any

from django import forms

from gaps.four_way_reads import Override
from gaps.models.four_way import FourWayAnswer
from gaps.workflow.four_way import NO_REASON
from lib.forms import DadsFormMixin

REASON_LENGTH = 200
AS_COUNTED = "計算のとおり（判断を取り消す）"


class FourWayForm(DadsFormMixin, forms.Form):
    """One skill: an answer and its reason; the empty answer takes an override back, whatever reason stands there."""

    skill = forms.IntegerField(widget=forms.HiddenInput)
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    answer = forms.ChoiceField(
        label="所属長の判断",
        required=False,
        widget=forms.RadioSelect,
        choices=[("", AS_COUNTED), *FourWayAnswer.choices],
    )
    reason = forms.CharField(
        label="理由",
        required=False,
        max_length=REASON_LENGTH,
        help_text="計算と違う判断にするときは、必ず書いてください。係長、所属長と人事だけが見ます。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    show_requirement = False

    @staticmethod
    def values_of(skill: int, stored: Override | None) -> dict[str, Any]:
        """Return the initial values for what is stored of a skill."""
        if stored is None:
            return {"skill": skill, "version": 0, "answer": "", "reason": ""}
        return {"skill": skill, "version": stored.version, "answer": stored.answer, "reason": stored.reason}

    def clean(self) -> dict[str, Any]:
        """Ask for the reason where an answer is given."""
        cleaned = super().clean() or {}
        if cleaned.get("answer") and "reason" not in self.errors and not cleaned.get("reason"):
            self.add_error("reason", NO_REASON)
        return cleaned
