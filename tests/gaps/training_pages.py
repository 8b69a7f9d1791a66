"""The page of the training proposal as its tests use it: its address, its lines, and what its form sends."""

from urllib.parse import urlencode

from django.urls import reverse


def url(department, **asked):
    return reverse("gaps:training", args=[department.uuid]) + (f"?{urlencode(asked)}" if asked else "")


def lines(page):
    """Return [(name of the line, uuid of the person)] of a page."""
    return [(line.hidden, line.who.value()) for line in page.context["lines"]]


def posted(page, **changes):
    """Return what the form of a page sends, with changes."""
    form = page.context["plan"]
    data = {
        "key": str(form["key"].value()),
        "due": "令和9年3月31日",
        "owner": str(form["owner"].value() or ""),
    }
    data["line"] = [line.hidden for line in page.context["lines"]]
    for line in page.context["lines"]:
        if line.take.value():
            data[line.take.html_name] = "on"
        data[line.who.html_name] = line.who.value()
        data[line.training.html_name] = line.training.value()
    for name, value in changes.items():
        if value is None:
            data.pop(name)
        else:
            data[name] = value
    return data
