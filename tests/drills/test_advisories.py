"""The check for known vulnerabilities is green only where everything was asked about: shown with a service on loopback."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from packaging.version import Version

from scripts.supply import advisories
from tests.drills import advisories as drill

LOCK = "".join(f"{name}==1.0 \\\n    --hash=sha256:{'a' * 64}\n" for name in ("first", "second"))
FOUND = {
    "id": "PYSEC-2026-1", "aliases": [], "summary": "planted", "published": "2026-01-01T00:00:00Z",
    "affected": [
        {
            "package": {"name": "second", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        }
    ],
}  # fmt: skip


@pytest.fixture
def service():
    """Yield a service that answers as its `answers` say: name → (status, body); what is not there is clean."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.answer(asked["package"]["name"])

        def do_GET(self):
            # /pypi/NAME/VERSION/json
            self.answer(self.path.split("/")[2])

        def answer(self, name):
            server.asked.append(name)
            status, body = server.answers.get(name, (200, {}))
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.answers, server.asked = {}, []
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def lock(tmp_path):
    path = tmp_path / "lock.txt"
    path.write_text(LOCK)
    return path


def ask(lock, service, monkeypatch, capsys):
    """Run the command on a lock; returns (exit code, what it printed)."""
    monkeypatch.setenv("ADVISORIES", f"{service.url}/v1/query")
    monkeypatch.setattr(sys, "argv", ["advisories", str(lock)])
    return advisories.main(), capsys.readouterr().out


def test_clean_is_green_and_everything_was_asked_about(lock, service, monkeypatch, capsys):
    assert ask(lock, service, monkeypatch, capsys) == (
        0,
        "advisories: 2 parts, 0 known vulnerabilities, 0 not checked\n",
    )
    assert sorted(service.asked) == ["first", "second"]


def test_vulnerable_is_red(lock, service, monkeypatch, capsys):
    service.answers["second"] = (200, {"vulns": [FOUND]})
    code, said = ask(lock, service, monkeypatch, capsys)
    assert code == 1
    assert "vulnerable: second 1.0: PYSEC-2026-1, fixed in 1.1" in said
    answer = advisories.ask(lock)
    assert (len(answer.vulnerable), answer.skipped) == (1, [])


@pytest.mark.parametrize(
    "answer",
    [
        (500, {}),
        (404, {}),
        (200, b"<html>sign in to the proxy</html>"),
        (200, {"vulns": [{"schema_version": "2.0"}]}),
    ],
)
def test_a_service_that_cannot_answer_is_red(lock, service, monkeypatch, capsys, answer):
    service.answers["second"] = answer
    code, said = ask(lock, service, monkeypatch, capsys)
    assert code == 2
    assert "not checked: " in said


def test_a_service_that_cannot_be_reached_is_red(lock, service, monkeypatch, capsys):
    service.shutdown()
    service.server_close()
    code, said = ask(lock, service, monkeypatch, capsys)
    assert code == 2
    assert "not checked: first: " in said
    assert "2 not checked" in said


def test_a_part_that_the_registry_does_not_know_is_red(lock, service, monkeypatch, tmp_path):
    """The registry's own interface, where pip-audit skips what it does not find and ends with 0."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, requests\n"
        "get = requests.Session.get\n"
        "def here(self, url, **more):\n"
        "    return get(self, os.environ['HERE'] + '/' + url.split('/', 3)[3], **more)\n"
        "requests.Session.get = here\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("HERE", service.url)
    monkeypatch.delenv("ADVISORIES", raising=False)
    service.answers = {"second": (404, {})}
    answer = advisories.ask(lock)
    assert sorted(service.asked) == ["first", "second"]
    assert answer.exit_code == 2
    assert len(answer.skipped) == 1
    assert answer.skipped[0].startswith("second: ")
    service.answers = {}
    assert advisories.ask(lock).exit_code == 0


@pytest.mark.parametrize(
    ("output", "skipped"),
    [
        ('{"dependencies": [{"name": "first", "version": "1.0", "vulns": []}]}', 0),
        ('{"dependencies": []}', 1),
        ('{"dependencies": [{"name": "first", "version": "1.1", "vulns": []}]}', 1),
        ('{"dependencies": [{"name": "first", "skip_reason": "unknown"}]}', 1),
        ("{}", 1),
        ("", 1),
    ],
)
def test_what_was_not_spoken_of_is_skipped(output, skipped):
    answer = advisories.judge({"first": Version("1.0")}, output, "")
    assert len(answer.skipped) == skipped
    assert answer.exit_code == (2 if skipped else 0)


def test_an_empty_lock_is_red():
    assert advisories.judge({}, '{"dependencies": []}', "").exit_code == 2


def test_the_drill_falls_short_at_both(monkeypatch):
    monkeypatch.setattr(advisories, "ask", lambda lock: advisories.Answer(3, ["a 1: X"], ["b: unknown"]))
    figures = list(drill.measure(short=False))
    assert [figure.value for figure in figures] == [1, 1]
    assert all("FALLS SHORT" in figure.line(drill.FIGURES) for figure in figures)
    assert drill.LONG
