"""Forms of signing in and of accounts."""

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from access.actor import Role
from lib.forms import DadsFormMixin
from lib.passwords import normalised
from lib.text import half_width, strip_controls
from organization.models import Grant, Staff
from organization.password_rules import least_length
from organization.tenancy import taken_usernames

# One sentence for a wrong name, a wrong password, a closed account and a used code: nothing can be told apart.
REFUSED = "ログイン名かパスワードが違います。大文字と小文字を確かめて、もう一度入力してください。"


class SignInNameField(forms.CharField):
    """A name to sign in with, whatever the input method was set to: ０１２３ is 0123."""

    def __init__(self, **kwargs):
        super().__init__(
            label="ログイン名",
            max_length=60,
            widget=forms.TextInput(
                attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
            ),
            **kwargs,
        )

    def to_python(self, value):
        """Return the name as accounts have it."""
        return half_width(super().to_python(value))


class SignInForm(DadsFormMixin, forms.Form):
    """Name and password, or name and one-time code."""

    show_requirement = False
    username = SignInNameField(help_text="多くの場合、職員番号です。")
    password = forms.CharField(
        label="パスワード",
        max_length=200,
        strip=False,
        help_text="初めての人は、配られた紙にある「初回ログインの番号」を入力してください。",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PasswordForm(DadsFormMixin, forms.Form):
    """A new password of one's own. The present one is asked, except right after a one-time code."""

    show_requirement = False
    password = forms.CharField(
        label="いまのパスワード",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new_password = forms.CharField(
        label="新しいパスワード",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    repeated = forms.CharField(
        label="新しいパスワード（もう一度）",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, staff: Staff, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._staff = staff
        self.fields["new_password"].help_text = (
            f"{least_length(staff)}文字以上。名前や職員番号、よく使われる言葉だけのものは使えません。"
            "関係のない言葉を3つか4つつなぐことをおすすめします。貼り付けも使えます。"
        )
        if staff.must_change_password:
            del self.fields["password"]

    def clean_password(self):
        """Refuse a wrong present password."""
        given = self.cleaned_data["password"]
        if not self._staff.check_password(given):
            raise ValidationError("いまのパスワードが違います。")
        return given

    def clean_new_password(self):
        """Apply the validators of the settings; each answers with a sentence."""
        given = self.cleaned_data["new_password"]
        # Judged in the form that is hashed: full-width letters make nothing stronger.
        validate_password(normalised(given), self._staff)
        return given

    def clean(self):
        """Refuse two different new passwords."""
        data = super().clean()
        if data.get("repeated") and data.get("new_password") and data["repeated"] != data["new_password"]:
            self.add_error("repeated", "2つの新しいパスワードが違います。同じものを入力してください。")
        return data


class AccountForm(DadsFormMixin, forms.Form):
    """A new account for somebody who is in no roster, such as an operator."""

    name = forms.CharField(label="氏名", max_length=60)
    kana = forms.CharField(label="フリガナ", max_length=80, required=False)
    staff_number = forms.CharField(label="職員番号", max_length=20)
    username = forms.RegexField(
        r"^[0-9A-Za-z._@-]+$",
        label="ログイン名",
        max_length=60,
        help_text="半角の英数字と . _ @ - が使えます。",
        error_messages={"invalid": "ログイン名は、半角の英数字と . _ @ - で入力してください。"},
    )

    def __init__(self, municipality_id: int, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._municipality_id = municipality_id

    def clean_name(self):
        """Keep the name as written, without control characters."""
        return strip_controls(self.cleaned_data["name"])

    def clean_username(self):
        """Refuse a name in use anywhere in the installation."""
        given = self.cleaned_data["username"]
        if taken_usernames([given]):
            raise ValidationError("このログイン名は使えません。別の名前を入力してください。")
        return given

    def clean_staff_number(self):
        """Refuse a number in use in the municipality."""
        given = self.cleaned_data["staff_number"]
        if Staff.objects.filter(municipality_id=self._municipality_id, staff_number=given).exists():
            raise ValidationError("この職員番号は、すでに登録されています。")
        return given


class GrantForm(DadsFormMixin, forms.Form):
    """One role to grant."""

    role = forms.ChoiceField(label="権限", choices=Grant.GrantRole.choices, widget=forms.RadioSelect)

    def cleaned_role(self) -> Role:
        """Return the chosen role; only after is_valid()."""
        return Role(self.cleaned_data["role"])
