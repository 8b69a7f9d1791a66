"""One department out of many: a list to choose from, or, where that is too long to read, a field to write it in.

A city has up to two thousand 所属. Above MOST_CHOICES a field takes the code, or the name where there is one alone of it,
and says which there are where there are several (docs/adr/0074). Addresses and kept questions name the uuid, which
every field understands.
"""

import unicodedata
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from lib.paths import LEVEL_DIGITS
from lib.text import strip_controls
from organization.models import Department

MOST_CHOICES = 300
# So many are named where several fit.
_NAMED = 10
_LONGEST = 120
WRITE = "所属コードか、所属名を入力してください。"


@dataclass(frozen=True)
class Picked:
    """What a written place stands for: the one, or those that fit, or neither."""

    one: Any = None
    several: tuple[Any, ...] = ()


def pick(text: str, places: Iterable[Any]) -> Picked:
    """Return which of the departments is meant by a code, a code with its name, or a name or a part of one."""
    text = unicodedata.normalize("NFKC", strip_controls(text)).strip()
    if not text:
        return Picked()
    rows = list(places)
    code = text.split()[0]
    found = (
        [row for row in rows if str(row.uuid) == text or row.code == code]
        or [row for row in rows if _plain(row.name) == text]
        or [row for row in rows if text in _plain(row.name)]
    )
    return Picked(found[0]) if len(found) == 1 else Picked(several=tuple(found))


@dataclass(frozen=True)
class Filtered:
    """What the filter of a list shows: the departments, the one it is about, and what was written that is none."""

    places: Sequence[Any]
    one: Any = None
    written: str = ""
    problem: str = ""

    @property
    def is_written(self) -> bool:
        """Say whether the department is written, not chosen."""
        return len(self.places) > MOST_CHOICES

    @property
    def value(self) -> str:
        """Return what stands in the field."""
        return label_of(self.one) if self.one else self.written


def filtered_by(text: str, places: Sequence[Any]) -> Filtered:
    """Return the filter for what an address asks: a uuid, or what somebody wrote. A list never refuses."""
    text = text.strip()[:_LONGEST]
    one = next((each for each in places if str(each.uuid) == text), None)
    if one or not text or len(places) <= MOST_CHOICES or is_uuid(text):
        return Filtered(places, one)
    picked = pick(text, places)
    above = {} if picked.one else {each.path: each for each in places}
    return Filtered(places, picked.one, text, "" if picked.one else problem_of(text, picked, above))


def label_of(place: Any, above: Any = None) -> str:
    """Return a department as it is written in a field: the code and the name, with that above it."""
    return f"{place.code}　{place.name}" + (f"（{above.name}）" if above else "")


def problem_of(text: str, picked: Picked, above: dict[str, Any]) -> str:
    """Return the sentence for what names no department alone; `above` are departments by path."""
    if not picked.several:
        return f"「{text}」という所属は見つかりません。所属コードか所属名を確かめて、入力し直してください。"
    named = [label_of(one, above.get(one.path[:-LEVEL_DIGITS])) for one in picked.several[:_NAMED]]
    more = f"、ほか{len(picked.several) - _NAMED}" if len(picked.several) > _NAMED else ""
    return (
        f"「{text}」に合う所属が{len(picked.several)}あります。所属コードを入力してください："
        f"{'、'.join(named)}{more}"
    )


class PlaceField(forms.ChoiceField):
    """A department of a list that the form has read; cleans to its uuid as text, "" for none."""

    def offer(self, places: Sequence[Any], choices: Iterable[tuple[str, str]]) -> None:
        """Offer these departments, as `choices` where they can be read at a glance."""
        self.choices = choices
        self.places = places
        self.is_written = len(places) > MOST_CHOICES
        if self.is_written:
            self.widget = _written()
            self.help_text = f"{WRITE}{self.help_text}"

    def to_python(self, value: Any) -> str:
        """Return the uuid."""
        text = super().to_python(value)
        if not text or not self.is_written:
            return text
        picked = pick(text, self.places)
        if picked.one is None:
            raise ValidationError(problem_of(text, picked, {one.path: one for one in self.places}))
        return str(picked.one.uuid)

    def prepare_value(self, value: Any) -> Any:
        """Show what is chosen as it would be written."""
        if value and getattr(self, "is_written", False):
            one = next((one for one in self.places if str(one.uuid) == str(value)), None)
            return label_of(one) if one else value
        return value


class DepartmentField(forms.ModelChoiceField):
    """A department of a queryset, known by its UUID and indented by its depth. One query when it is given its queryset."""

    is_written = False

    def _get_queryset(self) -> Any:
        return self._queryset  # type: ignore[attr-defined]  # Django's own, which the stubs leave out

    def _set_queryset(self, queryset: Any) -> None:
        super()._set_queryset(queryset)  # type: ignore[misc]
        if queryset is None or queryset.query.is_empty():
            return
        few = list(queryset[: MOST_CHOICES + 1])
        self.is_written = len(few) > MOST_CHOICES
        if self.is_written:
            self.widget = _written(required=self.required)
            self.help_text = f"{WRITE}{self.help_text}" + (
                "" if self.required else f"空なら「{self.empty_label}」です。"
            )
        else:
            first = [] if self.empty_label is None else [("", self.empty_label)]
            self.choices = [*first, *((str(one.uuid), self.label_from_instance(one)) for one in few)]

    queryset = property(_get_queryset, _set_queryset)

    def label_from_instance(self, obj: Department) -> str:
        """Return the name, indented."""
        return f"{'　' * obj.depth}{obj.name}"

    def to_python(self, value: Any) -> Department | None:
        """Return the department, one query more where it is written; None for an empty value."""
        if not self.is_written or value in self.empty_values or is_uuid(value):
            return super().to_python(value)
        text = unicodedata.normalize("NFKC", strip_controls(str(value))).strip()[:_LONGEST]
        if not text:
            return None
        fitting = self.queryset.filter(Q(code=text.split()[0]) | Q(name__contains=text))
        picked = pick(text, fitting)
        if picked.one is None:
            paths = [one.path[:-LEVEL_DIGITS] for one in picked.several]
            above = {one.path: one for one in Department.objects.filter(path__in=paths)} if paths else {}
            raise ValidationError(problem_of(text, picked, above))
        return picked.one

    def prepare_value(self, value: Any) -> Any:
        """Show what is chosen as it would be written; one query there."""
        if self.is_written and value and (isinstance(value, Department) or is_uuid(value)):
            one = value if isinstance(value, Department) else self.queryset.filter(uuid=value).first()
            return label_of(one) if one else value
        return super().prepare_value(value)


def _written(*, required: bool = False) -> forms.TextInput:
    widget = forms.TextInput(attrs={"size": 30, "maxlength": _LONGEST, "autocomplete": "off"})
    widget.is_required = required
    return widget


def is_uuid(value: Any) -> bool:
    """Say whether this is the public id of something, not what somebody writes."""
    try:
        uuid.UUID(str(value))
    except ValueError:
        return False
    return True


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name)
