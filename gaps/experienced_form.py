"""The search form of 経験者さがし: nothing is required, everything that is given has to hold."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from assessments.models import Experience
from competency.models import Cell, FrameworkVersion, Qualification, Step
from competency.models.matrix import HOLDER_STEP
from gaps.finder import MOST_WORDS, Question
from lib.forms import DadsFormMixin
from lib.text import clean

WORDS_LENGTH = 60
_ANY = ("", "指定しない")


class ExperiencedForm(DadsFormMixin, forms.Form):
    """What is looked for. Sent by GET, so that a search can be kept as an address."""

    show_requirement = False
    cell = forms.ChoiceField(label="項目", required=False)
    step = forms.ChoiceField(
        label="段階",
        required=False,
        choices=[(str(step.value), f"{step.value} {step.label}以上") for step in Step if step],
        initial=str(HOLDER_STEP.value),
        help_text="確定した段階でさがします。",
    )
    self_too = forms.BooleanField(
        label="確認を待っている本人の値（自己のみ）も含める", required=False, initial=False
    )
    qualification = forms.ChoiceField(label="資格", required=False)
    certificate = forms.CharField(
        label="資格の名前の一部",
        required=False,
        max_length=WORDS_LENGTH,
        help_text="登録表にない資格は、ここに入れてください。",
    )
    category = forms.ChoiceField(
        label="業務経験の区分", required=False, choices=[_ANY, *Experience.Category.choices]
    )
    words = forms.CharField(
        label="業務経験の言葉",
        required=False,
        max_length=WORDS_LENGTH,
        help_text="名称、内容、役割、規模、結果からさがします。空白で区切ると、すべて入っているものをさがします。",
    )

    def __init__(
        self, cells: Iterable[Cell], qualifications: Sequence[Qualification], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cell"].choices = [_ANY, *((cell.code, cell.full_name) for cell in cells)]  # type: ignore[attr-defined]
        self._qualifications = {str(one.uuid): one.pk for one in qualifications}
        self.fields["qualification"].choices = [  # type: ignore[attr-defined]
            _ANY,
            *((str(one.uuid), str(one)) for one in qualifications),
        ]

    def clean_certificate(self) -> str:
        """Refuse more words than are looked for."""
        return _words(self.cleaned_data["certificate"])

    def clean_words(self) -> str:
        """Refuse more words than are looked for."""
        return _words(self.cleaned_data["words"])

    def question(self, year: int, version: FrameworkVersion | None) -> Question:
        """Return what is looked for, in cells of a version; the form is valid."""
        given = self.cleaned_data
        return Question(
            year=year,
            version=version,
            cell=given["cell"],
            step=int(given["step"] or HOLDER_STEP),
            include_self=given["self_too"],
            qualification=self._qualifications.get(given["qualification"]),
            certificate=given["certificate"],
            category=given["category"],
            words=given["words"],
        )


def _words(given: str) -> str:
    words = clean(given)
    if len(words.split()) > MOST_WORDS:
        raise forms.ValidationError(f"言葉は{MOST_WORDS}つまでです。減らして、もう一度さがしてください。")
    return words
