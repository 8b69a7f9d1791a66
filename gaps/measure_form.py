"""The form of one 対応方針: what, who, until when, what it costs, and for 育成 whom it raises."""

import datetime
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html

from competency.models import Step
from competency.models.matrix import HOLDER_STEP
from gaps.coverage import CellCoverage, DepartmentCoverage, Person
from gaps.models import Measure
from gaps.workflow import NEEDS_DUE, NEEDS_PEOPLE, NEEDS_REASON, NEEDS_TEXT, Goal, MeasureValues
from gaps.workflow.measures import DUE_OUT_OF_RANGE, FIRST_DUE, LAST_DUE
from lib.dates import format_wareki
from lib.forms import DadsFormMixin, JapaneseDateField, YenField
from lib.text import strip_controls

MOST_YEN = 2_000_000_000
# More rows than these make the form too large to send; those who are next come first.
MOST_PEOPLE = 100
_HELP = {
    Measure.Kind.TRAIN: "いまいる職員が、できるようになります。",
    Measure.Kind.TRANSFER: "できる人を、異動や採用で人事に求めます。",
    Measure.Kind.ALLIANCE: "近くの市町村や県と、人や研修を共同にします。",
    Measure.Kind.EXPERT: "任期付職員やアドバイザーなど、外の専門家の力を借ります。",
    Measure.Kind.OUTSOURCE: "仕事そのものを事業者に任せます。",
    Measure.Kind.NONE: "手当てをしません。理由を残します。",
}
_KINDS = [(kind.value, format_html("<b>{}</b>　{}", kind.label, _HELP[kind])) for kind in Measure.Kind]
_STEPS = [(step.value, f"{step.value} {step.label}") for step in Step if step > Step.NONE]


@dataclass(frozen=True)
class PersonLine:
    """One row of 育成する職員: the person, what they can do now, and the bound fields."""

    name: str
    now: str
    chosen: forms.BoundField
    step: forms.BoundField
    training: forms.BoundField


class DueField(JapaneseDateField):
    """The date by which a measure is done; one of another century is a slip of the pen, and has no 年度 to sum up."""

    def to_python(self, value: Any) -> datetime.date | None:
        """Return the date; raises ValidationError with a sentence saying what to do."""
        day = super().to_python(value)
        if day is not None and not FIRST_DUE <= day < LAST_DUE:
            raise ValidationError(DUE_OUT_OF_RANGE, code="invalid")
        return day


def _text(label: str, length: int, help_text: str, needed: str = "") -> forms.CharField:
    """Return a field of text; with `needed`, the sentence for an empty one, it is required."""
    return forms.CharField(
        label=label, required=bool(needed), max_length=length, help_text=help_text,
        error_messages={"required": needed} if needed else None,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


class MeasureForm(DadsFormMixin, forms.Form):
    """Says nothing about the gap itself, which the view loaded in scope.

    `owners` are (uuid, key, name) of those who may be in charge; `people` those who may be raised, `already` the
    stored goals by key of a person, which may stay as they are.
    """

    version = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label="方針", choices=_KINDS, widget=forms.RadioSelect)
    # Both are required but for 行わない, which `clean` knows.
    text = _text(
        "すること",
        400,
        "だれが何をするかを書きます。「行わない」のときは書かなくてかまいません。",
        NEEDS_TEXT,
    )
    reason = _text("理由", 400, "「行わない」のときは必ず書きます。")
    owner = forms.ChoiceField(label="担当", required=False)
    due = DueField(
        label="期限",
        help_text="例：令和9年3月31日、R9.3.31、2027/3/31。「行わない」のときは入れなくてかまいません。",
        error_messages={"required": NEEDS_DUE},
    )
    cost = YenField(
        label="費用（円）", required=False, min_value=0, max_value=MOST_YEN,
        help_text="予算要求に使う額です。税込みで入れます。",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 14, "autocomplete": "off"}),
    )  # fmt: skip
    state = forms.ChoiceField(label="進み", choices=Measure.State.choices, initial=Measure.State.PLANNED)
    result = _text("結果", 400, "終えたときに、どうなったかを書きます。")

    _YEN = f"0から{MOST_YEN:,}までの数を入れてください。"

    def __init__(
        self,
        gap: CellCoverage | None,
        owners: Sequence[tuple[uuid.UUID, int, str]],
        people: Iterable[Person],
        *args: Any,
        already: dict[int, Goal] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.gap = gap
        self.already = already or {}
        self.people = list(people)
        self.owner_keys = {str(public): key for public, key, _ in owners}
        self.fields["owner"].choices = [
            ("", "決まっていない"),
            *((str(public), name) for public, _, name in owners),
        ]
        self.fields["cost"].error_messages |= dict.fromkeys(("invalid", "min_value", "max_value"), self._YEN)
        for validator in self.fields["cost"].validators:
            validator.message = self._YEN
        for person in self.people:
            self._add_person(person)

    def _add_person(self, person: Person) -> None:
        self.fields[f"raise-{person.uuid}"] = forms.BooleanField(
            label=f"{person.name}を育成する", required=False
        )
        self.fields[f"step-{person.uuid}"] = forms.TypedChoiceField(
            label=f"{person.name}の目標", choices=_STEPS, coerce=int, required=False, initial=int(HOLDER_STEP),
            empty_value=int(HOLDER_STEP), widget=forms.Select(attrs={"class": "select small"}),
        )  # fmt: skip
        self.fields[f"training-{person.uuid}"] = forms.CharField(
            label=f"{person.name}の研修・方法", required=False, max_length=200,
            widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
        )  # fmt: skip

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        """Return the fields that stand below the people."""
        return [self[name] for name in ("text", "reason", "owner", "due", "cost", "state", "result")]

    @property
    def person_lines(self) -> list[PersonLine]:
        """Return the rows of people."""
        return [
            PersonLine(
                person.name,
                _now(self._step_of(person)) if person.places else "この所属にいません",
                *(self[f"{name}-{person.uuid}"] for name in ("raise", "step", "training")),
            )
            for person in self.people
        ]

    def clean(self) -> dict[str, Any]:
        """Ask for what the chosen answer needs; people count for 育成 alone."""
        data = super().clean() or {}
        for name in ("text", "reason", "result"):
            data[name] = strip_controls(data.get(name) or "").replace("\r\n", "\n")
        kind = data.get("kind")
        declined = kind == Measure.Kind.NONE
        if declined and not data["reason"] and "reason" not in self.errors:
            self.add_error("reason", NEEDS_REASON)
        for name, empty in (("text", ""), ("due", None)):
            if declined and self.has_error(name, "required"):
                del self.errors[name]
                data[name] = empty
        if kind == Measure.Kind.TRAIN:
            self._clean_people(data)
        return data

    def _clean_people(self, data: dict[str, Any]) -> None:
        chosen = [person for person in self.people if data.get(f"raise-{person.uuid}")]
        if not chosen:
            self.add_error("kind", NEEDS_PEOPLE)
        for person in chosen:
            goal, now = data.get(f"step-{person.uuid}"), self._step_of(person)
            before = self.already.get(person.id)
            if goal is None or now is None or goal > now or (before and before.to_step == goal):
                continue
            self.add_error(
                f"step-{person.uuid}",
                ValidationError(
                    f"{person.name}さんはいま「{_now(now)}」です。それより上の目標を選んでください。"
                ),
            )

    def _step_of(self, person: Person) -> int | None:
        return person.steps.get(self.gap.cell.code) if self.gap else None

    def values(self) -> MeasureValues:
        """Return what was sent; call it on a valid form."""
        sent = self.cleaned_data
        goals = [
            Goal(person.id, sent[f"step-{person.uuid}"], sent[f"training-{person.uuid}"])
            for person in self.people
            if sent[f"raise-{person.uuid}"]
        ]
        return MeasureValues(
            kind=sent["kind"], text=sent["text"], reason=sent["reason"],
            owner_id=self.owner_keys.get(sent["owner"]), due=sent["due"], cost=sent["cost"],
            state=sent["state"], result=sent["result"],
            goals=tuple(goals) if sent["kind"] == Measure.Kind.TRAIN else (),
        )  # fmt: skip

    def initial_of(self, values: MeasureValues) -> dict[str, Any]:
        """Return the initial values for what is stored."""
        publics = {key: public for public, key in self.owner_keys.items()}
        initial: dict[str, Any] = {
            "kind": values.kind, "text": values.text, "reason": values.reason, "due": values.due,
            "cost": values.cost, "state": values.state, "result": values.result,
            "owner": publics.get(values.owner_id or 0, ""),
        }  # fmt: skip
        goals = {goal.staff_id: goal for goal in values.goals}
        for person in self.people:
            if goal := goals.get(person.id):
                initial |= {
                    f"raise-{person.uuid}": True,
                    f"step-{person.uuid}": goal.to_step,
                    f"training-{person.uuid}": goal.training,
                }
        return initial

    def tell_stored(self, stored: MeasureValues, sent: MeasureValues) -> str:
        """Say beside every field that differs what is stored; return the stored people in words, "" for the same."""
        for name, told in _told(stored, self).items():
            if getattr(stored, name) != getattr(sent, name):
                self[name.removesuffix("_id")].help_text = f"保存されている値：{told or 'なし'}"
        if set(stored.goals) == set(sent.goals):
            return ""
        names = {person.id: person.name for person in self.people}
        told_people = [
            f"{names.get(goal.staff_id, 'ほかの職員')}（{Step(goal.to_step).label}"
            f"{'、' + goal.training if goal.training else ''}）"
            for goal in stored.goals
        ]
        return "、".join(told_people) or "なし"

    def problems(self) -> list[dict[str, str]]:
        """Return what is wrong, each with the control to go to."""
        return [
            {"target": self._target(name), "text": f"{self[name].label}：{error}"}
            for name in self.fields
            for error in self.errors.get(name, ())
        ]

    def _target(self, name: str) -> str:
        return "id_kind_group" if name == "kind" else self[name].id_for_label


def may_be_raised(
    report: DepartmentCoverage, gap: CellCoverage | None, also: Iterable[int] = ()
) -> list[Person]:
    """Return who may be raised in a cell: not yet a holder, those who are next first; `also` stay in any case."""
    kept = set(also)
    code = gap.cell.code if gap else ""
    able = [one for one in report.everyone if one.id in kept or one.steps.get(code, 0) < HOLDER_STEP]
    able.sort(key=lambda one: (one.id not in kept, -one.steps.get(code, -1)))
    return able[: max(MOST_PEOPLE, len(kept))]


def _now(step: int | None) -> str:
    return "未評価" if step is None else f"{step} {Step(step).label}"


def _told(stored: MeasureValues, form: MeasureForm) -> dict[str, str]:
    owners = {key: name for (public, name) in form.fields["owner"].choices for key in [_key(form, public)]}
    return {
        "kind": Measure.Kind(stored.kind).label,
        "text": stored.text,
        "reason": stored.reason,
        "owner_id": owners.get(stored.owner_id, "ほかの職員"),
        "due": format_wareki(stored.due) if stored.due else "",
        "cost": f"{stored.cost:,}円" if stored.cost is not None else "",
        "state": Measure.State(stored.state).label,
        "result": stored.result,
    }


def _key(form: MeasureForm, public: Any) -> int | None:
    return form.owner_keys.get(str(public))
