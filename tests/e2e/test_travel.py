"""A record travels: signed in one installation, taken along by its person, verified and taken in by another, empty one.

The second installation is a program of its own, with its own database, files and SECRET_KEY.
"""

import json
import os
import re
import secrets
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from tests import builders as b
from tests.assessments.sheets import in_state, steps_of
from tests.e2e.conftest import DESKTOP, PHONE, Live
from tests.e2e.journeys import (
    choose_password,
    downloaded,
    expect,
    look_on,
    sign_in_as,
    told,
    with_password,
)

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parents[2]
THERE = "131024"


class Installation:
    """Another installation on this machine, empty but for a municipality and two people with one-time codes."""

    def __init__(self, folder: Path) -> None:
        self.database = folder / "second.sqlite3"
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TZ")}
        self.environment = {
            **kept,
            "SECRET_KEY": secrets.token_urlsafe(60),
            "DATABASE_URL": f"sqlite:///{self.database}",
            "FILES_DIR": str(folder / "files"),
            "DEBUG": "true",
        }
        self.manage("migrate", "--verbosity=0")
        self.manage("create_municipality", THERE, "となり市", "--band", "100")
        self.codes = {
            "jinji2": self.person("jinji2", "佐々木 直子", "--hr"),
            "misaki": self.person("misaki", "山﨑　美咲"),
        }
        with (folder / "server.log").open("w") as log:
            self.server = subprocess.Popen(
                self.command("runserver", "--noreload", f"127.0.0.1:{port}"),
                cwd=ROOT, env=self.environment, stdout=log, stderr=log,
            )  # fmt: skip
        self._wait()

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "manage.py", *arguments]

    def manage(self, *arguments: str) -> str:
        return subprocess.run(
            self.command(*arguments),
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def person(self, username: str, name: str, *more: str) -> str:
        said = self.manage("create_admin", username, name, "--municipality", THERE, *more)
        return re.search(r"番号 (\S+?)（", said)[1]

    def rows(self, sql: str) -> list[tuple]:
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(sql).fetchall()

    def stop(self) -> None:
        self.server.terminate()
        self.server.wait(timeout=20)

    def _wait(self) -> None:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=5)
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("the second installation does not answer")


@pytest.fixture
def second(tmp_path):
    """Start another installation, and stop it afterwards."""
    installation = Installation(tmp_path)
    yield installation
    installation.stop()


@pytest.fixture
def there(second, browser, browser_context_args):
    """A page of another browser on the second installation, watched as the first is."""
    context = browser.new_context(**browser_context_args)
    page = Live(context.new_page(), second.url)
    yield page
    context.close()
    assert page.seen.unexpected() == []


@pytest.fixture
def kept(world):
    """Give `honnin` a confirmed year and three entries; let her and 人事 sign in."""
    in_state(world.sheet, "confirmed", confirmer=world.kacho, steps=steps_of(world.sheet, 2, c0=3))
    b.make_experience(world.honnin, "𠮷野川庁舎の更改", text="仕様書を書いた。", cells=["internal-it.1"])
    b.make_certification(world.honnin)
    b.make_training(world.honnin)
    with_password(world.honnin, world.jinji)
    return world


def first_time(live, username, code, password="tonari-shi-no-kagi-2026"):
    """Sign in with a one-time code and choose a password."""
    sign_in_as(live, username, code)
    choose_password(live, password)
    expect(live.page).not_to_have_url(re.compile("/password/"))


def bring(live, content: bytes, name="kiroku.json"):
    """Choose a file on the page of the import."""
    live.go("/resume/import/")
    live.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/json", "buffer": content}
    )
    live.get_by_role("button", name="中身を確かめる").click()


def test_a_record_is_taken_along_and_taken_in(kept, second, live, there, axe):
    there.seen.expect("422")
    sign_in_as(live, "honnin")
    live.go("/resume/")
    live.get_by_role("link", name="記録を持っていく").click()
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("travel-issue")
    live.get_by_role("checkbox").check()
    name, record = downloaded(live, live.get_by_role("button", name="署名付きの記録を書き出す"))
    assert name.endswith(".json")
    live.context.clear_cookies()

    sign_in_as(live, "jinji")
    live.go("/issuers/")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot("travel-issuers")
    key = live.locator(".pairs dd").nth(1).inner_text()
    heard = live.locator(".pairs dd").nth(2).inner_text()

    first_time(there, "misaki", second.codes["misaki"])
    bring(there, record)
    expect(there.locator(".error-text")).to_contain_text("信頼する発行元に登録されていません")
    look_on(there, axe, DESKTOP)
    there.shot("travel-refused")
    there.context.clear_cookies()

    first_time(there, "jinji2", second.codes["jinji2"])
    there.go("/issuers/")
    there.get_by_role("textbox", name=re.compile("^発行する団体の名前")).fill("みほん市")
    there.get_by_role("textbox", name=re.compile("^公開鍵")).fill(key)
    there.get_by_role("textbox", name=re.compile("^鍵の指紋")).fill("0000" + heard[4:])
    there.get_by_role("button", name="発行元を登録する").click()
    expect(there.locator(".error-text")).to_contain_text("鍵の指紋が合いません")
    there.get_by_role("textbox", name=re.compile("^鍵の指紋")).fill(heard)
    there.get_by_role("button", name="発行元を登録する").click()
    expect(told(there)).to_contain_text("「みほん市」を信頼する発行元に登録しました。")
    there.context.clear_cookies()

    sign_in_as(there, "misaki", "tonari-shi-no-kagi-2026")
    bring(there, record.replace(b'"step": 3', b'"step": 4'))
    expect(there.locator(".error-text")).to_contain_text("署名が合いません")
    bring(there, record)
    expect(there.locator(".answer")).to_contain_text("「みほん市」が")
    look_on(there, axe, DESKTOP)
    look_on(there, axe, PHONE)
    there.shot("travel-preview")
    there.set_viewport_size(PHONE)
    there.shot("travel-preview-phone")
    there.set_viewport_size(DESKTOP)
    there.get_by_role("checkbox").check()
    there.get_by_role("button", name="この記録を取り込む").click()
    expect(told(there)).to_contain_text("「みほん市」の記録を取り込みました。")
    expect(there.get_by_role("heading", name="みほん市で確定した到達度")).to_be_visible()
    expect(there.get_by_text("𠮷野川庁舎の更改", exact=True)).to_be_visible()
    there.shot("travel-taken-in")

    entries = second.rows("SELECT kind, title FROM assessments_entry ORDER BY kind")
    assert entries == [
        ("career", "みほん市 政策経営部 デジタル推進課 情報政策係"),
        ("certification", "応用情報技術者試験"),
        ("experience", "𠮷野川庁舎の更改"),
        ("training", "業務改革の進め方"),
    ]
    levels = second.rows(
        "SELECT fiscal_year, cell_code, step FROM assessments_foreignlevel ORDER BY cell_code"
    )
    assert len(levels) == 6
    assert (2026, "security-policy.1", 3) in levels
    assert second.rows("SELECT count(*) FROM assessments_confirmation") == [(0,)]
    assert json.loads(record)["issuer"]["name"] == "みほん市"

    there.locator("summary", has_text="この記録の取込みを取り消す").click()
    there.get_by_role("button", name=re.compile("^取込みを取り消す")).click()
    expect(told(there)).to_contain_text("取り込んだ4件も取り消しました")
    expect(there.get_by_text("𠮷野川庁舎の更改")).to_have_count(0)
