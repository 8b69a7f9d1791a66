"""The files of the project, as the checks see them."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def project_files(root: Path, *suffixes: str) -> list[Path]:
    """Return every file that is, or is about to be, in the repository, sorted; all of them without a suffix."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    # A file deleted but not yet committed is still listed.
    paths = [root / name for name in listed.split("\0") if name]
    return sorted(path for path in paths if path.is_file() and (not suffixes or path.suffix in suffixes))


def text_of(path: Path) -> str | None:
    """Return the text of a UTF-8 file, None for a picture or a sample in another encoding."""
    content = path.read_bytes()
    if b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def line_of(text: str, position: int) -> int:
    """Return the number of the line that holds this position, from 1."""
    return text.count("\n", 0, position) + 1
