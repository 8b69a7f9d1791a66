"""メンテナンス: switched by the operator, answered without a database, and nobody's text is lost by it."""

import datetime
import stat
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from config import maintenance

NOON = datetime.datetime(2026, 11, 27, 12, 0, tzinfo=timezone.get_default_timezone())
TEXT = {"reason": "消えてはならない\n理由", "version": "17"}


@pytest.fixture(autouse=True)
def _off():
    maintenance.end()
    yield
    maintenance.end()


@pytest.fixture
def noon(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)


def run(*words: str) -> str:
    out = StringIO()
    call_command("maintenance", *words, stdout=out)
    return out.getvalue().strip()


@pytest.mark.parametrize("path", ["/", "/login/", "/sheet/", "/manual/", "/nowhere/"])
def test_every_page_says_so_and_asks_no_database(client, noon, path):
    """Without the fixture `db` a query fails the test."""
    run("on", "--until", "18:00")
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert answer["Retry-After"] == str(6 * 3600)
    page = answer.content.decode()
    assert "メンテナンス中です" in page
    assert "18:00ごろ" in page
    assert "保存した内容は、そのまま残っています" in page
    assert "no-store" in answer["Cache-Control"]


def test_somebody_who_is_signed_in_reads_the_same(world):
    client = Client()
    client.force_login(world.kacho, backend="organization.backends.StaffBackend")
    run("on")
    page = client.get("/sheet/").content.decode()
    assert "メンテナンス中です" in page
    assert world.kacho.name not in page
    run("off")
    assert client.get("/sheet/").status_code in (200, 302)


def test_what_was_sent_stays_on_the_page(client):
    run("on")
    answer = client.post("/sheets/00000000-0000-4000-8000-000000000000/send-back/", TEXT)
    page = answer.content.decode()
    assert answer.status_code == 503
    assert "消えてはならない<br>理由" in page
    assert "再読み込みしてください。同じ内容がもう一度送られます" in page
    # A link would leave the page, and the text with it.
    assert "もう一度開く" not in page
    assert "もう一度開く" in client.get("/sheet/").content.decode()


def test_no_password_is_shown_again(client):
    run("on")
    answer = client.post("/login/", {"username": "x", "password": "ひみつの ことば"})
    assert answer.status_code == 503
    assert "ひみつの" not in answer.content.decode()


def test_a_script_gets_a_sentence(client, noon):
    run("on", "--until", "12:30")
    assert "メンテナンス中です" in client.get("/api/v1/records").json()["error"]
    answer = client.post("/sheets/x/save/", {}, headers={"Accept": "application/json"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "1800")
    assert answer.json()["error"].startswith("メンテナンス中です。")


def test_static_files_and_health_go_on(db, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "app.js").write_text("1\n")
    run("on")
    plain = Client()
    answer = plain.get("/static/app.js")
    assert answer.status_code == 200
    answer.close()
    assert plain.get("/healthz").status_code == 200
    assert plain.get("/readyz").status_code == 503


def test_the_operator_reads_how_it_stands(noon):
    assert run("show") == "メンテナンス中ではありません。"
    assert run("on") == run("show") == "メンテナンス中です。終わる予定は決めていません。"
    assert run("on", "--until", "18:05") == "メンテナンス中です。18:05ごろに終わる予定です。"
    # What has passed today is meant of tomorrow.
    assert run("on", "--until", "2:00") == "メンテナンス中です。11月28日 2:00ごろに終わる予定です。"
    assert run("off") == run("off") == "メンテナンス中ではありません。"


@pytest.mark.parametrize(
    "words", [("on", "--until", "25:00"), ("off", "--until", "18:00"), ("page",), ("on", "file.html")]
)
def test_what_makes_no_sense_changes_nothing(words):
    with pytest.raises(CommandError):
        run(*words)
    assert maintenance.current() is None


def test_an_end_that_is_over_says_that_it_takes_longer():
    state = maintenance.Maintenance(NOON)
    later = NOON + datetime.timedelta(minutes=1)
    assert "予定より長く" in state.sentence(later)
    assert state.retry_seconds(later) == 300
    assert state.retry_seconds(NOON - datetime.timedelta(seconds=5)) == 60


@pytest.mark.parametrize("content", ["", "{", "[]", '{"until": 7}', '{"until": "gestern"}'])
def test_a_file_that_cannot_be_read_is_on(client, settings, content):
    settings.MAINTENANCE_FILE.write_text(content)
    assert client.get("/login/").status_code == 503


def test_a_folder_that_refuses_is_said(settings, tmp_path):
    (tmp_path / "file").touch()
    settings.MAINTENANCE_FILE = tmp_path / "file" / "maintenance.json"
    with pytest.raises(CommandError, match="書けませんでした"):
        run("on")


def test_the_page_for_the_web_server(tmp_path):
    file = tmp_path / "pages" / "503.html"
    assert str(file) in run("page", str(file))
    page = file.read_text(encoding="utf-8")
    assert "メンテナンス中です" in page
    assert "/static/css/base.css" in page
    assert file.stat().st_mode & 0o777 == 0o644
    assert maintenance.current() is None


def test_the_web_server_reaches_the_page(tmp_path):
    """It runs as another user: a folder that is made for the page must let it through."""
    file = tmp_path / "var" / "pages" / "503.html"
    run("page", str(file))
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (file.parent.parent, file.parent, file)]
    assert modes == [0o755, 0o755, 0o644]


def test_a_folder_that_is_there_keeps_its_mode(tmp_path):
    folder = tmp_path / "pages"
    folder.mkdir(mode=0o750)
    run("page", str(folder / "503.html"))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750
