"""The form of a scenario: day, name and sharing as ordinary fields; who moves as rows read from what was sent."""

import datetime
import functools
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from competency.models import Step
from gaps.models import ScenarioMove
from gaps.scenario_reads import Mover
from gaps.workflow import MOST_NAMELESS, MoveValues
from lib import fiscal
from lib.forms import DadsFormMixin, JapaneseDateField
from lib.text import clean

YEARS_AHEAD = 5
REASONS = [(value, label) for value, label in ScenarioMove.Reason.choices if value]
_LEAVE, _JOIN = ScenarioMove.Kind.LEAVE.value, ScenarioMove.Kind.JOIN.value
SELECTED = mark_safe(" selected")  # a constant # nosec B308
NOBODY = "抜ける人か入る人を、1人以上選んでください。"


def next_first_of_april(today: datetime.date) -> datetime.date:
    """Return the first day of the next 年度, on which most people move."""
    return fiscal.first_day(fiscal.fiscal_year(today) + 1)


class ScenarioForm(DadsFormMixin, forms.Form):
    """What stands around the moves. The name is asked for only where the scenario is to be kept."""

    show_requirement = False
    on = JapaneseDateField(label="異動の日", help_text="例：令和9年4月1日、R9.4.1、2027/4/1")
    q = forms.CharField(
        label="入る人をさがす",
        required=False,
        max_length=60,
        help_text="氏名かフリガナの一部を入れて「この内容で試す」を押すと、下に出ます。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    name = forms.CharField(
        label="案の名前", max_length=60, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    note = forms.CharField(
        label="メモ", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    shared = forms.BooleanField(
        label="人事と共有する",
        required=False,
        help_text="人事と、この所属を所管する上司も見られるようになります。選んだ本人には見せません。",
    )
    version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, today: datetime.date, saving: bool = False, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)
        if saving:
            self.fields["name"].required = True

    def clean_on(self) -> datetime.date:
        """Refuse a day that is over, and one of which nobody can know who will be there."""
        day = self.cleaned_data["on"]
        if day < self.today:
            raise ValidationError("異動の日は、今日か、今日より後の日にしてください。")
        if day > self.today.replace(year=self.today.year + YEARS_AHEAD, day=1):
            raise ValidationError(
                f"異動の日は、{YEARS_AHEAD}年より先にはできません。近い日に直してください。"
            )
        return day

    @property
    def day(self) -> datetime.date:
        """Return the day that was sent where it is one, else the next 1 April."""
        sent = getattr(self, "cleaned_data", {}).get("on") if self.is_bound else self.initial.get("on")
        return sent or next_first_of_april(self.today)

    @property
    def words(self) -> str:
        """Return what is looked for."""
        return (getattr(self, "cleaned_data", {}).get("q") or "") if self.is_bound else ""


@functools.cache
def _options(kind: str, chosen: str) -> str:
    """Return the options of a select with one chosen, ready to print: a page has hundreds, in a handful of forms."""
    steps = [(str(step.value), f"{step.value} {step.label}") for step in Step]
    choices = {"reason": REASONS, "category": steps, "cell": [("", "めやすと同じ"), *steps]}[kind]
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((value, SELECTED if value == chosen else "", label) for value, label in choices),
    )


def reason_options(chosen: str) -> str:
    """Return the options of why somebody leaves."""
    return _options("reason", chosen)


LABEL_LENGTH = ScenarioMove._meta.get_field("label").max_length


@dataclass(frozen=True)
class CellChoice:
    """One cell of a nameless person; `step` None goes with the category."""

    cell: Any
    step: int | None

    @property
    def options(self) -> str:
        """Return the options of its select."""
        return _options("cell", "" if self.step is None else str(self.step))


@dataclass(frozen=True)
class CategoryChoice:
    """One category of a nameless person with its cells."""

    category: Any
    step: int
    cells: tuple[CellChoice, ...]

    @property
    def options(self) -> str:
        """Return the options of its select."""
        return _options("category", str(self.step))


@dataclass(frozen=True)
class Slot:
    """A nameless person who comes, or could."""

    number: int
    label: str
    checked: bool
    categories: tuple[CategoryChoice, ...]

    @property
    def has_steps(self) -> bool:
        """Say whether any step above 0 is chosen."""
        return bool(self.move().steps)

    def move(self) -> MoveValues:
        """Return the move it stands for."""
        steps = {
            choice.cell.code: group.step if choice.step is None else choice.step
            for group in self.categories
            for choice in group.cells
        }
        return MoveValues(_JOIN, label=self.label, steps={code: step for code, step in steps.items() if step})


def sent_uuids(data: QueryDict, name: str) -> tuple[set[uuid.UUID], int]:
    """Return the public ids sent under a name, and how many values were none."""
    found, wrong = set(), 0
    for text in data.getlist(name):
        try:
            found.add(uuid.UUID(text))
        except ValueError:
            wrong += 1
    return found, wrong


def read_slots(data: QueryDict, cells: Sequence[Any]) -> list[Slot]:
    """Return the nameless people as they were sent."""
    return [
        _slot(
            number,
            cells,
            label=_label(data.get(f"label-{number}", "")),
            checked=f"new-{number}" in data,
            by_category={
                cell.area.category.code: _step(data, f"category-{number}-{cell.area.category.code}") or 0
                for cell in cells
            },
            by_cell={cell.code: _step(data, f"step-{number}-{cell.code}") for cell in cells},
        )
        for number in range(1, MOST_NAMELESS + 1)
    ]


def stored_slots(moves: Iterable[MoveValues], cells: Sequence[Any]) -> list[Slot]:
    """Return the nameless people of a scenario, and empty places up to the most there may be."""
    nameless = [move for move in moves if move.staff_id is None]
    slots = []
    for number in range(1, MOST_NAMELESS + 1):
        move = nameless[number - 1] if number <= len(nameless) else None
        steps = {cell.code: move.steps.get(cell.code) for cell in cells} if move else {}
        label = move.label if move else ""
        slots.append(
            _slot(number, cells, label=label, checked=move is not None, by_category={}, by_cell=steps)
        )
    return slots


def read_moves(
    data: QueryDict, movers: Mapping[int, Mover], here: Collection[int], slots: Iterable[Slot]
) -> tuple[tuple[MoveValues, ...], int]:
    """Return the moves that were sent, and how many people among them cannot be chosen (any more).

    `here` are the ids of those who are in the department today and not on leave.
    """
    leaving, wrong = sent_uuids(data, "leave")
    joining, wrong_too = sent_uuids(data, "join")
    moves = []
    chosen: set[uuid.UUID] = set()
    for mover in movers.values():
        if mover.uuid in leaving and mover.id in here:
            chosen.add(mover.uuid)
            moves.append(MoveValues(_LEAVE, mover.id, _reason(data, mover.uuid)))
        elif mover.uuid in joining and mover.nameable and mover.id not in here:
            chosen.add(mover.uuid)
            moves.append(MoveValues(_JOIN, mover.id))
    moves += [slot.move() for slot in slots if slot.checked]
    return tuple(moves), wrong + wrong_too + len((leaving | joining) - chosen)


def known_moves(
    movers: Mapping[int, Mover], here: Collection[int], also: uuid.UUID | None = None
) -> tuple[MoveValues, ...]:
    """Return the moves for which a 発令 or a leave is on record already, and `also`, somebody to be ticked besides."""
    leave = [
        MoveValues(_LEAVE, mover.id, mover.goes or ScenarioMove.Reason.TRANSFER.value)
        for mover in movers.values()
        if mover.id in here and (mover.goes or mover.uuid == also)
    ]
    join = [MoveValues(_JOIN, mover.id) for mover in movers.values() if mover.comes and mover.nameable]
    return tuple(leave + join)


def _reason(data: QueryDict, person: uuid.UUID) -> str:
    sent = data.get(f"reason-{person}", "")
    return sent if sent in dict(REASONS) else ScenarioMove.Reason.TRANSFER.value


def _step(data: QueryDict, name: str) -> int | None:
    sent = data.get(name, "")
    return int(sent) if sent in {str(step) for step in Step.values} else None


def _label(sent: str) -> str:
    """Return a nameless person's name as it is kept: one line, cut where the column ends."""
    return " ".join(clean(sent).split())[:LABEL_LENGTH]


def _slot(number: int, cells: Sequence[Any], *, label: str, checked, by_category, by_cell) -> Slot:
    grouped: dict[str, tuple[Any, list[CellChoice]]] = {}
    for cell in cells:
        category = cell.area.category
        grouped.setdefault(category.code, (category, []))[1].append(CellChoice(cell, by_cell.get(cell.code)))
    return Slot(
        number,
        label or f"新規採用・配属 {number}人目",
        checked,
        tuple(
            CategoryChoice(category, by_category.get(code, 0), tuple(choices))
            for code, (category, choices) in grouped.items()
        ),
    )
