"""Without a network: what mails, signs in, imports, exports and makes pages passes where there is nothing to reach."""

import subprocess
from collections.abc import Iterable

from bench.bounds import Bound
from bench.results import Figure
from scripts.check.files import ROOT

FIGURES = {"network.outside": Bound(0, "tests", per_database=False)}
DATABASES = ()
PAGE = "security"
LONG = True
SHORT = [
    "tests/organization/test_login.py", "tests/assessments/test_reminders.py", "tests/assessments/test_resume_pdf.py",
    "tests/config/test_health.py",
]  # fmt: skip
WHOLE = [
    "tests/organization",
    "tests/assessments",
    "tests/competency",
    "tests/gaps",
    "tests/config",
    "tests/audit",
]


def failing(files: list[str]) -> list[str]:
    """Return the tests that fail in an empty network namespace, or why none could be asked."""
    done = subprocess.run(
        [str(ROOT / "scripts/without_network"), "-q", "-x", *files],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode == 0:
        return []
    said = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return said or [(done.stderr or done.stdout).strip()[-300:]]


def measure(*, short: bool) -> Iterable[Figure]:
    """Return how many tests miss the network."""
    missed = failing(SHORT if short else WHOLE)
    return [Figure("network.outside", len(missed), "; ".join(missed[:5]))]
