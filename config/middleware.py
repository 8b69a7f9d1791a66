"""What holds for every response: an id, the security headers, and no 500 for a busy database."""

import logging
import re
import uuid

from django.conf import settings
from django.utils.cache import patch_cache_control

from config import errors
from config.logs import request_id
from lib.text import has_controls

log = logging.getLogger(__name__)
_SAFE_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


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


class ReadableCookiesMiddleware:
    """Leaves out cookies with control characters, which a quoted cookie can carry (`\\000`).

    No cookie of ours has them, and PostgreSQL takes no NUL: looking for such a session would be an error.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.COOKIES = {name: text for name, text in request.COOKIES.items() if not has_controls(text)}
        return self.get_response(request)


class SecurityHeadersMiddleware:
    """CSP from `SECURE_CSP`, and `no-store` on everything that is not a static file.

    Written by hand because django-csp has stood still and Django 6 has it built in (docs/adr/0007).
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.policy = "; ".join(f"{name} {' '.join(values)}" for name, values in settings.SECURE_CSP.items())

    def __call__(self, request):
        response = self.get_response(request)
        # A file that people attached comes with a stricter policy of its own.
        response.headers.setdefault("Content-Security-Policy", self.policy)
        response["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=()"
        if not request.path.startswith(settings.STATIC_URL):
            # Shared PCs: nothing of a person stays in a browser's cache.
            patch_cache_control(response, no_store=True, private=True)
        return response


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
