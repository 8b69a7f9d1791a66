"""Shared by the tests of imports: files sent through the workflow and through the screen."""

import datetime
import uuid

from django.core.files.uploadedfile import SimpleUploadedFile

from organization.workflow import apply_import, upload_import
from tests import builders as b
from tests.organization.rosters import roster

NOW = datetime.datetime(2026, 4, 10, 9, 0, tzinfo=datetime.UTC)


def checked(world, *rows, kind="roster", by=None, **kwargs):
    """Return the batch of a file checked by 人事."""
    header = kwargs.pop("header", None)
    content = kwargs.pop("content", None) or roster(*rows, **({"header": header} if header else {}))
    return upload_import(
        by=by or b.actor_of(world.jinji), kind=kind, file_name="meibo.csv", content=content, now=NOW, **kwargs
    )


def imported(world, *rows, **kwargs):
    """Return the batch of a file that was checked and applied."""
    by = b.actor_of(world.jinji)
    batch = checked(world, *rows, **kwargs)
    return apply_import(by=by, batch=batch, key=uuid.uuid4(), version=batch.version, now=NOW)


def upload(content: bytes, name: str = "meibo.csv", kind: str = "roster", **fields) -> dict:
    """Return the fields of the form at /imports/."""
    return {"kind": kind, "file": SimpleUploadedFile(name, content), **fields}


def row(number, name, department, *, position="主事", kind="本務", start="令和8年4月1日", end="") -> str:
    """Return a line of a roster in our own columns."""
    return f"{number},{name},,,,{department},,{position},,{kind},{start},{end},"
