"""No page, style or script asks anybody but our own server: the product runs in closed networks."""

import re
from collections.abc import Iterator
from pathlib import Path

from scripts.check.files import line_of, project_files, text_of

_URL = re.compile(r"(?:https?:)?//[a-z0-9][a-z0-9.-]*\.[a-z]{2,}[^\s\"'<>)]*", re.IGNORECASE)
# Names of XML vocabularies, which nobody fetches.
_NAMESPACES = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink", "http://www.w3.org/1999/xhtml")
# A vendored licence names its author's address, a vendored file its own origin in a comment.
_LICENCE = re.compile(r"^(licen[cs]e|notice|copying|readme)", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def problems(root: Path) -> Iterator[str]:
    """Yield one sentence per address of another host under templates/ and static/."""
    for path in project_files(root):
        name = path.relative_to(root)
        if name.parts[0] not in ("templates", "static"):
            continue
        vendored = name.parts[:2] == ("static", "vendor")
        if vendored and _LICENCE.match(path.name):
            continue
        text = text_of(path)
        if text is None:
            continue
        if vendored:
            text = _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
        for match in _URL.finditer(text):
            if not match[0].startswith(_NAMESPACES):
                yield f"{name}:{line_of(text, match.start())}: an outside address, {match[0]}"
