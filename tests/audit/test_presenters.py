"""Every action that the code records has its sentence."""

import re
from pathlib import Path

from django.conf import settings

from audit.presenters import SENTENCES

APPS = ("organization", "competency", "assessments", "gaps", "privacy")
RECORDED = re.compile(
    r'(?:action=|report\(\s*|_record\([^)]*?)"([a-z]+\.[a-z_]+)"|"((?:cycle|needs|export|scenario)\.[a-z_]+)"'
)


def test_no_recorded_action_is_without_a_sentence():
    found = set()
    for app in APPS:
        for path in (Path(settings.BASE_DIR) / app).rglob("*.py"):
            for match in RECORDED.finditer(path.read_text(encoding="utf-8")):
                found.add(match[1] or match[2])
    assert len(found) > 15
    assert found <= set(SENTENCES), found - set(SENTENCES)
