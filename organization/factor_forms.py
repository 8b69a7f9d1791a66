"""Forms of 「2段階認証」."""

from django import forms

from lib.forms import DadsFormMixin, WrittenField


class CodeForm(DadsFormMixin, forms.Form):
    """The code that the app shows."""

    show_requirement = False
    given = forms.CharField(
        label="認証アプリの番号",
        max_length=40,
        help_text="アプリに出ている6けたの数字です。30秒ごとに変わります。",
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autocapitalize": "none",
                "size": 10,
            }
        ),
    )


class RecoveryForm(DadsFormMixin, forms.Form):
    """A 予備コード."""

    show_requirement = False
    given = forms.CharField(
        label="予備コード",
        max_length=60,
        help_text="例：K7QX-2MRD-9TVB。1つは1回だけ使えます。",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "size": 20}
        ),
    )


class ProofPasswordForm(DadsFormMixin, forms.Form):
    """The present password, of somebody without a second factor."""

    show_requirement = False
    given = forms.CharField(
        label="いまのパスワード",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PasskeyAnswerForm(forms.Form):
    """What the device answered, written by static/js/passkey.js."""

    given = forms.CharField(max_length=20_000, widget=forms.HiddenInput)


class PasskeyNameForm(DadsFormMixin, forms.Form):
    """What one calls a passkey."""

    show_requirement = False
    name = WrittenField(
        label="パスキーの名前",
        max_length=40,
        help_text="どの機器のものか、あとで分かる名前です。例：職場のパソコン",
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 30}),
    )


class NewPasskeyForm(PasskeyNameForm):
    """A name, and the key that the device made."""

    given = forms.CharField(max_length=20_000, widget=forms.HiddenInput, required=False)
