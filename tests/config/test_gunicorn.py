"""What gunicorn makes of config/gunicorn.py: its own check of the file, and the values that the product rests on."""

import os
import subprocess
import sys

import pytest

from scripts.check.files import ROOT


def read(**environment: str) -> subprocess.CompletedProcess:
    """Let gunicorn read the file from another folder, as a unit may start it, and print what it understood."""
    command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "config" / "gunicorn.py"), "--print-config"]
    return subprocess.run(
        command,
        cwd=os.sep,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def values(printed: str) -> dict[str, str]:
    return {
        name.strip(): value.strip()
        for name, _, value in (line.partition("=") for line in printed.splitlines())
    }


def test_what_gunicorn_understands():
    done = read()
    assert done.returncode == 0, done.stderr
    found = values(done.stdout)
    assert (found["worker_class"], found["workers"], found["bind"]) == ("sync", "3", "['127.0.0.1:8000']")
    # Whoever is told to stop ends what was begun.
    assert found["graceful_timeout"] == found["timeout"] == "120"
    assert found["forwarded_allow_ips"] in ("", "[]")
    assert found["accesslog"] == "None"
    assert found["control_socket_disable"] == "True"
    assert int(found["max_requests_jitter"]) > 0
    assert "post_worker_init" in found["post_worker_init"]


def test_values_come_from_the_environment():
    found = values(
        read(WEB_CONCURRENCY="5", LISTEN="127.0.0.1:9000", REQUEST_TIMEOUT="60", MAX_REQUESTS="0").stdout
    )
    assert (found["workers"], found["bind"], found["timeout"]) == ("5", "['127.0.0.1:9000']", "60")
    assert found["max_requests"] == found["max_requests_jitter"] == "0"


@pytest.mark.parametrize(
    "wrong", [{"WEB_CONCURRENCY": "0"}, {"REQUEST_TIMEOUT": "1"}, {"MAX_REQUESTS": "many"}]
)
def test_a_value_that_is_none_does_not_start(wrong):
    assert read(**wrong).returncode != 0
