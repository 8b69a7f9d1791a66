"""Signing in by name."""

import pytest

BACKEND = "organization.backends.StaffBackend"


@pytest.fixture
def sign_in(client, world):
    def as_(name):
        client.force_login(getattr(world, name), backend=BACKEND)
        return client

    return as_
