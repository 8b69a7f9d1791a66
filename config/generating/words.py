"""The words of words.yaml, read once."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def words() -> dict[str, Any]:
    """Return lists of words by their key; 氏 and 名 are pairs with their フリガナ."""
    return dict(yaml.safe_load(Path(__file__).with_name("words.yaml").read_text("utf-8")))
