"""The forms for 得意・学びたいこと and for the 異動希望."""

from django import forms

from assessments.models import TransferWish
from assessments.models.entries import TEXT_LENGTH
from lib.forms import DadsFormMixin, WrittenField

PLACE_LENGTH = TransferWish._meta.get_field("place").max_length


def _written(label: str, length: int | None, help_text: str, rows: int = 5) -> WrittenField:
    return WrittenField(
        label=label, required=False, max_length=length, help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )  # fmt: skip


class StatementForm(DadsFormMixin, forms.Form):
    """Two texts; either may stay empty."""

    strengths = _written("得意なこと", TEXT_LENGTH, "例：手順書を図で書くこと。庁内の調整。Excelのマクロ")
    interests = _written(
        "学びたいこと", TEXT_LENGTH, "例：ネットワークの設計。データの見せ方。窓口の業務改革"
    )


class WishForm(DadsFormMixin, forms.Form):
    """The wish of one year."""

    wish = forms.ChoiceField(label="希望", choices=TransferWish.Wish, widget=forms.RadioSelect)
    place = _written("希望する所属や仕事", PLACE_LENGTH, "例：福祉の窓口のシステムに関わる仕事", 2)
    reason = _written(
        "理由や事情",
        TEXT_LENGTH,
        "書きたいことだけでかまいません。病気や家族のことは、書かずに人事へ直接相談もできます。",
    )
