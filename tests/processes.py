"""Programs that tests and drills start: where they listen, until when to wait, how they are stopped."""

import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def missing(what: str) -> None:
    """Skip the test, or fail it where CI asks for everything."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(what)


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def wait_for(port: int, process: subprocess.Popen) -> None:
    """Wait until somebody listens on a port; fail when the process ended or 20 seconds are over."""
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args[0]} did not start")


def stop(process: subprocess.Popen) -> None:
    """End a process that we started."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
