"""Signing in by name."""

import pytest
from django.utils import timezone

from tests.assessments import api

BACKEND = "organization.backends.StaffBackend"


@pytest.fixture
def sign_in(client, world):
    def as_(name):
        client.force_login(getattr(world, name), backend=BACKEND)
        return client

    return as_


@pytest.fixture
def clock(monkeypatch):
    """Stop the clock at an instant, written with whatever offset."""

    def stop(instant):
        monkeypatch.setattr(timezone, "now", lambda: instant)

    return stop


@pytest.fixture
def plain_kinds(settings):
    """Put kinds of export in place whose rows need no sheets."""
    settings.EXPORT_KINDS = api.KINDS
