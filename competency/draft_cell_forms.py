"""Forms of the 項目 of a draft: what one says, what one is split into or several become, what one came from (P24)."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms

from competency.draft_forms import CODE_HELP, SOURCE_HELP
from competency.framework_file import MAX_CELL_CODE, MAX_NAME, MAX_PART_SOURCE, MAX_SENTENCE
from competency.models import Area, Cell, CellOrigin, Stage, Step
from competency.workflow.drafts_cells import CONFIRM, KEEP, OPEN_AGAIN, CellValues
from competency.workflow.drafts_origins import Piece
from lib.forms import DadsFormMixin, WrittenField

MOST_PIECES = 4
NOTHING = "none"
RULES = [(NOTHING, "もとにしない"), *CellOrigin.Rule.choices]


class CellForm(DadsFormMixin, forms.Form):
    """What a 項目 says, with the lock that was seen."""

    lock = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)
    area = forms.ChoiceField(label="区分")
    task = WrittenField(
        label="項目", max_length=MAX_NAME, required=False, help_text="空なら、区分の名前で呼びます。"
    )
    stage = forms.ChoiceField(label="段階", widget=forms.RadioSelect)
    placement = forms.ChoiceField(
        label="段階の位置",
        widget=forms.RadioSelect,
        choices=[(KEEP, "いまのまま"), (CONFIRM, "この位置で確認済みにする"), (OPEN_AGAIN, "要確認に戻す")],
        help_text="別の段階か区分に移すと、確認済みの印は消えます。確かめて移すときは「確認済みにする」を選びます。",
    )
    in_use = forms.BooleanField(
        label="年度票で使う", required=False, help_text="使わない項目は、体系には残り、年度票には出ません。"
    )
    example = WrittenField(
        label="例",
        max_length=MAX_SENTENCE,
        required=False,
        help_text="どんな仕事のことかを、1文で。",
        widget=forms.TextInput(attrs={"size": 70}),
    )
    source = WrittenField(label="出典", max_length=MAX_PART_SOURCE, required=False, help_text=SOURCE_HELP)
    code = forms.CharField(label="項目コード", max_length=MAX_CELL_CODE, help_text=CODE_HELP)

    def __init__(self, areas: Sequence[Area], stages: Sequence[Stage], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.areas, self.stages = list(areas), list(stages)
        groups: dict[str, list[tuple[str, str]]] = {}
        for area in self.areas:
            groups.setdefault(area.category.name, []).append((str(area.uuid), area.name))
        self.fields["area"].choices = list(groups.items())
        self.fields["stage"].choices = [(str(stage.uuid), stage.name) for stage in self.stages]
        for step in Step:
            self.fields[f"wording_{step.value}"] = WrittenField(
                label=f"{step.value} {step.label}",
                max_length=MAX_SENTENCE,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2, "data-wording": step.value}),
            )

    @staticmethod
    def initial_of(cell: Cell, *, texts: dict[int, str]) -> dict[str, Any]:
        """Return the initial values for what is stored; `texts` is its wording by step."""
        return {
            "lock": cell.lock, "key": uuid.uuid4(), "area": str(cell.area.uuid), "stage": str(cell.stage.uuid),
            "task": cell.task, "placement": KEEP, "in_use": cell.in_use, "example": cell.example,
            "source": cell.source, "code": cell.code,
            **{f"wording_{step}": text for step, text in texts.items()},
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Ask for all five sentences where one is written, next to those that are missing."""
        sent = super().clean() or self.cleaned_data
        names = [f"wording_{step.value}" for step in Step]
        written = [name for name in names if sent.get(name) or name in self.errors]
        if written:
            for name in names:
                if name not in written:
                    self.add_error(name, "5つすべてを書くか、すべて空にしてください。")
        return sent

    def wordings(self) -> list[forms.BoundField]:
        """Return the five fields of the wording."""
        return [self[f"wording_{step.value}"] for step in Step]

    def facts(self) -> list[forms.BoundField]:
        """Return the other fields that are seen, in their order."""
        return [field for field in self.visible_fields() if not field.name.startswith("wording_")]

    def values(self) -> CellValues:
        """Return what was sent; call it on a valid form."""
        sent = self.cleaned_data
        wording = tuple(sent[f"wording_{step.value}"] for step in Step)
        return CellValues(
            next(area for area in self.areas if str(area.uuid) == sent["area"]),
            next(stage for stage in self.stages if str(stage.uuid) == sent["stage"]),
            sent["code"], sent["task"], sent["example"], sent["source"], sent["in_use"],
            wording if any(wording) else (), sent["placement"],
        )  # fmt: skip


class PieceForm(DadsFormMixin, forms.Form):
    """One 項目 that comes out of a split or a join; all of it empty is none."""

    task = WrittenField(label="項目", max_length=MAX_NAME, required=False)
    code = forms.CharField(label="項目コード", max_length=MAX_CELL_CODE, required=False, help_text=CODE_HELP)
    stage = forms.ChoiceField(label="段階", required=False)

    def __init__(self, stages: Sequence[Stage], *args: Any, required: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.needed, self.stages = required, list(stages)
        self.fields["stage"].choices = [(str(stage.uuid), stage.name) for stage in self.stages]
        for field in self.fields.values():
            field.required = required

    def clean(self) -> dict[str, Any]:
        """Ask for task and code where the piece is needed, or where one of the two is written."""
        sent = super().clean() or self.cleaned_data
        if self.needed or sent.get("task"):
            for name, told in (("task", "項目"), ("code", "項目コード")):
                if not sent.get(name) and name not in self.errors:
                    self.add_error(name, f"{told}を入力してください")
        return sent

    def piece(self) -> Piece | None:
        """Return what was sent, None for nothing; call it on a valid form."""
        sent = self.cleaned_data
        if not sent["task"]:
            return None
        stage = next((each for each in self.stages if str(each.uuid) == sent["stage"]), self.stages[0])
        return Piece(sent["code"], sent["task"], stage)


class RuleForm(DadsFormMixin, forms.Form):
    """What becomes of the ratings of what is split or joined."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    rule = forms.ChoiceField(
        label="これまでの記入の扱い",
        choices=CellOrigin.Rule.choices,
        initial=CellOrigin.Rule.REVIEW,
        widget=forms.RadioSelect,
    )


class OriginsForm(DadsFormMixin, forms.Form):
    """For each cell of the base: whether a 項目 came from it, and what becomes of its ratings."""

    show_requirement = False

    lock = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, base: Sequence[Cell], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.base = list(base)
        for cell in self.base:
            self.fields[f"origin_{cell.code}"] = forms.ChoiceField(
                label=cell.full_name, choices=RULES, required=False
            )

    @staticmethod
    def initial_of(cell: Cell, origins: dict[str, str]) -> dict[str, Any]:
        """Return the initial values for what is stored."""
        return {"lock": cell.lock} | {f"origin_{code}": rule for code, rule in origins.items()}

    def chosen(self) -> list[forms.BoundField]:
        """Return the fields of the cells that are origins."""
        return [field for field in self.visible_fields() if field.value() not in (None, "", NOTHING)]

    def others(self) -> list[forms.BoundField]:
        """Return the fields of all other cells of the base."""
        return [field for field in self.visible_fields() if field.value() in (None, "", NOTHING)]

    def values(self) -> dict[str, str]:
        """Return the rule by code of every origin; call it on a valid form."""
        sent = {cell.code: self.cleaned_data[f"origin_{cell.code}"] for cell in self.base}
        return {code: rule for code, rule in sent.items() if rule not in ("", NOTHING)}
