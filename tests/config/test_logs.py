"""Nothing of a person reaches a log line."""

import logging
import sys

from config.logs import QuietFormatter, RequestIdFilter

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
