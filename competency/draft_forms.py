"""Forms of a draft as a whole and of its 分類 and 区分 (P24)."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms

from competency.framework_file import (
    MAX_CODE,
    MAX_FRAMEWORK_NAME,
    MAX_NAME,
    MAX_NOTE,
    MAX_PART_SOURCE,
    MAX_SOURCE,
    MAX_STAGE_NAME,
    MAX_VERSION,
)
from competency.models import Area, Category, FrameworkVersion
from competency.workflow.drafts import DraftValues
from competency.workflow.drafts_parts import PartValues
from lib.forms import DadsFormMixin, WrittenField

CODE_HELP = "英小文字と数字。あとで同じものとわかるように、この符号で追います。"
SOURCE_HELP = "もとにした資料の名前と年、図表の番号など。"


class VersionField(forms.ModelChoiceField):
    """A version by 体系, name and state; known by its UUID."""

    def label_from_instance(self, obj: FrameworkVersion) -> str:
        """Return LASDEC 2012（公開、全団体に共通）."""
        common = "、全団体に共通" if obj.framework.municipality_id is None else ""
        return f"{obj.framework.name} {obj.name}（{obj.get_state_display()}{common}）"


class StartForm(DadsFormMixin, forms.Form):
    """From which version a draft is made, and what it is called."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    base = VersionField(
        label="もとにする版",
        queryset=FrameworkVersion.objects.none(),
        to_field_name="uuid",
        widget=forms.RadioSelect,
        empty_label=None,
    )
    name = WrittenField(
        label="新しい版の名前",
        max_length=MAX_VERSION,
        help_text="例：2026、令和8年度版。同じ体系の版と重ならない名前にします。",
    )
    framework_name = WrittenField(
        label="体系の名前",
        max_length=MAX_FRAMEWORK_NAME,
        required=False,
        help_text="この団体の体系を初めて作るときだけ使います。空なら、もとの体系の名前のままです。",
    )

    def __init__(self, versions: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["base"].queryset = versions


class UploadForm(DadsFormMixin, forms.Form):
    """One file."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    file = forms.FileField(
        label="ファイル",
        allow_empty_file=True,
        help_text="このシステムのYAMLかJSON（1MBまで）、または1EdTech CASE 1.0か1.1のJSON（8MBまで）。",
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,.json"}),
    )


class SettingsForm(DadsFormMixin, forms.Form):
    """What a draft says of itself. The `seen_` fields carry what stood there when the form was opened."""

    name = WrittenField(label="版の名前", max_length=MAX_VERSION)
    stage_0 = WrittenField(label="段階1（易しい）の名前", max_length=MAX_STAGE_NAME)
    stage_1 = WrittenField(label="段階2の名前", max_length=MAX_STAGE_NAME)
    stage_2 = WrittenField(label="段階3（難しい）の名前", max_length=MAX_STAGE_NAME)
    source = WrittenField(
        label="版の出典",
        max_length=MAX_SOURCE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=SOURCE_HELP,
    )
    note = WrittenField(
        label="改定の説明",
        max_length=MAX_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="何をなぜ変えたか。公開すると、職員と人事が読みます。",
    )
    TEXTS = ("name", "stage_0", "stage_1", "stage_2", "source", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.TEXTS:
            self.fields[f"seen_{name}"] = forms.CharField(
                required=False, widget=forms.HiddenInput, strip=False
            )

    @classmethod
    def initial_of(cls, values: DraftValues) -> dict[str, str]:
        """Return the initial values for what is stored, seen as it is."""
        found = {"name": values.name, "source": values.source, "note": values.note}
        found |= {f"stage_{rank}": name for rank, name in enumerate(values.stages)}
        return found | {f"seen_{name}": text for name, text in found.items()}

    def values(self, prefix: str = "") -> DraftValues:
        """Return what was sent, or with `seen_` what the form had shown; call it on a valid form."""
        sent = {name: self.cleaned_data[prefix + name].replace("\r\n", "\n") for name in self.TEXTS}
        stages = tuple(sent[f"stage_{rank}"] for rank in range(3))
        return DraftValues(sent["name"], sent["source"], sent["note"], stages)


class PartForm(DadsFormMixin, forms.Form):
    """A 分類, or with `categories` a 区分."""

    lock = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)
    category = forms.ChoiceField(label="分類")
    name = WrittenField(label="名称", max_length=MAX_NAME)
    alias = WrittenField(
        label="別名",
        max_length=MAX_NAME,
        required=False,
        help_text="資料にある別の呼び名。例：コンセプチュアルスキル",
    )
    code = forms.CharField(label="符号", max_length=MAX_CODE, help_text=CODE_HELP)
    source = WrittenField(label="出典", max_length=MAX_PART_SOURCE, required=False, help_text=SOURCE_HELP)

    def __init__(self, categories: Sequence[Category] | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.categories = list(categories or [])
        if categories is None:
            del self.fields["category"]
        else:
            del self.fields["alias"]
            self.fields["category"].choices = [(str(each.uuid), each.name) for each in self.categories]

    @staticmethod
    def initial_of(part: Category | Area) -> dict[str, Any]:
        """Return the initial values for what is stored."""
        own = {"category": str(part.category.uuid)} if isinstance(part, Area) else {"alias": part.alias}
        return {
            "lock": part.lock, "key": uuid.uuid4(), "name": part.name, "code": part.code, "source": part.source,
            **own,
        }  # fmt: skip

    def values(self) -> PartValues:
        """Return what was sent; call it on a valid form."""
        sent = self.cleaned_data
        known = {str(each.uuid): each for each in self.categories}
        return PartValues(
            sent["name"],
            sent["code"],
            sent["source"],
            sent.get("alias", ""),
            known.get(sent.get("category", "")),
        )
