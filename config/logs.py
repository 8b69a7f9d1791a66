"""Log lines that name the request and never a person: no query string, no local variables.

Read before Django is: gunicorn writes through the same handlers.
"""

import contextvars
import datetime
import json
import logging
import re
import sys
from types import TracebackType
from typing import Any

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
# Errors whose message is about settings, modules and connections, by name: this module is read before Django is.
_ABOUT_THE_MACHINE = {"ImproperlyConfigured", "ImportError", "OperationalError", "KeyboardInterrupt"}
# What gunicorn says of a request quotes its address, its path or its headers; what it says of itself does not.
_SERVER_SAYS = {
    "Error handling request": "request failed outside the application",
    "Invalid request from": "malformed request refused",
}
FORMATS = ("line", "json")
request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="-")


def configuration(kind: str = "line") -> dict[str, Any]:
    """Return the configuration of `logging` for a LOG_FORMAT; ValueError for one that there is not."""
    if kind not in FORMATS:
        raise ValueError(f"LOG_FORMAT is {' or '.join(FORMATS)}.")
    formatter = {"line": QuietFormatter, "json": JsonFormatter}[kind]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": RequestIdFilter}, "own_words": {"()": OwnWordsFilter}},
        "formatters": {"line": {"()": formatter}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["request_id", "own_words"],
            },
        },
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            "django": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
            # Its level is its own setting.
            "gunicorn.error": {"handlers": ["stderr"], "propagate": False},
            # It writes down whom it has seen, and whole answers; the one reason that we need is logged by ourselves.
            "saml2": {"level": "CRITICAL", "propagate": False},
            "xmlschema": {"level": "WARNING"},
            # Of every page it says which CSS it does not know.
            "weasyprint": {"level": "ERROR"},
            "weasyprint.progress": {"level": "ERROR"},
        },
    }


def of_request(request: Any, status: object) -> dict[str, Any]:
    """Return what a line may say of a request: status, method and the pattern of its URL, never the path itself."""
    match = getattr(request, "resolver_match", None)
    method = getattr(request, "method", None)
    return {
        "status": status,
        "method": method if method in _METHODS else "?",
        "route": f"/{match.route if match else '…'}",
    }


class RequestIdFilter(logging.Filter):
    """Adds `request_id` to every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always keeps the record."""
        record.request_id = request_id.get()
        return True


class OwnWordsFilter(logging.Filter):
    """Puts words of ours in place of what Django and gunicorn quote of a request: path, host, origin, referer, file names."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always keeps the record; its type, status, method and the pattern of the URL stay."""
        request = getattr(record, "request", None)
        if record.name.startswith("gunicorn"):
            said = str(record.msg)
            for beginning, ours in _SERVER_SAYS.items():
                if said.startswith(beginning):
                    record.msg, record.args = ours, ()
        elif record.name.startswith("django.security"):
            record.msg, record.args = "refused: %s", (record.name.rpartition(".")[2],)
        elif record.name.startswith("django.request") or hasattr(request, "META"):
            said = of_request(request, getattr(record, "status_code", "-"))
            record.of_request = said
            # Django says it when the request has left the middleware that knew its number.
            record.request_id = getattr(request, "request_id", getattr(record, "request_id", "-"))
            record.msg, record.args = "%s %s %s", tuple(said.values())
        return True


class QuietFormatter(logging.Formatter):
    """One line: time, level, logger, request id, message; of an exception its type and place only."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with whatever follows a `?` in a path removed."""
        # Another formatter may have left the text of the exception, with its message, on the record.
        record.exc_text = None
        return _without_queries(super().format(record))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - the standard library's name
        """Return nothing: a stack quotes lines of source, and says no more than the places of the exception."""
        return ""

    def formatException(self, ei) -> str:  # noqa: N802 - the standard library's name
        """Return type and code places of an exception; its message may quote what a person wrote."""
        return "\n".join([*(f"  {place}" for place in _places(ei[2])), ei[0].__name__])


class JsonFormatter(QuietFormatter):
    """The same as one JSON object a line (LOG_FORMAT=json), with the parts of a request as values of their own."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object; nothing in it that the plain line would not say."""
        moment = datetime.datetime.fromtimestamp(record.created).astimezone()
        said: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request": getattr(record, "request_id", "-"),
            **getattr(record, "of_request", {}),
            "message": _without_queries(record.getMessage()),
        }
        if record.exc_info and record.exc_info[0]:
            said["exception"] = record.exc_info[0].__name__
            said["places"] = _places(record.exc_info[2])
        return json.dumps(said, ensure_ascii=False)


def say_type_and_place(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Say what ended a command, for `sys.excepthook`, without its message: cron mails what a command says.

    A database quotes the values of the row that it refused. What is wrong with the settings is said in full.
    """
    said = QuietFormatter().formatException((kind, error, trace))
    names = {each.__name__ for each in kind.__mro__}
    sys.stderr.write(f"{said}: {error}\n" if names & _ABOUT_THE_MACHINE else f"{said}\n")


def _places(trace: TracebackType | None) -> list[str]:
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places


def _without_queries(text: str) -> str:
    return re.sub(r"\?\S*", "", text)
