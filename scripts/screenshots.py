"""Pictures of the product for the README and the manual, taken anew from the sample municipality.

Usage: python -m scripts.screenshots [NAME …]      (through `make screenshots`; without names: all of them)

Starts a server of its own on a free port with a database that is thrown away, and stops it again. The sign-in codes
in the pictures belong to that database and open nothing.
"""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "manual" / "img"
CHROMIUM = os.environ.get("E2E_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
# Of the sample accounts, as the sign-in page shows it.
PASSWORD = "mihon-shi-2026-demo"  # noqa: S105
WIDTH = 1366
# Taller than this, and nobody can read the picture in a page of the manual.
TALLEST = 1100
MOST_BYTES = 250_000


@dataclass(frozen=True)
class Shot:
    """One picture: its file, who is signed in, the page, what is done there first, and how much of it is shown."""

    name: str
    account: str
    path: str
    prepare: Callable[[Page], None] | None = None
    height: int = TALLEST


def pictures() -> list[Shot]:
    """Return every picture of the README and the manual."""
    return [
        Shot("accounts", "sysadmin", "/accounts/"),
    ]


@contextlib.contextmanager
def running_product() -> Iterator[str]:
    """Run the product with the sample municipality; yields its address, and leaves nothing behind."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        environment = {
            **os.environ,
            "SECRET_KEY": secrets.token_urlsafe(50),
            "DATABASE_URL": f"sqlite:///{folder}/pictures.sqlite3",
            # Static files straight from the sources, so that the collected ones of `make run` stay as they are.
            "DEBUG": "true",
            "DEMO": "true",
            "ALLOWED_HOSTS": "127.0.0.1",
        }
        manage = [sys.executable, "manage.py"]
        for command in (
            ["migrate", "--verbosity", "0"],
            ["load_framework", "competency/data/lasdec-2012.yaml"],
            ["demo"],
        ):
            subprocess.run(
                [*manage, *command], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL
            )
        server = subprocess.Popen(
            [*manage, "runserver", "--noreload", f"127.0.0.1:{port}"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(port, server)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=20)


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers; raises RuntimeError where it ends or stays silent for half a minute."""
    for _ in range(120):
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with {server.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return
        time.sleep(0.25)
    raise RuntimeError(f"nothing answers on port {port}")


def signed_in(browser: Browser, address: str, account: str) -> Page:
    """Return a page of this account's own."""
    context = browser.new_context(
        locale="ja-JP", timezone_id="Asia/Tokyo", viewport={"width": WIDTH, "height": 900}
    )
    page = context.new_page()
    page.goto(f"{address}/login/")
    page.get_by_label("ログイン名").fill(account)
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("button", name="ログインする").click()
    page.wait_for_url(f"{address}/")
    return page


def take(page: Page, address: str, shot: Shot) -> None:
    """Write one picture, no taller than it may be; raises RuntimeError for a refusal or too large a file."""
    answer = page.goto(address + shot.path)
    if answer is None or not answer.ok:
        raise RuntimeError(f"{shot.name}: {shot.path} answers {answer.status if answer else 'nothing'}")
    if shot.prepare:
        shot.prepare(page)
    page.evaluate("document.activeElement?.blur()")
    tall = page.evaluate("document.documentElement.scrollHeight")
    target = PICTURES / f"{shot.name}.png"
    page.screenshot(
        path=target,
        full_page=True,
        animations="disabled",
        clip={"x": 0, "y": 0, "width": WIDTH, "height": min(tall, shot.height)},
    )
    size = target.stat().st_size
    if size > MOST_BYTES:
        raise RuntimeError(f"{shot.name}.png has {size} bytes: show less of the page")
    print(f"{shot.name}.png  {size // 1000} kB", flush=True)


def main(names: list[str]) -> int:
    """Take the pictures named, or all; returns the exit code."""
    wanted = [shot for shot in pictures() if not names or shot.name in names]
    unknown = set(names) - {shot.name for shot in wanted}
    if unknown:
        print(f"No such picture: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    PICTURES.mkdir(parents=True, exist_ok=True)
    arguments = ["--disable-gpu", "--disable-dev-shm-usage", "--font-render-hinting=none", "--lang=ja"]
    arguments += ["--no-sandbox"] if os.geteuid() == 0 else []
    with running_product() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        pages: dict[str, Page] = {}
        for shot in wanted:
            if shot.account not in pages:
                pages[shot.account] = signed_in(browser, address, shot.account)
            take(pages[shot.account], address, shot)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
