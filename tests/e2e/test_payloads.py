"""The drill of texts that attackers write goes red: for what runs, for what a policy had to refuse, for an element of theirs."""

import html
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.conf import settings

from tests.drills import payloads as drill
from tests.drills.payload_list import MARK, PAYLOADS

SCRIPT = f"<img {MARK} src=x onerror=alert(1)>"


class Page(BaseHTTPRequestHandler):
    """A page that shows a text: as it is or escaped, with the policy of the product or without one."""

    text, policy = "", ""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        self.end_headers()
        self.wfile.write(f"<!doctype html><title>x</title><p>{self.text}</p>".encode())

    def log_message(self, *given):
        pass


@pytest.fixture(scope="module")
def base():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def opened(base, page, monkeypatch):
    """Return a function that shows a text and gives what the drill saw of it."""
    page.add_init_script(drill.REPORTING)

    def show(text, *, policy=""):
        monkeypatch.setattr(Page, "text", text)
        monkeypatch.setattr(Page, "policy", policy)
        seen = drill.Seen()
        drill.look(page, base, seen)
        return seen

    return show


def our_policy():
    return "; ".join(f"{name} {' '.join(values)}" for name, values in settings.SECURE_CSP.items())


def test_what_runs_is_seen(opened):
    seen = opened(SCRIPT)
    assert seen.dialogs
    assert seen.elements


def test_what_the_policy_refuses_is_seen(opened):
    seen = opened(SCRIPT, policy=our_policy())
    assert not seen.dialogs
    assert any("script-src" in report for report in seen.reports)
    assert seen.elements


def test_a_sink_without_trusted_types_is_seen(opened, base, page):
    policy = "require-trusted-types-for 'script'; trusted-types inert"
    seen = opened("<script>try { document.body.innerHTML = 'x' } catch { }</script>", policy=policy)
    assert any("require-trusted-types-for" in report for report in seen.reports)


@pytest.mark.parametrize(
    "text", ["<a href=javascript:alert(1)>x</a>", f"<template><b {MARK}>x</b></template>", f"<b {MARK}>x</b>"]
)
def test_an_element_that_does_nothing_yet_is_seen(opened, text):
    assert opened(text).elements


def test_escaped_texts_are_well(opened):
    seen = opened(html.escape("\n".join(PAYLOADS)), policy=our_policy())
    assert (seen.pages, seen.dialogs, seen.reports, seen.elements) == (1, [], [], [])


def test_without_a_policy_most_texts_would_do_something(opened):
    """The texts are worth their name: one by one, unescaped and unguarded, so many of them leave a trace."""
    noticed = 0
    for text in PAYLOADS[::5]:
        seen = opened(text)
        noticed += bool(seen.dialogs or seen.elements)
    assert noticed >= len(PAYLOADS[::5]) * 0.5
