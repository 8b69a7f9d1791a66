"""The drill of the server goes red without the proxy, for a stop that does not wait, and for a door that is not held."""

import statistics
from pathlib import Path

import pytest

from tests import nginx
from tests.drills import slow
from tests.drills.running import environment
from tests.processes import missing


@pytest.fixture
def proxy(tmp_path, monkeypatch):
    if nginx.program() is None:
        missing("nginx is not installed (scripts/system nginx)")
    for name, value in environment(f"sqlite:///{tmp_path}/db.sqlite3").items():
        monkeypatch.setenv(name, value)
    with nginx.running(tmp_path) as running:
        (tmp_path / "pages" / "503.html").write_text("メンテナンス中です", encoding="utf-8")
        yield running


def test_a_server_that_waits_for_its_clients_itself_is_found(proxy):
    """The planted fault: no nginx. The same clients then hold every worker."""
    with slow.serving(proxy):
        bare = slow.beside_slow_clients(proxy.server_port, seconds=0, tls=False, patience=0.4)
    bound = slow.FIGURES["slow.clients"]
    assert bound.fails(statistics.quantiles(bare, n=20)[-1] * 1000, short=False)


def test_a_stop_that_does_not_wait_is_found(proxy):
    cut, _ = slow.stopped(proxy, "--graceful-timeout", "0")
    assert slow.FIGURES["stop.cut"].fails(cut, short=True)


def test_a_door_that_is_not_held_is_found(proxy):
    refused, _ = slow.restarted(proxy, held=False)
    assert slow.FIGURES["restart.refused"].fails(refused, short=True)


def test_the_figures_are_of_the_files_that_are_copied():
    assert (slow.ROOT / "config" / "gunicorn.py").is_file()
    assert Path(nginx.EXAMPLE).is_file()
