"""The form of the export centre."""

from typing import Any

from django import forms

from access.actor import Actor, Role
from assessments.export_files import CP932, CSV, LONG, WIDE, XLSX
from assessments.models import Cycle
from lib import fiscal
from lib.forms import DadsFormMixin
from organization.models import Department


class YearField(forms.ModelChoiceField):
    """A year of the municipality, known by its UUID."""

    def label_from_instance(self, obj: Cycle) -> str:
        """Return 令和8年度（2026年度）, with 受付中 where it still moves."""
        return f"{fiscal.label(obj.fiscal_year)}{'　受付中' if obj.is_open else ''}"


class DepartmentField(forms.ModelChoiceField):
    """A department in scope, known by its UUID and indented by its depth."""

    def label_from_instance(self, obj: Department) -> str:
        """Return the name, indented."""
        return f"{'　' * obj.depth}{obj.name}"


class ExportForm(DadsFormMixin, forms.Form):
    """What to export, of whom, in which form, and why."""

    cycle = YearField(label="年度", queryset=Cycle.objects.none(), to_field_name="uuid", empty_label=None)
    department = DepartmentField(
        label="所属",
        queryset=Department.objects.none(),
        to_field_name="uuid",
        required=False,
        empty_label="出力できる全員",
        help_text="年度票を配ったときの所属で選びます。下の所属も含みます。",
    )
    form = forms.ChoiceField(
        label="並べ方",
        widget=forms.RadioSelect,
        choices=[(LONG, "明細（1項目1行。根拠と日時を含む）"), (WIDE, "一覧（1人1行）")],
    )
    format = forms.ChoiceField(
        label="形式",
        widget=forms.RadioSelect,
        choices=[(CSV, "CSV（UTF-8）"), (CP932, "CSV（CP932。古いシステム向け）"), (XLSX, "Excel")],
    )
    reason = forms.CharField(
        label="理由",
        max_length=200,
        help_text="記録に残り、監査で確かめます。例：令和9年度の研修計画の資料",
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = Cycle.objects.visible_to(actor).exclude(state=Cycle.State.PREPARED)
        self.fields["cycle"].queryset = years.order_by("-fiscal_year")
        self.fields["reason"].required = actor.has(Role.HR)
        if actor.has(Role.HR) or actor.has(Role.LINE):
            self.fields["department"].queryset = _in_scope(actor)
        else:
            del self.fields["department"]
        self.initial = {"form": LONG, "format": CSV}


def _in_scope(actor: Actor):
    departments = Department.objects.of(actor)
    if not actor.has(Role.HR):
        allowed = departments.none()
        for root in actor.line_paths:
            allowed = allowed | Department.objects.of(actor).below(root)
        departments = allowed
    return departments.order_by("path", "pk")
