"""Words of others in anything that is sent: every URL as every role, with every owner's objects, read to the last byte.

A probe is one answer to one request of one person, searched whole (body, unpacked where it is packed, headers, name of the
file) for every planted word; a word that the person may not read by tests/canary_oracle.py is a hit, unless the request
itself said it.
"""

import contextlib
import dataclasses
import io
import itertools
import random
import re
import zipfile
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from django.core import mail
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from access.routes import ROUTES, TOKEN
from bench.bounds import Bound
from bench.results import Figure
from organization.scope import actor_for
from tests import builders as b
from tests.canaries import Canary, Owner
from tests.canary_oracle import System, may_read
from tests.canary_world import make_canaries
from tests.routes import address

FIGURES = {
    "authz.canaries": Bound(0, "hits"),
    "authz.canaries.probes": Bound(20_000, "probes", at_least=True, short_limit=1_000),
    # How many of the words reached somebody who may read them: a search that finds nothing proves nothing.
    "authz.canaries.read": Bound(100, "words", at_least=True),
}
DATABASES = ("sqlite",)
PAGE = "security"
LONG_PROBES, SHORT_PROBES = 20_000, 1_000
PERSONAS = (
    "honnin", "dourei", "kakari", "kacho", "bucho", "betsuka", "jinji", "henshu", "kansa", "sysadmin",
)  # fmt: skip
_BACKEND = "organization.backends.StaffBackend"
_WORD = re.compile(r"zq[0-9a-z]{5,6}q")
# What pages are asked with; {} is a word of another.
QUERIES = (
    "json", "q={}", "format=csv", "format=xlsx", "format=cp932&replace=on", "department={}", "staff={}", "year=2025", "all=1",
    "page=2", "format=csv&q={}", "format=pdf", "encoding=cp932&download=1", "search={}",
)  # fmt: skip
TARGET_MODEL = {
    "staff": "organization.Staff", "sheet": "assessments.Sheet", "department": "organization.Department",
    "cycle": "assessments.Cycle", "import": "organization.ImportBatch", "grant": "organization.Grant",
    "position": "organization.Position", "entry": "assessments.Experience", "file": "assessments.Attachment",
    "training": "assessments.Training", "course": "competency.Course", "job": "organization.Job",
    "issuer": "assessments.TrustedIssuer", "extension": "assessments.Extension", "token": "organization.ApiToken",
    "saved_export": "assessments.SavedExport", "foreign_record": "assessments.ForeignRecord", "scenario": "gaps.Scenario",
    "measure": "gaps.Measure", "duty": "competency.Duty", "survey": "competency.ReferenceSurvey",
    "crosswalk": "competency.Crosswalk", "version_change": "assessments.VersionChange", "draft": "competency.FrameworkVersion",
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Hit:
    """A word where it must not be."""

    who: str
    request: str
    canary: Canary

    def __str__(self) -> str:
        one = self.canary
        return f"{self.who}: {self.request} holds {one.owner} {one.model}.{one.field} {one.variant}"


class Watch:
    """Searches answers for words; counts them."""

    def __init__(self, owners: dict[str, Owner], canaries: Iterable[Canary]) -> None:
        self.owners, self.by_word = owners, {one.word: one for one in canaries}
        self.probes, self.hits, self.seen = 0, [], set()

    def read(self, who: str, actor, request: str, *parts: bytes) -> None:
        """Search one answer, given as its parts, for every word that the actor may not read."""
        self.probes += 1
        for word in set().union(*(words_in(part) for part in parts)) & self.by_word.keys():
            canary = self.by_word[word]
            if word in request:
                continue
            self.seen.add(word)
            if not may_read(actor, canary, self.owners[canary.owner]):
                self.hits.append(Hit(who, request, canary))


def words_in(content: bytes) -> set[str]:
    """Return what looks like a planted word in bytes, in the texts of a PDF, and in what a ZIP or a workbook packs."""
    found = set(_WORD.findall(content.decode("latin-1").lower()))
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            for name in package.namelist():
                found |= words_in(name.encode()) | words_in(package.read(name))
    elif content.startswith(b"%PDF"):
        reader = PdfReader(io.BytesIO(content))
        texts = [page.extract_text() for page in reader.pages] + [str(reader.metadata)]
        found |= set(_WORD.findall("\n".join(texts).lower()))
    return found


def walk(watch: Watch, world, *, limit: int) -> None:
    """Ask every URL as every persona with every owner's objects, plainly first, until so many answers were read."""
    people = {name: _signed_in(getattr(world, name)) for name in PERSONAS}
    urls, words = list(_urls(world, watch.owners)), itertools.cycle(sorted(watch.by_word))
    chance = random.Random(limit)
    plain = [(name, "GET", url, "") for name in people for url in urls]
    more = [(name, "POST", url, "") for name in people for url in urls]
    more += [(name, "GET", url, query) for name in people for url in urls for query in QUERIES]
    chance.shuffle(plain)
    chance.shuffle(more)
    by_token(watch, world)
    for name, method, url, query in [*plain, *more]:
        if watch.probes >= limit:
            return
        client, actor = people[name]
        accept = {"accept": "application/json"} if query == "json" else {}
        asked = f"{url}?{query.format(next(words))}" if query and not accept else url
        ask(watch, client, name, actor, method, asked, **accept)


def by_token(watch: Watch, world) -> None:
    """Read every address of the API with a token for everything."""
    _, secret = b.make_token(world.jinji)
    bearer = {"Authorization": f"Bearer {secret}"}
    system = System(world.city.pk)
    for name, route in sorted(ROUTES.items()):
        if route.get == TOKEN:
            ours, foreign = world.targets.get(route.target, (None, None))
            for target in [
                *(owner.rows.get(TARGET_MODEL.get(route.target or "")) for owner in watch.owners.values()),
                ours,
                foreign,
            ]:
                with contextlib.suppress(AttributeError):
                    ask(
                        watch,
                        Client(raise_request_exception=False),
                        "token",
                        system,
                        "GET",
                        address(name, target),
                        **bearer,
                    )


def _signed_in(staff):
    client = Client(raise_request_exception=False)
    client.force_login(staff, backend=_BACKEND)
    return client, actor_for(staff, timezone.localdate())


def search(watch: Watch, world) -> None:
    """Look for each word of others in the lists that search, as every persona."""
    for name in PERSONAS:
        client, actor = _signed_in(getattr(world, name))
        for canary in watch.by_word.values():
            if canary.model in ("organization.Staff", "organization.Department", "competency.Duty"):
                for url in ("/people/", "/accounts/", "/departments/"):
                    ask(watch, client, name, actor, "GET", f"{url}?q={canary.word}")


def ask(watch: Watch, client: Client, who: str, actor, method: str, url: str, **headers: str) -> None:
    """Send one request, read everything that came of it, mails too, and take back what it did."""
    mail.outbox = []
    with transaction.atomic():
        response = client.generic(
            method, url, b"", content_type="application/x-www-form-urlencoded", headers=headers
        )
        body = b"".join(response.streaming_content) if response.streaming else response.content
        head = "\n".join(f"{name}: {value}" for name, value in response.headers.items()).encode()
        sent = "\n".join(str(message.message()) for message in getattr(mail, "outbox", [])).encode()
        transaction.set_rollback(True)
    watch.read(who, actor, f"{method} {url}", body, head, quote(head).encode(), sent)


def _urls(world, owners: dict[str, Owner]) -> Iterator[str]:
    """Yield every URL, with the objects of each owner and of the world, and with none."""
    for name, route in sorted(ROUTES.items()):
        if name == "organization:logout" or TOKEN in (route.get, route.post):
            continue
        if route.target is None:
            yield address(name, None)
            continue
        ours, foreign = world.targets.get(route.target, (None, None))
        objects = [owner.rows.get(TARGET_MODEL.get(route.target, "")) for owner in owners.values()]
        for target in [*objects, ours, foreign]:
            if target is not None:
                try:
                    yield address(name, target)
                except AttributeError:  # a part of a draft has two ids; the world's own has them
                    continue


def probe(*, limit: int) -> Watch:
    """Plant the words in an empty database, ask everything, and return what was found. Nothing is left behind."""
    with transaction.atomic():
        world, owners, canaries = make_canaries()
        watch = Watch(owners, canaries)
        walk(watch, world, limit=limit)
        if watch.probes < limit or limit >= LONG_PROBES:
            search(watch, world)
        transaction.set_rollback(True)
    return watch


def measure(*, short: bool) -> Iterable[Figure]:
    """Return the number of hits and of answers read."""
    watch = probe(limit=SHORT_PROBES if short else LONG_PROBES)
    told = "; ".join(sorted({str(hit) for hit in watch.hits})[:5])
    return [
        Figure("authz.canaries", len(watch.hits), told),
        Figure("authz.canaries.probes", watch.probes),
        Figure("authz.canaries.read", len(watch.seen)),
    ]
