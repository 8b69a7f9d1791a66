"""Every kind of export through the JSON interface: whole pages, within a token's department and municipality alone."""

import pytest
from django.conf import settings

from tests import builders as b
from tests.assessments.sheets import submitted

PLACES = {"010100": "デジタル推進課", "010101": "情報政策係", "010102": "基盤係"}


def read(client, secret, kind, **query):
    answer = client.get(f"/api/v1/{kind}/", query, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200, answer.content
    return answer


@pytest.fixture
def filled(world):
    """Give two people of different departments, and one elsewhere, something in every kind that is about people."""
    for staff, department in ((world.betsuka, world.jinjika), (world.honnin, None)):
        submitted(
            b.make_sheet(staff, world.cycle, department) if department else world.sheet, evidence="=1+1 髙"
        )
    submitted(world.foreign_sheet, evidence="よその根拠")
    for staff in (world.honnin, world.betsuka, world.yoso):
        b.make_training(staff, state="applied")
        b.make_experience(staff)
    return world


@pytest.mark.parametrize("kind", list(settings.EXPORT_KINDS))
def test_every_kind_is_read_within_department_and_municipality(kind, filled, client):
    world = filled
    whole = b.make_token(world.jinji)[1]
    page = read(client, whole, kind, limit=5000).json()
    assert page["count"] == len(page["rows"])
    assert page["next"] is None
    names = [column["name"] for column in page["columns"]]
    assert all(list(row) == names for row in page["rows"])
    if len(page["rows"]) > 1:
        first = read(client, whole, kind, limit=1).json()
        assert first["rows"] == page["rows"][:1]
        assert read(client, whole, kind, limit=5000, cursor=first["next"]).json()["rows"] == page["rows"][1:]
    for secret in (b.make_token(world.jinji, department=world.ka)[1], whole):
        query = {} if secret != whole else {"department": world.ka.code}
        inside = read(client, secret, kind, limit=5000, **query).json()["rows"]
        for row in inside:
            assert row.get("所属コード", world.ka.code) in PLACES, row
            assert row.get("所属名", "基盤係") in PLACES.values(), row
            assert row.get("職員番号") != world.betsuka.staff_number
    foreign = read(client, b.make_token(world.yoso)[1], kind, limit=5000).content.decode()
    for ours in (world.honnin.name, world.betsuka.staff_number, "髙", "デジタル推進課", world.city.name):
        assert ours not in foreign


def test_text_comes_as_it_was_written(filled, client):
    rows = read(client, b.make_token(filled.jinji)[1], "records").json()["rows"]
    assert {row["根拠"] for row in rows} == {"=1+1 髙"}
    assert {type(row["自己到達度"]) for row in rows} == {int}
