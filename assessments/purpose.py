"""利用目的, asked of whoever knows it: `privacy` stands above and answers here (docs/adr/0054).

Home shows a wording until the person has read it, and every printed record carries its line.
"""

from collections.abc import Callable

# (staff pk, municipality pk) -> the text that the person has not read, "" for none
Unread = Callable[[int, int], str]
# (municipality pk) -> the line under what is printed
Line = Callable[[int], str]
_answers: dict[str, Callable[..., str]] = {}


def purpose_with(*, unread: Unread, line: Line) -> None:
    """Let these functions answer; called once, when the apps are ready."""
    _answers.update(unread=unread, line=line)


def unread_purpose(staff_id: int, municipality_id: int) -> str:
    """Return the wording that the person has not read yet, "" for none. One query."""
    return _answers["unread"](staff_id, municipality_id) if _answers else ""


def purpose_line(municipality_id: int) -> str:
    """Return the line for paper. One query."""
    return _answers["line"](municipality_id) if _answers else ""
