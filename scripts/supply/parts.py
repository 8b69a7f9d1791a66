"""The parts that a lock names and the parts that an environment holds."""

import json
import subprocess
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from scripts.check.locks import pins

# What `python -m venv` puts there by itself; no lock can name it.
OF_THE_VENV = frozenset({"pip", "setuptools", "wheel"})


def locked(lock: Path) -> dict[str, Version]:
    """Return name → version of a lock, for the system that this runs on: lines whose marker is false are left out."""
    found: dict[str, Version] = {}
    for line in lock.read_text(encoding="utf-8").splitlines():
        if line[:1].isalnum() and "==" in line:
            requirement = Requirement(line.rstrip("\\ "))
            if requirement.marker is None or requirement.marker.evaluate():
                (pin,) = requirement.specifier
                found[canonicalize_name(requirement.name)] = Version(pin.version)
    return found


def unhashed(folder: Path) -> list[str]:
    """Return `file: name` for every part of every lock of a folder that would be installed unseen."""
    locks = sorted(folder.glob("*.txt"))
    if not locks:
        return [f"{folder.name}: there is no lock"]
    found = []
    for lock in locks:
        hashed = pins(lock)
        found += [f"{lock.name}: {name}" for name, (_, hashes) in hashed.items() if not hashes]
        # A line that pins() does not take for a pin, such as one without a version.
        found += [f"{lock.name}: {name}" for name in sorted(_asked(lock) - set(hashed))]
    return found


def _asked(lock: Path) -> set[str]:
    """Return the names of all lines of a lock that ask for something, however they do."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    return {canonicalize_name(Requirement(line.rstrip("\\ ")).name) for line in lines if line[:1].isalnum()}


def distributions(python: str = sys.executable) -> list[metadata.Distribution]:
    """Return what is installed for an interpreter, each part once, as its path finds it first."""
    asked = [python, "-c", "import json, sys; print(json.dumps(sys.path[1:]))"]
    paths = json.loads(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)
    found: dict[str, metadata.Distribution] = {}
    for one in metadata.distributions(path=paths):
        found.setdefault(canonicalize_name(one.metadata["Name"]), one)
    return [found[name] for name in sorted(found)]


def differences(lock: Path, installed: Iterable[metadata.Distribution]) -> list[str]:
    """Return a sentence for every part that is locked and not installed so, or installed and not locked."""
    there: dict[str, Version] = {
        canonicalize_name(one.metadata["Name"]): Version(one.version) for one in installed
    }
    wanted = locked(lock)
    said = []
    for name in sorted(set(wanted) | set(there) - OF_THE_VENV):
        if name not in there:
            said.append(f"{name} {wanted[name]} is locked and not installed")
        elif name not in wanted:
            said.append(f"{name} {there[name]} is installed and not locked in {lock.name}")
        elif there[name] != wanted[name]:
            said.append(f"{name} {there[name]} is installed, {wanted[name]} is locked")
    return said
