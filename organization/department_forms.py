"""Forms of departments and positions (P31)."""

from django import forms
from django.core.exceptions import ValidationError

from lib.forms import DadsFormMixin, JapaneseDateField
from lib.intervals import end_after, last_day
from organization.department_field import PlaceField
from organization.models import Department
from organization.models.position import LineRole
from organization.people_forms import indented, validate_number
from organization.workflow import DepartmentValues


class DepartmentForm(DadsFormMixin, forms.Form):
    """One department. Given one, the form changes it and offers no parent at or below it."""

    code = forms.RegexField(
        r"^[0-9A-Za-z][0-9A-Za-z._-]*$",
        label="所属コード",
        max_length=20,
        help_text="頭の0も入れてください。",
        error_messages={"invalid": "所属コードに使えるのは、半角の英数字と . _ - です。直してください。"},
        validators=[validate_number],
    )
    name = forms.CharField(label="所属名", max_length=60)
    parent = PlaceField(label="上位所属", required=False)
    valid_from = JapaneseDateField(label="開始日")
    last = JapaneseDateField(
        label="終了日", required=False, help_text="使う最後の日。続いているときは空にします。"
    )
    successor = PlaceField(
        label="引き継いだ所属",
        required=False,
        help_text="組織改正で終わるときに選びます。年度の比較が、選んだ所属に続きます。",
    )
    rank = forms.IntegerField(
        label="並び順",
        min_value=0,
        max_value=9999,
        initial=0,
        help_text="同じ上位の中で、小さいほど上に並びます。",
    )

    def __init__(self, departments: list[Department], department: Department | None, *args, **kwargs):
        if department is not None:
            kwargs.setdefault(
                "initial",
                {
                    "code": department.code,
                    "name": department.name,
                    "parent": str(department.parent.uuid) if department.parent else "",
                    "valid_from": department.valid_from,
                    "last": last_day(department.valid_to),
                    "successor": str(department.successor.uuid) if department.successor else "",
                    "rank": department.rank,
                },
            )
        super().__init__(*args, **kwargs)
        self._department = department
        self._codes = {d.code: d.pk for d in departments}
        offered = [d for d in departments if department is None or not d.path.startswith(department.path)]
        self._parents = {str(d.uuid): d for d in offered}
        self.fields["parent"].offer(offered, [("", "なし（いちばん上）"), *indented(offered)])
        if department is None:
            # What is new has not ended.
            del self.fields["successor"]
        else:
            self.fields["successor"].offer(offered, [("", "なし"), *indented(offered)])

    def clean_code(self):
        """Refuse a code in use in the municipality."""
        given = self.cleaned_data["code"]
        if self._codes.get(given) not in (None, self._department.pk if self._department else None):
            raise ValidationError("この所属コードは、すでに使われています。")
        return given

    def clean(self):
        """Refuse an end before the start, and a successor without an end."""
        data = super().clean()
        if data.get("successor") and not data.get("last") and "last" not in self.errors:
            self.add_error("last", "引き継いだ所属を選んだときは、終了日を入れてください。")
        start, last = data.get("valid_from"), data.get("last")
        if start and last and last < start:
            self.add_error("last", "終了日が開始日より前です。どちらかの日付を直してください。")
        return data

    def values(self) -> DepartmentValues:
        """Return what the workflow takes; only after is_valid()."""
        data = self.cleaned_data
        return DepartmentValues(
            code=data["code"],
            name=data["name"],
            parent=self._parents.get(data["parent"]),
            valid_from=data["valid_from"],
            valid_to=end_after(data["last"]),
            rank=data["rank"],
            successor=self._parents.get(data.get("successor", "")),
        )


class PositionForm(forms.Form):
    """One row of the table of 職位; laid out by the template, a row a table row."""

    uuid = forms.UUIDField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    name = forms.CharField(
        label="職位", max_length=40, error_messages={"required": "職位を入力してください。"}
    )
    line_role = forms.ChoiceField(label="確認者区分", choices=LineRole.choices, initial=LineRole.NONE)
    rank = forms.IntegerField(
        label="並び順",
        min_value=0,
        max_value=9999,
        initial=0,
        error_messages={"required": "0から9999の数字を入力してください。"},
    )
    retired = forms.BooleanField(label="使わない", required=False)


class BasePositionFormSet(forms.BaseFormSet):
    """Refuses one name in two rows."""

    def clean(self):
        """Point at the second row of a name."""
        seen: set[str] = set()
        for form in self.forms:
            name = getattr(form, "cleaned_data", {}).get("name")
            if name and name in seen:
                form.add_error("name", "同じ職位がもう1行あります。どちらかの名前を直してください。")
            seen.add(name or "")


PositionFormSet = forms.formset_factory(
    PositionForm, formset=BasePositionFormSet, extra=1, max_num=500, absolute_max=501
)
