"""The drill of the trail tells what it must, and goes red where the check is blind."""

import pytest

from audit import verification
from tests.drills.audit import Trail, missed


@pytest.fixture
def trail(db, tmp_path, settings):
    settings.FILES_DIR = tmp_path
    return Trail()


def test_every_kind_is_told(trail):
    count, unnoticed = missed(trail)
    assert count >= 40
    assert unnoticed == []


def test_a_check_that_believes_every_signature_is_found_out(trail, monkeypatch):
    monkeypatch.setattr(verification, "signed_rightly", lambda *_: True)
    _, unnoticed = missed(trail)
    assert "event action to sheet.view" in unnoticed
