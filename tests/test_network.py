"""The guard of the network lets this machine through and nothing else."""

import socket
import subprocess

import pytest

from tests.drills import network as drill
from tests.network import ReachedOut


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("example.lg.jp", 443)])
def test_outside_is_refused(address):
    with socket.socket() as one, pytest.raises(ReachedOut):
        one.connect(address)
    with socket.socket() as one, pytest.raises(ReachedOut):
        one.connect_ex(address)


def test_this_machine_is_reached():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def test_a_test_that_fails_without_network_is_counted(monkeypatch):
    def run(command, **kwargs):
        return subprocess.CompletedProcess(command, 1, "FAILED tests/a.py::b\nERROR tests/c.py\n1 failed", "")

    monkeypatch.setattr(subprocess, "run", run)
    assert drill.failing(["tests/a.py"]) == ["FAILED tests/a.py::b", "ERROR tests/c.py"]


def test_a_run_that_does_not_start_is_no_success(monkeypatch):
    monkeypatch.setattr(
        subprocess,
        "run",
        lambda command, **kwargs: subprocess.CompletedProcess(command, 4, "", "no such option"),
    )
    assert drill.failing(["tests/a.py"]) == ["no such option"]
