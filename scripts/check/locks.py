"""The locks hold what pyproject.toml asks for, every version with hashes, and no way to a registry."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

# An extra is pinned by its own name, as coverage[toml]: pip 23 takes the newest release of one that is not.
_PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[\w,.-]+\])?==(\S+)(.*)$")


def pins(lock: Path) -> dict[str, tuple[Version, int]]:
    """Return name → (version, number of hashes) of a lock."""
    found: dict[str, tuple[Version, int]] = {}
    name: str = ""
    for line in lock.read_text(encoding="utf-8").splitlines():
        pin = _PIN.match(line)
        if pin:
            name = canonicalize_name(pin[1])
            found[name] = (Version(pin[2]), 0)
        elif name and line.strip().startswith("--hash=sha256:"):
            version, hashes = found[name]
            found[name] = (version, hashes + 1)
    return found


def problems(root: Path) -> Iterator[str]:
    """Yield one sentence per difference; `make lock` settles most."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project.get("optional-dependencies", {})
    everything = [*project["dependencies"], *(line for lines in extras.values() for line in lines)]
    for file, asked in (("base.txt", project["dependencies"]), ("dev.txt", everything)):
        lock = root / "requirements" / file
        locked = pins(lock)
        requirements: dict[str, Requirement] = {
            canonicalize_name(one.name): one for one in map(Requirement, asked)
        }
        for name, requirement in requirements.items():
            if name not in locked:
                yield f"requirements/{file}: {requirement} is missing; run make lock"
            elif not requirement.specifier.contains(locked[name][0], prereleases=True):
                yield f"requirements/{file}: {name} {locked[name][0]} is not {requirement}; run make lock"
        for name in sorted(_named_by_project(lock, project["name"]) - set(requirements)):
            yield f"requirements/{file}: {name} is no longer asked for; run make lock"
        for name, (version, hashes) in locked.items():
            if not hashes:
                yield f"requirements/{file}: {name}=={version} has no hash; run make lock"
        for number, line in enumerate(lock.read_text(encoding="utf-8").splitlines(), 1):
            if re.match(r"\s*--(?!hash=)|.*(?:://| @ )", line):
                yield f"requirements/{file}:{number}: names a place to download from"
    # What is asked of dev.txt alone, such as known vulnerabilities, is asked of every lock.
    dev = pins(root / "requirements" / "dev.txt")
    for lock in sorted((root / "requirements").glob("*.txt")):
        for name, pin in pins(lock).items():
            if dev.get(name) != pin:
                yield f"requirements: {name} differs between {lock.name} and dev.txt; run make lock"


def _named_by_project(lock: Path, project: str) -> set[str]:
    """The pins of a lock that say they are there because the project itself asks for them."""
    named: set[str] = set()
    name: str = ""
    for line in lock.read_text(encoding="utf-8").splitlines():
        pin = _PIN.match(line)
        if pin:
            name = canonicalize_name(pin[1])
        elif name and re.search(rf"^\s+#\s+(?:via )?\s*{re.escape(project)}\b.*\(pyproject\.toml\)", line):
            named.add(name)
    return named
