"""The environment of every test run, set before the settings are read (a pytest plugin, see pyproject.toml).

Start tests with `make test…` or `.venv/bin/python -m pytest`: the bare `pytest` does not find this module.
"""

import os
import secrets

# Inherited by the workers of a parallel run, which must sign with the same key.
os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
# Long work is done at once, where it is asked for.
os.environ["IMMEDIATE_TASKS"] = "true"

# What a developer's shell may have set for a server must not change a result.
for name in (
    "DEBUG",
    "DEMO",
    "HTTPS",
    "PLAIN_HTTP",
    "ALLOWED_HOSTS",
    "EMAIL_URL",
    "TRUSTED_PROXY",
    "REMOTE_USER_HEADER",
):
    os.environ.pop(name, None)
for name in [name for name in os.environ if name.startswith(("OIDC_", "SAML_", "LDAP_", "REMOTE_USER_"))]:
    os.environ.pop(name)
