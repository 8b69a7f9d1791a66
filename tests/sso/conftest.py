"""Real systems that sign people in, started once a run, stopped by their process."""

import os
import shutil
import subprocess

import pytest
from django.conf import settings

from organization.providers import read_providers
from tests.processes import ROOT, free_port, missing, stop, wait_for

CALLBACK = "http://testserver/sso/oidc/answer/"

# What other systems answer depends on no database engine: the first run has asked them.
if os.environ.get("DATABASE_TESTS"):
    collect_ignore = [
        "test_oidc.py",
        "test_saml_provider.py",
        "test_strength.py",
        "test_ldap.py",
        "test_spoofed.py",
    ]


@pytest.fixture(scope="session")
def oidc_issuer():
    """Start the certified provider `oidc-provider`; return its issuer."""
    made = subprocess.run(
        [ROOT / "scripts" / "verifier", "identity"], capture_output=True, text=True, check=False
    )
    if made.returncode:
        missing(f"The OpenID Connect provider could not be installed: {made.stderr}")
    port = free_port()
    process = subprocess.Popen(
        ["node", ROOT / "tests" / "identity" / "oidc.mjs", ROOT / "var" / "identity", str(port), CALLBACK],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(process)


@pytest.fixture
def configure(monkeypatch):
    """Return a function that sets the systems as the environment names them."""

    def set_them(**variables):
        monkeypatch.setattr(settings, "SIGN_IN_PROVIDERS", read_providers(variables))
        return settings.SIGN_IN_PROVIDERS

    return set_them


@pytest.fixture
def oidc(configure, oidc_issuer):
    """Configure the real provider; return its variables."""
    variables = {
        "OIDC_ISSUER": oidc_issuer,
        "OIDC_CLIENT_ID": "skill",
        "OIDC_CLIENT_SECRET": "a-secret-of-the-tests",
        "OIDC_LABEL": "みほん市の認証",
    }
    configure(**variables)
    return variables


def slapd_program() -> str:
    """Return slapd's path; skips the test without it."""
    found = shutil.which("slapd", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        missing("slapd is not installed")
    return found
