"""The files that an administrator copies: the units, the proxy, the variables."""

import contextlib
import http.client
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from scripts.check.files import ROOT
from tests import nginx
from tests.config.test_every_answer import missing as missing_headers
from tests.drills import slow
from tests.drills.running import environment
from tests.processes import missing

FOLDER = ROOT / "docs" / "operations" / "examples"
UNITS = sorted(path for path in FOLDER.iterdir() if path.suffix in (".service", ".timer", ".socket"))
SERVICES = [path for path in UNITS if path.suffix == ".service"]
ENVIRONMENTS = sorted(FOLDER.glob("*.env"))
PYTHON = "/srv/skill/.venv/bin/python"
SCRIPTS = "/usr/local/lib/skill/"
# How far a unit is exposed, in systemd's own measure of 0 to 10.
EXPOSED = 2.0


def values(path: Path) -> dict[str, list[str]]:
    """Return the settings of a unit or the variables of an environment file."""
    found: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def commands(path: Path) -> list[list[str]]:
    """Return the words of each `manage.py` that a unit runs."""
    said = " ".join(values(path).get("ExecStart", []))
    return [match.split() for match in re.findall(r"manage\.py ([a-z_]+(?: --[a-z-]+(?: \d+)?)*)", said)]


def test_there_are_units_for_everything_that_runs():
    assert {path.stem for path in SERVICES} == {
        "skill-server",
        "skill-worker",
        "skill-seal-audit",
        "skill-purge-files",
        "skill-count-tallies",
        "skill-purge",
        "skill-purge-apply",
        "skill-backup",
        "skill-base-backup",
    }


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_what_a_unit_runs_is_there(path):
    """Every command, with its options; and every oneshot has its timer."""
    found = commands(path)
    start = values(path)["ExecStart"][0]
    if start.startswith(SCRIPTS):
        assert (FOLDER / Path(start.split()[0]).name).stat().st_mode & 0o111, f"{start} is not executable"
        assert "OnCalendar" in values(path.with_suffix(".timer"))
        return
    assert found or "gunicorn -c config/gunicorn.py" in start
    assert PYTHON in start
    known = get_commands()
    for name, *options in found:
        assert name in known, f"{path.name}: no command {name}"
        parser = load_command_class(known[name], name).create_parser("manage.py", name)
        for option in options:
            assert not option.startswith("--") or option in parser._option_string_actions, f"{name} {option}"
    if values(path).get("Type") == ["oneshot"]:
        assert "OnCalendar" in values(path.with_suffix(".timer"))


def test_what_postgres_writes_lies_in_no_folder_of_another_user():
    """A folder below one that is closed to it cannot be reached, whomever it belongs to itself."""
    ours = values(FOLDER / "skill-backup.service")["ReadWritePaths"][0]
    [archive] = values(FOLDER / "skill-base-backup.service")["ReadWritePaths"]
    assert not Path(archive).is_relative_to(ours)
    assert f"{archive}/wal/%f" in (FOLDER / "postgresql-archive.conf").read_text(encoding="utf-8")
    # It would make /var/lib/skill the property of its user.
    assert "StateDirectory" not in values(FOLDER / "skill-base-backup.service")


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.name)
def test_every_variable_is_read_and_explained(path):
    documented = (ROOT / "docs" / "operations" / "README.md").read_text(encoding="utf-8")
    source = "".join(one.read_text(encoding="utf-8") for one in (ROOT / "config").glob("*.py"))
    assert values(path)
    for name in values(path):
        assert f"`{name}`" in documented, f"{name} is not explained"
        assert f'"{name}"' in source, f"nothing reads {name}"


def test_every_variable_of_the_server_is_explained():
    documented = "".join(
        (ROOT / "docs" / "operations" / name).read_text(encoding="utf-8")
        for name in ("README.md", "running.md")
    )
    for module in ("gunicorn", "databases"):
        source = (ROOT / "config" / f"{module}.py").read_text(encoding="utf-8")
        names = set(
            re.findall(r'"((?:DATABASE|WEB_CONCURRENCY|LISTEN|REQUEST|MAX|LOG)(?:_[A-Z]+)*)"', source)
        )
        assert names, module
        assert {name for name in names if f"`{name}`" not in documented} == set(), module


def test_a_stop_is_given_longer_than_a_request():
    timeout = int(re.search(r'REQUEST_TIMEOUT", (\d+)', (ROOT / "config/gunicorn.py").read_text())[1])
    assert int(values(FOLDER / "skill-server.service")["TimeoutStopSec"][0]) > timeout
    read = int(re.search(r"proxy_read_timeout (\d+)s", nginx.EXAMPLE.read_text(encoding="utf-8"))[1])
    assert read < timeout


@pytest.mark.parametrize("name", ["skill-purge", "skill-purge-apply"])
def test_a_deletion_that_is_not_due_is_no_failure(name):
    from privacy.management.commands.purge import NOT_YET

    assert values(FOLDER / f"{name}.service")["SuccessExitStatus"] == [str(NOT_YET)]


def installed(folder: Path) -> None:
    """Write the units down with what they start being there."""
    for path in UNITS:
        text = path.read_text(encoding="utf-8")
        for old, new in ((PYTHON, sys.executable), ("/srv/skill", str(ROOT)), (SCRIPTS, f"{FOLDER}/")):
            text = text.replace(old, new)
        (folder / path.name).write_text(text, encoding="utf-8")


def systemd_analyze(*words: str) -> subprocess.CompletedProcess:
    if shutil.which("systemd-analyze") is None:
        missing("systemd-analyze is not installed")
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False)


def test_systemd_understands_the_units(tmp_path):
    installed(tmp_path)
    names = [str(tmp_path / path.name) for path in UNITS]
    done = systemd_analyze("verify", "--man=no", "--recursive-errors=no", *names)
    assert [line for line in done.stderr.splitlines() if "skill-" in line] == []
    assert done.returncode == 0, done.stderr
    # What it would not understand it says.
    wrong = tmp_path / "skill-server.service"
    wrong.write_text(wrong.read_text().replace("ProtectSystem=strict", "ProtectSytem=strict"))
    assert "ProtectSytem" in systemd_analyze("verify", "--man=no", "--recursive-errors=no", str(wrong)).stderr


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_a_unit_may_do_no_more_than_it_must(path):
    done = systemd_analyze("security", "--offline=yes", f"--threshold={EXPOSED * 10:.0f}", str(path))
    assert done.returncode == 0, done.stdout[-200:]


def test_nginx_understands_the_example(tmp_path):
    if nginx.program() is None:
        missing("nginx is not installed (scripts/system nginx)")
    proxy = nginx.configure(tmp_path)
    done = subprocess.run(nginx.command(proxy, "-t"), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr
    site = tmp_path / "skill.conf"
    site.write_text(site.read_text().replace("proxy_buffering on", "proxy_bufering on"))
    done = subprocess.run(nginx.command(proxy, "-t"), capture_output=True, text=True, check=False)
    assert done.returncode != 0


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    """The example with the product behind it; the database is empty, and is asked nothing."""
    if nginx.program() is None:
        missing("nginx is not installed (scripts/system nginx)")
    folder = tmp_path_factory.mktemp("nginx")
    with contextlib.ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in environment(f"sqlite:///{folder}/db.sqlite3").items():
            patch.setenv(name, value)
        running = stack.enter_context(nginx.running(folder))
        (folder / "pages" / "503.html").write_text("メンテナンス中です", encoding="utf-8")
        stack.enter_context(slow.serving(running))
        yield running


def fetch(proxy, path: str, **headers: str):
    connection = http.client.HTTPSConnection("localhost", proxy.port, timeout=30, context=slow._TLS)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def test_pages_come_through_unpacked_and_with_a_number_of_the_proxy(proxy):
    answer, _ = fetch(proxy, "/login/", **{"Accept-Encoding": "gzip", "X-Request-Id": "abcdef123456"})
    assert answer.status == 200
    assert "Content-Encoding" not in answer.headers
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-Id"])
    assert "abcdef" not in (proxy.folder / "skill.log").read_text()
    assert "/login/" not in (proxy.folder / "skill.log").read_text()


def test_what_a_client_claims_to_have_forwarded_ends_here(proxy):
    answer, _ = fetch(proxy, "/login/", **{"X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"})
    # Taken for encrypted, which it is: no redirect, and the cookie of a secure connection.
    assert answer.status == 200
    assert "__Host-csrftoken" in answer.headers["Set-Cookie"]


def test_files_of_the_product_have_the_walls_of_its_pages(proxy):
    class Response:
        status_code = 200

    for path, static in (("/static/css/base.css", True), ("/503.html-is-internal", False)):
        answer, _ = fetch(proxy, path, **{"Accept-Encoding": "gzip"})
        Response.headers = answer.headers
        assert missing_headers(Response, static=static) == [], path
        if static:
            assert answer.headers["Content-Encoding"] == "gzip"
            assert "immutable" in answer.headers["Cache-Control"]
    assert fetch(proxy, "/503.html")[0].status == 404


def test_one_office_is_not_locked_out(proxy):
    statuses = {fetch(proxy, "/healthz")[0].status for _ in range(150)}
    assert statuses == {200}


def test_the_page_in_place_of_a_server_that_is_gone(tmp_path):
    if nginx.program() is None:
        missing("nginx is not installed (scripts/system nginx)")

    class Response:
        status_code = 503

    with nginx.running(tmp_path) as alone:
        (tmp_path / "pages" / "503.html").write_text("メンテナンス中です", encoding="utf-8")
        answer, body = fetch(alone, "/sheet/")
        assert (answer.status, body.decode()) == (503, "メンテナンス中です")
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.headers["Content-Type"].startswith("text/html")
        Response.headers = answer.headers
        assert missing_headers(Response) == []
