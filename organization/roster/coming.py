"""What is written about a person from a coming day on: postings have dates of their own, names and the like wait here."""

import datetime
from collections.abc import Mapping, Sequence

from organization.roster.lines import Line
from organization.roster.outcome import EMPLOYMENT_WORDS, Change, Kind, say_day
from organization.roster.people import ComingState, PersonState, same_name

# (label, field of Line and PersonState, words of its codes)
PERSON_FIELDS: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("氏名", "name", {}),
    ("旧姓", "former_name", {}),
    ("フリガナ", "kana", {}),
    ("職員区分", "employment", EMPLOYMENT_WORDS),
    ("メール", "email", {}),
)
# What changes with a name is no correction beside it.
OF_THE_NAME = {"former_name", "kana"}


def former_family(old: str, new: str) -> str:
    """Return the family name somebody had where only that changed, "" for any other change of a name."""
    before, after = old.split(), new.split()
    only_family = len(before) == len(after) == 2 and before[1] == after[1] and before[0] != after[0]
    return before[0] if only_family else ""


def written_before(person: PersonState, day: datetime.date) -> dict[str, str]:
    """Return {field: what will be written} on the eve of a day, with what waits until then."""
    values = {field: getattr(person, field) for _, field, _ in PERSON_FIELDS}
    for coming in person.coming:
        if coming.starts < day:
            values |= coming.values
    return values


def take_coming(person: PersonState, lines: Sequence[Line], kinds: list[Kind], changes: list[Change]) -> None:
    """Let the lines of one coming day, at least one, change what waits for it; say it in `kinds` and `changes`.

    The last line that has a value counts; what would be written on that day anyway is no longer waited for.
    """
    day = lines[0].start
    eve = written_before(person, day)
    there = next((coming for coming in person.coming if coming.starts == day), None)
    values = dict(there.values) if there else {}
    for label, field, words in PERSON_FIELDS:
        value = next((v for line in reversed(lines) if (v := getattr(line, field))), "")
        if not value and not any(field in line.cleared for line in lines):
            continue
        old = values.get(field, eve[field])
        if _same(field, value, old):
            continue
        if _same(field, value, eve[field]):
            del values[field]
        else:
            values[field] = value
        changes.append(_change(label, words.get(old, old), words.get(value, value), day))
        if field == "name":
            kinds.append(Kind.RENAMED)
            _keep_family_name(values, eve, old, lines, changes)
        elif Kind.CORRECTED not in kinds and not (field in OF_THE_NAME and Kind.RENAMED in kinds):
            kinds.append(Kind.CORRECTED)
    rest = [coming for coming in person.coming if coming is not there]
    kept = [ComingState(day, values, there.key if there else None)] if values else []
    person.coming = sorted(rest + kept, key=lambda coming: coming.starts)


def _keep_family_name(
    values: dict[str, str], eve: Mapping[str, str], old: str, lines: Sequence[Line], changes: list[Change]
) -> None:
    """Keep the family name of before, as for a name that changes today; a change called off takes it back."""
    if any(line.former_name or "former_name" in line.cleared for line in lines):
        return
    day, was = lines[0].start, values.get("former_name", "")
    if was and was == former_family(eve["name"], old):
        del values["former_name"]
    if not eve["former_name"] and "former_name" not in values and "name" in values:
        family = former_family(eve["name"], values["name"])
        if family:
            values["former_name"] = family
    if values.get("former_name", "") != was:
        changes.append(_change("旧姓", was, values.get("former_name", ""), day))


def _same(field: str, one: str, other: str) -> bool:
    return one == other or (field == "name" and same_name(one, other))


def _change(label: str, old: str, new: str, day: datetime.date) -> Change:
    return Change(label, old, f"{new or 'なし'}（{say_day(day)}から）")
