"""Forms about one person (P02)."""

import datetime

from django import forms
from django.core.exceptions import ValidationError

from lib.forms import DadsFormMixin, JapaneseDateField
from lib.intervals import end_after
from lib.tabular import Problem
from lib.text import has_fullwidth_digits, strip_controls
from organization.department_field import PlaceField
from organization.models import Department, Position, Staff
from organization.models.position import LineRole
from organization.roster import Line
from organization.roster.lines import KINDS

_NUMBER = r"^[0-9A-Za-z][0-9A-Za-z._-]*$"


def validate_number(value: str) -> None:
    """Refuse what a roster would refuse as 職員番号 or 所属コード, in the same words."""
    if has_fullwidth_digits(value):
        raise ValidationError("全角の数字があります。半角の数字に直してください。")


def indented(departments) -> list[tuple[str, str]]:
    """Return choices of departments, those below set in by a full-width space a level."""
    return [(str(d.uuid), f"{'　' * d.depth}{d.name}（{d.code}）") for d in departments]


class PersonForm(DadsFormMixin, forms.Form):
    """What is written about a person. Postings have dates and a form of their own."""

    staff_number = forms.RegexField(
        _NUMBER,
        label="職員番号",
        max_length=20,
        help_text="頭の0も入れてください。ログイン名は変わりません。",
        error_messages={"invalid": "職員番号に使えるのは、半角の英数字と . _ - です。直してください。"},
        validators=[validate_number],
    )
    name = forms.CharField(label="氏名", max_length=60)
    kana = forms.CharField(label="フリガナ", max_length=80, required=False)
    former_name = forms.CharField(label="旧姓", max_length=60, required=False)
    employment = forms.ChoiceField(label="職員区分", choices=Staff.Employment.choices)
    email = forms.EmailField(label="メール", max_length=254, required=False)

    def __init__(self, staff: Staff, *args, **kwargs):
        kwargs.setdefault("initial", {name: getattr(staff, name) for name in self.base_fields})
        super().__init__(*args, **kwargs)
        self._staff = staff

    def clean_name(self):
        """Keep the name as written, without control characters."""
        return strip_controls(self.cleaned_data["name"])

    def clean_staff_number(self):
        """Refuse a number in use in the municipality."""
        given = self.cleaned_data["staff_number"]
        others = Staff.objects.filter(municipality_id=self._staff.municipality_id, staff_number=given)
        if others.exclude(pk=self._staff.pk).exists():
            raise ValidationError("この職員番号は、すでに使われています。")
        return given


class PostingForm(DadsFormMixin, forms.Form):
    """One 発令, as a line of a roster."""

    kind = forms.ChoiceField(
        label="発令種別",
        choices=[(word, word) for word in KINDS],
        initial="本務",
        help_text="異動は「本務」です。前の本務は発令日に終わります。",
    )
    department = PlaceField(
        label="所属", required=False, help_text="休職・育休・復職・退職では選ばなくてかまいません。"
    )
    position = forms.ChoiceField(label="職位", required=False, help_text="選ばないと、前の職位のままです。")
    line_role = forms.ChoiceField(
        label="確認者区分", required=False, choices=[("", "職位の表で決める"), *LineRole.choices]
    )
    start = JapaneseDateField(
        label="発令日",
        help_text="例：令和8年4月1日、R8.4.1、2026/4/1。退職は、在籍しなくなる最初の日です。",
    )
    last = JapaneseDateField(
        label="終了日",
        required=False,
        help_text="在籍する最後の日。決まっているときだけ。事務取扱では必須です。",
    )

    def __init__(self, departments: list[Department], positions: list[Position], *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._codes = {str(department.uuid): department.code for department in departments}
        self.fields["department"].offer(departments, [("", "（選ばない）"), *indented(departments)])
        self.fields["position"].choices = [("", "（選ばない）"), *((p.name, p.name) for p in positions)]

    def clean(self):
        """Check what a roster file would be refused for."""
        data = super().clean()
        start: datetime.date | None = data.get("start")
        last: datetime.date | None = data.get("last")
        if start and last and last < start:
            self.add_error("last", "終了日が発令日より前です。どちらかの日付を直してください。")
        if data.get("kind") == "事務取扱" and last is None and "last" not in self.errors:
            self.add_error("last", "事務取扱には終了日が要ります。最後の日を入れてください。")
        return data

    def line(self, staff: Staff) -> Line:
        """Return the line that stands for this form; only after is_valid()."""
        data = self.cleaned_data
        return Line(
            line=None,
            number=staff.staff_number,
            kind=KINDS[data["kind"]],
            start=data["start"],
            end=end_after(data["last"]),
            department=self._codes.get(data["department"], ""),
            position=data["position"],
            line_role=data["line_role"],
        )

    def add_problems(self, problems: list[Problem]) -> None:
        """Show what the planner says at the field it is about."""
        fields = {"発令種別": "kind", "所属コード": "department", "発令日": "start", "終了日": "last"}
        for problem in problems:
            self.add_error(fields.get(problem.column), problem.message)
