"""Words that have no place in the repository: unfinished work, one person's machine, the way to a registry."""

import re
from collections.abc import Iterator
from pathlib import Path

from scripts.check.files import line_of, project_files, text_of

# Put together from parts, so that this file does not hold what it looks for.
_WORDS = {
    "unfinished work": r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b",
    "a path of one machine": r"(?<![\w.~$}\-/])/(?:home/[a-z]\w*/|Users/[A-Za-z]\w*/|root/|work"
    r"/)|[A-Z]:\\Us"
    r"ers\\",
    "a host of a package registry": r"\b(?:(?:test\.)?pypi"
    r"\.org|pythonhosted"
    r"\.org|registry\.npm"
    r"js\.org"
    r"|(?:deb|ftp)\.debian"
    r"\.org|proxy\.golang"
    r"\.org|crates"
    r"\.io)\b",
}
_PATTERNS = {meaning: re.compile(pattern) for meaning, pattern in _WORDS.items()}


def problems(root: Path) -> Iterator[str]:
    """Yield one sentence per such word in a text file; vendored files are as their makers left them."""
    for path in project_files(root):
        name = path.relative_to(root)
        text = None if "vendor" in name.parts else text_of(path)
        if text is None:
            continue
        for meaning, pattern in _PATTERNS.items():
            for match in pattern.finditer(text):
                yield f"{name}:{line_of(text, match.start())}: {meaning}, {match[0]}"
