"""The forms of the export centre: what to take out of one kind, and the name of a saved definition."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from access.actor import Actor, Role
from assessments.export_files import CP932, CSV, FORMAT_WORDS, XLSX
from assessments.export_kind import ExportKind, Wish
from assessments.models import Cycle, SavedExport
from assessments.workflow.exporting import NAME_TAKEN
from lib import fiscal
from lib.forms import DadsFormMixin, WrittenField
from organization.department_field import DepartmentField
from organization.models import Department

_HELP = {CP932: "（古いシステム向け）"}


class YearField(forms.ModelChoiceField):
    """A year of the municipality, known by its UUID."""

    def label_from_instance(self, obj: Cycle) -> str:
        """Return 令和8年度（2026年度）, with 受付中 where it still moves."""
        return f"{fiscal.label(obj.fiscal_year)}{'　受付中' if obj.is_open else ''}"


class ExportForm(DadsFormMixin, forms.Form):
    """What to take out of one kind, of whom, in which form, why, and under which name to keep the question.

    Fields that the kind has no use for are not there. `saving` asks for the name and no reason.
    """

    cycle = YearField(label="年度", queryset=Cycle.objects.none(), to_field_name="uuid", empty_label=None)
    department = DepartmentField(
        label="所属",
        queryset=Department.objects.none(),
        to_field_name="uuid",
        required=False,
        empty_label="出力できる全員",
    )
    state = forms.ChoiceField(label="状態", required=False)
    format = forms.ChoiceField(
        label="形式",
        widget=forms.RadioSelect,
        choices=[(key, f"{word}{_HELP.get(key, '')}") for key, word in FORMAT_WORDS.items()],
    )
    split = forms.BooleanField(
        label="所属ごとにシートを分ける", required=False, help_text="形式が Excel のときだけ、分かれます。"
    )
    reason = WrittenField(
        label="理由",
        max_length=200,
        help_text="記録に残り、監査で確かめます。例：令和9年度の研修計画の資料",
    )
    name = WrittenField(
        label="この条件を保存する名前",
        max_length=60,
        required=False,
        help_text="入れると、年度と理由のほかの条件を保存し、来年度も同じ条件で出せます。例：人事給与への受渡し",
    )

    def __init__(
        self, actor: Actor, kind_name: str, kind: ExportKind, *args: Any, saving: bool = False, **kwargs: Any
    ) -> None:
        given = kwargs.pop("initial", None) or {}
        super().__init__(*args, **kwargs)
        self.actor, self.kind_name, self.kind = actor, kind_name, kind
        years = Cycle.objects.visible_to(actor).exclude(state=Cycle.State.PREPARED)
        self.years = years.select_related("municipality", "framework_version__framework")
        self.fields["cycle"].queryset = self.years.order_by("-fiscal_year")
        self.fields["reason"].required = actor.has(Role.HR) and not saving
        self.fields["name"].required = saving
        if saving:
            self.fields["name"].error_messages["required"] = "保存する名前を入力してください"
        if not kind.years:
            self.fields["cycle"].required = False
            self.fields["cycle"].widget = forms.HiddenInput()
        if kind.departments and (actor.has(Role.HR) or actor.has(Role.LINE)):
            self.fields["department"].help_text = kind.department_help
            self.fields["department"].queryset = _in_scope(actor)
        else:
            del self.fields["department"]
            del self.fields["split"]
        if kind.states:
            self.fields["state"].choices = [("", "すべて"), *kind.states]
        else:
            del self.fields["state"]
        self.initial = {"format": CSV, **given}

    def clean_cycle(self) -> Cycle | None:
        """Return the year; of a kind without years the newest, on whose framework it is read."""
        return self.cleaned_data["cycle"] or self.years.order_by("-fiscal_year").first()

    def clean_name(self) -> str:
        """Return the name; one's own definition of that name is the same one or none."""
        name = self.cleaned_data["name"]
        there = SavedExport.objects.visible_to(self.actor).filter(name=name).first() if name else None
        if there is not None and (there.kind, there.params) != (self.kind_name, self.params()):
            raise ValidationError(NAME_TAKEN)
        return name

    def clean(self) -> dict[str, Any]:
        """Refuse where there is no year at all."""
        if not self.kind.years and not self.errors and self.cleaned_data.get("cycle") is None:
            raise ValidationError("受付を始めた年度がまだないため、出力するものがありません。")
        return self.cleaned_data

    def wish(self) -> Wish:
        """Return what is asked for. Call it on a valid form."""
        said = self.cleaned_data
        return Wish(said["cycle"], said.get("department"), said.get("state", ""))

    def params(self) -> dict[str, Any]:
        """Return what a definition keeps: everything but the year and the reason. Ids and choices alone."""
        said = self.cleaned_data
        department = said.get("department")
        return {
            "department": str(department.uuid) if department else "",
            "state": said.get("state", ""),
            "format": said.get("format", CSV),
            "split": self.divided,
        }

    @property
    def divided(self) -> bool:
        """Say whether a workbook is divided by 所属."""
        return bool(self.cleaned_data.get("split")) and self.cleaned_data.get("format") == XLSX


class NameForm(DadsFormMixin, forms.Form):
    """Another name for a saved definition."""

    name = WrittenField(label="名前", max_length=60)

    def __init__(self, saved: SavedExport, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.saved = saved
        self.initial = {"name": saved.name}

    def clean_name(self) -> str:
        """Return the name; none of one's other definitions has it."""
        name = self.cleaned_data["name"]
        others = SavedExport.objects.filter(owner_id=self.saved.owner_id).exclude(pk=self.saved.pk)
        if others.filter(name=name).exists():
            raise ValidationError(NAME_TAKEN)
        return name


def _in_scope(actor: Actor):
    departments = Department.objects.of(actor)
    if not actor.has(Role.HR):
        allowed = departments.none()
        for root in actor.line_paths:
            allowed = allowed | Department.objects.of(actor).below(root)
        departments = allowed
    return departments.order_by("path", "pk")
