"""Every relative link and picture in a Markdown file leads to a file."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from scripts.check.files import line_of, project_files

# [text](target "title"), ![text](target), and the definition of a reference: [name]: target
_INLINE = re.compile(r"\]\(\s*<?([^)>\s]+)>?(?:\s+[\"'][^)]*)?\)")
_REFERENCE = re.compile(r"^\s{0,3}\[[^\]]+\]:\s+<?([^>\s]+)", re.MULTILINE)
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def problems(root: Path) -> Iterator[str]:
    """Yield one sentence per link that leads nowhere.

    Links of the running site (`/manual/…`) and of the outside world are left to others.
    """
    for path in project_files(root, ".md"):
        # Code is no link; blanking it out keeps the line numbers.
        text = _CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), path.read_text(encoding="utf-8"))
        for match in [*_INLINE.finditer(text), *_REFERENCE.finditer(text)]:
            link = urlsplit(match[1])
            if link.scheme or link.netloc or not link.path or link.path.startswith("/"):
                continue
            if not (path.parent / unquote(link.path)).exists():
                line = line_of(text, match.start())
                yield f"{path.relative_to(root)}:{line}: the link to {match[1]} leads nowhere"
