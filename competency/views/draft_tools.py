"""What the views of the desk share: the trail, a refused field, and both texts after a conflict."""

from typing import Any

from django import forms
from django.urls import reverse

from access.refusals import Invalid
from competency.models import FrameworkVersion
from competency.workflow.drafts_base import BadValue


def draft_trail(version: FrameworkVersion) -> list[dict[str, str]]:
    """Return the way to a page about a draft."""
    return [
        {"label": "体系の編集", "url": reverse("competency:drafts")},
        {"label": f"下書き {version.name}", "url": reverse("competency:draft", args=[version.uuid])},
    ]


def number_of(text: Any) -> int:
    """Return a lock or version that a form of ours carries; raises Invalid for anything else."""
    if not (isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid
    return int(text)


def refused(form: forms.Form, bad: BadValue, *, instead: str | None = None) -> forms.Form:
    """Return the form with what the workflow refused next to its field, or at its head where it has no such one."""
    name = bad.field if bad.field in form.fields else instead
    form.add_error(name, bad.message)
    return form


def differing(form: forms.Form, stored: dict[str, Any]) -> list[dict[str, str]]:
    """Return label, what was sent and what is stored of every seen field in which the two differ; a list."""
    found = []
    for field in form.visible_fields():
        if field.name not in stored:
            continue
        mine, theirs = (
            _words(field.field, value) for value in (form.cleaned_data.get(field.name), stored[field.name])
        )
        if mine != theirs:
            found.append({"label": str(field.label), "mine": mine, "theirs": theirs})
    return found


def sent_again(form: forms.Form, kind: type[forms.Form], *first: Any, **changed: Any) -> Any:
    """Return the form once more with what was sent, but for these hidden values: the next save is of the row as it is."""
    data = form.data.copy()
    for name, value in changed.items():
        data[name] = str(value)
    again = kind(*first, data)
    again.full_clean()
    return again


def _words(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.BooleanField):
        return "はい" if value else "いいえ"
    if isinstance(field, forms.ChoiceField):
        flat: dict[str, str] = {}
        for key, words in field.choices:
            flat |= {str(k): str(w) for k, w in words} if isinstance(words, list) else {str(key): str(words)}
        return flat.get(str(value or ""), "（なし）")
    return str(value or "").replace("\r\n", "\n") or "（空）"
