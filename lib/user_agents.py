"""What a browser says it is, in words that its owner knows again: 「Windows の Edge」.

By hand: the few names that people here have. A parser library brings a list of thousands that grows old in a closed
network, and what is not known is 「不明な端末」, not an error.
"""

UNKNOWN = "不明な端末"
# In this order: phones also say that they are Linux or a Mac.
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "Chromebook"),
    ("Mac OS X", "Mac"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)
# In this order: Edge also says that it is Chrome, and Chrome that it is Safari.
_BROWSERS = (
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)


def device_words(user_agent: str) -> str:
    """Return system and browser in Japanese, one of them where the other is not known, else UNKNOWN."""
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    return " の ".join(filter(None, (system, browser))) or UNKNOWN
