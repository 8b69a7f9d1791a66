"""What bandit finds in the code, and every place where somebody told it to look away without saying why."""

import json
import re
import subprocess
import sys
from pathlib import Path

from scripts.check.files import project_files

# The product: every rule but one, and an exception is a comment in the line, `# why # nosec B…`.
PRODUCT = (
    "access", "assessments", "audit", "competency", "config", "gaps", "lib", "organization", "privacy", "manage.py",
)  # fmt: skip
SKIPPED = {
    "B105": "passwords and keys are the business of leaks.py, which reads every file, not Python alone; this rule takes"
    " each label beside a column named token for one",
}
# What runs on a developer's machine and is not in the product. Their business is what these rules name.
TOOLS = ("scripts", "bench")
SKIPPED_IN_TOOLS = {
    **SKIPPED,
    "B101": "the bench stops where what it measured was not what it asked for; nobody runs it with -O",
    "B311": "random people and ratings for the bench, not keys",
    "B404": "they start programs",
    "B603": "with lists of arguments and no shell, which B602 and B605 still look after",
    "B607": "git and the like are found by PATH, as a developer's own are",
}
_NOSEC = re.compile(r"#\s*nosec\b(?P<rules>.*)$")
# Rules apart by spaces: of a list with commas bandit takes the last alone.
_RULE = re.compile(r"^:?\s*B\d{3}(\s+B\d{3})*\s*$")
# Without the notes to the linters, a word of reason has this many characters at least.
_REASON = 8


def findings(root: Path) -> list[str]:
    """Return a sentence for every finding of bandit, file it could not read, and exception without a rule or a reason."""
    found = _bandit(root, PRODUCT, tuple(SKIPPED)) + _bandit(root, TOOLS, tuple(SKIPPED_IN_TOOLS))
    return found + _unexplained(root)


def _bandit(root: Path, folders: tuple[str, ...], skipped: tuple[str, ...]) -> list[str]:
    places = [place for place in folders if (root / place).exists()]
    if not places:
        return []
    command = [
        sys.executable,
        "-m",
        "bandit",
        "--quiet",
        "--recursive",
        "--format",
        "json",
        "--skip",
        ",".join(skipped),
    ]
    done = subprocess.run([*command, *places], cwd=root, capture_output=True, text=True, check=False)
    try:
        report = json.loads(done.stdout)
    except json.JSONDecodeError:
        return [f"bandit ended with {done.returncode}: {done.stderr.strip()[-200:]}"]
    if not report["metrics"]["_totals"]["loc"]:
        return [f"{', '.join(places)}: bandit read nothing"]
    return [f"{one['filename']}: not read, {one['reason']}" for one in report["errors"]] + [
        f"{one['filename']}:{one['line_number']}: {one['test_id']} {one['issue_text'].splitlines()[0]}"
        for one in report["results"]
    ]


def _unexplained(root: Path) -> list[str]:
    """Every `nosec` names its rules, and says why in the same line or in a comment right above."""
    found = []
    for path in project_files(root, ".py"):
        place = path.relative_to(root)
        if place.parts[0] not in (*PRODUCT, *TOOLS):
            continue
        above = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            comment = _NOSEC.search(line)
            if comment and place != Path("scripts/supply/code.py"):
                said = line[line.index("#") : comment.start()] + (
                    above if above.strip().startswith("#") else ""
                )
                if not _RULE.match(comment["rules"]):
                    found.append(f"{place}:{number}: nosec names no rule")
                elif len(re.sub(r"#\s*noqa\S*\s+\S+|[#\s]", "", said)) < _REASON:
                    found.append(f"{place}:{number}: nosec without a reason")
            above = line
    return found
