"""The two forms of the training proposal: how much there is to spend, and what of the proposal becomes 対応方針."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from competency.models.matrix import HOLDER_STEP
from gaps.coverage import CellCoverage, DepartmentCoverage, Person
from gaps.measure_form import MOST_YEN, DueField
from gaps.models import Measure
from gaps.training import MOST_PER_PERSON, Limits, Pair, reaches
from gaps.workflow import Goal, MeasureValues
from lib.forms import DadsFormMixin, YenField

MOST_PLACES = 99
TRAINING_LENGTH = 200
# No proposal has more lines; a request with more was made by no page of ours.
MOST_LINES = MOST_PLACES
_STALE = "stale"


def _number(
    label: str, least: int, most: int, help_text: str = "", *, yen: bool = False
) -> forms.IntegerField:
    between = f"{least:,}から{most:,}までの数を入れてください。"
    return (YenField if yen else forms.IntegerField)(
        label=label,
        required=False,
        min_value=least,
        max_value=most,
        help_text=help_text,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "size": 14 if yen else 4, "autocomplete": "off"}
        ),
        error_messages={"invalid": between, "min_value": between, "max_value": between},
    )


class PlacesForm(DadsFormMixin, forms.Form):
    """What there is to spend; a read, so that the address can be kept. It names nobody."""

    places = _number(
        "研修枠の数", 1, MOST_PLACES, "1枠は、1人が1つの項目で「3 独力でできる」に届くまでの育成です。"
    )
    most = _number("1人あたりの上限（枠）", 1, 9, "1年に1人が取り組む項目の数です。")
    budget = _number("予算（円）", 0, MOST_YEN, "枠の数が決まっていないときに入れます。", yen=True)
    price = _number("1枠の費用（円）", 1, MOST_YEN, "予算を入れるときに、あわせて入れます。", yen=True)
    show_requirement = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["most"].initial = MOST_PER_PERSON

    def clean(self) -> dict[str, Any]:
        """Ask for what bounds the number of places."""
        cleaned = super().clean() or {}
        places, budget, price = (cleaned.get(name) for name in ("places", "budget", "price"))
        if not self.errors:
            if budget is not None and price is None:
                self.add_error("price", "1枠の費用も入れてください。")
            elif budget is None and places is None:
                self.add_error("places", "研修枠の数か、予算と1枠の費用を入れてください。")
        return cleaned

    def limits(self) -> Limits:
        """Return what was asked; call it on a valid form."""
        sent = self.cleaned_data
        return Limits(sent["places"], sent["budget"], sent["price"], sent["most"] or MOST_PER_PERSON)


@dataclass(frozen=True)
class PlanLine:
    """One line of the proposal: the cell as it is today, the fields, and why it is proposed."""

    gap: CellCoverage
    why: str
    hidden: str
    take: forms.BoundField
    who: forms.BoundField
    training: forms.BoundField


def candidates_of(report: DepartmentCoverage, gap: CellCoverage) -> list[Person]:
    """Return the people who reach step 3 in a cell within the year, in the order of the department's list."""
    return [person for person in report.people if reaches(person.steps.get(gap.cell.code))]


def line_name(code: str, number: int) -> str:
    """Return the name under which a line's fields are sent: the cell and the how manieth of it."""
    return f"{code}-{number}"


class PlanForm(DadsFormMixin, forms.Form):
    """The lines of a proposal, each to be taken, changed or left. A line is known by its name (`line_name`).

    `owners` are (uuid, key, name) of those who may be in charge. `in_training` are pairs with an open 育成.
    """

    key = forms.UUIDField(widget=forms.HiddenInput)
    due = DueField(
        label="期限", help_text="決めた対応方針すべての期限です。例：令和9年3月31日、R9.3.31、2027/3/31"
    )
    owner = forms.ChoiceField(
        label="担当", required=False, help_text="育成を進める人です。あとから項目ごとに変えられます。"
    )

    def __init__(
        self,
        report: DepartmentCoverage,
        names: Sequence[str],
        owners: Sequence[tuple[uuid.UUID, int, str]],
        in_training: Collection[Pair],
        *args: Any,
        why: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.report = report
        self.names = list(names)
        self.why = why or {}
        self.gaps = {cell.cell.code: cell for cell in report.cells}
        self.keys = {str(person.uuid): person.id for person in report.people}
        self.owner_keys = {str(public): key for public, key, _ in owners}
        self.fields["owner"].choices = [
            ("", "決まっていない"),
            *((str(public), name) for public, _, name in owners),
        ]
        for name in self.names:
            self._add_line(name, in_training)

    def gap_of(self, name: str) -> CellCoverage:
        """Return the cell of a line. KeyError for a name that no line has."""
        return self.gaps[name.rpartition("-")[0]]

    def _add_line(self, name: str, in_training: Collection[Pair]) -> None:
        gap = self.gap_of(name)
        code, title = gap.cell.code, gap.cell.full_name
        choices = [("", "選んでください")]
        for person in candidates_of(self.report, gap):
            also = "、育成中" if (person.id, code) in in_training else ""
            choices.append((str(person.uuid), f"{person.name}（{person.steps[code]} → {HOLDER_STEP}{also}）"))
        self.fields[f"take-{name}"] = forms.BooleanField(label=f"{title}を対応方針にする", required=False)
        self.fields[f"who-{name}"] = forms.ChoiceField(
            label=f"{title}で育成する人",
            choices=choices,
            required=False,
            widget=forms.Select(attrs={"class": "select small"}),
        )
        self.fields[f"training-{name}"] = forms.CharField(
            label=f"{title}の研修・方法",
            required=False,
            max_length=TRAINING_LENGTH,
            widget=forms.Textarea(attrs={"class": "input", "rows": 2}),
        )

    def clean(self) -> dict[str, Any]:
        """Judge the ticked lines alone: what no longer fits is stale, what was left open is wrong."""
        cleaned = super().clean() or {}
        taken = [name for name in self.names if cleaned.get(f"take-{name}")]
        for name in set(self.names) - set(taken):
            for field in (f"who-{name}", f"training-{name}"):
                self.errors.pop(field, None)
        if not taken:
            self.add_error(None, "対応方針にする行に、1つ以上印を付けてください。")
        chosen: set[tuple[str, str]] = set()
        for name in taken:
            self._judge(name, cleaned.get(f"who-{name}"), chosen)
        return cleaned

    def _judge(self, name: str, who: str | None, chosen: set[tuple[str, str]]) -> None:
        gap, field = self.gap_of(name), f"who-{name}"
        if not gap.status.is_gap:
            self.errors.pop(field, None)
            self._stale(f"take-{name}", "この項目は、もう足りています。印を外してください。")
        elif field in self.errors:
            del self.errors[field]
            told = self._unfit(gap, self.data.get(self.add_prefix(field), ""))
            self._stale(field, f"{told}ほかの人を選ぶか、印を外してください。")
        elif not who:
            self.add_error(field, "育成する人を選んでください。")
        elif (gap.cell.code, who) in chosen:
            self.add_error(field, "同じ項目に同じ人が2回あります。ほかの人を選ぶか、印を外してください。")
        else:
            chosen.add((gap.cell.code, who))

    def _stale(self, field: str, told: str) -> None:
        self.add_error(field, forms.ValidationError(told, code=_STALE))

    def _unfit(self, gap: CellCoverage, public: str) -> str:
        """Return why the person of a line can no longer be raised there; nothing about people of elsewhere."""
        person = next((one for one in self.report.people if str(one.uuid) == public), None)
        if person is None:
            return "選んだ人は、この所属で数える職員ではなくなりました。"
        step = person.steps.get(gap.cell.code)
        if step is not None and step >= HOLDER_STEP:
            return f"{person.name}さんは、もう届いています。"
        return f"{person.name}さんは、1年で届く段階にいません。"

    def chosen(self) -> dict[str, Pair]:
        """Return by line the pairs that were ticked and still fit; call it after the form was judged."""
        sent = getattr(self, "cleaned_data", {})
        return {
            name: (self.keys[sent[f"who-{name}"]], self.gap_of(name).cell.code)
            for name in self.names
            if sent.get(f"take-{name}") and sent.get(f"who-{name}") and self.gap_of(name).status.is_gap
        }

    @property
    def is_stale(self) -> bool:
        """Say whether the department changed under the proposal."""
        return any(error.code == _STALE for errors in self.errors.as_data().values() for error in errors)

    def lines(self) -> list[PlanLine]:
        """Return the lines in their order."""
        return [
            PlanLine(
                self.gap_of(name),
                self.why.get(name, ""),
                name,
                self[f"take-{name}"],
                self[f"who-{name}"],
                self[f"training-{name}"],
            )
            for name in self.names
        ]

    def decisions(self, price: int | None) -> list[tuple[CellCoverage, MeasureValues]]:
        """Return one measure a cell with all its people, in the order of the matrix; call it on a valid form.

        `price` is what a place costs, None where nobody said.
        """
        sent = self.cleaned_data
        goals: dict[str, list[Goal]] = {}
        for name in self.names:
            if sent[f"take-{name}"]:
                goal = Goal(self.keys[sent[f"who-{name}"]], int(HOLDER_STEP), sent[f"training-{name}"])
                goals.setdefault(self.gap_of(name).cell.code, []).append(goal)
        return [
            (
                gap,
                MeasureValues(
                    kind=Measure.Kind.TRAIN,
                    text=f"育成して、「独力でできる」人を{len(goals[code])}人増やす",
                    reason=f"できる人が{gap.count}人で、必要な人数は{gap.needed}人です（{gap.word}）。",
                    owner_id=self.owner_keys.get(sent["owner"]),
                    due=sent["due"],
                    cost=None if price is None else min(price * len(goals[code]), MOST_YEN),
                    goals=tuple(goals[code]),
                ),
            )
            for code, gap in self.gaps.items()
            if code in goals
        ]
