"""Headers as they come through the real server: twins, doubles and wrong capitals of the name that a proxy gives."""

import os
import socket
import subprocess
import sys

import pytest

from tests.processes import ROOT, free_port, stop, wait_for

PROXY, CLIENT = "127.0.0.1", "127.0.0.2"
NAME = "X-Remote-User: MIHON\\honnin"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Start gunicorn with the product as a trusted proxy would find it; return its port."""
    port, folder = free_port(), tmp_path_factory.mktemp("gunicorn")
    variables = {
        "DATABASE_URL": f"sqlite:///{folder}/empty.sqlite3",
        "TRUSTED_PROXY": PROXY,
        "REMOTE_USER_HEADER": "X-Remote-User",
        "REMOTE_USER_DOMAINS": "MIHON",
        "DEBUG": "true",
    }
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "config.wsgi",
            "--bind",
            f"127.0.0.1:{port}",
            "--log-level",
            "critical",
        ],
        cwd=ROOT,
        env=os.environ | variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, process)
        yield port
    finally:
        stop(process)


def status(port, peer, *headers):
    """Return the status of the sign-in page: 302 where the server believes who this is, 200 where it asks."""
    lines = ["GET /login/ HTTP/1.1", "Host: localhost", "Connection: close", *headers, "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=30, source_address=(peer, 0)) as connection:
        connection.sendall("\r\n".join(lines).encode())
        return int(connection.recv(4096).split()[1])


def test_the_proxy_is_believed(server):
    assert status(server, PROXY, NAME) == 302
    assert status(server, PROXY, NAME.replace("X-Remote-User", "x-REMOTE-user")) == 302


@pytest.mark.parametrize(
    "headers",
    [
        [NAME],
        ["x-remote-user: MIHON\\honnin"],
        ["X_Remote_User: MIHON\\honnin"],
        [NAME, "X-Forwarded-For: 127.0.0.1"],
        [NAME, "X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1", "Forwarded: for=127.0.0.1"],
        ["Remote-User: MIHON\\honnin", "X-Remote-User : MIHON\\honnin"],
    ],
)
def test_nobody_else_is(server, headers):
    assert status(server, CLIENT, *headers) in (200, 400)


@pytest.mark.parametrize(
    "headers",
    [
        ["X_Remote_User: MIHON\\honnin"],  # a twin that the proxy did not know to remove
        [NAME, "X-Remote-User: MIHON\\kacho"],  # two names
        ["X-Remote-User:", "X_Remote_User: MIHON\\honnin"],
    ],
)
def test_a_header_that_slipped_past_the_proxy_is_no_name(server, headers):
    assert status(server, PROXY, *headers) == 200


def test_https_is_claimed_by_the_proxy_alone(server):
    assert status(server, CLIENT, "X-Forwarded-Proto: https") == 200
