"""A real browser on the distribution's Chromium, which may talk to our server and to nobody else."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import connections
from django.test import Client
from playwright.sync_api import ConsoleMessage, Page, Request, expect

from scripts.chromium import CHROMIUM

SHOTS = Path(__file__).parents[2] / "var" / "shots"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
# Two browsers and two servers on two cores: how quick a page is, other tests say.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Put SQLite into a file: the threads of the server would share one connection to a database in memory."""
    for connection in connections.all():
        if connection.vendor == "sqlite":
            settings = connection.settings_dict
            settings["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
            settings["OPTIONS"] = {
                **settings["OPTIONS"],
                # Nothing here has to survive a power cut.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
            }


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start Chromium in Japanese, silent towards the outside, and without its sandbox for root alone."""
    if not Path(CHROMIUM).exists():
        raise pytest.UsageError("Browser tests need Chromium: scripts/system chromium, or set E2E_CHROMIUM.")
    arguments = [
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--font-render-hinting=none",
        "--lang=ja",
    ]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": arguments}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """The screen of an office PC; use `live.set_viewport_size(PHONE)` for a telephone."""
    return {
        **browser_context_args,
        "locale": "ja-JP",
        "timezone_id": "Asia/Tokyo",
        "viewport": DESKTOP,
    }


def session_cookie(staff: Any, url: str) -> dict[str, Any]:
    """Return the cookie of a session of somebody, as `context.add_cookies` takes it: `__Host-` asks for the domain."""
    client = Client()
    client.force_login(staff, backend="organization.backends.StaffBackend")
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    host = urlsplit(url).hostname
    return {
        "name": settings.SESSION_COOKIE_NAME, "value": value, "domain": host, "path": "/", "secure": True,
        "httpOnly": True, "sameSite": "Lax",
    }  # fmt: skip


@dataclass
class Seen:
    """What the browser complained about or asked for while a test ran."""

    console: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    csp: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, text: str) -> None:
        """Allow console lines that hold this text: a refused request is one, `live.seen.expect("409")`."""
        self.expected.append(text)

    def unexpected(self) -> list[str]:
        """Return every complaint that no `expect` covers, outside requests and CSP reports included."""
        lines = [line for line in self.console if not any(text in line for text in self.expected)]
        return lines + [f"outside: {url}" for url in self.outside] + [f"csp: {report}" for report in self.csp]


class Live:
    """A page on the live server. Everything of Playwright's `Page`, and:

    - `live.go("/sheet/")` opens a path of the server and returns the response,
    - `live.seen` holds what the browser complained about; the end of the test asserts that it is nothing,
    - `live.shot("sheet")` writes var/shots/sheet.png where SHOTS=1 asks for it, for people to look at.
    """

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.seen = Seen()
        self._watch()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.page, name)

    def go(self, path: str, **options: Any) -> Any:
        """Open a path of the server; returns Playwright's response."""
        return self.page.goto(self.url + path, **options)

    def shot(self, name: str, *, full_page: bool = True) -> None:
        """Write a screenshot to var/shots/, where SHOTS=1 asks for pictures: mostly nobody looks at them."""
        if os.environ.get("SHOTS") == "1":
            SHOTS.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=SHOTS / f"{name}.png", full_page=full_page)

    def _watch(self) -> None:
        def on_console(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                self.seen.console.append(f"{message.text} ({message.location['url']})")

        def on_request(request: Request) -> None:
            if not request.url.startswith((self.url + "/", "data:", "blob:")):
                self.seen.outside.append(request.url)

        def on_violation(report: str) -> None:
            self.seen.csp.append(report)

        self.page.on("console", on_console)
        self.page.on("pageerror", lambda error: self.seen.console.append(str(error)))
        self.page.on("request", on_request)
        self.page.expose_function("reportCspViolation", on_violation)
        self.page.add_init_script(
            "document.addEventListener('securitypolicyviolation', event =>"
            " window.reportCspViolation(`${event.violatedDirective} ${event.blockedURI} on ${location.href}`))"
        )


@pytest.fixture
def live(live_server: Any, page: Page) -> Iterator[Live]:
    """A page on a running server; the test fails on any console error, outside request or CSP report."""
    live = Live(page, live_server.url)
    yield live
    complaints = live.seen.unexpected()
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def plain(browser: Any, browser_context_args: dict[str, Any], live_server: Any) -> Iterator[Live]:
    """A page of a browser that runs no script; as strict as `live`."""
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    plain = Live(context.new_page(), live_server.url)
    yield plain
    context.close()
    assert plain.seen.unexpected() == []


@pytest.fixture
def axe() -> Callable[..., None]:
    """Check a page: `axe(live)` fails with every violation of WCAG 2.2 A and AA, and where it is."""

    def check(live: Live, context: str | None = None) -> None:
        found = Axe().run(
            live.page,
            context=context,
            # Of what passes, the count is enough.
            options={"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]},
        )
        violations = [
            f"{violation['id']}: {violation['help']}\n"
            + "\n".join(f"    {node['html']}" for node in violation["nodes"])
            for violation in found.response["violations"]
        ]
        assert not violations, f"{live.page.url}\n" + "\n".join(violations)

    return check
