"""Every link that the sample municipality shows to anybody, followed: no link leads to a refusal, every page is well.

Each account starts at / and goes breadth-first. Of each kind of address the first MOST_ASKED are asked for (a
department has a page for each of 17 items); of each kind of page the first is opened in the browser and looked at,
unless another account has seen one. Of sheets and résumés, which look different in every state, a few are.
"""

import os
from collections import Counter
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import call_command
from django.urls import Resolver404, resolve

from access.routes import OPEN, ROUTES
from organization.views.signin import DEMO_ACCOUNTS
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import CROSSWALKS, DUTIES, FRAMEWORK, SURVEYS, leave, sign_in_as
from tests.e2e.test_pages import look

pytestmark = pytest.mark.django_db(transaction=True)

MOST_KINDS = 60
# Eight accounts ask for their own; a long run asks each for more of a kind, and looks at all on a telephone too.
LONG = os.environ.get("CI_LONG") == "1"
MOST_ASKED, A_FEW = (8, 4) if LONG else (2, 2)
SIZES = (DESKTOP, PHONE) if LONG else (DESKTOP,)
# Seconds of work each: one of an account says what another would.
ASKED_ONCE = {"assessments:resume_pdf", "assessments:resume_xlsx"}
MANY_FACED = {"assessments:sheet", "assessments:sheet_edit", "assessments:resume", "manual_page"}
LINKS = """() => [...document.querySelectorAll("a[href]")].map(a => ({
  url: a.origin + a.pathname + a.search,
  place: a.hash ? decodeURIComponent(a.hash.slice(1)) : "",
  here: a.hash !== "" && a.origin + a.pathname + a.search === location.origin + location.pathname + location.search,
  text: a.textContent.trim().replace(/\\s+/g, " ").slice(0, 30),
}))"""
# What a page is made of: every element with its parent, classes and role, each once.
MAKE = """() => [...new Set([...document.body.querySelectorAll("*")].map(e =>
  `${e.parentElement.tagName}>${e.tagName}.${e.getAttribute("class") ?? ""}:${e.getAttribute("role") ?? ""}`
))].sort().join()"""
MISSING = "places => places.filter(place => !document.getElementById(place))"


def kind_of(path):
    """Return (view name, names of the query): what makes two addresses one kind of page."""
    parts = urlsplit(path)
    try:
        view = resolve(parts.path).view_name
    except Resolver404:
        view = "no page"
    return view, tuple(sorted(parse_qs(parts.query)))


class Crawl:
    """One account's walk. `problems` are sentences; `known` are the makes of page seen before, by kind."""

    def __init__(self, live, axe, account, known):
        self.live, self.axe, self.account, self.known = live, axe, account, known
        self.problems = []
        self.shown = {}
        self.opened, self.asked = Counter(), Counter()

    def run(self, *start):
        """Follow everything from `start` on; returns how many addresses were shown."""
        queue = list(start)
        self.shown.update(dict.fromkeys(start, "nowhere"))
        while queue:
            path = queue.pop(0)
            self.asked[kind_of(path)] += 1
            most = 1 if kind_of(path)[0] in ASKED_ONCE else MOST_ASKED
            if self.asked[kind_of(path)] > most:
                continue
            answer = self.live.context.request.get(self.live.url + path)
            if answer.status >= 400:
                self.say(path, f"{answer.status}, shown on {self.shown[path]}")
            elif "text/html" in answer.headers["content-type"]:
                # Where a link redirects, the page that it leads to counts.
                path = answer.url.removeprefix(self.live.url)
                queue += self.open(path) if self.wanted(path) else []
        return len(self.shown)

    def wanted(self, path):
        """Say whether this address is opened: of each kind the first, of some a few, open pages once for all."""
        kind = kind_of(path)
        if ROUTES[kind[0]].get == OPEN and kind in self.known and not self.opened[kind]:
            return False
        most = A_FEW if kind[0] in MANY_FACED else 1
        return self.opened[kind] < most and (len(self.opened) < MOST_KINDS or kind in self.opened)

    def open(self, path):
        """Look at one page and return the addresses on it that are new, in their order."""
        kind, live = kind_of(path), self.live
        self.opened[kind] += 1
        before = len(live.seen.unexpected())
        live.go(path)
        links = live.evaluate(LINKS)
        places = [link["place"] for link in links if link["here"]]
        for place in live.evaluate(MISSING, places):
            self.say(path, f"no place #{place}")
        self.look_at_a_new_make(path, kind)
        for complaint in live.seen.unexpected()[before:]:
            self.say(path, complaint)
        new = []
        for link in links:
            if not link["url"].startswith(live.url + "/"):
                continue
            address = link["url"].removeprefix(live.url)
            if address not in self.shown:
                self.shown[address] = f"{path} as 「{link['text']}」"
                new.append(address)
        return new

    def look_at_a_new_make(self, path, kind):
        """Look at a make of page that is new; at every size where the kind is."""
        make = self.live.evaluate(MAKE)
        seen = self.known.get(kind, ())
        # What nobody but one role is shown of a page is looked at by the tests of that page.
        if make in seen or (seen and kind[0] not in MANY_FACED):
            return
        for size in SIZES if kind not in self.known else SIZES[:1]:
            self.look(path, size)
        self.live.set_viewport_size(DESKTOP)
        self.known.setdefault(kind, set()).add(make)

    def look(self, path, viewport):
        """Note what is wrong with the page at one size."""
        self.live.set_viewport_size(viewport)
        try:
            look(self.live, self.axe)
        except AssertionError as problem:
            self.say(path, f"at {viewport['width']}: {problem}")

    def say(self, path, what):
        """Note a problem with its account and address."""
        self.problems.append(f"{self.account} {path} ({kind_of(path)[0]}): {what}")


def test_no_link_of_the_sample_municipality_leads_astray(live, axe):
    call_command("load_framework", FRAMEWORK)
    call_command("load_duties", DUTIES)
    call_command("load_catalogue")
    call_command("load_survey", *SURVEYS)
    call_command("load_crosswalk", *CROSSWALKS)
    call_command("demo")
    known, problems = {}, []
    for account, _ in DEMO_ACCOUNTS:
        sign_in_as(live, account)
        crawl = Crawl(live, axe, account, known)
        assert crawl.run("/") > 10, f"{account} sees next to nothing"
        problems += crawl.problems
        live.go("/")
        leave(live)
    assert not problems, "\n".join(problems)


def test_a_crawl_notices(live, axe):
    page = """<!doctype html><html lang="ja"><title>試し</title><main><h1>試し</h1><img src="/static/img/logo.svg">
    <a href="/nowhere/">どこにもない</a><a href="#nothing">ない所</a></main></html>"""
    live.route("**/manual/", lambda route: route.fulfill(body=page, content_type="text/html; charset=utf-8"))
    crawl = Crawl(live, axe, "nobody", {})
    assert crawl.run("/manual/") == 2
    told = "\n".join(crawl.problems)
    assert "nobody /manual/ (manual): no place #nothing" in told
    assert all(f"at {size['width']}: " in told for size in SIZES)
    assert "image-alt" in told
    assert "nobody /nowhere/ (no page): 404, shown on /manual/ as 「どこにもない」" in told
