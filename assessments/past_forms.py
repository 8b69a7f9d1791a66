"""Forms of past years: which workbook to write, and how a filled one is to be read."""

from typing import Any

from django import forms
from django.utils import timezone

from access.actor import Actor
from assessments.cycle_forms import VersionField
from assessments.models import Cycle
from assessments.past_entries import KINDS
from assessments.past_ratings import FINAL, OWN
from competency.models import FrameworkVersion
from lib import fiscal
from lib.forms import DadsFormMixin
from organization.department_field import DepartmentField
from organization.models import Department, ImportBatch

# How far back departments may have kept something.
YEARS_BACK = 20
RATINGS = "ratings"
WHAT = ((RATINGS, "到達度（年度ごと）"), *KINDS.items())
LEVELS = (
    (FINAL, "上司が確認した到達度（確定した記録になります）"),
    (OWN, "本人の自己評価だけ（確定にはなりません）"),
)


class _PastForm(DadsFormMixin, forms.Form):
    """What both forms ask: what it is, of which year, on which steps."""

    what = forms.ChoiceField(label="記録の種類", choices=WHAT, widget=forms.RadioSelect, initial=RATINGS)
    year = forms.TypedChoiceField(label="年度", coerce=int, required=False, empty_value=None)
    level = forms.ChoiceField(
        label="到達度の内容", choices=LEVELS, widget=forms.RadioSelect, required=False, initial=FINAL
    )
    version = VersionField(
        label="体系の版",
        queryset=FrameworkVersion.objects.none(),
        to_field_name="uuid",
        required=False,
        empty_label=None,
        help_text="その年度がもうあるときは、その年度の版です。",
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._actor = actor
        for name in ("year", "level", "version"):
            self.fields[name].needed_when = "到達度では必須"
        now = fiscal.fiscal_year(timezone.localdate())
        self.fields["year"].choices = [
            (year, fiscal.label(year)) for year in range(now - 1, now - 1 - YEARS_BACK, -1)
        ]
        versions = FrameworkVersion.objects.visible_to(actor).select_related("framework")
        self.fields["version"].queryset = versions.order_by("-published_at", "-pk")

    def clean(self) -> dict[str, Any]:
        """Ask for the year of 到達度, and for how to read it."""
        data = super().clean() or self.cleaned_data
        if data.get("what") != RATINGS:
            return data
        for name, message in (
            ("year", "年度を選んでください。"),
            ("level", "到達度の内容を選んでください。"),
            ("version", "体系の版を選んでください。"),
        ):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, message)
        return data

    def kind(self) -> str:
        """Return the kind of import; only after is_valid()."""
        return str(
            ImportBatch.Kind.RATINGS if self.cleaned_data["what"] == RATINGS else ImportBatch.Kind.ENTRIES
        )

    def chosen_version(self) -> FrameworkVersion:
        """Return the version that a year of 到達度 is kept in; one query."""
        there = Cycle.objects.visible_to(self._actor).filter(fiscal_year=self.cleaned_data["year"])
        kept = there.select_related("framework_version__framework").first()
        return kept.framework_version if kept else self.cleaned_data["version"]


class WorkbookForm(_PastForm):
    """Which workbook to write."""

    department = DepartmentField(
        label="所属",
        queryset=Department.objects.none(),
        to_field_name="uuid",
        required=False,
        empty_label="全員",
        help_text="いまの所属で選びます。下の所属も含みます。",
    )

    field_order = ("what", "year", "level", "version", "department")

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(actor, *args, **kwargs)
        self.fields["department"].queryset = Department.objects.of(actor).order_by("path", "pk")


class PastUploadForm(_PastForm):
    """One file, ours or another."""

    file = forms.FileField(
        label="ファイル",
        allow_empty_file=True,
        help_text="書き込んだひな形か、いま使っている表。CSV（UTF-8かCP932）か、Excel（.xlsx）。3万行まで。",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
    )

    def options(self, municipality_code: str) -> dict[str, Any]:
        """Return what the import keeps of the choices; only after is_valid()."""
        if self.kind() == ImportBatch.Kind.ENTRIES:
            return {"municipality": municipality_code, "entries": self.cleaned_data["what"]}
        return {
            "municipality": municipality_code,
            "year": self.cleaned_data["year"],
            "level": self.cleaned_data["level"],
            "version": str(self.chosen_version().uuid),
        }
