"""`manage.py check --deploy` finds nothing in production as docs/operations describes it, and something in what is not."""

import os
import secrets
import subprocess
import sys

import pytest

from scripts.check.files import ROOT

KEY = secrets.token_urlsafe(50)
DOCUMENTED = {
    "SECRET_KEY": KEY,
    "ALLOWED_HOSTS": "skill.example.lg.jp",
    "HTTPS": "true",
}


def check(**changes: str) -> subprocess.CompletedProcess:
    """Run the check in an environment that holds nothing else of ours."""
    bare = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={**bare, "DATABASE_URL": "sqlite://:memory:", **DOCUMENTED, **changes},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"DATABASE_URL": "postgres://rirekisho_app:x@127.0.0.1:5432/skill"},
        {
            "TRUSTED_PROXY": "10.1.2.3",
            "CSRF_TRUSTED_ORIGINS": "https://skill.example.lg.jp",
            "AUDIT_KEYS": KEY,
        },
    ],
    ids=["sqlite", "postgres", "proxy"],
)
def test_the_documented_environment_is_clean(more):
    done = check(**more)
    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues" in done.stdout


def test_debugging_is_found():
    done = check(DEBUG="true")
    assert done.returncode != 0
    assert "security.W018" in done.stderr


@pytest.mark.parametrize(
    ("changes", "word"), [({"HTTPS": "false"}, "HTTPS"), ({"SECRET_KEY": "short"}, "SECRET_KEY")]
)
def test_what_is_unsafe_does_not_start(changes, word):
    done = check(**changes)
    assert done.returncode != 0
    assert word in done.stderr
