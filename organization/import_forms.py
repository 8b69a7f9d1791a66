"""Forms of imports."""

from collections.abc import Mapping, Sequence

from django import forms
from django.core.exceptions import ValidationError

from lib.forms import DadsFormMixin
from organization.headers import Column
from organization.models import ImportBatch


class UploadForm(DadsFormMixin, forms.Form):
    """One file and what it holds."""

    kind = forms.ChoiceField(
        label="取り込むもの",
        choices=[
            (kind.value, kind.label) for kind in (ImportBatch.Kind.ORGANIZATION, ImportBatch.Kind.ROSTER)
        ],
        widget=forms.RadioSelect,
        help_text="初めてのときは、先に組織を取り込んでください。",
    )
    file = forms.FileField(
        label="ファイル",
        allow_empty_file=True,
        help_text="CSV（UTF-8かCP932）か、Excel（.xlsx）。3万行まで。",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
    )
    full = forms.BooleanField(
        label="全件名簿",
        required=False,
        help_text="職員全員がのっている名簿のときだけ印を付けてください。いない人を「退職候補」として示します。退職にはしません。",
    )

    overwrite = forms.BooleanField(
        label="空欄で上書き",
        required=False,
        help_text="職員名簿で、フリガナ、旧姓、メールの空欄を「空にする」と読みます。印がなければ、空欄はいまのままです。",
    )

    def options(self) -> dict[str, bool]:
        """Return what the workflow calls options; only after is_valid()."""
        roster = self.cleaned_data["kind"] == ImportBatch.Kind.ROSTER
        return {name: self.cleaned_data[name] and roster for name in ("full", "overwrite")}


class MappingForm(DadsFormMixin, forms.Form):
    """For each column of ours, the header of the file that stands for it."""

    def __init__(
        self, columns: Sequence[Column], header: list[str], chosen: Mapping[str, str], *args, **kwargs
    ):
        self._columns = columns
        super().__init__(*args, **kwargs)
        choices = [("", "（このファイルにない）"), *((name, name) for name in header)]
        for number, column in enumerate(columns):
            self.fields[f"column-{number}"] = forms.ChoiceField(
                label=column.label,
                choices=choices,
                required=column.required,
                initial=chosen.get(column.label, ""),
                error_messages={"required": f"「{column.label}」にあたる列を選んでください。"},
            )
        self.fields["template"] = forms.CharField(
            label="ひな形の名前",
            max_length=40,
            required=False,
            help_text="元のシステムの名前を付けて残すと、同じ見出しのファイルで使います。例：人事給与システム",
        )

    def clean(self):
        """Refuse one header for two columns."""
        data = super().clean()
        used: dict[str, str] = {}
        for number, column in enumerate(self._columns):
            name = data.get(f"column-{number}")
            if name and name in used:
                self.add_error(
                    f"column-{number}",
                    ValidationError(
                        f"「{name}」は「{used[name]}」に選ばれています。別の列を選んでください。"
                    ),
                )
            elif name:
                used[name] = column.label
        return data

    def mapping(self) -> dict[str, str]:
        """Return {our label: header}; only after is_valid()."""
        chosen = ((column.label, self.cleaned_data[f"column-{n}"]) for n, column in enumerate(self._columns))
        return {label: name for label, name in chosen if name}


class TemplateForm(forms.Form):
    """One kept template in the list; laid out by the page, a row a table row."""

    row = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    kind = forms.CharField(required=False, disabled=True, widget=forms.HiddenInput)
    name = forms.CharField(
        label="ひな形の名前",
        max_length=40,
        error_messages={"required": "名前を入力してください。使わないひな形は「消す」に印を付けます。"},
    )
    delete = forms.BooleanField(label="消す", required=False)


class BaseTemplateFormSet(forms.BaseFormSet):
    """Refuses one name for two templates of a kind."""

    def initial_form_count(self) -> int:
        """Return how many rows were sent: each is a template that there is, and none may come empty and pass unasked."""
        return self.total_form_count() if self.is_bound else super().initial_form_count()

    def clean(self):
        """Point at the second row of a name; a row that goes leaves its name free."""
        seen: set[tuple[str, str]] = set()
        for form in self.forms:
            data = getattr(form, "cleaned_data", {})
            if data.get("delete") or not data.get("name"):
                continue
            mine = (data["kind"], data["name"])
            if mine in seen:
                form.add_error(
                    "name", "同じ種類に、同じ名前のひな形があります。どちらかの名前を変えてください。"
                )
            seen.add(mine)


TemplateFormSet = forms.formset_factory(
    TemplateForm, formset=BaseTemplateFormSet, extra=0, max_num=500, absolute_max=500
)
