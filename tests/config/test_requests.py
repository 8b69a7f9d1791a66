"""A header that Django cannot read is refused like any other form that is not ours, and breaks nothing."""

from io import BytesIO

import pytest
from django.core.handlers.wsgi import WSGIRequest

from config.requests import Handler, Request
from tests.config.test_transport import started

UNREADABLE = [
    "text/html; charset=\x00",
    "text/html; charset*=utf-8''%00",
    "text/html; charset*=nothing''%41",
    "text/html; name*=nothing''%41",
]


def environ(content_type):
    return {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/login/", "CONTENT_TYPE": content_type, "CONTENT_LENGTH": "1",
        "SERVER_NAME": "testserver", "SERVER_PORT": "80", "wsgi.input": BytesIO(b"x"), "wsgi.url_scheme": "http",
        "REMOTE_ADDR": "127.0.0.1",
    }  # fmt: skip


@pytest.mark.parametrize("content_type", UNREADABLE)
def test_what_a_form_is_written_in_cannot_be_read(db, content_type):
    # Django alone makes no request of it: the server would say 500 before anything of ours was asked.
    with pytest.raises((LookupError, ValueError)):
        WSGIRequest(environ(content_type))
    answers = []
    Handler()(environ(content_type), lambda status, headers: answers.append(status))
    assert answers == ["400 Bad Request"]


def test_what_can_be_read_stays():
    request = Request(environ("application/x-www-form-urlencoded; charset=UTF-8"))
    assert request.content_type == "application/x-www-form-urlencoded"
    assert request.content_params == {"charset": "UTF-8"}


def test_the_server_makes_such_requests():
    said = started("import config.wsgi; print(type(config.wsgi.application).request_class.__module__)")
    assert said.stdout.strip() == "config.requests"
