"""What the drill `fuzz` sends: each number is one set of requests, always the same. No drill itself."""

import random
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace
from urllib.parse import urlencode, urlsplit

from access.routes import ROUTES, TOKEN
from tests.drills import fuzz_forms as forms
from tests.drills import fuzz_values as values
from tests.drills.fuzz_api import api_query
from tests.drills.fuzz_city import EVERYBODY, NARROW, NOBODY, PEOPLE
from tests.drills.fuzz_city import TOKEN as BY_TOKEN
from tests.drills.fuzz_send import REFUSED, Answer, Request, Sender

FORM = "application/x-www-form-urlencoded"
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "get", "")
# Made page by page, or for many people at once: a second each, where others take milliseconds.
_SLOW = {
    "assessments:resume_pdf",
    "gaps:resumes",
    "assessments:reminders_paper",
    "organization:slips",
    "competency:survey_edit",
    "privacy:package",
}
_SELDOM = 0.1
# Sent by a script: the form stands on another page.
_FORM_OF = {"assessments:sheet_save": "assessments:sheet_edit"}
# What every form of ours has; the rest of the walk's forms is empty.
_PLAIN = {"version": "0", "key": "00000000-0000-4000-8000-000000000000"}
Requests = Generator[Request, Answer, None]


class Maker:
    """Makes the requests of a number from what the walk found: the pages, their forms, and who may open them."""

    def __init__(self, sender: Sender, seed: str, *, narrow: bool = False) -> None:
        self.sender, self.city, self.seed = sender, sender.city, seed
        # A short run knows the pages of the walk alone: to open others takes it as long as all that it sends.
        self.narrow = narrow
        self.opened_by: dict[str, str] = {}
        self.sent_by: dict[str, str] = {}
        self._pages: dict[tuple[str, str], forms.Page] = {}
        self._schema: dict = {}
        self.found: list[tuple[str, str, int]] = []

    # --- the walk ------------------------------------------------------------------------------------------------

    def walk(self) -> Generator[Request, Answer, None]:
        """Open every page and send something to every address that takes forms, as one after another until somebody may.

        What the pages hand out is kept: their forms, and files to bring in.
        """
        for name, route in sorted(ROUTES.items()):
            if route.get is not None:
                asking = (BY_TOKEN,) if route.get == TOKEN else (*PEOPLE, NOBODY)
                for who, address in self._until(name, asking, "GET"):
                    answer = yield Request(who, "GET", address)
                    if answer.status not in REFUSED:
                        self.opened_by[name] = who
                        page = self._keep(who, address, answer)
                        if not (self.narrow and name in _SLOW):
                            self.found += [(who, address, at) for at in range(len(page.forms))]
                        if answer.file is not None:
                            self.city.files.append((_file_name(answer.file[0]), answer.file[1]))
                        break
        for name, route in sorted(ROUTES.items()):
            if route.post is not None:
                asking = dict.fromkeys((self.opened_by.get(name, NOBODY), *PEOPLE, NOBODY))
                for who, address in self._until(name, asking, "POST"):
                    answer = yield Request(who, "POST", address, urlencode(_PLAIN).encode(), FORM)
                    if answer.status not in REFUSED:
                        self.sent_by[name] = who
                        break
        random.Random(self.seed).shuffle(self.found)

    def _until(self, name: str, asking: Iterable[str], method: str) -> Iterator[tuple[str, str]]:
        """Yield whom to ask as, and where: for some forms one person alone may send one alone of all things."""
        for address in self.city.addresses[name][: 3 if method == "POST" else 1]:
            yield from ((who, address) for who in asking)

    def _keep(self, who: str, address: str, answer: Answer) -> forms.Page:
        page = forms.read(answer.html, address) if answer.html else forms.Page()
        self._pages[who, address] = page
        return page

    def _page(self, who: str, address: str) -> forms.Page:
        if (who, address) not in self._pages:
            if self.narrow:
                return forms.Page()
            self.sender.ready(who)
            with self.sender.taken_back():
                self._keep(who, address, self.sender.send(Request(who, "GET", address)))
        return self._pages[who, address]

    # --- the requests of a number --------------------------------------------------------------------------------

    def make(self, number: int) -> Requests:
        """Yield the requests of this number, one after another; each is answered before the next is made."""
        source = random.Random(f"{self.seed}-{number}")
        if number < len(self.found):
            who, address, at = self.found[number]
            yield from self._form(source, who, address, at)
            return
        ways: list[tuple[Callable[[random.Random], Requests], int]] = [
            (self._forms, 52), (self._queries, 16), (self._paths, 6), (self._headers, 8), (self._bodies, 9), (self._methods, 3),
            (self._api, 6),
        ]  # fmt: skip
        (way,) = source.choices([one for one, _ in ways], [weight for _, weight in ways])
        yield from way(source)

    def _place(self, source: random.Random, *, get: bool = True) -> tuple[str, str, str]:
        """Return (who, URL, address): mostly somebody who may, and something that is there."""
        names = [name for name, route in ROUTES.items() if not get or route.get]
        name = source.choice(names)
        while name in _SLOW and source.random() > _SELDOM:
            name = source.choice(names)
        who = self.opened_by.get(name, "")
        if not who or source.random() < 0.4:
            who = source.choice(EVERYBODY)
        addresses = self.city.addresses[name]
        return who, name, addresses[0] if source.random() < 0.4 else source.choice(addresses)

    def _forms(self, source: random.Random) -> Requests:
        """Take a form of a page that has one."""
        if self.narrow and self.found:
            yield from self._form(source, *source.choice(self.found))
            return
        for _ in range(12):
            who, _, address = self._place(source)
            page = self._page(who, address)
            # The menu's search stands on every page.
            written = [at for at, form in enumerate(page.forms) if form.method == "post"]
            if written or (page.forms and source.random() < 0.3):
                at = (
                    source.choice(written)
                    if written and source.random() < 0.85
                    else source.randrange(len(page.forms))
                )
                yield from self._form(source, who, address, at)
                return
        yield from self._queries(source)

    def _form(self, source: random.Random, who: str, address: str, at: int) -> Requests:
        """Send a form nearly right; now and then right, and go on nearly right with what came back."""
        page = self._page(who, address)
        if at >= len(page.forms):
            return
        form = page.forms[at]
        pairs = forms.filled(form, source, self.city.files)
        steps = source.choice((0, 0, 0, 1, 1, 2))
        for _ in range(steps):
            answer = yield self._sent(source, who, form, pairs)
            if answer.location.startswith("/"):
                answer = yield Request(who, "GET", answer.location)
            page = forms.read(answer.html, address) if answer.html else forms.Page()
            if not page.forms:
                return
            form = source.choice([one for one in page.forms if one.method == "post"] or page.forms)
            pairs = forms.filled(form, source, self.city.files)
        yield self._sent(source, who, form, forms.nearly(pairs, source, self.city.keys, self.city.files))

    def _sent(self, source: random.Random, who: str, form: forms.Form, pairs: forms.Pairs) -> Request:
        address, body, kind = forms.sent(form, pairs, source)
        headers = (("Accept", "application/json"),) if source.random() < 0.15 else ()
        return Request(who, "GET" if form.method == "get" else "POST", _local(address), body, kind, headers)

    def _queries(self, source: random.Random) -> Requests:
        who, _, address = self._place(source)
        names = self._page(who, address).names
        yield Request(who, "GET", f"{address}?{values.query(source, names, self.city.keys)}")

    def _paths(self, source: random.Random) -> Requests:
        who, _, address = self._place(source, get=False)
        method = source.choice(("GET", "GET", "POST", "HEAD"))
        yield Request(who, method, values.path(source, address, self.city.keys))

    def _headers(self, source: random.Random) -> Requests:
        who, _, address = self._place(source)
        headers = tuple(values.header(source) for _ in range(source.choice((1, 1, 2, 4))))
        method = source.choice(("GET", "GET", "GET", "POST"))
        yield Request(who, method, address, b"", FORM if method == "POST" else "", headers)

    def _bodies(self, source: random.Random) -> Requests:
        """Send what is no form, or one that was damaged on its way, to what takes forms."""
        names = [name for name, route in ROUTES.items() if route.post]
        name = source.choice(names)
        who = self.sent_by.get(name, "") or source.choice(EVERYBODY)
        address = source.choice(self.city.addresses[name])
        kind = source.randrange(4)
        json = (("Accept", "application/json"),) if source.random() < 0.3 else ()
        if kind == 0:
            yield Request(who, "POST", address, values.nested(source), "application/json", json)
            return
        read = _FORM_OF.get(name, name)
        page = self._page(who, self._beside(name, read, address)) if ROUTES[read].get else forms.Page()
        written = [form for form in page.forms if form.method == "post"]
        form = replace(source.choice(written), action=address) if written else forms.Form(address, "post", "")
        pairs = forms.filled(form, source, self.city.files)
        pairs += [
            (source.choice(values.NAMES), values.text(source, self.city.keys))
            for _ in range(source.randrange(4))
        ]
        pairs = forms.nearly(pairs, source, self.city.keys, self.city.files)
        request = self._sent(source, who, replace(form, encoding="multipart") if kind == 1 else form, pairs)
        body = values.damaged_body(source, request.body)
        if kind == 3:
            headers = (*request.headers, ("Content-Type", source.choice(values.HEADERS["Content-Type"])))
            request = replace(request, headers=headers)
        yield replace(request, body=body)

    def _beside(self, name: str, read: str, address: str) -> str:
        """Return the page whose form is sent to another address of the same thing."""
        return address if name == read else address.replace(name.rpartition("_")[2], read.rpartition("_")[2])

    def _methods(self, source: random.Random) -> Requests:
        who, _, address = self._place(source, get=False)
        method = source.choice(METHODS)
        yield Request(
            who, method, address, values.nested(source), source.choice((FORM, "application/json", ""))
        )

    def _api(self, source: random.Random) -> Requests:
        """Ask what other systems ask, by the parameters of the product's own OpenAPI document."""
        if not self._schema:
            self._schema = read_schema(self.sender)
        who = source.choice((BY_TOKEN, BY_TOKEN, BY_TOKEN, NARROW, NOBODY, "jinji"))
        address, query = api_query(source, self._schema, self.city.addresses, self.city.keys)
        headers = (values.header(source),) if source.random() < 0.1 else ()
        yield Request(who, source.choice(("GET",) * 9 + METHODS), f"{address}?{query}", headers=headers)


def read_schema(sender: Sender) -> dict:
    """Return the OpenAPI document that the product serves."""
    with sender.taken_back():
        return sender.client.get("/api/v1/openapi.json").json()


def _local(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _file_name(disposition: str) -> str:
    """Return a name with the ending of a file that was handed out."""
    for ending in ("csv", "xlsx", "json", "yaml", "pdf", "zip"):
        if f".{ending}" in disposition:
            return f"out.{ending}"
    return "out"
