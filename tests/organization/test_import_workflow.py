"""Imports below the screen: kept as checked, applied whole and only as shown."""

import datetime
import uuid

import pytest
from django.db import IntegrityError

from access.refusals import Conflict
from audit.models import Event, Receipt
from organization.import_preview import pack, unpack
from organization.models import Department, HeaderMapping, ImportBatch, Leave, Position, Posting, Staff
from organization.workflow import (
    PlanChanged,
    apply_import,
    check_import_again,
    discard_import,
    imports,
    rosters,
    upload_import,
)
from tests import builders as b
from tests.organization.files import NOW, checked, imported, row
from tests.organization.rosters import roster

ORGANIZATION = "所属コード,所属名,上位所属コード,開始日,終了日"
State = ImportBatch.State
TRANSFER_DAY = datetime.date(2026, 4, 1)


def apply(world, batch, key=None, version=None):
    by = b.actor_of(world.jinji)
    version = batch.version if version is None else version
    return apply_import(by=by, batch=batch, key=key or uuid.uuid4(), version=version, now=NOW)


def test_check_writes_nothing_but_the_batch(world):
    people, postings = Staff.objects.count(), Posting.objects.count()
    batch = checked(world, row("0009001", "𠮷田 新", "010101"))
    assert batch.state == State.PREVIEWED
    assert (Staff.objects.count(), Posting.objects.count()) == (people, postings)
    assert batch.counts["kinds"] == {"new": 1}


def test_new_people_are_as_the_file_says(world):
    imported(world, row("0009001", "髙橋 新", "010101", position="主幹"))
    made = Staff.objects.get(staff_number="0009001")
    assert made.username == "011002-0009001"  # there are two municipalities
    assert made.must_change_password
    assert not made.has_usable_password()
    assert made.search == made.search_text()
    posting = made.postings.get()
    assert (posting.department, posting.start, posting.position) == (world.kakari_dept, TRANSFER_DAY, "主幹")
    assert Position.objects.get(municipality=world.city, name="主幹").line_role == "none"


def test_sign_in_name_is_the_number_where_there_is_one_municipality(db):
    city = b.make_municipality()
    b.make_department(city, "情報課", code="01")
    batch = upload_import(
        by=None,
        kind="roster",
        file_name="m.csv",
        content=roster(row("0001", "森 一", "01")),
        now=NOW,
        municipality=city,
    )
    apply_import(by=None, batch=batch, key=None, version=batch.version, now=NOW)
    assert Staff.objects.get().username == "0001"


def test_a_taken_sign_in_name_gets_the_code_before_it(db):
    city = b.make_municipality()
    b.make_department(city, "情報課", code="01")
    b.make_staff(city, staff_number="X1", username="0001")
    batch = upload_import(
        by=None,
        kind="roster",
        file_name="m.csv",
        content=roster(row("0001", "森 一", "01")),
        now=NOW,
        municipality=city,
    )
    apply_import(by=None, batch=batch, key=None, version=batch.version, now=NOW)
    assert Staff.objects.get(staff_number="0001").username == "011002-0001"


def test_where_both_names_are_taken_nothing_is_written(world):
    b.make_staff(world.city, staff_number="X1", username="011002-0009001")
    batch = checked(world, row("0009001", "森 一", "010101"), row("0009002", "森 二", "010101"))
    with pytest.raises(Conflict, match="ログイン名"):
        apply(world, batch)
    assert not Staff.objects.filter(staff_number__startswith="000900").exists()
    batch.refresh_from_db()
    assert batch.state == State.PREVIEWED


def test_transfer_leave_and_resignation_reach_the_database(world):
    people = [world.honnin, world.dourei, world.kakari]
    honnin, dourei, kakari = (staff.staff_number for staff in people)
    imported(
        world,
        row(honnin, "", "020100", position="係長"),
        row(dourei, "", "", kind="育休", end="令和9年3月31日"),
        row(kakari, "", "", kind="退職"),
    )
    old, new = world.honnin.postings.order_by("start")
    assert (old.end, new.start, new.department) == (TRANSFER_DAY, TRANSFER_DAY, world.jinjika)
    assert old.version == 2
    leave = Leave.objects.get(staff=world.dourei)
    assert (leave.kind, leave.end) == ("childcare", datetime.date(2027, 4, 1))
    world.kakari.refresh_from_db()
    assert (world.kakari.left_on, world.kakari.version) == (TRANSFER_DAY, 2)
    assert world.kakari.postings.get().end == TRANSFER_DAY


def test_a_new_name_is_searched_by_at_once(world):
    imported(world, row(world.honnin.staff_number, "東 美咲", "010101"))
    world.honnin.refresh_from_db()
    assert (world.honnin.name, world.honnin.former_name) == ("東 美咲", "山﨑")
    assert world.honnin.search == world.honnin.search_text()


def test_the_same_file_again_changes_nothing(world):
    rows = [
        row("0009001", "髙橋 新", "010101"),
        row(world.honnin.staff_number, "", "020100", position="係長"),
    ]
    imported(world, *rows)
    again = checked(world, *rows)
    assert again.counts["kinds"] == {"unchanged": 2}
    versions = list(Posting.objects.order_by("pk").values_list("pk", "version"))
    apply(world, again)
    assert list(Posting.objects.order_by("pk").values_list("pk", "version")) == versions


def test_other_municipalities_are_untouched(world):
    number = world.yoso.staff_number
    imported(world, row(number, "同番 一", "010101"))
    assert Staff.objects.filter(staff_number=number).count() == 2
    assert world.yoso.postings.get().end is None


def test_after_apply_file_and_preview_are_dropped(world):
    batch = imported(world, row("0009001", "髙橋 新", "010101"))
    batch.refresh_from_db()
    assert (batch.state, batch.content, batch.preview) == (State.APPLIED, None, None)
    assert batch.applied_at == NOW


def test_the_event_has_counts_and_no_names(world):
    batch = imported(world, row("0009001", "髙橋 新", "010101"))
    event = Event.objects.get(action="import.apply", object_uuid=batch.uuid)
    assert event.data["kinds"] == {"new": 1}
    assert event.data["sha256"] == batch.sha256
    text = str(event.data)
    assert "髙橋" not in text
    assert "0009001" not in text


def test_one_bad_line_refuses_all(world):
    batch = checked(world, row("0009001", "髙橋 新", "010101"), row("0009002", "森 二", "999999"))
    assert batch.state == State.REFUSED
    with pytest.raises(Conflict):
        apply(world, batch)
    assert not Staff.objects.filter(staff_number="0009001").exists()


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "m.csv", "空です"),
        (b"PK\x03\x04" + b"\0" * 40, "m.csv", "中身はExcel"),
        ("氏名\n".encode("utf-16"), "m.csv", "UTF-16"),
        (roster(header="職員番号,職員番号,氏名"), "m.csv", "2つ以上"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old", "m.xls", "古い形式"),
        ("職員番号,氏名\n1,".encode("cp932") + b"\x81\xff,\n", "m.csv", "文字コード"),
        (roster(*(["1,森 一,,,,1,,,,本務,R8.4.1,,"] * 30_001)), "m.csv", "30,000行"),
    ],
    ids=["empty", "renamed-xlsx", "utf-16", "header", "xls", "bytes", "too-long"],
)
def test_files_that_are_no_table_are_refused_with_words(world, content, name, words):
    batch = upload_import(by=b.actor_of(world.jinji), kind="roster", file_name=name, content=content, now=NOW)
    assert batch.state == State.REFUSED
    assert batch.content is None
    assert any(words in problem.message for problem in unpack(batch.preview).problems)


def test_a_change_in_between_stops_the_apply(world):
    batch = checked(world, row(world.honnin.staff_number, "", "020100"))
    world.honnin.postings.update(start=datetime.date(2021, 4, 1), department=world.kiban)
    imported(world, row(world.honnin.staff_number, "", "020000", start="令和8年3月1日"))
    with pytest.raises(PlanChanged):
        apply(world, batch)
    batch.refresh_from_db()
    assert (batch.state, batch.content is not None) == (State.PREVIEWED, True)
    assert not world.honnin.postings.filter(department=world.jinjika).exists()


def test_checked_again_it_can_be_applied(world):
    batch = checked(world, row(world.honnin.staff_number, "", "020100"))
    Department.objects.filter(pk=world.jinjika.pk).update(name="人事厚生課")
    imported(world, row(world.honnin.staff_number, "東 美咲", "010102", start="令和8年3月1日"))
    fresh = check_import_again(batch=batch, version=batch.version, now=NOW)
    assert fresh.version == batch.version + 1
    assert apply(world, fresh).state == State.APPLIED


def test_the_same_key_twice_applies_once(world):
    batch, key = checked(world, row("0009001", "髙橋 新", "010101")), uuid.uuid4()
    first = apply(world, batch, key)
    second = apply(world, batch, key, version=batch.version)
    assert first.pk == second.pk
    assert Receipt.objects.filter(action="import.apply").count() == 1
    with pytest.raises(Conflict, match="もう残っていません"):
        apply(world, batch, uuid.uuid4(), version=first.version)


def test_the_same_key_while_the_first_is_still_being_written(world):
    """The second click waits for the lock and then finds the receipt of the first."""
    batch, key, by = (
        checked(world, row("0009001", "髙橋 新", "010101")),
        uuid.uuid4(),
        b.actor_of(world.jinji),
    )
    apply(world, batch, key)
    read = imports.Read()
    again = imports._apply(by=by, batch=batch, read=read, key=key, version=batch.version, now=NOW)
    assert again.state == State.APPLIED


def test_a_stale_version_applies_nothing(world):
    batch = checked(world, row("0009001", "髙橋 新", "010101"))
    check_import_again(batch=batch, version=batch.version, now=NOW)
    with pytest.raises(Conflict):
        apply(world, batch)
    assert not Staff.objects.filter(staff_number="0009001").exists()


def test_a_failure_in_the_midst_leaves_nothing(world, monkeypatch):
    batch = checked(world, row("0009001", "髙橋 新", "010101", position="主幹"))

    def fail(*args):
        raise IntegrityError

    monkeypatch.setattr(rosters, "_update", fail)
    with pytest.raises(PlanChanged):
        apply(world, batch)
    assert not Staff.objects.filter(staff_number="0009001").exists()
    assert not Position.objects.filter(name="主幹").exists()
    batch.refresh_from_db()
    assert batch.state == State.PREVIEWED


def test_discard_drops_the_file(world):
    batch = checked(world, row("0009001", "髙橋 新", "010101"))
    by = b.actor_of(world.jinji)
    gone = discard_import(by=by, batch=batch, version=batch.version, now=NOW)
    assert (gone.state, gone.content, gone.preview) == (State.DISCARDED, None, None)
    with pytest.raises(Conflict):
        discard_import(by=by, batch=gone, version=gone.version, now=NOW)


def test_a_new_file_takes_the_place_of_a_refused_one(world):
    refused = checked(world, row("0009001", "森 一", "999999"))
    waiting = checked(world, row("0009001", "森 一", "010101"))
    checked(world, row("0009001", "森 一", "010101"))
    refused.refresh_from_db()
    waiting.refresh_from_db()
    assert (refused.content, refused.preview) == (None, None)
    assert waiting.content is not None


def test_a_mapping_by_hand_is_kept_for_the_next_file(world):
    header = "ばんごう,なまえ,ばしょ,いつから,氏名"
    batch = checked(world, "0009001,森 一,010101,R8.4.1,備考です", header=header)
    assert batch.state == State.REFUSED
    columns = {"職員番号": "ばんごう", "氏名": "なまえ", "所属コード": "ばしょ", "発令日": "いつから"}
    fresh = check_import_again(batch=batch, version=batch.version, columns=columns, now=NOW)
    assert fresh.state == State.PREVIEWED
    assert HeaderMapping.objects.get(municipality=world.city).columns["氏名"] == ""
    following = checked(world, "0009002,森 二,010101,R8.4.1,備考です", header=header)
    assert (following.state, following.mapping) == (State.PREVIEWED, columns)
    again = check_import_again(batch=following, version=following.version, columns=columns, now=NOW)
    assert again.state == State.PREVIEWED
    assert HeaderMapping.objects.get(municipality=world.city).version == 2


def test_full_roster_lists_the_absent_without_touching_them(world):
    batch = checked(world, row("0009001", "森 一", "010101"), options={"full": True})
    absent = [o.number for o in unpack(batch.preview).outcomes if o.line is None]
    assert world.honnin.staff_number in absent
    assert world.yoso.staff_number not in absent
    assert batch.counts["suspicions"] == 1
    apply(world, batch)
    world.honnin.refresh_from_db()
    assert world.honnin.left_on is None


def test_organisation_moves_whole_branches(world):
    batch = imported(
        world,
        "030000,市民部,,令和8年4月1日,",
        "010100,DX推進課,020000,,",
        "020100,,020000,,令和8年9月30日",
        kind="organization",
        header=ORGANIZATION,
    )
    assert batch.counts["kinds"] == {"new": 1, "renamed": 1, "moved": 1, "closed": 1}
    assert batch.counts["warnings"] == 1
    for department in (world.ka, world.kakari_dept, world.soumu, world.jinjika):
        department.refresh_from_db()
    assert world.ka.path == f"{world.soumu.path}{world.ka.pk:08d}"
    assert world.kakari_dept.path == f"{world.ka.path}{world.kakari_dept.pk:08d}"
    assert world.jinjika.valid_to == datetime.date(2026, 10, 1)
    assert Department.objects.get(code="030000").path == f"{Department.objects.get(code='030000').pk:08d}"
    # The year's sheet keeps where it was handed out.
    world.sheet.refresh_from_db()
    assert world.sheet.department_path.startswith(world.bu.path)


def test_organisation_file_again_changes_nothing(world):
    rows = ["030000,市民部,,令和8年4月1日,", "030100,市民課,030000,令和8年4月1日,"]
    imported(world, *rows, kind="organization", header=ORGANIZATION)
    again = checked(world, *rows, kind="organization", header=ORGANIZATION)
    assert again.counts["kinds"] == {"unchanged": 2}


def test_a_preview_comes_back_as_it_was_packed(world):
    batch = checked(
        world,
        row("0009001", "髙橋 新", "010101", position="主幹"),
        row(world.honnin.staff_number, "", "020100"),
    )
    preview = unpack(batch.preview)
    assert unpack(pack(preview)) == preview
    assert unpack(None).outcomes == []


def test_writing_takes_few_queries_whatever_the_number_of_people(world, django_assert_max_num_queries):
    batch = checked(world, *(row(f"80{n:04d}", f"見本 {n}", "010101") for n in range(400)))
    with django_assert_max_num_queries(60):
        apply(world, batch)
    moved = checked(world, *(row(f"80{n:04d}", "", "020100", start="令和9年4月1日") for n in range(400)))
    with django_assert_max_num_queries(60):
        apply(world, moved)
    assert world.jinjika.postings.filter(staff__staff_number__startswith="80").count() == 400
