"""What a refused form had written: the page that says no shows it, so that no text is lost with the page before."""

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest

# Controls in which people write, by their names; the others hold choices, numbers and codes.
_WORDS = ("evidence", "comment", "reason", "name", "kana", "text")


def written(request: HttpRequest) -> list[str]:
    """Return the texts of a POSTed form in the order sent, for copying; [] for other requests and for passwords."""
    if request.method != "POST":
        return []
    try:
        posted = request.POST
    except (SuspiciousOperation, OSError):
        # Too large, too many fields or broken off: what cannot be read cannot be shown.
        return []
    if "password" in posted or "new_password" in posted:
        return []
    return [
        text.strip()
        for name, texts in posted.lists()
        for text in texts
        if text.strip() and (not text.isascii() or any(word in name for word in _WORDS))
    ]
