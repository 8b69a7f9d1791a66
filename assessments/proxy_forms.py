"""Why somebody's sheet is filled in for them."""

from django import forms

from assessments.models import Proxy
from lib.forms import DadsFormMixin


class GroundForm(DadsFormMixin, forms.Form):
    """One ground."""

    ground = forms.ChoiceField(
        label="代わりに記入する理由",
        choices=Proxy.Ground.choices,
        widget=forms.RadioSelect,
        help_text="本人の画面にも出ます。",
    )
