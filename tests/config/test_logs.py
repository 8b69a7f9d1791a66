"""Nothing of a person reaches a log line."""

import io
import json
import logging
import logging.config
import os
import secrets
import subprocess
import sys

import pytest

from config.logs import JsonFormatter, QuietFormatter, RequestIdFilter, configuration
from config.middleware import RequestLogMiddleware
from scripts.check.files import ROOT

CANARY = "山﨑 美咲の根拠"


def line_of(record: logging.LogRecord) -> str:
    RequestIdFilter().filter(record)
    return QuietFormatter().format(record)


def test_query_string_is_cut():
    record = logging.LogRecord("django", logging.WARNING, "f", 1, "Not Found: /people/?q=%s", (CANARY,), None)
    text = line_of(record)
    assert "Not Found: /people/" in text
    assert CANARY.split()[0] not in text


def test_exception_keeps_type_and_place_only():
    try:
        raise ValueError(CANARY)
    except ValueError:
        record = logging.LogRecord("django", logging.ERROR, "f", 1, "failed", (), sys.exc_info())
    text = line_of(record)
    assert "ValueError" in text
    assert "test_logs.py" in text
    assert CANARY not in text


@pytest.mark.parametrize(
    ("raised", "heard"),
    [
        (
            "from django.db import IntegrityError; raise IntegrityError('Key (name)=(zqq1) already exists')",
            False,
        ),
        ("from django.core.exceptions import ImproperlyConfigured; raise ImproperlyConfigured('zqq1')", True),
    ],
)
def test_a_command_that_breaks_says_what_and_where_and_quotes_nobody(raised, heard):
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", raised],
        cwd=ROOT, env={**os.environ, "SECRET_KEY": secrets.token_urlsafe(60)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert raised.split("raise ")[1].split("(")[0] in done.stderr
    assert ("zqq1" in done.stderr) is heard


def said_by_server(kind: str, *said) -> str:
    """Return what our handlers write of a message of gunicorn's."""
    logger = logging.getLogger("gunicorn.error")
    before = (logger.handlers, logger.propagate)
    loud = configuration(kind)
    loud["handlers"]["stderr"]["stream"] = heard = io.StringIO()
    # This logger alone: the others stay as pytest has them.
    loud |= {"root": {}, "loggers": {"gunicorn.error": loud["loggers"]["gunicorn.error"]}}
    root = logging.getLogger().handlers[:]
    try:
        logging.config.dictConfig(loud)
        logger.warning(*said)
    finally:
        logger.handlers, logger.propagate = before
        logging.getLogger().handlers = root
    return heard.getvalue()


@pytest.mark.parametrize("kind", ["line", "json"])
def test_the_server_names_no_path_and_no_address(kind):
    for said in (
        ("Error handling request %s %s", "GET", f"/people/{CANARY}"),
        (f"Invalid request from ip=192.0.2.7: Invalid HTTP Header: '{CANARY}'",),
    ):
        text = said_by_server(kind, *said)
        assert CANARY not in text
        assert "192.0.2.7" not in text
        assert "request" in text
    assert "Booting worker with pid: 17" in said_by_server(kind, "Booting worker with pid: %s", 17)


def test_a_json_line_is_one_object_with_the_request_in_parts():
    try:
        raise ValueError(CANARY)
    except ValueError:
        record = logging.LogRecord(
            "a", logging.ERROR, "f", 1, "two\nlines /x?q=%s", (CANARY,), sys.exc_info()
        )
    RequestIdFilter().filter(record)
    record.of_request = {"status": 503, "method": "GET", "route": "/sheet/", "milliseconds": 12}
    text = JsonFormatter().format(record)
    said = json.loads(text)
    assert "\n" not in text
    assert CANARY.split()[0] not in text
    assert (said["status"], said["milliseconds"], said["exception"]) == (503, 12, "ValueError")
    assert said["places"][0].endswith("test_a_json_line_is_one_object_with_the_request_in_parts")
    assert said["time"][19:24].startswith(".")


def test_an_unknown_format_does_not_start():
    with pytest.raises(ValueError, match="LOG_FORMAT"):
        configuration("xml")


def test_every_request_has_a_line_where_it_is_asked_for(client, db, settings, caplog):
    client.get("/login/")
    assert not [one for one in caplog.records if one.name == "config.requests"]
    settings.REQUEST_LOG = True
    caplog.set_level(logging.INFO)
    client.handler.load_middleware()
    answer = client.get("/login/?next=/sheet/", headers={"X-Request-Id": "abcdef12"})
    client.get("/healthz")
    client.get(f"/{CANARY}/")
    lines = [one for one in caplog.records if one.name == "config.requests"]
    assert [one.of_request["route"] for one in lines] == ["/login/", "/…"]
    assert [one.of_request["status"] for one in lines] == [200, 404]
    assert lines[0].of_request["milliseconds"] >= 0
    assert answer["X-Request-Id"] == "abcdef12"
    assert RequestLogMiddleware.__doc__
