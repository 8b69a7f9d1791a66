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
        choices=ImportBatch.Kind.choices,
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

    def options(self) -> dict[str, bool]:
        """Return what the workflow calls options; only after is_valid()."""
        return {"full": self.cleaned_data["full"] and self.cleaned_data["kind"] == ImportBatch.Kind.ROSTER}


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
