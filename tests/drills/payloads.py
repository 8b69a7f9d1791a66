"""Texts of attackers in every field that somebody can write, and every page that shows one opened in a real browser.

Nothing may run (a dialog), nothing may have been refused to run either (a report of the CSP or of Trusted Types): a page that
has to be saved by its policy has taken text for markup already. And no element of theirs may stand in a page.
"""

import contextlib
import itertools
import logging
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from unittest.mock import patch

from django.conf import settings
from django.db import connection, models, transaction
from django.test import Client
from django.test.testcases import LiveServerThread

from access.routes import ROUTES, TOKEN
from bench.bounds import Bound
from bench.results import Figure
from scripts.chromium import CHROMIUM
from tests import canaries
from tests.canary_world import OWN, make_canaries
from tests.drills.canaries import TARGET_MODEL
from tests.drills.payload_list import MARK, PAYLOADS, RUN
from tests.routes import address

FIGURES = {
    "browser.payloads": Bound(200, "texts", at_least=True),
    "browser.payloads.pages": Bound(100, "pages", at_least=True, short_limit=25),
    "browser.payloads.dialogs": Bound(0, "dialogs"),
    "browser.payloads.reports": Bound(0, "reports"),
    "browser.payloads.elements": Bound(0, "elements"),
}
DATABASES = ("sqlite",)
PAGE = "security"
LONG = True
# Seconds in the browser, and so many characters in a field without an end.
SHORT_SECONDS, LONG_SECONDS, ROOM = 20, 900, 1500
_BACKEND = "organization.backends.StaffBackend"
# Who opens pages; one by one, each who sees other texts than those before.
WHO = ("honnin", "kacho", "jinji", "henshu", "sysadmin", "kansa")
FILES = (
    "_csv",
    "_xlsx",
    "_pdf",
    "_file",
    ":file",
    "_export",
    "_template",
    "badge",
    "record_schema",
    "my_sheet",
)
# Read by the product as a key, not shown as words.
KEYS = {"code", "url", "file_name"}

REPORTING = """
document.addEventListener("securitypolicyviolation", event => (window.zqReports ??= []).push(
  `${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
# Everything of a page that waits for somebody: folded parts, fields, buttons that only unfold.
TOUCH = """() => {
  for (const part of document.querySelectorAll("details")) part.open = true;
  for (const one of document.querySelectorAll("a[href], input:not([type=hidden]), select, textarea, summary"))
    for (const kind of ["pointerenter", "mouseover", "focus", "input"]) one.dispatchEvent(new Event(kind, { bubbles: true }));
}"""
FOUND = """mark => {
  const all = root => [...root.querySelectorAll("*")].flatMap(one => [
    one, ...(one.shadowRoot ? all(one.shadowRoot) : []), ...(one.content instanceof DocumentFragment ? all(one.content) : [])]);
  return {
    reports: window.zqReports ?? [],
    elements: all(document).filter(one => one.hasAttribute(mark) || ["href", "src", "action", "formaction", "xlink:href"].some(
      name => /^\\s*(javascript|vbscript|data:text)/i.test(one.getAttribute(name) ?? "")))
      .map(one => one.outerHTML.slice(0, 80)),
  };
}"""


@dataclass
class Seen:
    """What came of opening pages."""

    pages: int = 0
    texts: set[str] = field(default_factory=set)
    dialogs: list[str] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    elements: list[str] = field(default_factory=list)


def written(start: int):
    """Return what writes a text into a field instead of a word: another one each time, several where there is room."""
    order = itertools.cycle(PAYLOADS[start:] + PAYLOADS[:start])
    serial = itertools.count(1)

    def text(one: models.Field, word: str):
        if one.name in KEYS:
            return word
        if isinstance(one, models.JSONField):
            return {"note": next(order)}
        room = one.max_length or ROOM
        # Unique where it must be: the number is what two of them differ by.
        text = str(next(serial)) if one.unique or _in_a_constraint(one) else ""
        chosen = 0
        for payload in itertools.islice(order, len(PAYLOADS)):
            if len(payload) + 1 + len(text) <= room:
                text, chosen = f"{payload} {text}".strip(" "), chosen + 1
            elif chosen:
                break
        return text if chosen else word

    return text


def _in_a_constraint(one: models.Field) -> bool:
    constraints = one.model._meta.constraints
    return any(one.name in getattr(constraint, "fields", ()) for constraint in constraints)


def plant(start: int):
    """Make the world with its three owners and a text in every field; returns (world, owners)."""
    # One commit: the server reads what is there, and nobody waits for a disk.
    with patch.object(canaries, "_text", written(start)), transaction.atomic():
        world, owners, _ = make_canaries()
    return world, owners


def pages(world, owners) -> Iterator[tuple[object, str, set[str]]]:
    """Yield (who, address, texts on it) of every page that shows one; of each kind, owner and set of texts the first."""
    people = {name: Client(raise_request_exception=False) for name in WHO}
    for name, client in people.items():
        client.force_login(getattr(world, name), backend=_BACKEND)
    for url in addresses(world, owners):
        known: list[set[str]] = []
        for name, client in people.items():
            response = client.get(url)
            if response.streaming or "text/html" not in response.headers.get("Content-Type", ""):
                continue
            if response.status_code >= 500:
                raise AssertionError(f"{name}: {url} answers {response.status_code}")
            shown = unescape(response.content.decode())
            texts = {one for one in PAYLOADS if one in shown}
            if texts and texts not in known:
                known.append(texts)
                yield getattr(world, name), url, texts


def addresses(world, owners) -> Iterator[str]:
    """Yield every page's address, with our objects: the one that texts were planted in, and the one of the tests."""
    for name, route in sorted(ROUTES.items()):
        if route.get in (None, TOKEN) or name.endswith(FILES):
            continue
        # Of a survey the file is planted empty, which its page cannot show.
        kind = TARGET_MODEL.get(route.target or "", "") if route.target != "survey" else ""
        planted = owners[OWN].rows.get(kind)
        targets = [planted, world.targets.get(route.target, (None,))[0]] if route.target else [None]
        for target in targets:
            if target is not None or route.target is None:
                with contextlib.suppress(
                    AttributeError
                ):  # a part of a draft has two ids; the world's own has them
                    yield address(name, target)


def look(page, url: str, seen: Seen) -> None:
    """Open one page, touch what can be touched, and note what ran, what was refused to run, and what stands there."""
    dialogs: list[str] = []

    def on_dialog(dialog) -> None:
        dialogs.append(f"{url}: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", on_dialog)
    try:
        page.goto(url, wait_until="load")
        _note(page.evaluate(FOUND, MARK), url, seen)
        page.evaluate(TOUCH)
        page.wait_for_timeout(30)
        # A form may have sent itself, and the page that comes then is looked at as well.
        page.wait_for_load_state("load")
        _note(page.evaluate(FOUND, MARK), url, seen)
    finally:
        page.remove_listener("dialog", on_dialog)
    seen.pages += 1
    seen.dialogs += dialogs


def _note(found: dict[str, list[str]], url: str, seen: Seen) -> None:
    for kept, lines in ((seen.reports, found["reports"]), (seen.elements, found["elements"])):
        kept += [line for text in lines if (line := f"{url}: {text}") not in kept]


@contextlib.contextmanager
def browser_context():
    """Yield a context of the distribution's Chromium that notes every report of a policy."""
    from playwright.sync_api import sync_playwright

    arguments = ["--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=arguments)
        try:
            context = browser.new_context(locale="ja-JP")
            # Nobody but our own server is asked, whatever a text says.
            context.route(
                "**/*", lambda route: route.continue_() if "127.0.0.1" in route.request.url else route.abort()
            )
            context.add_init_script(REPORTING)
            yield context
        finally:
            browser.close()


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Serve the product from a thread of this process; yields its address."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler

    thread = LiveServerThread("127.0.0.1", StaticFilesHandler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    try:
        yield f"http://127.0.0.1:{thread.port}"
    finally:
        thread.terminate()
        thread.join()


def run(wanted: list[tuple[str, str, set[str]]], seconds: float) -> Seen:
    """Open so many of the pages as the time allows, each with the session of who may see it."""
    seen, end = Seen(), time.monotonic() + seconds
    with server() as base, browser_context() as context:
        for session, url, texts in wanted:
            if time.monotonic() > end:
                break
            context.clear_cookies()
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": base}])
            # A page of its own: what one would still like to do does not meet the next.
            page = context.new_page()
            look(page, base + url, seen)
            page.close()
            seen.texts |= texts
    return seen


def chosen(found: list[tuple[str, str, set[str]]]) -> list[tuple[str, str, set[str]]]:
    """Return the pages in the order that shows most new texts first."""
    order, shown, left = [], set(), list(found)
    while left:
        best = max(left, key=lambda one: len(one[2] - shown))
        left.remove(best)
        order.append(best)
        shown |= best[2]
    return order


def sessions(found: Iterable[tuple[object, str, set[str]]]) -> list[tuple[str, str, set[str]]]:
    """Return the same with the key of a session for each person."""
    keys: dict[object, str] = {}
    result = []
    for staff, url, texts in found:
        if staff not in keys:
            client = Client()
            client.force_login(staff, backend=_BACKEND)
            keys[staff] = client.cookies[settings.SESSION_COOKIE_NAME].value
        result.append((keys[staff], url, texts))
    return result


def measure(*, short: bool) -> Iterable[Figure]:
    """Return how many texts were shown on pages that were opened, and what came of it."""
    logging.disable(logging.CRITICAL)
    world, owners = plant(0)
    wanted = chosen(sessions(pages(world, owners)))
    connection.close()
    seen = run(wanted, SHORT_SECONDS if short else LONG_SECONDS)
    assert RUN in "".join(seen.texts)
    return [
        Figure("browser.payloads", len(seen.texts), f"of {len(PAYLOADS)}"),
        Figure("browser.payloads.pages", seen.pages, f"of {len(wanted)} that show one"),
        Figure("browser.payloads.dialogs", len(seen.dialogs), "; ".join(seen.dialogs[:5])),
        Figure("browser.payloads.reports", len(seen.reports), "; ".join(seen.reports[:5])),
        Figure("browser.payloads.elements", len(seen.elements), "; ".join(seen.elements[:5])),
    ]
