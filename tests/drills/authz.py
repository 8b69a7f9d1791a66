"""Every URL × method × combination of roles × whose × state against the oracle; and whether foreign is as nothing.

`authz.cells` is the share, in hundredths, of cells that were answered as tests/access/expected.py says; a cell is one
request. A short run asks a seeded sample. A long one goes through all of them in a fixed shuffled order and keeps how far
it came (tests/drills/out): AUTHZ_MINUTES ends it earlier, the next run of the same tree goes on, and `authz.cells.left`
is only then 0 when every cell was asked. `authz.unlisted` counts URLs without a row, and rows without a URL.
"""

import hashlib
import json
import os
import random
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.test import Client, override_settings

from access.routes import ROUTES
from bench.bounds import Bound
from bench.results import Figure
from organization.providers import read_providers
from tests.access.expected import OWNED, PERSONAL, PLACED, Ask, as_nothing, statuses
from tests.drills.authz_city import STATES, City, build, place_of
from tests.routes import PROVIDERS, URLS, address

FIGURES = {
    "authz.cells": Bound(100, "%", at_least=True),
    "authz.cells.tested": Bound(150_000, "cells", at_least=True, short_limit=500),
    "authz.cells.wrong": Bound(0, "cells"),
    # A short run leaves nearly everything to the long one, and says how much.
    "authz.cells.left": Bound(0, "cells", short_limit=1_000_000),
    "authz.unlisted": Bound(0, "URLs"),
}
DATABASES = ("sqlite", "postgres")
PAGE = "security"
LONG = True
SECONDS = 4 * 3600
SAMPLE, SLICE = 500, 1000
OUT, ROOT = Path(__file__).parent / "out", Path(__file__).parents[2]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
CONFIRMING = ("assessments:sheet_confirm", "POST")
NOT_WALKED = {"organization:login", "organization:logout"}
BACKEND = "organization.backends.StaffBackend"


@dataclass(frozen=True)
class Cell:
    """One request: what the oracle is asked, the target of its URL and what is sent."""

    ask: Ask
    target: Any
    who: str
    what: str
    form: str = ""


def measure(*, short: bool) -> Iterable[Figure]:
    """Yield the share of right answers, how many were asked, wrong and left, and the number of unlisted URLs."""
    with transaction.atomic():
        city = build()
        cells = list(cells_of(city))
        random.Random(7).shuffle(cells)
        if short:
            asked, wrong = SAMPLE, wrong_cells(city, cells[:SAMPLE])
        else:
            kept = Kept(OUT / f"authz-{connection.vendor}.json", len(cells))
            minutes = float(os.environ.get("AUTHZ_MINUTES", "600"))
            go_on(kept, city, cells, until=time.monotonic() + 60 * minutes)
            asked, wrong = kept.asked, kept.wrong
        transaction.set_rollback(True)
    behind = f"{asked} of {len(cells)} cells" + "".join(f"; {one}" for one in wrong[:8])
    yield Figure("authz.cells", 100 * (asked - len(wrong)) / asked if asked else 0, behind)
    yield Figure("authz.cells.tested", asked)
    yield Figure("authz.cells.wrong", len(wrong))
    yield Figure("authz.cells.left", len(cells) - asked)
    yield Figure("authz.unlisted", len(unlisted()), ", ".join(unlisted()))


class Kept:
    """How far the walk has come, and what was wrong, of this tree; another tree or another number begins anew."""

    def __init__(self, path: Path, total: int, tree: str = "") -> None:
        self.path, self.asked, self.wrong = path, 0, []
        self.of = f"{tree or digest()} {total}"
        if path.exists() and (told := json.loads(path.read_text())).get("of") == self.of:
            self.asked, self.wrong = told["asked"], told["wrong"]

    def add(self, asked: int, wrong: list[str]) -> None:
        """Write down a slice."""
        self.asked, self.wrong = self.asked + asked, self.wrong + wrong
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(
            json.dumps({"of": self.of, "asked": self.asked, "wrong": self.wrong}, ensure_ascii=False)
        )


def digest() -> str:
    """Return a hash over the sources that answer and those that ask."""
    told = hashlib.sha256()
    for folder in ("access", "organization", "competency", "assessments", "gaps", "audit", "privacy", "lib", "config",
                   "templates", "tests/access", "tests/drills"):  # fmt: skip
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in (".py", ".html"):
                told.update(file.read_bytes())
    return told.hexdigest()[:20]


def go_on(kept: Kept, city: City, cells: list[Cell], *, until: float) -> None:
    """Ask what was not asked yet, a slice at a time, until the time is over."""
    while kept.asked < len(cells) and time.monotonic() < until:
        part = cells[kept.asked : kept.asked + SLICE]
        kept.add(len(part), wrong_cells(city, part))


def unlisted(urls=URLS, routes=ROUTES) -> list[str]:
    """Return the URLs that the table does not list, and what it lists that is no URL."""
    return sorted(set(urls) ^ set(routes))


def cells_of(city: City) -> Iterator[Cell]:
    """Yield every cell; those of people and sheets for every relation, those of sheets in every state."""
    for who, viewer in city.viewers.items():
        for route in sorted(set(ROUTES) - NOT_WALKED):
            kind = ROUTES[route].target
            for method in METHODS:
                offered = {"GET": ROUTES[route].get, "POST": ROUTES[route].post}.get(method)
                if kind not in ("staff", "sheet") or offered is None:
                    yield from _of_kind(city, who, viewer, route, method)
                    continue
                for relation, owner in {**city.owners, "own": viewer}.items():
                    if kind == "staff":
                        ask = Ask(viewer, route, method, city.day, owner=owner)
                        yield Cell(ask, city.rows[owner.key], who, relation)
                    elif relation != "honnin":
                        yield from _of_sheets(city, who, route, method, relation, owner)


def _of_kind(city: City, who, viewer, route, method) -> Iterator[Cell]:
    """Yield the cells of other kinds: ours, somebody else's, and nothing."""
    kind = ROUTES[route].target
    ours, foreign = city.targets.get(kind, (None, None))
    owner = city.owners["honnin"] if kind in (*PERSONAL, *OWNED) else None
    place = place_of(city.world.kakari_dept) if kind in PLACED else None
    yield Cell(Ask(viewer, route, method, city.day, owner=owner, place=place), ours, who, "ours")
    if kind in PERSONAL and foreign is not None:
        elsewhere = city.owners["foreign"]
        yield Cell(Ask(viewer, route, method, city.day, owner=elsewhere), foreign, who, "foreign")


def _of_sheets(city: City, who, route, method, relation, owner) -> Iterator[Cell]:
    for state in STATES:
        sheet = city.sheets[owner.key, state]
        for level in ("first", "final") if (route, method) == CONFIRMING else ("final",):
            ask = Ask(
                city.viewers[who], route, method, city.day, owner=owner, state=state.removeprefix("closed "),
                closed=state.startswith("closed"), level=level,
            )  # fmt: skip
            yield Cell(ask, sheet, who, f"{relation}, {state}, {level}", form="sheet")


def wrong_cells(
    city: City, cells: Iterable[Cell], right: Callable[[Ask], frozenset[int]] = statuses
) -> list[str]:
    """Ask every cell and return the ones answered otherwise, in words; what each does is taken back."""
    with override_settings(SIGN_IN_PROVIDERS=read_providers(PROVIDERS)):
        return list(_wrong(city, cells, right))


def _wrong(city: City, cells: Iterable[Cell], right: Callable[[Ask], frozenset[int]]) -> Iterator[str]:
    clients: dict[str, Client] = {}
    nothing: dict[tuple, int] = {}
    for cell in cells:
        client = clients.get(cell.who)
        if client is None:
            client = clients[cell.who] = Client(raise_request_exception=False)
            client.force_login(city.rows[cell.ask.viewer.key], backend=BACKEND)
        status = call(client, cell, cell.target)
        expected = right(cell.ask)
        if as_nothing(cell.ask):
            key = (cell.who, cell.ask.route, cell.ask.method)
            if key not in nothing:
                nothing[key] = call(client, cell, None)
            expected &= {nothing[key]}
        if status not in expected:
            yield f"{cell.ask.route} {cell.ask.method} of {cell.what} by {cell.who}: {status}, not {sorted(expected)}"


def call(client: Client, cell: Cell, target) -> int:
    """Send one request inside a transaction that is taken back, and return the status."""
    url, data = address(cell.ask.route, target), {}
    if cell.form == "sheet" and cell.ask.method == "POST":
        data = sheet_form(cell.ask, cell.target)
    with transaction.atomic():
        if cell.ask.method == "POST":
            status = client.post(url, data).status_code
        else:
            status = client.generic(cell.ask.method, url).status_code
        transaction.set_rollback(True)
    return status


def sheet_form(ask: Ask, sheet) -> dict[str, Any]:
    """Return a form of a sheet as its page would send it; what it says is right, whether it may is the question."""
    form = {"version": sheet.version, "key": str(uuid.uuid4())}
    more = {
        "assessments:sheet_confirm": {"action": "save", "level": ask.level},
        "assessments:sheet_send_back": {"reason": "段階をもう一度確かめてください。"},
        "assessments:sheet_correct": {"reason": "転記の誤りのため"},
        "assessments:sheet_proxy": {"action": "end"},
        "assessments:proxy_consent": {"answer": "agree"},
        "assessments:sheet_edit": {"action": "save"},
    }
    return form | more.get(ask.route, {})
