"""LOCAL_SIGNIN=false: the local form is for システム管理 alone."""

import pytest
from django.conf import settings

from organization.forms import REFUSED

PASSWORD = "a-long-enough-password"


@pytest.fixture
def closed(configure, monkeypatch, world):
    configure(LDAP_URL="ldaps://127.0.0.1:1", LDAP_BASE="dc=example")
    monkeypatch.setattr(settings, "LOCAL_SIGNIN", False)
    for staff in (world.honnin, world.sysadmin):
        staff.set_password(PASSWORD)
        staff.save()


def test_the_form_is_a_step_away(client, closed):
    page = client.get("/login/?next=/sheet/").content.decode()
    assert 'name="password"' not in page
    assert "?local=1&amp;next=/sheet/" in page
    assert 'name="password"' in client.get("/login/?local=1").content.decode()


def test_only_system_administrators_pass(client, closed, world):
    response = client.post("/login/", {"username": "honnin", "password": PASSWORD})
    assert response.status_code == 422
    assert REFUSED in response.content.decode()
    assert "_auth_user_id" not in client.session
    client.post("/login/", {"username": "sysadmin", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(world.sysadmin.pk)
