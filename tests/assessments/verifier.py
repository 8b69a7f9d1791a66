"""What is signed, in the eyes of libraries of another maker (tests/verifier)."""

import functools
import json
import os
import subprocess
from pathlib import Path

import pytest

from assessments.travel.canonical import CONTEXTS

ROOT = Path(__file__).parents[2]
PACKAGES = ROOT / "var" / "verifier"


def prepare() -> None:
    """Install the verifier; without node or network the test is skipped, and fails where CI asks for everything."""
    wrong = _install()
    if wrong:
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop(f"The independent verifier could not be installed: {wrong}")


@functools.cache
def _install() -> str:
    """Return what is wrong, once a run: without a network every try takes its time."""
    made = subprocess.run([ROOT / "scripts" / "verifier"], capture_output=True, text=True, check=False)
    return "" if made.returncode == 0 else made.stderr.strip() or f"it ended with {made.returncode}"


def verify(document: dict, folder: Path, *, without: str = "") -> dict:
    """Return {"verified": …, "errors": […]}; `without` is the address of a context that the verifier shall not have."""
    file = folder / "signed.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    kept = [f"{url}={path}" for url, path in CONTEXTS.items() if url != without]
    done = subprocess.run(
        ["node", ROOT / "tests" / "verifier" / "verify.mjs", PACKAGES, file, *kept],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)
