"""A measuring process of its own: the settings of a server, whatever a developer's shell has set, and a database of its own."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def measure_in(folder: Path, database: str, *command: str, **more: str) -> int:
    """Run `python -m command…` against an empty database of an engine, and return its exit code.

    SQLite lies in the folder, PostgreSQL in a cluster that is gone afterwards. `more` are variables besides.
    """
    program = [sys.executable, "-m", *command]
    if database == "postgres":
        program = [sys.executable, str(ROOT / "scripts" / "temporary_postgres.py"), *program]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "DATABASE_URL": f"sqlite:///{folder / 'bench.sqlite3'}",
        "ALLOWED_HOSTS": "127.0.0.1",
        "DEBUG": "false",
        "DEMO": "false",
        "HTTPS": "false",
        "PYTHONHASHSEED": "0",
        **more,
    }
    return subprocess.run(program, cwd=ROOT, env=environment, check=False).returncode
