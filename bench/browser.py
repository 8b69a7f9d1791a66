"""A signed-in person's requests, through the whole WSGI application, with nothing in between."""

import io
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory

from organization.models import Staff

BACKEND = "organization.backends.StaffBackend"


@dataclass(frozen=True)
class Answer:
    """Status, headers by lower-case name, and the body as sent."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def is_html(self) -> bool:
        """Say whether it is a page, not a file."""
        return self.headers.get("content-type", "").startswith("text/html")


class Browser:
    """Somebody at a desk; `person` None is signed out. `bearer` is the token of a system instead."""

    def __init__(self, handler: WSGIHandler, person: Staff | None = None, *, bearer: str = ""):
        self.handler = handler
        self.headers = {"HTTP_AUTHORIZATION": f"Bearer {bearer}"} if bearer else {}
        cookies = {}
        if person is not None:
            client = Client()
            client.force_login(person, backend=BACKEND)
            cookies = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
        request = RequestFactory().get("/")
        self.token = get_token(request)
        cookies[settings.CSRF_COOKIE_NAME] = request.META["CSRF_COOKIE"]
        self.cookies = "; ".join(f"{name}={value}" for name, value in cookies.items())

    def environ(self, path: str, *, method: str = "GET", **headers: str) -> dict:
        """Return the WSGI environment of a request; `send` takes it as often as wanted, unless it has a body."""
        request = RequestFactory(HTTP_COOKIE=self.cookies, **self.headers, **headers).generic(method, path)
        return {**request.environ, "HTTP_HOST": "127.0.0.1"}

    def send(self, environ: dict) -> Answer:
        """Send a request and read the answer to its end."""
        started: list = []
        given = {**environ, "wsgi.input": io.BytesIO(environ.get("bench.body", b""))}
        answer = self.handler(given, lambda status, headers, *rest: started.extend((status, headers)))
        try:
            body = b"".join(answer)
        finally:
            answer.close()
        return Answer(int(started[0][:3]), {name.lower(): value for name, value in started[1]}, body)

    def get(self, path: str, **headers: str) -> Answer:
        """Open an address."""
        return self.send(self.environ(path, **headers))

    def post(self, path: str, fields: dict) -> Answer:
        """Send a form."""
        body = urlencode({**fields, "csrfmiddlewaretoken": self.token}, doseq=True).encode()
        environ = self.environ(path, method="POST")
        return self.send(
            {
                **environ,
                "bench.body": body,
                "CONTENT_LENGTH": str(len(body)),
                "CONTENT_TYPE": "application/x-www-form-urlencoded",
            }
        )
