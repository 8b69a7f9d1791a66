"""What the product is made of: parts locked by hash, installed as locked, listed as installed; code and files looked through.

Known vulnerabilities have a drill of their own, advisories.py, because somebody outside has to be asked.
"""

import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from bench.bounds import Bound
from bench.results import Figure
from scripts.check.files import ROOT
from scripts.supply import code, leaks, parts, sbom

FIGURES = {
    "deps.unhashed": Bound(0, "parts", per_database=False),
    "deps.uninstalled": Bound(0, "parts", per_database=False),
    "deps.sbom.difference": Bound(0, "parts", per_database=False),
    "bandit.findings": Bound(0, "findings", per_database=False),
    "secrets.findings": Bound(0, "findings", per_database=False),
}
DATABASES: tuple[str, ...] = ()
PAGE = "security"


def measure(*, short: bool) -> Iterable[Figure]:
    """Count what is wrong, each with its first sentences; short and long runs ask the same."""
    installed = parts.distributions()
    with tempfile.TemporaryDirectory(prefix="sbom-") as folder:
        document = sbom.make(sys.executable, Path(folder) / "sbom.cdx.json", validate=False)
        listed = sbom.compare(document, installed)
    return [
        _figure("deps.unhashed", parts.unhashed(ROOT / "requirements")),
        _figure("deps.uninstalled", parts.differences(ROOT / "requirements" / "dev.txt", installed)),
        _figure("deps.sbom.difference", listed),
        _figure("bandit.findings", code.findings(ROOT)),
        _figure("secrets.findings", leaks.findings(ROOT)),
    ]


def _figure(name: str, said: list[str]) -> Figure:
    return Figure(name, len(said), "; ".join(said[:5]))
