"""A roster taken back: rows as they were before, new ones gone, unless something was built on them since (P21)."""

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError
from django.db.models import F, ProtectedError, RestrictedError
from django.utils import timezone

from access.refusals import Conflict
from organization.models import Department, Leave, Municipality, Position, Posting, Staff
from organization.roster.inverse import changed_since, restored
from organization.workflow.coming import changed_coming, undo_coming
from organization.workflow.rosters import chunks

_MODELS = {"person": Staff, "posting": Posting, "leave": Leave}
# A person is searched by these.
_SEARCHED = {"name", "kana", "former_name"}
# A refusal names so many people; the figure tells the rest.
_NAMED = 10


def undo_roster(undo: dict[str, Any], municipality: Municipality) -> None:
    """Take a roster back inside the caller's transaction; `undo` is what write_roster returned.

    Raises Conflict, with the 職員番号 of those who stand in the way, where rows changed since, where somebody was
    given a later 発令, or where something hangs on people who were new.
    """
    steps: dict[str, list[dict]] = defaultdict(list)
    for step in undo["steps"]:
        steps[step["model"]].append(step)
    # What files of before changes could wait has no steps for them.
    coming = undo.get("coming", [])
    if changed := sorted({*_changed(undo, steps, municipality), *changed_coming(coming, municipality)}):
        raise Conflict(_refusal("取り込んだ後で、職員の内容や発令が変わっています。", changed))
    # What began goes before what ended is opened again: there is one open 本務 at any moment.
    for kind in ("posting", "leave"):
        for keys in chunks(undo["new"][kind]):
            _MODELS[kind].objects.filter(municipality=municipality, pk__in=keys).delete()
    departments = dict(Department.objects.filter(municipality=municipality).values_list("code", "pk"))
    try:
        for kind, model in _MODELS.items():
            _restore(model, steps[kind], municipality, departments)
    except (IntegrityError, KeyError) as failure:
        raise Conflict("取り込んだ後で、職員か所属が変わっています。取り込む前には戻せません。") from failure
    undo_coming(coming, municipality, gone=undo["people"], now=timezone.now())
    _remove_people(undo["people"], municipality)
    used = Posting.objects.filter(municipality=municipality, position__in=undo["positions"])
    Position.objects.filter(
        municipality=municipality, name__in=set(undo["positions"]) - set(used.values_list("position", flat=True)),
        version=1,
    ).delete()  # fmt: skip


def _changed(undo: dict[str, Any], steps: dict[str, list[dict]], municipality: Municipality) -> list[str]:
    """Return the numbers of people whose rows are no longer as the roster left them."""
    found: set[str] = set()
    for kind, mine in steps.items():
        names = sorted({name for step in mine for name in step["after"]})
        columns = ["department__code" if name == "department" else name for name in names]
        rows: dict[int, dict] = {}
        for keys in chunks(step["key"] for step in mine):
            there = _MODELS[kind].objects.filter(municipality=municipality, pk__in=keys)
            for pk, *values in there.values_list("pk", *columns):
                rows[pk] = dict(zip(names, values, strict=True))
        found |= {step["number"] for step in mine if changed_since(step, rows.get(step["key"]))}
    touched = {step["number"] for each in steps.values() for step in each} | set(undo["people"])
    for kind in ("posting", "leave"):
        model = _MODELS[kind]
        later = model.objects.filter(municipality=municipality, pk__gt=undo["last"][kind])
        found |= touched & set(later.values_list("staff__staff_number", flat=True))
        for keys in chunks(undo["new"][kind]):
            # Every change of a row counts its version up; a new one begins with 1.
            moved = model.objects.filter(municipality=municipality, pk__in=keys).exclude(version=1)
            found |= set(moved.values_list("staff__staff_number", flat=True))
    return sorted(found)


def _restore(model, steps: list[dict], municipality: Municipality, departments: dict[str, int]) -> None:
    """Give rows back what they held; those that held alike, as all that a transfer day ended, go together.

    One statement a 500 rows alike, and two a person whose name changed.
    """
    alike: dict[str, list[int]] = defaultdict(list)
    for step in steps:
        if model is Staff and not step["before"].keys().isdisjoint(_SEARCHED):
            _restore_name(step, municipality)
        else:
            alike[json.dumps(step["before"], sort_keys=True)].append(step["key"])
    for packed, keys in alike.items():
        values = {name: restored(name, value) for name, value in json.loads(packed).items()}
        if "department" in values:
            values["department_id"] = departments[values.pop("department")]
        for chunk in chunks(keys):
            model.objects.filter(municipality=municipality, pk__in=chunk).update(
                version=F("version") + 1, **values
            )


def _restore_name(step: dict, municipality: Municipality) -> None:
    """Give somebody their name back, and the key that they are found by with it."""
    values = {name: restored(name, value) for name, value in step["before"].items()}
    person = Staff.objects.get(municipality=municipality, pk=step["key"])
    for name, value in values.items():
        setattr(person, name, value)
    Staff.objects.filter(municipality=municipality, pk=step["key"]).update(
        version=F("version") + 1, search=person.search_text(), **values
    )


def _remove_people(numbers: Iterable[str], municipality: Municipality) -> None:
    for chunk in chunks(numbers):
        new = Staff.objects.filter(municipality=municipality, staff_number__in=chunk)
        if gone := set(chunk) - set(new.values_list("staff_number", flat=True)):
            raise Conflict(_refusal("新しく登録した職員の職員番号が変わっています。", sorted(gone)))
        try:
            new.delete()
        except (ProtectedError, RestrictedError) as failure:
            hanging = {
                number
                for row in getattr(failure, "protected_objects", None) or failure.restricted_objects
                if (number := getattr(getattr(row, "staff", None), "staff_number", ""))
            }
            raise Conflict(
                _refusal("新しく登録した職員に、年度票などの記録があります。", sorted(hanging))
            ) from failure


def _refusal(why: str, numbers: list[str]) -> str:
    if not numbers:
        return f"{why}取り込む前には戻せません。"
    more = f"ほか{len(numbers) - _NAMED}人" if len(numbers) > _NAMED else ""
    named = "、".join(numbers[:_NAMED])
    return f"{why}取り込む前には戻せません（職員番号 {named}{more}）。"
