"""The forms of records that travel: consent, the file, the issuer to trust."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from assessments.travel.multikey import NoKey, decode_key, fingerprint
from lib.forms import DadsFormMixin
from lib.text import clean


class IssueForm(DadsFormMixin, forms.Form):
    """Before one's own record leaves as a file."""

    consent = forms.BooleanField(label="中身を読み、ファイルを自分で管理することを確かめました")


class RecordFileForm(DadsFormMixin, forms.Form):
    """A signed record from elsewhere."""

    file = forms.FileField(
        label="記録のファイル",
        allow_empty_file=True,
        help_text="前の団体のスキル履歴書から書き出した、署名の付いたファイル（.json）。1MBまで。",
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
    )
    show_requirement = False


class TakeInForm(DadsFormMixin, forms.Form):
    """Before a record is taken in; `mine` is asked only where the names differ."""

    mine = forms.BooleanField(label="本人の記録です")
    consent = forms.BooleanField(label="この記録を、この団体のスキル履歴書に取り込むことに同意します")

    def __init__(self, *args: Any, same_name: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if same_name:
            del self.fields["mine"]


class IssuerForm(DadsFormMixin, forms.Form):
    """Whose signature to take from now on."""

    name = forms.CharField(
        label="発行する団体の名前",
        max_length=60,
        help_text="相手の団体のスキル履歴書に出ている名前のとおりに入れてください。例：となり市",
    )
    key = forms.CharField(
        label="公開鍵",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false"}),
        help_text="相手から受け取った、z6Mkで始まる文字の列を貼り付けてください。",
    )
    fingerprint = forms.CharField(
        label="鍵の指紋",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 42}),
        help_text="鍵とは別の方法（電話など）で相手から聞いた、4けたずつ8組の数字と英字を入れてください。",
    )

    def clean_name(self) -> str:
        """Return the name without control characters."""
        return clean(self.cleaned_data["name"])

    def clean_key(self) -> str:
        """Return the key as multibase; the sentence says what such a key looks like."""
        key = "".join(self.cleaned_data["key"].split()).removeprefix("did:key:").partition("#")[0]
        try:
            decode_key(key)
        except NoKey:
            raise ValidationError(
                "公開鍵として読めません。z6Mkで始まる48文字を、欠けや余りのないように貼り付けてください。"
            ) from None
        return key

    def clean_fingerprint(self) -> str:
        """Return the 32 digits heard; they must be those of the key, which is the point of asking."""
        heard = unicodedata.normalize("NFKC", self.cleaned_data["fingerprint"]).upper()
        digits = "".join(char for char in heard if char.isalnum())
        key = self.cleaned_data.get("key")
        if key and digits != fingerprint(key).replace(" ", ""):
            raise ValidationError(
                "鍵の指紋が合いません。聞いた指紋と、貼り付けた鍵を、相手ともう一度確かめてください。"
            )
        return digits
