"""The tree of departments on the screen (P31)."""

import datetime

import pytest
from django.utils import timezone

from access.refusals import Conflict, Invalid
from audit.models import Event
from organization.models import Department
from organization.tree import in_order
from organization.workflow import DepartmentValues, create_department, edit_department
from tests import builders as b

BACKEND = "organization.backends.StaffBackend"


@pytest.fixture
def hr(client, world):
    client.force_login(world.jinji, backend=BACKEND)
    return client


def fields(department=None, **changes):
    data = {"code": "", "name": "", "parent": "", "valid_from": "令和8年4月1日", "last": "", "rank": "0"}
    if department is not None:
        data = {
            "code": department.code,
            "name": department.name,
            "parent": department.parent.uuid if department.parent else "",
            "valid_from": department.valid_from.isoformat(),
            "last": "",
            "rank": department.rank,
            "version": department.version,
        }
    return {**data, **changes}


def edit(client, department, **changes):
    return client.post(f"/organization/{department.uuid}/edit/", fields(department, **changes))


def test_tree_in_reading_order_with_people(hr, world):
    text = hr.get("/organization/").content.decode()
    places = [
        text.index(f">{name}</a>")
        for name in ("政策経営部", "デジタル推進課", "情報政策係", "総務部", "人事課")
    ]
    assert places == sorted(places)
    assert "他部署" not in text
    assert ">3人<" in text


def test_siblings_by_rank_then_code(world):
    b.make_department(world.city, "先頭課", parent=world.bu, code="019999", rank=-1)
    names = [d.name for d in in_order(Department.objects.filter(municipality=world.city))]
    assert names[:3] == ["政策経営部", "先頭課", "デジタル推進課"]


def test_a_part_of_a_tree_stands_at_the_top(world):
    assert in_order([world.kakari_dept, world.jinjika]) == [world.kakari_dept, world.jinjika]


def test_closed_departments_only_on_request(hr, world):
    Department.objects.filter(pk=world.kiban.pk).update(valid_to=timezone.localdate())
    assert "基盤係" not in hr.get("/organization/").content.decode()
    assert "基盤係" in hr.get("/organization/", {"closed": 1}).content.decode()


def test_make_one(hr, world):
    response = hr.post("/organization/new/", fields(code="010200", name="窓口課", parent=world.bu.uuid))
    made = Department.objects.get(code="010200")
    assert response.status_code == 302
    assert made.path == f"{world.bu.path}{made.pk:08d}"
    assert Event.objects.filter(action="department.create", object_uuid=made.uuid).exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": "010100"}, "すでに使われています"),
        ({"code": "０１"}, "全角の数字"),
        ({"code": "課"}, "半角の英数字"),
        ({"name": ""}, "所属名を入力してください"),
        ({"valid_from": "いつか"}, "日付として読めない"),
        ({"last": "令和8年3月31日"}, "開始日より前"),
        ({"parent": "nowhere"}, "上位所属"),
    ],
)
def test_invalid_form_shows_its_error(hr, world, changes, words):
    response = hr.post("/organization/new/", fields(**{"code": "010200", "name": "窓口課", **changes}))
    assert response.status_code == 422
    assert words in response.content.decode()


def test_foreign_parent_cannot_be_chosen(hr, world):
    data = fields(code="010200", name="窓口課", parent=world.foreign_department.uuid)
    assert hr.post("/organization/new/", data).status_code == 422


def test_moving_takes_the_branch_along(hr, world):
    assert edit(hr, world.ka, parent=world.soumu.uuid).status_code == 302
    world.ka.refresh_from_db()
    world.kakari_dept.refresh_from_db()
    assert world.kakari_dept.path == f"{world.soumu.path}{world.ka.pk:08d}{world.kakari_dept.pk:08d}"
    assert world.ka.version == 2


def test_not_below_itself(hr, world):
    assert edit(hr, world.ka, parent=world.kakari_dept.uuid).status_code == 422
    assert edit(hr, world.ka, parent=world.ka.uuid).status_code == 422


def test_closing_warns_of_people_who_stay(hr, world):
    response = edit(hr, world.kiban, last="令和9年3月31日")
    world.kiban.refresh_from_db()
    assert world.kiban.valid_to == datetime.date(2027, 4, 1)
    assert "2人います" in hr.get(response["Location"]).content.decode()


def test_a_stale_version_is_409_and_keeps_what_was_typed(hr, world):
    Department.objects.filter(pk=world.ka.pk).update(version=4, name="先に変えた課")
    response = edit(hr, world.ka, name="後で変えた課")
    text = response.content.decode()
    assert response.status_code == 409
    assert "先に変えた課" in text
    assert "後で変えた課" in text


def test_the_workflow_refuses_what_came_in_between(world):
    by = b.actor_of(world.jinji)
    values = DepartmentValues(code="020000", name="x", parent=None, valid_from=b.EPOCH)
    with pytest.raises(Conflict, match="すでに使われています"):
        create_department(by=by, values=values, now=timezone.now())
    with pytest.raises(Conflict, match="すでに使われています"):
        edit_department(by=by, department=world.ka, values=values, version=1, now=timezone.now())
    below = DepartmentValues(code="010100", name="x", parent=world.kakari_dept, valid_from=b.EPOCH)
    with pytest.raises(Invalid, match="自分の下"):
        edit_department(by=by, department=world.ka, values=below, version=1, now=timezone.now())


def test_too_deep_a_tree_is_refused(hr, world):
    parent = world.kakari_dept
    for n in range(12):
        parent = b.make_department(world.city, f"第{n}", parent=parent)
    data = fields(code="deep", name="底", parent=parent.uuid)
    response = hr.post("/organization/new/", data)
    assert response.status_code == 422
    assert "15段まで" in response.content.decode()
    assert not Department.objects.filter(code="deep").exists()
