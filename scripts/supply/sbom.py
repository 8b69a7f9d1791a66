"""Write the list of parts of an environment (SBOM, CycloneDX 1.6) and hold it against what is installed and what is locked.

Usage: python -m scripts.supply.sbom [--python INTERPRETER] [--lock FILE] [--output FILE]
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterable
from email.message import Message
from importlib import metadata
from pathlib import Path
from typing import Any, cast

from packaging.utils import canonicalize_name

from scripts.check.files import ROOT
from scripts.check.licences import READ
from scripts.supply.parts import differences, distributions

OUTPUT = ROOT / "var" / "sbom.cdx.json"
# One licence goes by several names: the classifiers of the registry, free text, SPDX. Lower case → one of them.
_ONE_NAME = {
    "apache software license": "apache-2.0",
    "apache 2.0": "apache-2.0",
    "apache license 2.0": "apache-2.0",
    "artistic license": "artistic-1.0",
    "bsd": "bsd-3-clause",
    "bsd license": "bsd-3-clause",
    "apache license, version 2.0": "apache-2.0",
    "bsd 3-clause license": "bsd-3-clause",
    "gnu lesser general public license v3 (lgplv3)": "lgpl-3.0-only",
    "gnu general public license v2 or later (gplv2+)": "gpl-2.0-or-later",
    "isc license (iscl)": "isc",
    "mit license": "mit",
    "mozilla public license 1.1 (mpl 1.1)": "mpl-1.1",
    "mozilla public license 2.0 (mpl 2.0)": "mpl-2.0",
    # The classifier says no more than whose licence it is; CycloneDX reads it as that of the language.
    "psf-2.0": "python-2.0",
    "python software foundation license": "python-2.0",
}


def make(python: str, output: Path, *, validate: bool = True) -> dict[str, Any]:
    """Write the SBOM of an interpreter's environment and return it.

    `validate` holds it against the schema of CycloneDX, which takes longer than all the rest. Raises CalledProcessError
    where it cannot be made or is not valid.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    command = [
        *(sys.executable, "-m", "cyclonedx_py", "environment", "--pyproject", str(ROOT / "pyproject.toml")),
        *("--output-reproducible", "--spec-version", "1.6", "--output-format", "JSON"),
        *("--output-file", str(output), "--validate" if validate else "--no-validate", python),
    ]
    subprocess.run(command, check=True, cwd=ROOT, stderr=None if validate else subprocess.DEVNULL)
    return cast(dict[str, Any], json.loads(output.read_text(encoding="utf-8")))


def compare(document: dict[str, Any], installed: Iterable[metadata.Distribution]) -> list[str]:
    """Return a sentence for every difference between the list of parts and what is installed: name, version, licence."""
    listed: dict[str, dict[str, Any]] = {}
    said = []
    for component in document.get("components", []):
        name: str = canonicalize_name(component["name"])
        if name in listed:
            said.append(f"{name} is listed twice")
        listed[name] = component
    there: dict[str, metadata.Distribution] = {
        canonicalize_name(one.metadata["Name"]): one for one in installed
    }
    for name in sorted(set(listed) | set(there)):
        if name not in listed:
            said.append(f"{name} is installed and not listed")
            continue
        if name not in there:
            said.append(f"{name} is listed and not installed")
            continue
        component, part = listed[name], there[name]
        if component.get("version") != part.version:
            said.append(f"{name} is listed as {component.get('version')}, installed is {part.version}")
        shown, (stated, more) = _listed_licences(component), _stated_licences(cast(Message, part.metadata))
        if not stated <= shown or not shown <= stated | more:
            said.append(f"{name} is listed under {sorted(shown)}, its metadata state {sorted(stated)}")
        if not shown and name not in READ:
            said.append(f"{name} has no licence; read it, then add it to scripts/check/licences.py")
    return said


def _listed_licences(component: dict[str, Any]) -> set[str]:
    """Return the licences of a component of the SBOM, each by one name."""
    found = [
        one.get("expression") or one["license"].get("id") or one["license"].get("name", "")
        for one in component.get("licenses", [])
    ]
    return _by_one_name(found)


def _stated_licences(about: Message) -> tuple[set[str], set[str]]:
    """Return (the licences that a part states, what its free text says beside them).

    The former are its SPDX expression, else its classifiers, else the free text, where that is no whole licence.
    """
    if expression := about.get("License-Expression"):
        return _by_one_name([expression]), set()
    classifiers = [line for line in about.get_all("Classifier") or [] if line.startswith("License :: ")]
    text = str(about.get("License") or "").strip()
    free = _by_one_name([text]) if text not in ("", "UNKNOWN") and "\n" not in text else set()
    return (_by_one_name(classifiers), free) if classifiers else (free, set())


def _by_one_name(licences: Iterable[str]) -> set[str]:
    names = set()
    for licence in licences:
        for part in re.split(r"\s+(?:AND|OR)\s+", licence):
            # The last part of a classifier is the name, the ones before it are shelves.
            name = part.rsplit(" :: ", 1)[-1].strip().lower()
            if name != "osi approved":
                names.add(_ONE_NAME.get(name, name))
    return names


def main() -> int:
    """Make the list, say what is wrong with it; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m scripts.supply.sbom")
    parser.add_argument("--python", default=sys.executable, help="of the environment; this one by default")
    parser.add_argument("--lock", type=Path, default=ROOT / "requirements" / "dev.txt")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    document, installed = make(options.python, options.output), distributions(options.python)
    wrong = compare(document, installed) + differences(options.lock, installed)
    for sentence in wrong:
        print(sentence)
    print(f"{options.output}: {len(document['components'])} parts, {len(wrong)} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
