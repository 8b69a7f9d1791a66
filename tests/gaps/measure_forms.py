"""Addresses of the pages of 対応方針, and what their forms send."""

import uuid

from django.urls import reverse

from tests.gaps.records import POLICY


def listed(department):
    return reverse("gaps:measures", args=[department.uuid])


def new(department, code=POLICY, query=""):
    return reverse("gaps:measure_new", args=[department.uuid]) + f"?cell={code}{query}"


def edit(one):
    return reverse("gaps:measure", args=[one.uuid])


def body(response):
    return response.content.decode().split("<main", 1)[1]


def sent(**changes):
    """Return a valid form for 外部の専門人材."""
    base = {"key": str(uuid.uuid4()), "kind": "expert", "text": "県に頼む", "due": "令和9年3月31日"}
    return base | {"state": "planned"} | changes


def raised(*people, step="3", training=""):
    found = {}
    for person in people:
        found |= {
            f"raise-{person.uuid}": "on",
            f"step-{person.uuid}": step,
            f"training-{person.uuid}": training,
        }
    return found
