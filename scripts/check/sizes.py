"""A Python file is at most 400 lines long; a longer one is split by noun."""

from collections.abc import Iterator
from pathlib import Path

from scripts.check.files import project_files

LINES = 400


def problems(root: Path) -> Iterator[str]:
    """Yield one sentence per file that is too long; migrations are written once and not read."""
    for path in project_files(root, ".py"):
        if "migrations" in path.parts:
            continue
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > LINES:
            yield f"{path.relative_to(root)}: {lines} lines, at most {LINES}: split it by noun"
