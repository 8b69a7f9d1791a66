"""Changing one person (P02): what is written about them, and one 発令."""

import datetime

import pytest
from django.db import IntegrityError

from access.refusals import Conflict
from audit.models import Event
from organization.models import Position, Staff
from organization.workflow import add_line, edit_staff, people
from tests import builders as b
from tests.organization.files import NOW
from tests.organization.rosters import line

BACKEND = "organization.backends.StaffBackend"


@pytest.fixture
def hr(client, world):
    client.force_login(world.jinji, backend=BACKEND)
    return client


def fields(staff, **changes):
    return {
        "staff_number": staff.staff_number,
        "name": staff.name,
        "kana": staff.kana,
        "former_name": staff.former_name,
        "employment": staff.employment,
        "email": staff.email,
        "version": staff.version,
        **changes,
    }


def edit(client, staff, **changes):
    return client.post(f"/people/{staff.uuid}/edit/", fields(staff, **changes))


def post(client, staff, **changes):
    data = {
        "kind": "本務",
        "department": "",
        "position": "",
        "line_role": "",
        "start": "令和8年4月1日",
        "last": "",
    }
    return client.post(f"/people/{staff.uuid}/posting/", {**data, "version": staff.version, **changes})


def test_it_works(hr, world):
    response = edit(hr, world.honnin, name="東 美咲", former_name="山﨑", kana="アズマ ミサキ")
    assert response.status_code == 302
    fresh = Staff.objects.get(pk=world.honnin.pk)
    assert (fresh.name, fresh.former_name, fresh.version) == ("東 美咲", "山﨑", 2)
    assert fresh.search == fresh.search_text()
    event = Event.objects.get(action="staff.edit")
    assert event.subject_uuid == world.honnin.uuid
    assert event.data == {"fields": ["former_name", "kana", "name"]}


def test_number_keeps_its_zeros_and_the_sign_in_name_stays(hr, world):
    edit(hr, world.honnin, staff_number="0000012")
    fresh = Staff.objects.get(pk=world.honnin.pk)
    assert (fresh.staff_number, fresh.username) == ("0000012", "honnin")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "氏名を入力してください"),
        ({"staff_number": "００１２"}, "全角の数字"),
        ({"staff_number": "番号"}, "半角の英数字"),
        ({"employment": "boss"}, "職員区分"),
        ({"email": "x"}, "メール"),
    ],
)
def test_invalid_form_shows_its_error(hr, world, changes, words):
    response = edit(hr, world.honnin, **changes)
    assert response.status_code == 422
    assert words in response.content.decode()


def test_a_number_in_use_is_refused(hr, world):
    response = edit(hr, world.honnin, staff_number=world.dourei.staff_number)
    assert response.status_code == 422
    assert "すでに使われています" in response.content.decode()


def test_a_stale_version_keeps_what_was_typed_and_shows_what_is_there(hr, world):
    Staff.objects.filter(pk=world.honnin.pk).update(version=5, kana="サキニカイタ")
    response = edit(hr, world.honnin, kana="アトデカイタ")
    text = response.content.decode()
    assert response.status_code == 409
    assert "サキニカイタ" in text
    assert "アトデカイタ" in text
    assert 'name="version" value="5"' in text


def test_only_what_may_be_edited(world):
    with pytest.raises(ValueError, match="left_on"):
        edit_staff(
            by=b.actor_of(world.jinji), staff=world.honnin, values={"left_on": None}, version=1, now=NOW
        )


def test_transfer_by_form(hr, world):
    Position.objects.create(municipality=world.city, name="係長", line_role="first")
    response = post(hr, world.honnin, department=world.jinjika.uuid, position="係長")
    assert response.status_code == 302
    old, new = world.honnin.postings.order_by("start")
    assert old.end == new.start == datetime.date(2026, 4, 1)
    assert (new.department, new.position, new.line_role) == (world.jinjika, "係長", "first")
    assert Event.objects.get(action="staff.post").data["counts"] == {"transfer": 1}
    assert "情報政策係 → 人事課" in hr.get(response["Location"]).content.decode()


def test_leave_return_and_resignation_by_form(hr, world):
    assert post(hr, world.honnin, kind="休職", start="R8.4.1", last="R8.9.30").status_code == 302
    world.honnin.refresh_from_db()
    assert post(hr, world.honnin, kind="復職", start="R8.7.1").status_code == 302
    assert world.honnin.leaves.get().end == datetime.date(2026, 7, 1)
    world.honnin.refresh_from_db()
    assert post(hr, world.honnin, kind="退職", start="R9.4.1").status_code == 302
    world.honnin.refresh_from_db()
    assert world.honnin.left_on == datetime.date(2027, 4, 1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"start": ""}, "発令日を入力してください"),
        ({"start": "令和8年2月30日"}, "暦にない"),
        ({"last": "R8.3.31"}, "発令日より前"),
        ({"kind": "事務取扱"}, "終了日が要ります"),
        ({"kind": "兼務"}, "どの所属への発令か"),
        ({"kind": "栄転"}, "発令種別"),
        ({"start": "令和2年4月1日"}, "登録されている内容と同じ"),
        ({"position": "大臣"}, "職位"),
    ],
)
def test_invalid_posting_shows_its_error(hr, world, changes, words):
    response = post(hr, world.honnin, **changes)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert world.honnin.postings.count() == 1


def test_foreign_department_cannot_be_chosen(hr, world):
    assert post(hr, world.honnin, department=world.foreign_department.uuid).status_code == 422


def test_posting_with_a_stale_version_is_409(hr, world):
    response = post(hr, world.honnin, department=world.jinjika.uuid, version=7)
    assert response.status_code == 409
    assert world.honnin.postings.count() == 1


def test_impossible_in_the_meantime_is_a_conflict(world, monkeypatch):
    by = b.actor_of(world.jinji)
    bad = line(world.honnin.staff_number, "兼務", department="")
    with pytest.raises(Conflict, match="どの所属"):
        add_line(by=by, staff=world.honnin, line=bad, version=1, now=NOW)

    def fail(*args, **kwargs):
        raise IntegrityError

    monkeypatch.setattr(people, "write_roster", fail)
    good = line(world.honnin.staff_number, "兼務", department="020100")
    with pytest.raises(Conflict):
        add_line(by=by, staff=world.honnin, line=good, version=1, now=NOW)


def test_a_number_taken_in_the_meantime_is_a_conflict(world):
    values = {"staff_number": world.dourei.staff_number, "name": "山﨑 美咲", "kana": "", "former_name": ""}
    with pytest.raises(Conflict, match="すでに使われています"):
        edit_staff(by=b.actor_of(world.jinji), staff=world.honnin, values=values, version=1, now=NOW)
