"""What holds for every response: an id, the security headers, and no 500 for a busy database."""

import logging
import re
import time
import uuid

from django.conf import settings
from django.core.exceptions import BadRequest, MiddlewareNotUsed
from django.http import JsonResponse
from django.utils.cache import patch_cache_control

from access.middleware import API
from config import errors, maintenance
from config.logs import of_request, request_id
from lib.text import has_controls

log = logging.getLogger(__name__)
requests = logging.getLogger("config.requests")
# Hexadecimal, as proxies and ourselves make them: it is written into every log line, and must be nobody's name.
_SAFE_ID = re.compile(r"[0-9a-fA-F-]{8,64}")
IN_CLEAR = (
    "https:// で始まるアドレスを使ってください。いま送ったトークンは、途中で読まれたおそれがあります。"
    "人事の担当に頼んで、取り消し、新しく出してもらってください。"
)
_PROBES = ("/healthz", "/readyz")
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")


class RequestIdMiddleware:
    """Gives every request an id that log lines and error pages show."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        given = request.headers.get("X-Request-Id", "")
        request.request_id = given if _SAFE_ID.fullmatch(given) else uuid.uuid4().hex[:12]
        token = request_id.set(request.request_id)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-Id"] = request.request_id
        return response


class RequestLogMiddleware:
    """Writes a line for each request where REQUEST_LOG asks for it: status, method, pattern of the URL, milliseconds.

    What is asked every few seconds without anything to say, and files that belong to nobody, are left out.
    """

    def __init__(self, get_response):
        if not settings.REQUEST_LOG:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request):
        began = time.perf_counter()
        response = self.get_response(request)
        said = of_request(request, response.status_code)
        said["milliseconds"] = round((time.perf_counter() - began) * 1000)
        quiet = said["route"] in _PROBES or request.path.startswith(settings.STATIC_URL)
        if not (quiet and response.status_code < 400):
            requests.info("%s %s %s %d ms", *said.values(), extra={"of_request": said})
        return response


class ReadableCookiesMiddleware:
    """Leaves out cookies with control characters, which a quoted cookie can carry (`\\000`).

    No cookie of ours has them, and PostgreSQL takes no NUL: looking for such a session would be an error.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.COOKIES = {name: text for name, text in request.COOKIES.items() if not has_controls(text)}
        return self.get_response(request)


class ReadableFormsMiddleware:
    """Refuses a form that says it is written in anything but UTF-8 (400): ours are, and other codecs read what is no text."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        charset = request.content_params.get("charset", "utf-8")
        if charset.lower().replace("_", "-") not in ("utf-8", "utf8"):
            # The page that says so must be able to look at the form.
            request.encoding = "utf-8"
            raise BadRequest("charset")
        return self.get_response(request)


class SecurityHeadersMiddleware:
    """CSP from `SECURE_CSP`, and `no-store` on everything but static files and what is marked as about nobody.

    Written by hand because django-csp has stood still and Django 6 has it built in (docs/adr/0007).
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.policy = "; ".join(f"{name} {' '.join(values)}" for name, values in settings.SECURE_CSP.items())

    def __call__(self, request):
        response = self.get_response(request)
        # A file that people attached comes with a stricter policy of its own.
        response.headers.setdefault("Content-Security-Policy", self.policy)
        # No page of another origin opens, embeds or reads any of our answers.
        response["Cross-Origin-Opener-Policy"] = "same-origin"
        response["Cross-Origin-Embedder-Policy"] = "require-corp"
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=()"
        if not (request.path.startswith(settings.STATIC_URL) or getattr(response, "may_be_kept", False)):
            # Shared PCs: nothing of a person stays in a browser's cache (access.conditional marks the rest).
            patch_cache_control(response, no_store=True, private=True)
        return response


class ApiOverHttpsMiddleware:
    """Refuses a system that asks in clear where HTTPS is asked for; a person's browser is sent on instead.

    A redirect would work, and nobody would notice that every request carries a token in clear first.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if settings.SECURE_SSL_REDIRECT and request.path.startswith(API) and not request.is_secure():
            log.warning("a system asked in clear")
            return JsonResponse({"error": IN_CLEAR}, status=403)
        return self.get_response(request)


class MaintenanceMiddleware:
    """Answers 503 to everything but the two questions of health, while `manage.py maintenance on` holds.

    Outside everything that reads the database, and behind the static files, which its page needs.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        state = maintenance.current()
        if state is None or request.path in _PROBES:
            return self.get_response(request)
        return errors.under_maintenance(request, state)


class OwnFormsMiddleware:
    """Refuses what a page of another origin, a sibling host included, sends in somebody's name.

    The browser says where a request comes from (Sec-Fetch-Site) and no page can change that. It sends the header over
    HTTPS and to loopback; the token and the Origin, which Django compares, hold everywhere. A view that takes forms
    from elsewhere on purpose is `csrf_exempt` and checks a signature of its own.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """Answer 403 for an unsafe method from another origin."""
        if request.method in _SAFE_METHODS or getattr(view, "csrf_exempt", False):
            return None
        if request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none"):
            return None
        log.warning("form of another origin refused")
        return errors.csrf_failure(request)


class DatabaseUnavailableMiddleware:
    """Turns a database that is busy, full or restarting into 503 with Retry-After.

    This one sees what views raise. What a middleware raises (the session is read there) Django turns into an
    answer on the spot, by `handler500`: `config.errors.server_error` gives the same 503.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        """Answer 503 for a database error raised by a view; leave everything else to Django."""
        if isinstance(exception, errors.DATABASE_ERRORS):
            log.error("database unavailable: %s", type(exception).__name__)
            return errors.service_unavailable(request)
        return None
