"""Official schemas beside the project, read where they lie and never copied into it."""

import functools
import json
import os
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "reference" / "schemas"


@functools.cache
def _read(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / name).read_text("utf-8"))


def schema(name: str) -> dict[str, Any]:
    """Return an official schema by its file name.

    Where the folder is absent the test is skipped and says so; under CI=true it fails, for nothing was checked.
    """
    if not (FOLDER / name).is_file():
        reason = f"the official schema {name} is not there: expected in ../shared/reference/schemas beside the project"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return _read(name)
