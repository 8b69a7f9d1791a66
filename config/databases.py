"""The database by DATABASE_URL, and how long anything may wait for it (docs/adr/0063)."""

from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

# SQLite is first-class: WAL for readers beside a writer, FULL so that an acknowledged answer survives a
# power cut, IMMEDIATE so that two writers wait for each other instead of failing (docs/adr/0003).
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # INSERT OR REPLACE deletes without asking the triggers that guard history, unless they are recursive.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;",
}
# Seconds; 0 is none. In the processes of the web: somebody waits for the answer, and a worker of the server waits with
# them. Jobs and commands work as long as they need.
WEB_LIMITS = {
    "statement_timeout": ("DATABASE_STATEMENT_TIMEOUT", 30),
    "lock_timeout": ("DATABASE_LOCK_TIMEOUT", 10),
    "idle_in_transaction_session_timeout": ("DATABASE_IDLE_TIMEOUT", 60),
}
# A report names nine tables and more: by its default of eight PostgreSQL takes them in the order in which they are written, and
# reads every confirmed step of the installation to show a department of ten (docs/adr/0073). And it would compile what it takes
# for long work: of 1.4 s for 提出の進み of 30,000 people 0.8 went into compiling, anew for every page.
PLANNER = {"join_collapse_limit": 14, "from_collapse_limit": 14, "jit": "off"}
# A machine that is gone sends no word of it: after half a minute of silence the connection counts as lost.
KEEPALIVES = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def databases(env: environ.Env, var_dir: Path) -> dict[str, Any]:
    """Return DATABASES; ImproperlyConfigured for a limit that is none, or a replica of something else than PostgreSQL."""
    found = {"default": _default(env, var_dir)}
    if env.str("DATABASE_REPLICA_URL", default=""):
        found["replica"] = _replica(env, found["default"])
    return found


def _default(env: environ.Env, var_dir: Path) -> dict[str, Any]:
    plain = str(var_dir / "db.sqlite3")
    found = env.db_url("DATABASE_URL", default=f"sqlite:///{plain}")
    if found["ENGINE"] == "django.db.backends.sqlite3":
        # Django's own, which reads on where the disk has become read-only (docs/adr/0066).
        found["ENGINE"] = "lib.sqlite"
        found["OPTIONS"] = SQLITE_OPTIONS
        # As with Django's own name for the engine; by another, parallel tests would share files.
        found["TEST"] = {"NAME": ":memory:"}
        if found["NAME"] == plain:
            var_dir.mkdir(exist_ok=True)
        return found
    return _server(env, found, connect_timeout=5)


def _replica(env: environ.Env, default: dict[str, Any]) -> dict[str, Any]:
    """Return where reports are read (lib/replica.py, docs/adr/0070)."""
    found = _server(env, env.db_url("DATABASE_REPLICA_URL"), connect_timeout=2)
    if not found["ENGINE"] == default["ENGINE"] == "lib.postgres":
        raise ImproperlyConfigured(
            "DATABASE_REPLICA_URL is of PostgreSQL, and so must DATABASE_URL be: SQLite has no replica."
        )
    # Its own question is asked first in any case (lib/replica.py).
    found["CONN_HEALTH_CHECKS"] = False
    found["TEST"] = {"MIRROR": "default"}
    return found


def _server(env: environ.Env, found: dict[str, Any], *, connect_timeout: int) -> dict[str, Any]:
    if found["ENGINE"] == "django.db.backends.postgresql":
        # Django's own, which says with every statement for whom it is (docs/adr/0052).
        found["ENGINE"] = "lib.postgres"
        connecting = {
            "connect_timeout": _seconds(env, "DATABASE_CONNECT_TIMEOUT", connect_timeout),
            **KEEPALIVES,
        }
        found["OPTIONS"] = {**connecting, **found.get("OPTIONS", {})}
        found["PLANNER"] = PLANNER
        limits = {name: _seconds(env, *said) for name, said in WEB_LIMITS.items()}
        found["WEB_LIMITS"] = {name: f"{seconds}s" for name, seconds in limits.items() if seconds}
    found["CONN_MAX_AGE"] = 60
    found["CONN_HEALTH_CHECKS"] = True
    return found


def _seconds(env: environ.Env, name: str, default: int) -> int:
    seconds = env.int(name, default=default)
    if seconds < 0:
        raise ImproperlyConfigured(f"{name} is {seconds}: a number of seconds, or 0 for none.")
    return seconds
