"""Which Chromium the browser tests, the drill of script payloads and the screenshots use."""

import os
import shutil

# Without a window to draw, the shell does the same work in three quarters of the time.
_NAMES = ("chromium-headless-shell", "chromium")

CHROMIUM = (
    os.environ.get("E2E_CHROMIUM")
    or next(filter(None, map(shutil.which, _NAMES)), None)
    or f"/usr/bin/{_NAMES[0]}"
)
