"""Asking the export centre for files in tests."""

import io

import openpyxl
from django.urls import reverse

from assessments.models import Sheet
from tests import builders as b
from tests.assessments.sheets import in_state, steps_of, submitted

LIST = "/exports/"


def url(kind):
    return reverse("assessments:export", args=[kind])


def posted(world, **changes):
    return {"cycle": str(world.cycle.uuid), "format": "csv", "reason": "研修計画の資料", **changes}


def body(answer):
    assert answer.status_code == 200, answer.content.decode()
    return b"".join(answer.streaming_content)


def book_of(answer):
    return openpyxl.load_workbook(io.BytesIO(body(answer)))


def text(answer):
    return answer.content.decode()


def hand_in_two(world):
    """Let honnin's sheet be confirmed and dourei's handed in, with 6 items each; return the world."""
    in_state(world.sheet, Sheet.State.CONFIRMED, confirmer=world.kacho, steps=steps_of(world.sheet, 2))
    submitted(b.make_sheet(world.dourei, world.cycle, world.kiban), evidence="手順書")
    return world
