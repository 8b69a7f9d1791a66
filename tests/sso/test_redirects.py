"""What a provider answers with another address is not followed: the code and our secret stay with whom they are for."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from organization.providers import read_providers
from organization.sso.linking import NotSignedIn
from organization.sso.oidc import _Talk


@pytest.fixture
def provider():
    """Start a provider that sends everything but its discovery document elsewhere; return it and what was asked."""
    asked: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            if self.path != "/.well-known/openid-configuration":
                return self.elsewhere()
            issuer = f"http://127.0.0.1:{self.server.server_port}"
            names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            body = json.dumps({"issuer": issuer, **{name: f"{issuer}/{name}" for name in names}}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return None

        def do_POST(self):
            asked.append(self.path)
            self.elsewhere()

        def elsewhere(self):
            self.send_response(307)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found = read_providers(
        {
            "OIDC_ISSUER": f"http://127.0.0.1:{server.server_port}",
            "OIDC_CLIENT_ID": "skill",
            "OIDC_CLIENT_SECRET": "a-secret-of-the-tests",
        }
    )
    yield found[0], asked
    server.shutdown()
    server.server_close()


def test_the_code_and_the_secret_go_nowhere_else(provider):
    system, asked = provider
    with _Talk(system, "http://testserver/sso/oidc/answer/") as talk, pytest.raises(NotSignedIn):
        talk.tokens("code", "verifier")
    assert asked == ["/.well-known/openid-configuration", "/token_endpoint"]


def test_keys_come_from_nowhere_else(provider):
    system, asked = provider
    with _Talk(system, "http://testserver/sso/oidc/answer/") as talk, pytest.raises(NotSignedIn):
        talk.keys()
    assert asked == ["/.well-known/openid-configuration", "/jwks_uri"]
