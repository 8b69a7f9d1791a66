"""A file that was applied is taken back whole, by its page, until the next one of its kind; templates by name."""

import uuid

import pytest

from access.refusals import Conflict
from audit.models import Event
from organization.models import HeaderMapping, ImportBatch, Posting, Staff
from organization.workflow import apply_import, check_import_again, undo_import, upload_import
from tests import builders as b
from tests.organization.files import NOW, checked, imported, row
from tests.organization.rosters import roster

State = ImportBatch.State


@pytest.fixture
def applied(world):
    """A roster that brings somebody new and moves somebody."""
    lines = [row("0009001", "𠮷田 新", "010101"), row(world.honnin.staff_number, world.honnin.name, "010200")]
    b.make_department(world.city, "市民課", code="010200")
    imported(world, *lines)
    return ImportBatch.objects.get()


def undo(world, batch, key=None, version=None):
    version = batch.version if version is None else version
    return undo_import(
        by=b.actor_of(world.jinji), batch=batch, key=key or uuid.uuid4(), version=version, now=NOW
    )


def picture():
    people = Staff.objects.order_by("pk").values_list("pk", "name", "left_on", "search")
    postings = Posting.objects.order_by("pk").values_list("pk", "department_id", "position", "start", "end")
    return list(people), list(postings)


def test_everything_is_as_before(world):
    before = picture()
    lines = [row("0009001", "𠮷田 新", "010101"), row(world.honnin.staff_number, world.honnin.name, "010100")]
    imported(world, *lines)
    assert picture() != before
    done = undo(world, ImportBatch.objects.get())
    assert (done.state, done.undo) == (State.UNDONE, None)
    assert done.undone_at is not None
    assert done.applied_at is not None
    assert picture() == before
    assert Event.objects.filter(action="import.undo", object_uuid=done.uuid).count() == 1


def test_taking_back_takes_few_queries_whatever_the_number_of_people(world, django_assert_max_num_queries):
    b.make_department(world.city, "市民課", code="010200")
    people = [(f"80{n:04d}", f"見本 {n}") for n in range(400)]
    imported(world, *(row(number, name, "010101") for number, name in people))
    before = picture()
    imported(world, *(row(number, name, "010200", start="令和9年4月1日") for number, name in people))
    batch = ImportBatch.objects.get(undo__isnull=False)
    with django_assert_max_num_queries(40):
        undo(world, batch)
    assert picture() == before


def test_the_same_click_twice_is_one(world, applied):
    key = uuid.uuid4()
    undo(world, applied, key=key)
    after = picture()
    undo(world, applied, key=key)
    assert picture() == after
    assert Event.objects.filter(action="import.undo").count() == 1


def test_taken_back_it_can_be_applied_again(world, applied):
    there = picture()
    undo(world, applied)
    imported(
        world,
        row("0009001", "𠮷田 新", "010101"),
        row(world.honnin.staff_number, world.honnin.name, "010200"),
    )
    assert [row[1:] for row in picture()[0]] == [row[1:] for row in there[0]]


def test_only_the_last_file_of_a_kind(world, applied):
    imported(world, row("0009002", "見本 次郎", "010101"))
    applied.refresh_from_db()
    with pytest.raises(Conflict, match="最後に取り込んだ"):
        undo(world, applied)


def test_another_version_is_refused_and_nothing_is_taken_back(world, applied):
    there = picture()
    with pytest.raises(Conflict):
        undo(world, applied, version=applied.version + 1)
    assert picture() == there


def test_what_was_built_on_it_stands_in_the_way(world, applied, client):
    new = Staff.objects.get(staff_number="0009001")
    b.make_sheet(new, world.cycle, world.kakari_dept)
    client.force_login(world.jinji, backend="organization.backends.StaffBackend")
    form = {"version": applied.version, "key": uuid.uuid4(), "sure": "1"}
    response = client.post(f"/imports/{applied.uuid}/undo/", form)
    assert response.status_code == 409
    assert "年度票などの記録があります" in response.content.decode()
    assert Staff.objects.filter(pk=new.pk).exists()


def test_the_page_offers_it_and_asks_to_be_sure(world, applied, client):
    client.force_login(world.jinji, backend="organization.backends.StaffBackend")
    page = client.get(f"/imports/{applied.uuid}/").content.decode()
    assert "取り込む前に戻す" in page
    assert applied.sha256 in page
    form = {"version": applied.version, "key": uuid.uuid4()}
    assert client.post(f"/imports/{applied.uuid}/undo/", form).status_code == 422
    response = client.post(f"/imports/{applied.uuid}/undo/", {**form, "sure": "1"}, follow=True)
    assert "取り込む前に戻しました" in response.content.decode()
    assert not Staff.objects.filter(staff_number="0009001").exists()
    assert "取り込む前に戻す</summary>" not in response.content.decode()


def test_empty_cells_empty_only_where_asked(world):
    Staff.objects.filter(pk=world.honnin.pk).update(former_name="木村")
    header = "職員番号,氏名,旧姓,所属コード,発令日"
    content = roster(f"{world.honnin.staff_number},{world.honnin.name},,010101,R8.4.1", header=header)
    for overwrite, kept in ((False, "木村"), (True, "")):
        batch = upload_import(
            by=b.actor_of(world.jinji), kind="roster", file_name="meibo.csv", content=content, now=NOW,
            options={"overwrite": overwrite},
        )  # fmt: skip
        apply_import(
            by=b.actor_of(world.jinji), batch=batch, key=uuid.uuid4(), version=batch.version, now=NOW
        )
        assert Staff.objects.get(pk=world.honnin.pk).former_name == kept


def test_a_template_is_kept_under_its_name_and_found_by_its_headers(world):
    header = "番号X,名前X,部署X,日X"
    columns = {"職員番号": "番号X", "氏名": "名前X", "所属コード": "部署X", "発令日": "日X"}
    payroll = roster("0009001,𠮷田 新,010101,R8.4.1", header=header)
    batch = checked(world, content=payroll)
    assert batch.state == State.REFUSED
    batch = check_import_again(
        batch=batch, version=batch.version, columns=columns, template="人事給与システム", now=NOW
    )
    assert batch.state == State.PREVIEWED
    assert set(HeaderMapping.objects.values_list("name", flat=True)) == {"", "人事給与システム"}
    other = checked(world, content=roster("0009002,見本 次郎,010101,R8.4.1", header="番号Y,名前Y,部署Y,日Y"))
    mine = {"職員番号": "番号Y", "氏名": "名前Y", "所属コード": "部署Y", "発令日": "日Y"}
    check_import_again(batch=other, version=other.version, columns=mine, template="人事評価", now=NOW)
    assert checked(world, content=payroll).mapping == columns
