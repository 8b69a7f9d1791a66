"""A ZIP whose directory is damaged is refused in the request, before anybody asks how large it is."""

import io
import zipfile

import pytest
from django.utils import timezone

from organization.models import ImportBatch
from organization.workflow.import_jobs import take_import
from tests import builders as b

State = ImportBatch.State


@pytest.mark.parametrize("broken", [b"version", b"name"])
def test_a_zip_whose_directory_is_damaged_is_refused_at_once(world, broken):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("xl/abc.xml", "x")
    content = bytearray(file.getvalue())
    at = content.index(b"PK\x01\x02")
    if broken == b"version":
        content[at + 6] = 99
    else:
        content[at + 8 : at + 10] = b"\x00\x08"
        content[content.index(b"xl/abc", at) + 3] = 0xFF
    batch = take_import(
        by=b.actor_of(world.jinji), kind="roster", file_name="a.xlsx", content=bytes(content), now=timezone.now(), options={}
    )  # fmt: skip
    assert batch.state == State.REFUSED
