"""The form for a file with an entry (P03)."""

from django import forms
from django.conf import settings

from assessments.models.entries import TITLE_LENGTH
from lib.forms import DadsFormMixin, WrittenField

MEGABYTES = settings.ATTACHMENT_MAX_BYTES // 1024 // 1024
TOO_LARGE = f"ファイルが大きすぎます。{MEGABYTES}MBまでのファイルを選んでください。"


class FileForm(DadsFormMixin, forms.Form):
    """What it is, and the file. Its own name is not kept: names of files hold names of people."""

    label = WrittenField(
        label="何のファイルか", max_length=TITLE_LENGTH, help_text="例：修了証、合格証書の写し、計画書の表紙"
    )
    file = forms.FileField(
        label="ファイル",
        allow_empty_file=True,
        help_text=f"PDF、PNG、JPEG。{MEGABYTES}MBまで。市民や同僚の個人情報がのっていないことを確かめてください。",
        widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
        error_messages={"max_length": "ファイルの名前が長すぎます。短い名前に変えてから選んでください。"},
    )

    def clean_file(self):
        """Refuse what is too large before a byte of it is looked at."""
        file = self.cleaned_data["file"]
        if file.size > settings.ATTACHMENT_MAX_BYTES:
            raise forms.ValidationError(TOO_LARGE, code="too_large")
        return file

    @property
    def status(self) -> int:
        """Return the status of the page that shows the errors: 413 for a file too large."""
        return 413 if self.has_error("file", "too_large") else 422
