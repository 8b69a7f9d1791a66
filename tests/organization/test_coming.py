"""What a roster tells of for a coming day: planned, written, brought in on the day, given up by hand, taken back."""

import datetime
import uuid
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.utils import timezone

from access.refusals import Conflict
from audit.models import Event
from organization.import_preview import unpack
from organization.models import ComingChange, ImportBatch, Staff
from organization.roster import Kind, plan_roster, suspicions
from organization.workflow import PlanChanged, apply_due, apply_import, edit_staff, undo_import, upload_import
from organization.workflow import coming as workflow
from tests import builders as b
from tests.organization.files import NOW, checked, imported
from tests.organization.rosters import TODAY, applied, day, known, line, roster

BACKEND = "organization.backends.StaffBackend"
APRIL = "令和9年4月1日"
HANAKO = {"name": "木村 花子", "kana": "キムラ ハナコ", "email": "h@mihon.example"}
THEN = datetime.datetime(2027, 4, 1, 0, 1, tzinfo=datetime.UTC)


def plan(state, *lines):
    made = plan_roster(list(lines), state, today=TODAY)
    assert made.problems == []
    return made


def grown(*files):
    state = known()
    for lines in files:
        state = applied(state, plan(state, *lines))
    return state


def waiting(made, number="0001"):
    return [(coming.starts, coming.values) for coming in made.after[number].coming]


# --- planned ---


def test_a_line_of_a_coming_day_waits_and_says_from_when():
    made = plan(grown([line(**HANAKO)]), line(start=APRIL, name="山﨑 花子", kana="ヤマザキ ハナコ"))
    person = made.after["0001"]
    assert (person.name, person.kana, person.former_name) == ("木村 花子", "キムラ ハナコ", "")
    assert waiting(made) == [
        (day(APRIL), {"name": "山﨑 花子", "former_name": "木村", "kana": "ヤマザキ ハナコ"})
    ]
    changes = {change.label: (change.old, change.new) for change in made.outcomes[0].changes}
    assert changes["氏名"] == ("木村 花子", "山﨑 花子（令和9年4月1日から）")
    assert changes["旧姓"] == ("", "木村（令和9年4月1日から）")
    assert made.outcomes[0].kinds == (Kind.RENAMED,)


@pytest.mark.parametrize("start", ["2026/4/10", "2026/4/1"])
def test_a_line_of_today_or_before_is_written_at_once(start):
    made = plan(grown([line(**HANAKO)]), line(start=start, name="山﨑 花子"))
    assert made.after["0001"].name == "山﨑 花子"
    assert made.coming == []


def test_the_same_file_again_changes_nothing():
    lines = [line(start=APRIL, name="山﨑 花子", employment="reappointed", position="主査")]
    state = grown([line(**HANAKO)], lines)
    again = plan(state, *lines)
    assert (again.writes, again.coming, again.outcomes[0].kinds) == ([], [], (Kind.UNCHANGED,))


def test_another_value_for_the_same_day_takes_its_place():
    state = grown([line(**HANAKO)], [line(start=APRIL, name="山﨑 花子", email="y@mihon.example")])
    made = plan(state, line(start=APRIL, name="山﨑 花子", email="z@mihon.example"))
    assert waiting(made) == [
        (day(APRIL), {"name": "山﨑 花子", "former_name": "木村", "email": "z@mihon.example"})
    ]
    assert [(change.label, change.old) for change in made.outcomes[0].changes] == [
        ("メール", "y@mihon.example")
    ]


def test_what_is_written_anyway_is_called_off():
    state = grown([line(**HANAKO)], [line(start=APRIL, name="山﨑 花子")])
    made = plan(state, line(start=APRIL, name="木村　花子"))
    assert waiting(made) == []
    assert [write.values for write in made.coming] == [None]
    labels = [change.label for change in made.outcomes[0].changes]
    assert labels == ["氏名", "旧姓"]


def test_a_later_day_is_compared_with_the_day_before_it():
    state = grown([line(**HANAKO)], [line(start="2027/4/1", employment="reappointed")])
    same = plan(state, line(start="2027/7/1", employment="reappointed"))
    assert same.coming == []
    back = plan(state, line(start="2027/7/1", employment="regular"))
    assert waiting(back) == [
        (day("2027/4/1"), {"employment": "reappointed"}), (day("2027/7/1"), {"employment": "regular"}),
    ]  # fmt: skip


def test_a_line_of_today_and_one_of_a_coming_day_in_one_file():
    made = plan(
        grown([line(**HANAKO)]),
        line(last="2027/3/31", email="now@mihon.example"),
        line(start=APRIL, position="係長", email="then@mihon.example", at=3),
    )
    assert made.after["0001"].email == "now@mihon.example"
    assert waiting(made) == [(day(APRIL), {"email": "then@mihon.example"})]


def test_an_empty_cell_that_overwrites_waits_too():
    made = plan(grown([line(**HANAKO)]), line(start=APRIL, cleared=frozenset({"email"})))
    assert waiting(made) == [(day(APRIL), {"email": ""})]
    assert made.outcomes[0].changes[-1].new == "なし（令和9年4月1日から）"


def test_somebody_new_is_written_at_once():
    made = plan(known(), line(start=APRIL, **HANAKO))
    assert (made.after["0001"].name, made.coming) == ("木村 花子", [])
    both = [
        line(**HANAKO, last="2027/3/31"),
        line(start=APRIL, employment="reappointed", position="主査", at=3),
    ]
    assert plan(known(), *both).after["0001"].employment == "reappointed"
    settled = grown(both)
    assert (plan(settled, *both).writes, plan(settled, *both).coming) == ([], [])


def test_another_plan_for_a_coming_day_has_another_fingerprint():
    state = grown([line(**HANAKO)])
    prints = {
        plan(state, line(start=APRIL, email=mail)).fingerprint() for mail in ("a@b.example", "c@d.example")
    }
    assert len(prints) == 2


def test_names_that_wait_are_suspicious_as_others_are():
    state = grown([line(**HANAKO)], [line("0002", name="森 一")], [line("0003", name="林 三")])
    made = plan(state, line(start=APRIL, name="別人 太郎", department="020200"))
    assert any("別の人の職員番号" in one.message for one in suspicions(made, state, today=TODAY))


# --- written, brought in, taken back ---


def row(staff, name, *, mail="", start=APRIL, kana=""):
    return f"{staff.staff_number},{name},{kana},,,,,,,本務,{start},,{mail}"


@pytest.fixture
def told(world):
    """Return the batch of a roster by which 本人 has another name and mail from April on."""
    Staff.objects.filter(pk=world.honnin.pk).update(name="木村 花子", former_name="")
    world.honnin.refresh_from_db()
    return imported(world, row(world.honnin, "髙橋 花子", mail="t@mihon.example"))


def test_nothing_changes_before_the_day(world, told):
    change = ComingChange.objects.get()
    assert (change.staff, change.starts, change.batch) == (world.honnin, day(APRIL), told)
    assert change.values == {"name": "髙橋 花子", "former_name": "木村", "email": "t@mihon.example"}
    assert apply_due(THEN - datetime.timedelta(days=1)) == 0
    assert Staff.objects.get(pk=world.honnin.pk).name == "木村 花子"


def test_on_the_day_it_is_brought_in_once(world, told):
    assert (apply_due(THEN), apply_due(THEN)) == (1, 0)
    staff = Staff.objects.get(pk=world.honnin.pk)
    assert (staff.name, staff.former_name, staff.email) == ("髙橋 花子", "木村", "t@mihon.example")
    assert staff.version == world.honnin.version + 1
    assert staff.search == staff.search_text()
    event = Event.objects.get(action="staff.coming")
    assert (event.data, event.actor_uuid, event.subject_uuid) == (
        {"fields": ["email", "former_name", "name"]}, None, staff.uuid,
    )  # fmt: skip
    assert event.municipality_id == world.city.pk


def test_the_day_begins_at_midnight_of_the_office(world, told):
    midnight = datetime.datetime(2027, 3, 31, 15, 0, tzinfo=datetime.UTC)
    assert apply_due(midnight - datetime.timedelta(seconds=1)) == 0
    assert apply_due(midnight) == 1


def test_a_day_without_anything_costs_one_query(world, told, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert apply_due(NOW) == 0


def test_the_command_says_how_many(world, told):
    ComingChange.objects.update(starts=timezone.localdate())
    said = StringIO()
    call_command("apply_coming_changes", stdout=said)
    assert "1件" in said.getvalue()
    assert Staff.objects.get(pk=world.honnin.pk).name == "髙橋 花子"


def test_the_first_sign_in_of_the_day_brings_it_in(client, world, told):
    ComingChange.objects.update(starts=timezone.localdate())
    world.kacho.set_password("nagai-aikotoba-2027")
    world.kacho.save()
    client.post("/login/", {"username": world.kacho.username, "password": "nagai-aikotoba-2027"})
    assert "_auth_user_id" in client.session
    assert Staff.objects.get(pk=world.honnin.pk).name == "髙橋 花子"


def test_one_that_cannot_be_written_waits_and_hinders_no_other(world, told, monkeypatch, caplog):
    imported(world, row(world.dourei, "別名 次郎"))
    one = workflow._apply

    def fails_for_one(pk, staff_id, now):
        if staff_id == world.honnin.pk:
            raise DatabaseError("髙橋 花子")
        return one(pk, staff_id, now)

    monkeypatch.setattr(workflow, "_apply", fails_for_one)
    assert apply_due(THEN) == 1
    assert Staff.objects.get(pk=world.dourei.pk).name == "別名 次郎"
    assert ComingChange.objects.waiting().get().staff == world.honnin
    assert "DatabaseError" in caplog.text
    assert "花子" not in caplog.text


def test_a_field_changed_by_hand_no_longer_waits(world, told):
    staff = Staff.objects.get(pk=world.honnin.pk)
    values = {
        "staff_number": staff.staff_number, "name": staff.name, "kana": staff.kana, "former_name": "",
        "employment": staff.employment, "email": "hand@mihon.example",
    }  # fmt: skip
    edit_staff(by=b.actor_of(world.jinji), staff=staff, values=values, version=staff.version, now=NOW)
    assert ComingChange.objects.waiting().get().values == {"name": "髙橋 花子", "former_name": "木村"}
    assert Event.objects.get(action="staff.edit").data == {"fields": ["email"], "coming": 1}
    apply_due(THEN)
    staff.refresh_from_db()
    assert (staff.name, staff.email) == ("髙橋 花子", "hand@mihon.example")


def test_where_the_hand_changed_all_nothing_waits(world, told):
    staff = Staff.objects.get(pk=world.honnin.pk)
    values = {
        "staff_number": staff.staff_number, "name": "木村 華", "kana": staff.kana, "former_name": "旧",
        "employment": staff.employment, "email": "hand@mihon.example",
    }  # fmt: skip
    edit_staff(by=b.actor_of(world.jinji), staff=staff, values=values, version=staff.version, now=NOW)
    assert not ComingChange.objects.waiting().exists()
    assert apply_due(THEN) == 0


def undo(world, batch):
    fresh = ImportBatch.objects.get(pk=batch.pk)
    undo_import(by=b.actor_of(world.jinji), batch=fresh, key=uuid.uuid4(), version=fresh.version, now=NOW)


def test_taken_back_it_is_called_off(world, told):
    undo(world, told)
    assert not ComingChange.objects.waiting().exists()
    assert apply_due(THEN) == 0
    # The same file can come again.
    imported(world, row(world.honnin, "髙橋 花子", mail="t@mihon.example"))
    assert ComingChange.objects.waiting().count() == 1


def test_taken_back_another_value_is_what_it_was(world, told):
    before = ComingChange.objects.get().values
    later = imported(world, row(world.honnin, "髙橋 花子", mail="other@mihon.example"))
    assert ComingChange.objects.get().values["email"] == "other@mihon.example"
    undo(world, later)
    assert ComingChange.objects.waiting().get().values == before


def test_taken_back_what_was_called_off_waits_again(world, told):
    mail = world.honnin.email or "x@mihon.example"
    Staff.objects.filter(pk=world.honnin.pk).update(email=mail)
    off = imported(world, row(world.honnin, "木村 花子", mail=mail))
    assert not ComingChange.objects.waiting().exists()
    undo(world, off)
    assert ComingChange.objects.waiting().get().values["name"] == "髙橋 花子"


def test_once_it_came_into_force_the_file_is_not_taken_back(world, told):
    apply_due(THEN)
    with pytest.raises(Conflict, match=world.honnin.staff_number):
        undo(world, told)


def test_a_field_given_up_by_hand_stands_in_the_way_of_taking_back(world, told):
    ComingChange.objects.update(values={"name": "髙橋 花子"})
    with pytest.raises(Conflict, match=world.honnin.staff_number):
        undo(world, told)


def test_people_who_were_new_go_with_what_waits_for_them(world):
    batch = imported(
        world,
        "0009001,木村 花子,,,正規,010101,,主事,,本務,R8.4.1,R9.3.31,",
        f"0009001,木村 花子,,,再任用,010101,,主査,,本務,{APRIL},,",
    )
    assert ComingChange.objects.get().values == {"employment": "reappointed"}
    undo(world, batch)
    assert not Staff.objects.filter(staff_number="0009001").exists()
    assert not ComingChange.objects.exists()


def test_another_municipality_is_never_touched(world, told):
    foreign = ComingChange.objects.create(
        municipality=world.other_city, staff=world.yoso, starts=day(APRIL), values={"name": "外 一"}, created_at=NOW
    )  # fmt: skip
    undo(world, told)
    foreign.refresh_from_db()
    assert foreign.cancelled_at is None


# --- shown ---


def test_it_is_shown_to_hr_on_the_page_and_in_the_preview(client, world, told):
    client.force_login(world.jinji, backend=BACKEND)
    page = client.get(f"/people/{world.honnin.uuid}/").content.decode()
    assert "先の日付の変更" in page
    assert "髙橋 花子" in page
    assert "2027年4月1日から" in client.get(f"/people/{world.honnin.uuid}/edit/").content.decode()
    batch = checked(world, row(world.dourei, "別名 次郎"))
    assert unpack(batch.preview).outcomes[0].changes[0].new == "別名 次郎（令和9年4月1日から）"
    assert "別名 次郎（令和9年4月1日から）" in client.get(f"/imports/{batch.uuid}/").content.decode()


@pytest.mark.parametrize("who", ["honnin", "kacho"])
def test_nobody_else_sees_it(client, world, told, who):
    client.force_login(getattr(world, who), backend=BACKEND)
    assert "髙橋 花子" not in client.get(f"/people/{world.honnin.uuid}/").content.decode()


def by_hand(world, staff, **changes):
    """Let 人事 change somebody's registration on the page."""
    staff = Staff.objects.get(pk=staff.pk)
    names = ("staff_number", "name", "kana", "former_name", "employment", "email")
    values = {name: getattr(staff, name) for name in names} | changes
    edit_staff(by=b.actor_of(world.jinji), staff=staff, values=values, version=staff.version, now=NOW)


def test_a_name_by_hand_takes_reading_and_former_name_along(world):
    Staff.objects.filter(pk=world.honnin.pk).update(name="木村 花子", kana="キムラ ハナコ", former_name="")
    imported(world, row(world.honnin, "髙橋 花子", kana="タカハシ ハナコ"))
    by_hand(world, world.honnin, name="木村 華子")
    apply_due(THEN)
    staff = Staff.objects.get(pk=world.honnin.pk)
    assert (staff.name, staff.kana, staff.former_name) == ("木村 華子", "キムラ ハナコ", "")


def test_a_file_of_the_day_is_later_than_what_waited_for_it(world):
    imported(world, row(world.honnin, world.honnin.name, mail="march@mihon.example"))
    content = roster(row(world.honnin, world.honnin.name, mail="april@mihon.example"))
    by = b.actor_of(world.jinji)
    batch = upload_import(by=by, kind="roster", file_name="m.csv", content=content, now=THEN)
    apply_import(by=by, batch=batch, key=uuid.uuid4(), version=batch.version, now=THEN)
    apply_due(THEN)
    assert Staff.objects.get(pk=world.honnin.pk).email == "april@mihon.example"


@pytest.mark.parametrize("start", ["令和8年4月1日", "令和9年4月1日"])
def test_what_was_changed_by_hand_since_the_preview_is_shown_anew(world, start):
    by = b.actor_of(world.jinji)
    Staff.objects.filter(pk=world.honnin.pk).update(email="old@mihon.example")
    batch = checked(world, row(world.honnin, world.honnin.name, mail="file@mihon.example", start=start))
    by_hand(world, world.honnin, email="hand@mihon.example")
    with pytest.raises(PlanChanged):
        apply_import(by=by, batch=batch, key=uuid.uuid4(), version=batch.version, now=NOW)
    assert Staff.objects.get(pk=world.honnin.pk).email == "hand@mihon.example"


def test_what_was_called_off_and_then_typed_by_hand_is_not_woken(world):
    Staff.objects.filter(pk=world.honnin.pk).update(email="old@mihon.example")
    imported(world, row(world.honnin, world.honnin.name, mail="april@mihon.example"))
    off = imported(world, row(world.honnin, world.honnin.name, mail="old@mihon.example"))
    assert not ComingChange.objects.waiting().exists()
    by_hand(world, world.honnin, email="hand@mihon.example")
    with pytest.raises(Conflict, match=world.honnin.staff_number):
        undo(world, off)
    apply_due(THEN)
    assert Staff.objects.get(pk=world.honnin.pk).email == "hand@mihon.example"


def test_what_was_called_off_and_left_alone_waits_again(world):
    Staff.objects.filter(pk=world.honnin.pk).update(email="old@mihon.example")
    imported(world, row(world.honnin, world.honnin.name, mail="april@mihon.example"))
    undo(world, imported(world, row(world.honnin, world.honnin.name, mail="old@mihon.example")))
    assert ComingChange.objects.waiting().get().values == {"email": "april@mihon.example"}
