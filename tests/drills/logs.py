"""Personal words sent through every path and raised from inside, and nothing of them in any log, error page, mail or queue.

A probe is one word of its own that went in by one way: a request, or an error whose message quotes it. What comes out is
read as it is written: log lines by the handlers of the settings, the pages of errors, mails to administrators, the rows of
the queue.
"""

import contextlib
import io
import logging
import random
import smtplib
from collections.abc import Callable, Iterable, Iterator
from unittest.mock import patch

from django.conf import settings
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.template import TemplateSyntaxError
from django.test import Client, override_settings
from django_tasks_db.models import DBTaskResult

from access.routes import ROUTES, TOKEN
from bench.bounds import Bound
from bench.results import Figure
from config.logs import JsonFormatter
from organization import jobs
from organization.models import Position
from tests import builders as b
from tests.canaries import word
from tests.routes import address, make_targets
from tests.world import make_world

FIGURES = {
    "logs.canaries": Bound(0, "words"),
    "logs.canaries.probes": Bound(5_000, "probes", at_least=True, short_limit=300),
}
DATABASES = ("sqlite", "postgres")
PAGE = "security"
LONG_PROBES, SHORT_PROBES = 5_000, 300
_BACKEND = "organization.backends.StaffBackend"


class Ear:
    """Hears everything: a second stream behind every handler of the settings, with its own filters and formatter."""

    def __init__(self) -> None:
        self.stream, self.probes, self.found = io.StringIO(), 0, []

    def check(self, way: str, said: str, *more: str) -> None:
        """Count a probe and note it where the word came out, in a log line or in `more`."""
        self.probes += 1
        if any(
            said in text.lower() for text in (self.stream.getvalue().lower(), *(one.lower() for one in more))
        ):
            self.found.append(f"{way}: {said}")
        self.stream.seek(0)
        self.stream.truncate()


@contextlib.contextmanager
def listening(formatter: logging.Formatter | None = None) -> Iterator[Ear]:
    """Yield an Ear into which every handler that the settings configured writes, whatever its level kept out before.

    With a formatter it stands in for theirs, as LOG_FORMAT puts it there.
    """
    ear, kept = Ear(), []
    loggers = [logging.getLogger(), *(logging.getLogger(name) for name in settings.LOGGING["loggers"])]
    # Several loggers write through one handler.
    for handler in {id(one): one for logger in loggers for one in logger.handlers}.values():
        if type(handler) is logging.StreamHandler:
            kept += [(handler, handler.setStream(ear.stream), handler.formatter)]
            handler.setFormatter(formatter or handler.formatter)
    if not kept:
        raise AssertionError("no handler of the settings was found: nothing would be heard")
    disabled = logging.root.manager.disable
    logging.disable(logging.NOTSET)
    try:
        yield ear
    finally:
        logging.disable(disabled)
        for handler, stream, before in kept:
            handler.setFormatter(before)
            if stream is not None:
                handler.setStream(stream)


def requests_of(said: str, chance: random.Random) -> dict[str, Callable[[Client, str], object]]:
    """Return a request for each way in which a word can arrive, to be sent to a URL."""
    file = SimpleUploadedFile(f"{said}.csv", f"職員番号,氏名\n{said},{said}\n".encode(), "text/csv")
    broken = (
        f'--x\r\nContent-Disposition: form-data; name="file"; filename="{said}.xlsx"\r\n\r\n{said}'.encode()
    )
    form = "application/x-www-form-urlencoded"
    return {
        "query": lambda client, url: client.get(f"{url}?q={said}&next=//{said}.example/"),
        "path": lambda client, url: client.get(f"{url}{said}/"),
        "form": lambda client, url: client.post(url, {"name": said, "reason": said, "password": said, said: "x"}),
        "sign-in": lambda client, url: client.post("/login/", {"username": said, "password": said}),
        "json": lambda client, url: client.post(url, {"evidence": said}, content_type="application/json"),
        "malformed json": lambda client, url: client.post(url, f'{{"a": {said}', content_type="application/json"),
        "malformed form": lambda client, url: client.generic("POST", url, b"\xff%zz=" + said.encode(), content_type=form),
        "upload": lambda client, url: client.post(url, {"file": file, "kind": "roster"}),
        "malformed upload": lambda client, url: client.generic(
            "POST", url, broken, content_type="multipart/form-data; boundary=x"
        ),
        "headers": lambda client, url: client.get(
            url, headers={"User-Agent": said, "Referer": f"http://{said}/", "X-Request-Id": said, "Authorization": said}
        ),
        "cookie": lambda client, url: client.get(url, headers={"Cookie": f"sessionid={said}; csrftoken={said}"}),
        "host": lambda client, url: client.get(url, headers={"Host": f"{said}_.example"}),
        "origin": lambda client, url: Client(enforce_csrf_checks=True, raise_request_exception=False).post(
            url, {}, headers={"Origin": f"http://{said}.example"}
        ),
        "referer": lambda client, url: Client(enforce_csrf_checks=True, raise_request_exception=False).post(
            url, {}, secure=True, headers={"Referer": f"https://{said}.example/"}
        ),
        "method": lambda client, url: client.generic(said.upper(), url),
    }  # fmt: skip


def errors_of(said: str) -> dict[str, Exception]:
    """Return errors whose message quotes a word, as libraries and databases word them."""
    chained = ValueError("outer")
    chained.__cause__ = KeyError(said)
    return {
        "value": ValueError(f"invalid literal: {said}"),
        "key": KeyError(said),
        "unique": IntegrityError(f"duplicate key\nDETAIL:  Key (name)=({said}) already exists."),
        "database": DatabaseError(f"invalid input syntax: {said}"),
        "encoding": UnicodeEncodeError("cp932", said, 0, 1, "illegal multibyte sequence"),
        "mail": smtplib.SMTPRecipientsRefused({f"{said}@example.lg.jp": (550, said.encode())}),
        "template": TemplateSyntaxError(f"Could not parse {said}"),
        "file": FileNotFoundError(2, "No such file", f"/files/{said}"),
        "chained": chained,
    }


# Where an error is raised, by what it takes the place of.
PLACES = (
    "organization.middleware.actor_for",
    "django.template.base.Template.render",
    "django.db.models.query.QuerySet._fetch_all",
    "django.contrib.sessions.backends.db.SessionStore.load",
    "config.context._nav",
)


def through_requests(ear: Ear, world, *, until: int) -> None:
    """Send every kind of request to every URL, as 人事, as one of the staff and signed out, until so many probes."""
    chance, clients = random.Random(9), []
    for staff in (world.jinji, world.honnin, None):
        client = Client(raise_request_exception=False)
        if staff is not None:
            client.force_login(staff, backend=_BACKEND)
        clients.append(client)
    urls = [
        address(name, world.targets.get(route.target, (None, None))[0])
        for name, route in sorted(ROUTES.items())
        if TOKEN not in (route.get, route.post) and name != "organization:logout"
    ]
    while True:
        for url in chance.sample(urls, len(urls)):
            said = word()
            for way, send in requests_of(said, chance).items():
                with transaction.atomic():
                    send(chance.choice(clients), url)
                    transaction.set_rollback(True)
                ear.check(f"{way} to {url}", said)
                if ear.probes >= until:
                    return


def through_errors(ear: Ear, world) -> None:
    """Raise every error at every place under a page; no log and no page says its message."""
    client = Client(raise_request_exception=False)
    client.force_login(world.jinji, backend=_BACKEND)
    for place in PLACES:
        said = word()
        for kind in errors_of(said):
            said = word()
            error = errors_of(said)[kind]
            with patch(place, side_effect=error), transaction.atomic():
                answer = None
                # An error inside the page of the error: nothing is left that could answer.
                with contextlib.suppress(type(error)):
                    answer = client.get("/people/")
                transaction.set_rollback(True)
            mails = "".join(str(message.message()) for message in getattr(mail, "outbox", []))
            ear.check(
                f"{kind} in {place}", said, answer.content.decode() if answer is not None else "", mails
            )


REFUSING = ("config.context._nav", "organization.views.people.staff_for", "organization.jobs.kind_of")


def constraints_of(world) -> dict[str, Callable[[str], object]]:
    """Return statements that the database itself refuses, with the word among their values: PostgreSQL quotes them."""

    def twice(said: str) -> None:
        for _ in range(2):
            b.make_staff(world.city, said, username=said)

    def no_number(said: str) -> None:
        number = "SELECT CAST(%s AS integer)"
        with connection.cursor() as cursor:
            # SQLite takes any text for a number.
            cursor.execute(
                number if connection.vendor == "postgresql" else f"{number} FROM no_such_table", [said]
            )

    def no_null(said: str) -> None:
        Position.objects.create(municipality_id=None, name=said)

    return {"unique": twice, "no number": no_number, "null": no_null}


def through_constraints(ear: Ear, world) -> None:
    """Let the database refuse a statement under a page, in long work and in a command; its words stay inside."""
    client = Client(raise_request_exception=False)
    client.force_login(world.jinji, backend=_BACKEND)
    order = world.targets["job"][0]
    for kind, refused in constraints_of(world).items():
        for place in REFUSING:
            said = word()

            def refuse(*_, refused=refused, said=said, **__):
                with transaction.atomic():
                    refused(said)

            type(order).objects.filter(pk=order.pk).update(state="waiting", finished_at=None)
            told: list[str] = []
            with patch(place, side_effect=refuse) as planted, transaction.atomic():
                if place == "organization.jobs.kind_of":
                    row = queued(order)
                    told += [
                        row.traceback,
                        row.exception_class_path,
                        type(order).objects.get(pk=order.pk).message,
                    ]
                else:
                    # An error inside the page of the error: nothing is left that could answer.
                    with contextlib.suppress(DatabaseError):
                        told.append(client.get(f"/people/{world.honnin.uuid}/").content.decode())
                transaction.set_rollback(True)
            if not planted.called:
                raise AssertionError(f"{place} was not reached: nothing was refused there")
            ear.check(f"{kind} refused in {place}", said, *told)


def through_jobs(ear: Ear, world) -> None:
    """Let long work fail in its making and outside it: the row of the order and that of the queue say nothing."""
    for place in (
        "organization.jobs.kind_of",
        "organization.jobs.give_up_silent",
        "organization.jobs._owner_today",
    ):
        for kind in errors_of(""):
            said = word()
            order = world.targets["job"][0]
            type(order).objects.filter(pk=order.pk).update(state="waiting", finished_at=None)
            with patch(place, side_effect=errors_of(said)[kind]) as planted:
                row = queued(order)
            if not planted.called:
                raise AssertionError(f"{place} was not reached: nothing was raised there")
            order.refresh_from_db()
            ear.check(
                f"{kind} in {place}",
                said,
                order.message,
                row.traceback,
                row.exception_class_path,
                str(row.args_kwargs),
            )


def queued(order: jobs.Job) -> DBTaskResult:
    """Put a job into the queue and work it off as the worker does; returns the row that the queue keeps."""
    row = DBTaskResult.objects.create(
        args_kwargs={"args": [str(order.uuid), order.municipality_id], "kwargs": {}},
        task_path="organization.jobs.make", backend_name="default",
        priority=0, run_after=None,
    )  # fmt: skip
    try:
        jobs.make.func(str(order.uuid), order.municipality_id)
    except Exception as error:
        row.set_failed(error)
    row.refresh_from_db()
    return row


def listen(*, until: int, formatter: logging.Formatter | None = None) -> Ear:
    """Send everything through in an empty database and return what was heard. Nothing is left behind.

    Every request has its line, as with REQUEST_LOG.
    """
    with transaction.atomic(), override_settings(REQUEST_LOG=True), listening(formatter) as ear:
        world = make_world()
        world.targets = make_targets(world)
        through_errors(ear, world)
        through_constraints(ear, world)
        through_jobs(ear, world)
        through_requests(ear, world, until=until)
        transaction.set_rollback(True)
    return ear


def measure(*, short: bool) -> Iterable[Figure]:
    """Return how many words came out, and how many went in."""
    each = (SHORT_PROBES if short else LONG_PROBES) // 2
    ears = [listen(until=each), listen(until=each, formatter=JsonFormatter())]
    found = [one for ear in ears for one in ear.found]
    return [
        Figure("logs.canaries", len(found), "; ".join(found[:5])),
        Figure("logs.canaries.probes", sum(ear.probes for ear in ears)),
    ]
