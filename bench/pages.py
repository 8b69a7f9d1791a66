"""Every page of the product, and how many queries each one costs in a small and in a large city."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from access.actor import Actor
from access.routes import OPEN, ROUTES, SIGNED_IN, TOKEN
from access.table import may_at_all
from bench.browser import Browser
from bench.data import FEW_PERSONAS, PERSONAS, City
from bench.records import token_for
from config.manual import FOLDER
from organization.scope import actor_for

# What a pattern asks for that is no public id; a new one must be added here, or its pages count as unopened.
CHOICES = {
    "slug": sorted(path.stem for path in FOLDER.glob("*.md"))[:1],
    "kind": ["roster", "organization"],
    "entry_kind": ["experience", "certification", "training", "career", "handover"],
    "cell_code": ["security-policy.management"],
    "export_kind": list(settings.EXPORT_KINDS)[:1],
    "resource": ["CFDocuments", "CFPackages"],
}
# Ways in by other systems are there where one is set up, and read no row before somebody has been recognised.
NOT_SET_UP = {"organization:sso", "organization:sso_answer", "organization:sso_metadata"}
# What an address answers nothing but a question to, unless it says what is wanted.
ASKED = {"assessments:past_template": "?w-what=experience"}


@dataclass(frozen=True)
class Page:
    """One address of one city, under a key that is the same in every city."""

    name: str
    variant: int
    path: str


@dataclass(frozen=True)
class Opened:
    """What opening a page as somebody cost."""

    name: str
    variant: int
    persona: str
    queries: tuple[str, ...]

    @property
    def key(self) -> tuple[str, int, str]:
        """Return what tells it apart within a city."""
        return self.name, self.variant, self.persona

    def __str__(self) -> str:
        return f"{self.name} as {self.persona} ({len(self.queries)} queries)"


def pages_of(city: City, *, few: bool = False) -> Iterator[Page]:
    """Yield every page that answers GET; a page about an object once per object of the city's targets (`few`: less)."""
    patterns = dict(_patterns(get_resolver("config.urls")))
    for name, route in ROUTES.items():
        if route.get is None or name not in patterns or name in NOT_SET_UP:
            continue
        addresses = (
            address
            for target in city.targets(None if route.target == "manual" else route.target, few=few)
            for address in _addresses(name, patterns[name], target)
        )
        for variant, path in enumerate(addresses):
            yield Page(name, variant, path)


def _patterns(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
        elif entry.name:
            yield f"{namespace}{entry.name}", entry


def _addresses(name: str, pattern: URLPattern, target: Any) -> Iterator[str]:
    """Yield the addresses of one URL: a uuid is the target's, of that name or its own; all else runs through its choices."""
    values: list[dict] = [{}]
    for key, converter in pattern.pattern.converters.items():
        if type(converter).__name__ == "UUIDConverter" or key == "sourced_id":
            options = [getattr(target, key, target.uuid) if target is not None else None]
        else:
            options = CHOICES.get(key) or _alternatives(pattern, key)
        values = [{**chosen, key: option} for chosen in values for option in options]
    for chosen in values:
        yield reverse(name, kwargs=chosen) + ASKED.get(name, "")


def _alternatives(pattern: URLPattern, key: str) -> list[str]:
    """Return the words of a group such as (?P<kind>csv|xlsx) of a pattern written as a regular expression."""
    found = re.search(rf"\(\?P<{key}>([\w|]+)\)", str(pattern.pattern))
    return found[1].split("|") if found else []


@dataclass
class Tour:
    """Every page of one city, opened as everybody who may; `broken` are answers that nobody should ever get."""

    opened: list[Opened] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def unopened(self) -> list[str]:
        """Return what could not be measured: pages that nobody could open, and broken answers."""
        there = {page.name for page in self.opened}
        never = [
            name for name, route in ROUTES.items() if route.get is not None and name not in there | NOT_SET_UP
        ]
        return never + self.broken


def tour(city: City, handler: WSGIHandler, *, few: bool = False) -> Tour:
    """Open every page as everybody who may, and return what each opening cost; files are read to their end."""
    browsers = {name: Browser(handler, city.persona(name)) for name in visitors_of(few=few)}
    nobody = {"nobody": Browser(handler)}
    systems = {"system": Browser(handler, bearer=token_for(city))}
    actors = actors_of(city, few=few)
    made = Tour()
    for page in pages_of(city, few=few):
        guard = ROUTES[page.name].get
        visitors = systems if guard == TOKEN else browsers | nobody if guard == OPEN else browsers
        for persona, browser in visitors.items():
            if not may_try(actors.get(persona), guard):
                continue
            environ = browser.environ(page.path)
            connection.queries_log.clear()
            with CaptureQueriesContext(connection) as sent:
                answer = browser.send(environ)
            if answer.status in (200, 302, 303):
                queries = tuple(query["sql"] for query in sent.captured_queries)
                made.opened.append(Opened(page.name, page.variant, persona, queries))
            elif answer.status >= 500:
                made.broken.append(f"{page.name} as {persona} answers {answer.status}")
    return made


def may_try(actor: Actor, guard: str) -> bool:
    """Say whether the table lets somebody near a page at all: half of all requests would else measure a refusal."""
    return guard in (OPEN, SIGNED_IN, TOKEN) or may_at_all(actor, guard)


def actors_of(city: City, *, few: bool) -> dict[str, Actor]:
    """Return what each of the personas may do."""
    return {name: actor_for(city.persona(name), city.today) for name in visitors_of(few=few)}


def visitors_of(*, few: bool) -> tuple[str, ...]:
    """Return the personas who open the pages."""
    return FEW_PERSONAS if few else tuple(PERSONAS)


def warm_up(city: City, handler: WSGIHandler) -> None:
    """Open every page once, so that what a process keeps in memory is there: it would cost the first visitor only."""
    browsers = [Browser(handler, city.persona(name)) for name in PERSONAS]
    warm: set[str] = set()
    for page in pages_of(city):
        # A sheet has pages that only some of its states open.
        if page.name not in warm and any(browser.get(page.path).status == 200 for browser in browsers):
            warm.add(page.name)


def warm_systems(city: City, handler: WSGIHandler) -> None:
    """Let a system ask for every address once: a process keeps the packages of the city's own versions (ADR 0045)."""
    system = Browser(handler, bearer=token_for(city))
    for page in pages_of(city):
        if ROUTES[page.name].get == TOKEN:
            system.get(page.path)


def heaviest(opened: list[Opened]) -> Opened:
    """Return the page with the most queries."""
    return max(opened, key=lambda page: len(page.queries))


def differences(small: list[Opened], large: list[Opened]) -> list[tuple[int, str]]:
    """Return (difference, sentence) for every page whose number of queries depends on the size, worst first.

    A page that can be opened in one city only has a difference of all its queries.
    """
    sides = [{page.key: len(page.queries) for page in side} for side in (small, large)]
    found = []
    for key in {**sides[0], **sides[1]}:
        few, many = (side.get(key, 0) for side in sides)
        if few != many:
            found.append((abs(many - few), f"{key[0]} as {key[2]} {few} and {many}"))
    return sorted(found, reverse=True)
