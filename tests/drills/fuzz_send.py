"""One request into the views and what came of it: the status, the page, and where in the product it broke. No drill itself."""

import contextlib
import logging
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

from django.conf import settings
from django.core import mail
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import Resolver404, resolve

from config import errors
from config.requests import Request as WebRequest
from organization.providers import read_providers
from tests.drills.fuzz_city import NARROW, NOBODY, TOKEN, City
from tests.routes import PROVIDERS

ROOT = Path(__file__).parents[2]
BACKEND = "organization.backends.StaffBackend"
# Refused before anything that was sent is looked at.
REFUSED = (401, 403, 404, 405)
_HTML = 1_000_000


@dataclass(frozen=True)
class Request:
    """What is sent, and by whom."""

    who: str
    method: str
    path: str
    body: bytes = b""
    content_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Answer:
    """What came back. `view` is the URL's name where its view ran; `fault` says what broke and where."""

    status: int
    view: str = ""
    html: str = ""
    location: str = ""
    fault: str = ""
    file: tuple[str, bytes] | None = None


class Ran:
    """The innermost middleware: notes which view is called next."""

    last = ""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        """Note the name of the URL."""
        Ran.last = request.resolver_match.view_name


class Sender:
    """Sends requests, each set of them in a transaction that is taken back."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.client = Client(raise_request_exception=False)
        self._sessions: dict[str, str] = {}
        self._broke: list[BaseException] = []

    def sign_in_anew(self) -> None:
        """Forget the sessions: what a slice leaves behind is theirs alone, and none grows old."""
        self._sessions.clear()
        mail.outbox = []

    @contextlib.contextmanager
    def taken_back(self) -> Iterator[None]:
        """Do what is asked inside, and take it back; the constraints that wait for the commit are asked before."""
        with transaction.atomic():
            yield
            transaction.set_rollback(True)

    def send(self, request: Request) -> Answer:
        """Send one request; the caller takes back what it does."""
        self._broke.clear()
        Ran.last = ""
        headers = dict(request.headers)
        self.client.cookies = SimpleCookie()
        session = self._session(request.who)
        if session:
            name = settings.SESSION_COOKIE_NAME
            headers["Cookie"] = "; ".join(filter(None, (f"{name}={session}", headers.get("Cookie", ""))))
        elif request.who in self.city.tokens:
            headers.setdefault("Authorization", f"Bearer {self.city.tokens[request.who]}")
        # Not as headers: the server hands these two on under names of their own.
        extra = {}
        for name, key in (("Content-Length", "CONTENT_LENGTH"), ("Content-Type", "CONTENT_TYPE")):
            if name in headers:
                extra[key] = headers.pop(name)
        try:
            response = self.client.generic(
                request.method, request.path, request.body, request.content_type, headers=headers, **extra
            )
            content = b"".join(response.streaming_content) if response.streaming else response.content
        except Exception as error:
            return Answer(500, Ran.last, fault=place_of(error))
        status, fault = response.status_code, ""
        if status < 400 and request.method not in ("GET", "HEAD", "OPTIONS"):
            fault = self._at_commit()
            status = 503 if fault else status
        if response.status_code >= 500:
            told = response.exc_info[1] if response.exc_info else None
            fault = place_of(told or (self._broke[-1] if self._broke else None))
        kind = response.headers.get("Content-Type", "")
        name = response.headers.get("Content-Disposition", "")
        return Answer(
            status,
            Ran.last,
            content[:_HTML].decode(errors="replace") if kind.startswith("text/html") else "",
            response.headers.get("Location", ""),
            fault,
            (name, content) if "attachment" in name and 0 < len(content) < 200_000 else None,
        )

    def _at_commit(self) -> str:
        """Return what the commit would have said."""
        if connection.needs_rollback:
            return ""
        try:
            with transaction.atomic():
                connection.check_constraints()
        except Exception as error:
            return f"{type(error).__name__} at the commit"
        return ""

    def _session(self, who: str) -> str:
        if who in (NOBODY, TOKEN, NARROW):
            return ""
        if who not in self._sessions:
            client = Client()
            client.force_login(getattr(self.city.world, who), backend=BACKEND)
            self._sessions[who] = client.cookies[settings.SESSION_COOKIE_NAME].value
        return self._sessions[who]

    def ready(self, who: str) -> None:
        """Sign somebody in, outside of what is taken back."""
        self._session(who)

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Note the faults that become 503, and the views that ran; nothing is written into the log."""
        plain = errors.service_unavailable

        def service_unavailable(request):
            self._broke.append(sys.exc_info()[1] or RuntimeError())
            return plain(request)

        before = logging.root.manager.disable
        logging.disable(logging.CRITICAL)
        try:
            with (
                override_settings(
                    SIGN_IN_PROVIDERS=read_providers(PROVIDERS),
                    MIDDLEWARE=[*settings.MIDDLEWARE, f"{__name__}.Ran"],
                ),
                patch.object(errors, "service_unavailable", service_unavailable),
                # Made as the server makes it (config/wsgi.py).
                patch("django.test.client.WSGIRequest", WebRequest),
            ):
                yield
        finally:
            logging.disable(before)


def place_of(error: BaseException | None) -> str:
    """Return the kind of an error and the last line of the product on its way; never its message, which quotes values."""
    if error is None:
        return "nothing was raised"
    frames = traceback.extract_tb(error.__traceback__)
    ours = [one for one in frames if _is_ours(Path(one.filename))]
    last = (ours or list(frames) or [SimpleNamespace(filename="?", lineno=0, name="?")])[-1]
    cause = f" from {type(error.__cause__).__name__}" if error.__cause__ else ""
    file = Path(last.filename)
    where = file.relative_to(ROOT) if file.is_relative_to(ROOT) else file.name
    return f"{type(error).__name__}{cause} at {where}:{last.lineno} in {last.name}"


def _is_ours(file: Path) -> bool:
    if not file.is_relative_to(ROOT):
        return False
    return file.relative_to(ROOT).parts[0] not in ("tests", ".venv")


def pattern_of(path: str) -> str:
    """Return the name of the URL that an address belongs to, or that it belongs to none."""
    try:
        return resolve(path.partition("?")[0]).view_name
    except (Resolver404, ValueError):
        return "no URL"
