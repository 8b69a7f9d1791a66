"""Which tests should notice a mutant: those that name what it changes first, then those of its app, then the walk."""

import re
from functools import cache
from pathlib import Path

from scripts.mutants.making import Mutant

# Everything that a URL shows to somebody is asked here, which takes minutes: last.
WALK = "tests/access/test_routes.py"
_NARROW = 4
# What holds for every table of a kind is tested where the first one is.
_HINTS = {
    "access/table.py": ["tests/access/test_table.py"],
    "gaps/policies.py": ["tests/gaps/test_policies.py"],
    "organization/middleware.py": [
        "tests/organization/test_middleware.py",
        "tests/organization/test_accounts.py",
        "tests/organization/test_sessions.py",
        "tests/organization/test_factors_required.py",
        "tests/organization/test_second_step.py",
        "tests/organization/test_login.py",
    ],
    "organization/backends.py": ["tests/organization/test_login.py", "tests/organization/test_accounts.py"],
    "organization/scope.py": [
        "tests/organization/test_spine.py",
        "tests/sso/test_local_signin.py",
        "tests/organization/test_accounts.py",
    ],
    "lib/paths.py": ["tests/lib/test_paths.py"],
    "lib/intervals.py": ["tests/lib/test_intervals.py"],
    "gaps/disclosure.py": ["tests/gaps/test_disclosure.py"],
    "assessments/workflow/sheets.py": ["tests/assessments/test_sheets_workflow.py"],
}


def files_for(mutant: Mutant, root: Path) -> list[list[str]]:
    """Return the tests to try, a list of files a round, the likeliest round first, the walk of all URLs last."""
    app, texts = mutant.file.split("/")[0], _texts(root)
    words, users = _words_of(mutant), _users(root, mutant)
    scores = {
        name: sum(3 for word in words if re.search(rf"\b{word}\b", text))
        + sum(4 for stem in users if Path(name).stem.removeprefix("test_").rstrip("s") == stem.rstrip("s"))
        for name, text in texts.items()
        if name != WALK
    }
    named = sorted(
        (name for name, score in scores.items() if score >= 3), key=lambda name: (-scores[name], name)
    )
    hinted = [name for name in _HINTS.get(mutant.file, []) if name in texts]
    likely = list(dict.fromkeys([*hinted, *named]))
    first, second = likely[:_NARROW], likely[_NARROW : 4 * _NARROW]
    rest = sorted(name for name in texts if name.split("/")[1] == app and name not in likely[: 4 * _NARROW])
    return [batch for batch in (first, second, [WALK], rest) if batch]


def _users(root: Path, mutant: Mutant) -> set[str]:
    """Return the names of the modules that call what is changed; their tests bear the same names."""
    name = mutant.function.split(".")[-1]
    if name.startswith("_") or name in ("of", "below", "visible_to", "may", "active_on"):
        return {Path(mutant.file).stem}
    return {stem for stem, text in _sources(root) if re.search(rf"\b{name}\(", text)}


@cache
def _sources(root: Path) -> list[tuple[str, str]]:
    """Return the name and the text of every module of the apps."""
    apps = ("organization", "competency", "assessments", "gaps", "audit", "access")
    files = [
        file
        for app in apps
        for file in sorted((root / app).glob("**/*.py"))
        if "migrations" not in file.parts
    ]
    return [(file.stem, file.read_text()) for file in files]


def _words_of(mutant: Mutant) -> list[str]:
    """Return the names by which a test would call what is changed: function, class, module, view."""
    stem = Path(mutant.file).stem
    *holder, function = mutant.function.split(".")
    owner = holder[0].removesuffix("QuerySet") if holder else ""
    words = [function.strip("_"), stem, *([owner] if owner and owner != function else [])]
    if mutant.file.endswith("models/sheet.py"):
        words.append("test_sheets_workflow")
    return [
        re.escape(word)
        for word in words
        if len(word) > 2 and word not in ("visible_to", "process_view", "models")
    ]


@cache
def _texts(root: Path) -> dict[str, str]:
    """Return every unit test file with its text, by its path."""
    files = sorted((root / "tests").glob("*/**/test_*.py"))
    names = {file.relative_to(root).as_posix(): file for file in files}
    return {
        name: f"{name} {file.read_text()}"
        for name, file in names.items()
        if not name.startswith(("tests/e2e/", "tests/drills/", "tests/scripts/", "tests/bench/"))
    }
