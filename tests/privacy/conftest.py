"""A second officer of 人事, whom four eyes need."""

import pytest

from access.actor import Role
from tests import builders as b


@pytest.fixture
def second(world):
    """Return a second officer of 人事."""
    officer = b.make_staff(world.city, "二人 目子", username="jinji2")
    b.make_grant(officer, Role.HR)
    return officer
