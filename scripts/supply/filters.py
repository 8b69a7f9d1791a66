"""What detect-secrets need not look at. It loads this file by its path, named in `.secrets.baseline`."""

from detect_secrets.plugins.base import BasePlugin
from detect_secrets.plugins.keyword import KeywordDetector


def is_invented_password(filename: str, secret: str, plugin: BasePlugin) -> bool:
    """Say whether a word is a password by its name alone, in a test: those of invented people (keys are still looked for)."""
    return filename.startswith("tests/") and isinstance(plugin, KeywordDetector)


def is_lock(filename: str) -> bool:
    """Say whether a file is a lock: nothing but versions and hashes, of which scripts/check/locks.py makes sure."""
    return filename.startswith("requirements/") and filename.endswith(".txt")
