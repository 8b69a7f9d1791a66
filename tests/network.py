"""No test reaches out: a connection to anything but this machine fails the test that asked for it (a pytest plugin)."""

import ipaddress
import os
import socket
from collections.abc import Iterator

import environ
import pytest

_connect, _connect_ex = socket.socket.connect, socket.socket.connect_ex


class ReachedOut(AssertionError):
    """Something tried to leave the machine."""


def check(family: int, address) -> None:
    """Raise ReachedOut for an address that is neither this machine nor the database of the run."""
    if family not in (socket.AF_INET, socket.AF_INET6):
        return
    host = str(address[0])
    database = environ.Env.db_url_config(os.environ.get("DATABASE_URL", "sqlite://:memory:")).get("HOST", "")
    if host in ("localhost", database):
        return
    try:
        inside = ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise ReachedOut(f"A test connects to {host}: nothing but what is configured may be reached.")


def _guarded(original):
    def connect(self: socket.socket, address):
        check(self.family, address)
        return original(self, address)

    return connect


@pytest.fixture(scope="session", autouse=True)
def _nothing_outside() -> Iterator[None]:
    """Stand before every connection of the run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _guarded(_connect))
        patch.setattr(socket.socket, "connect_ex", _guarded(_connect_ex))
        yield
