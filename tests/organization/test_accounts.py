"""Accounts and grants (P25, P26, P29)."""

import uuid

import pytest
from django.db import connection
from django.utils import timezone

from access.actor import Role
from access.refusals import Conflict, Forbidden
from audit.models import Event
from organization.models import Grant, SignInCode, Staff
from organization.workflow import (
    change_password,
    grant_role,
    issue_codes,
    set_account_active,
    sign_in_with_code,
    withdraw_grant,
)
from tests import builders as b

BACKEND = "organization.backends.StaffBackend"


@pytest.fixture
def as_admin(client, world):
    client.force_login(world.sysadmin, backend=BACKEND)
    return client


def test_list_works(as_admin, world):
    text = as_admin.get("/accounts/").content.decode()
    assert world.honnin.name in text
    assert world.yoso.name not in text


def test_search_finds_by_name_reading_and_number(as_admin, world):
    text = as_admin.get("/accounts/", {"q": "山﨑"}).content.decode()
    assert world.honnin.name in text
    assert world.kacho.name not in text


@pytest.mark.parametrize(("who", "status"), [("kansa", 200), ("jinji", 403), ("honnin", 403), ("kacho", 403)])
def test_list_by_role(client, world, who, status):
    client.force_login(getattr(world, who), backend=BACKEND)
    assert client.get("/accounts/").status_code == status


def test_auditor_sees_but_cannot_change(client, world):
    client.force_login(world.kansa, backend=BACKEND)
    url = f"/accounts/{world.honnin.uuid}/"
    assert "権限を付ける" not in client.get(url).content.decode()
    assert client.post(url + "grant/", {"role": "H"}).status_code == 403


def test_foreign_and_missing_are_the_same_404(as_admin, world):
    foreign = as_admin.get(f"/accounts/{world.yoso.uuid}/")
    missing = as_admin.get(f"/accounts/{uuid.uuid4()}/")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content


def test_grant_takes_effect_at_the_next_request(as_admin, client, world):
    assert Role.HR not in b.actor_of(world.honnin).roles
    response = as_admin.post(f"/accounts/{world.honnin.uuid}/grant/", {"role": "H"})
    assert response.status_code == 302
    assert Role.HR in b.actor_of(world.honnin).roles
    assert Event.objects.filter(action="grant.given", subject_uuid=world.honnin.uuid).exists()


def test_nobody_grants_to_themselves(world):
    with pytest.raises(Forbidden):
        grant_role(staff=world.sysadmin, role=Role.HR, by=b.actor_of(world.sysadmin), now=timezone.now())


@pytest.mark.parametrize(
    ("held", "asked"), [(Role.AUDITOR, Role.HR), (Role.HR, Role.AUDITOR), (Role.EDITOR, Role.AUDITOR)]
)
def test_audit_excludes_the_others(world, held, asked):
    b.make_grant(world.honnin, held)
    with pytest.raises(Conflict):
        grant_role(staff=world.honnin, role=asked, by=b.actor_of(world.sysadmin), now=timezone.now())


def test_auditor_with_a_second_grant_by_another_way_still_has_none_of_it(world):
    b.make_grant(world.kansa, Role.HR)
    assert b.actor_of(world.kansa).roles == {Role.SELF, Role.AUDITOR}


def test_withdrawn_once(world):
    grant = Grant.objects.get(staff=world.jinji)
    withdraw_grant(grant=grant, by=b.actor_of(world.sysadmin), now=timezone.now())
    assert Role.HR not in b.actor_of(world.jinji).roles
    with pytest.raises(Conflict):
        withdraw_grant(grant=grant, by=b.actor_of(world.sysadmin), now=timezone.now())


def test_closed_account_ends_open_sessions(client, world):
    client.force_login(world.honnin, backend=BACKEND)
    set_account_active(
        staff=world.honnin, active=False, by=b.actor_of(world.sysadmin), version=1, now=timezone.now()
    )
    assert client.get("/password/").status_code == 302


def test_stale_version_is_409(as_admin, world):
    Staff.objects.filter(pk=world.honnin.pk).update(version=5)
    response = as_admin.post(f"/accounts/{world.honnin.uuid}/active/", {"version": "1", "active": "0"})
    assert response.status_code == 409
    world.honnin.refresh_from_db()
    assert world.honnin.is_active


def test_new_account_form(as_admin, world):
    data = {"name": "運用 次郎", "staff_number": "0900001", "username": "unyo"}
    assert as_admin.post("/accounts/new/", data).status_code == 302
    made = Staff.objects.get(username="unyo")
    assert (made.municipality, made.staff_number, made.must_change_password) == (world.city, "0900001", True)
    again = as_admin.post("/accounts/new/", data)
    assert again.status_code == 422
    assert "このログイン名は使えません" in again.content.decode()


def test_hr_prints_slips_for_a_department_and_below(client, world):
    client.force_login(world.jinji, backend=BACKEND)
    assert client.get("/accounts/slips/").status_code == 200
    response = client.post("/accounts/slips/", {"department": [str(world.ka.uuid)]})
    text = response.content.decode()
    assert response.status_code == 200
    assert world.honnin.name in text
    assert world.betsuka.name not in text
    # Somebody with a role is left to the system administrator.
    assert world.henshu.name not in text
    assert not SignInCode.objects.filter(staff=world.henshu).exists()


def test_hr_cannot_reset_somebody_with_a_role(world):
    with pytest.raises(Forbidden):
        issue_codes(people=[world.sysadmin], by=b.actor_of(world.jinji), now=timezone.now())


def test_slips_name_the_address_as_the_browser_reaches_it(client, world):
    client.force_login(world.jinji, backend="organization.backends.StaffBackend")
    chosen = {"department": [str(world.ka.uuid)]}
    assert "http://testserver/" in client.post("/accounts/slips/", chosen).content.decode()
    assert "https://testserver/" in client.post("/accounts/slips/", chosen, secure=True).content.decode()


@pytest.mark.parametrize(("who", "offered"), [("jinji", True), ("kacho", False)])
def test_the_list_of_people_leads_to_the_slips(client, world, who, offered):
    client.force_login(getattr(world, who), backend="organization.backends.StaffBackend")
    assert ('href="/accounts/slips/"' in client.get("/people/").content.decode()) is offered


def test_slips_without_choice_say_what_to_do(client, world):
    client.force_login(world.jinji, backend=BACKEND)
    refused = client.post("/accounts/slips/", {})
    assert refused.status_code == 422
    assert "所属を1つ以上選んでください。" in refused.content.decode()
    assert client.post("/accounts/slips/", {"department": ["x"]}).status_code == 422


@pytest.mark.parametrize("path", ["grant/", "active/", "code/"])
def test_changes_are_post_only(as_admin, world, path):
    assert as_admin.get(f"/accounts/{world.honnin.uuid}/{path}").status_code == 405


def test_query_count_does_not_grow(as_admin, world, django_assert_num_queries, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as small:
        as_admin.get("/accounts/")
    for _ in range(30):
        b.make_staff(world.city)
    with CaptureQueriesContext(connection) as large:
        as_admin.get("/accounts/")
    assert len(small) == len(large) <= 15


@pytest.mark.parametrize("version", ["", "x", "-1", "９", "9" * 10, "9" * 5000])
def test_a_version_that_no_page_of_ours_sends_is_refused(as_admin, world, version):
    response = as_admin.post(f"/accounts/{world.honnin.uuid}/active/", {"version": version, "active": "0"})
    assert response.status_code == 422


@pytest.mark.parametrize("act", ["code", "password"])
def test_the_person_is_locked_before_the_codes(world, act, django_assert_max_num_queries):
    # Two that took them in different orders would wait for each other.
    code = issue_codes(people=[world.honnin], by=b.actor_of(world.jinji), now=timezone.now())[0].code
    kept = SignInCode.objects.get(staff=world.honnin, used_at__isnull=True)
    own = b.actor_of(world.honnin)
    with django_assert_max_num_queries(30) as sent:
        if act == "code":
            sign_in_with_code(staff=world.honnin, code=kept, now=timezone.now())
        else:
            change_password(staff=world.honnin, password=code * 2, by=own, now=timezone.now())
    said = [query["sql"] for query in sent.captured_queries if '"organization_' in query["sql"]]
    assert '"organization_staff"' in said[0]
    if connection.vendor == "postgresql" and act == "code":
        assert said[0].endswith("FOR NO KEY UPDATE")
    assert any("organization_signincode" in one for one in said[1:])
