"""Ask for known vulnerabilities of everything that is locked. What could not be asked about is as red as what was found.

Usage: python -m scripts.supply.advisories [LOCK]

ADVISORIES says whom to ask: `pypi` (the default), `osv` or `esms` as pip-audit knows them, or the address of a service that
answers as OSV does, such as a mirror inside a closed network. Exit code 1 where something is vulnerable, 2 where something
could not be asked about.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from scripts.check.files import ROOT
from scripts.supply.parts import locked

LOCK = ROOT / "requirements" / "dev.txt"
SERVICES = ("pypi", "osv", "esms")
# Seconds that one answer may take, and all of them.
TIMEOUT, PATIENCE = 15, 900


@dataclass(frozen=True)
class Answer:
    """What is known to be vulnerable, and what nobody could say anything about, a sentence each; `asked` parts."""

    asked: int
    vulnerable: list[str]
    skipped: list[str]

    @property
    def exit_code(self) -> int:
        """Return 0 only where everything was asked about and nothing was found."""
        if self.skipped or not self.asked:
            return 2
        return 1 if self.vulnerable else 0


def ask(lock: Path, environment: Mapping[str, str] = os.environ) -> Answer:
    """Ask about every part of a lock. Nothing is taken from a cache: what is answered is answered now."""
    wanted = locked(lock)
    source = environment.get("ADVISORIES") or SERVICES[0]
    service = ["-s", source] if source in SERVICES else ["-s", "osv", "--osv-url", source]
    with tempfile.TemporaryDirectory(prefix="advisories-") as cache:
        command = [
            *(sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", "-r", str(lock)),
            *("--format", "json", "--progress-spinner", "off", "--timeout", str(TIMEOUT)),
            *("--cache-dir", cache, *service),
        ]
        try:
            done = subprocess.run(
                command, cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False, timeout=PATIENCE,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return Answer(len(wanted), [], [f"{name}: no answer in {PATIENCE} s" for name in wanted])
    return judge(wanted, done.stdout, done.stderr)


def judge(wanted: Mapping[str, Version], output: str, complaints: str) -> Answer:
    """Return what pip-audit's answer says of each wanted part; the ones that it does not speak of are skipped.

    pip-audit ends with 0 where it skipped everything, and with --strict it stops at the first one. So its answer is
    counted here, part by part.
    """
    try:
        spoken: list[dict[str, Any]] = json.loads(output)["dependencies"]
    except (json.JSONDecodeError, KeyError, TypeError):
        reason = (complaints.strip().splitlines() or ["no answer"])[-1]
        return Answer(len(wanted), [], [f"{name}: {reason}" for name in wanted])
    said: dict[str, dict[str, Any]] = {canonicalize_name(one["name"]): one for one in spoken}
    vulnerable, skipped = [], []
    for name, version in wanted.items():
        one = said.get(name)
        if one is None:
            skipped.append(f"{name}: not in the answer")
        elif "skip_reason" in one:
            skipped.append(f"{name}: {one['skip_reason']}")
        elif Version(one["version"]) != version:
            skipped.append(f"{name}: the answer is about {one['version']}, not {version}")
        for found in (one or {}).get("vulns", []):
            fixed = ", ".join(found["fix_versions"]) or "no version yet"
            vulnerable.append(f"{name} {version}: {found['id']}, fixed in {fixed}")
    # An answer in a form that pip-audit does not know counts for it as none.
    skipped += [line for line in complaints.splitlines() if "Unsupported" in line]
    return Answer(len(wanted), vulnerable, skipped)


def main() -> int:
    """Say what is vulnerable and what could not be asked about; returns the exit code."""
    answer = ask(Path(sys.argv[1]) if len(sys.argv) > 1 else LOCK)
    for sentence in answer.vulnerable:
        print(f"vulnerable: {sentence}")
    for sentence in answer.skipped:
        print(f"not checked: {sentence}")
    print(
        f"advisories: {answer.asked} parts, {len(answer.vulnerable)} known vulnerabilities,"
        f" {len(answer.skipped)} not checked"
    )
    return answer.exit_code


if __name__ == "__main__":
    sys.exit(main())
