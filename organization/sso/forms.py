"""The form of a directory's name and password."""

from django import forms

from lib.forms import DadsFormMixin
from organization.forms import SignInNameField


class DirectoryForm(DadsFormMixin, forms.Form):
    """Name and password as the directory knows them."""

    show_requirement = False
    username = SignInNameField()
    password = forms.CharField(
        label="庁内のパスワード",
        max_length=200,
        strip=False,
        help_text="パソコンやほかの庁内のシステムで使っているものです。この製品には保存しません。",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
