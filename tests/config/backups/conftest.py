"""A filled installation that is backed up, and empty ones to restore into, on the engine of this run."""

import os

import pytest

from tests.installation import Installation, install

FILL = """
import django; django.setup()
from bench.data import build_city, load_lasdec
build_city(load_lasdec(), number=1, people=12)
"""


@pytest.fixture(scope="session")
def server():
    """The URL of any database of this run's engine."""
    url = os.environ.get("DATABASE_URL", "")
    return url if url.startswith("postgres") else "sqlite://"


@pytest.fixture(scope="session")
def source(server, tmp_path_factory):
    """A small city, with attached files and a sealed trail; nobody changes it."""
    made = install(tmp_path_factory.mktemp("source"), server)
    made.manage("migrate", "--verbosity=0")
    assert made.run("-c", FILL).returncode == 0
    made.manage("seal_audit")
    yield made
    made.drop()


@pytest.fixture(scope="session")
def archive(source, tmp_path_factory):
    """A backup of it."""
    file = tmp_path_factory.mktemp("archive") / "one.backup"
    source.manage("backup", file)
    return file


@pytest.fixture(scope="session")
def restored(server, archive, tmp_path_factory):
    """That backup restored; a test may add to it, and takes away what would stop the next one."""
    made = install(tmp_path_factory.mktemp("restored"), server)
    made.said = made.manage("restore", archive)
    yield made
    made.drop()


@pytest.fixture
def empty(server, tmp_path):
    """An installation without a table and without a file."""
    made = install(tmp_path, server)
    yield made
    made.drop()


@pytest.fixture
def others(server, tmp_path):
    """Makes further empty installations."""
    made: list[Installation] = []

    def make() -> Installation:
        made.append(install(tmp_path, server))
        return made[-1]

    yield make
    for one in made:
        one.drop()


@pytest.fixture
def key_file(tmp_path):
    """A passphrase as an operator keeps it."""
    file = tmp_path / "backup.key"
    file.write_text("kX7w-Qp2Zt9_vLr4Jm8HsYb3\n")
    file.chmod(0o600)
    return file
