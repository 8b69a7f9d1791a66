"""職位 → 確認者区分 (P31)."""

import datetime

import pytest
from django.utils import timezone

from audit.models import Event
from organization.models import Position
from tests import builders as b

BACKEND = "organization.backends.StaffBackend"
URL = "/organization/positions/"


@pytest.fixture
def hr(client, world):
    world.chief = Position.objects.create(municipality=world.city, name="係長", rank=1)
    world.clerk = Position.objects.create(municipality=world.city, name="主事", rank=2)
    client.force_login(world.jinji, backend=BACKEND)
    return client


def table(*rows, new=("", "none", "0")):
    data = {"form-TOTAL_FORMS": len(rows) + 1, "form-INITIAL_FORMS": len(rows)}
    for n, (position, changes) in enumerate(rows):
        values = {
            "uuid": position.uuid,
            "version": position.version,
            "name": position.name,
            "line_role": position.line_role,
            "rank": position.rank,
            **changes,
        }
        data |= {f"form-{n}-{name}": value for name, value in values.items() if value is not None}
    for name, value in zip(("name", "line_role", "rank"), new, strict=True):
        data[f"form-{len(rows)}-{name}"] = value
    return data


def test_it_works(hr, world):
    rows = [(world.chief, {"line_role": "first"}), (world.clerk, {"retired": "on"})]
    assert hr.post(URL, table(*rows, new=("課長", "head", "0"))).status_code == 302
    found = {
        p.name: (p.line_role, p.retired, p.version) for p in Position.objects.filter(municipality=world.city)
    }
    assert found == {"係長": ("first", False, 2), "主事": ("none", True, 2), "課長": ("head", False, 1)}
    assert Event.objects.get(action="position.edit").data["rows"] == 3


def test_postings_in_force_take_the_role_over_and_no_others(hr, world):
    world.honnin.postings.update(position="係長")
    world.dourei.postings.update(position="係長", line_role="head")  # given by hand
    ended = b.make_posting(
        world.kakari, world.kiban, kind="additional", position="係長", end=timezone.localdate()
    )
    foreign = b.make_posting(world.yoso, world.foreign_department, kind="additional", position="係長")
    response = hr.post(URL, table((world.chief, {"line_role": "first"}), (world.clerk, {})))
    assert "発令1件" in hr.get(response["Location"]).content.decode()
    assert world.honnin.postings.get().line_role == "first"
    assert world.dourei.postings.get().line_role == "head"
    for posting in (ended, foreign):
        posting.refresh_from_db()
        assert posting.line_role == "none"


def test_a_posting_to_come_takes_the_role_over(hr, world):
    coming = b.make_posting(
        world.honnin, world.kiban, kind="additional", position="係長",
        start=timezone.localdate() + datetime.timedelta(days=30),
    )  # fmt: skip
    hr.post(URL, table((world.chief, {"line_role": "first"}), (world.clerk, {})))
    coming.refresh_from_db()
    assert coming.line_role == "first"


def test_nothing_changed_writes_nothing(hr, world):
    assert hr.post(URL, table((world.chief, {}), (world.clerk, {}))).status_code == 302
    assert not Event.objects.filter(action="position.edit").exists()
    world.chief.refresh_from_db()
    assert world.chief.version == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "職位を入力してください"),
        ({"name": "主事"}, "同じ職位がもう1行あります"),
        ({"line_role": "boss"}, "選択"),
        ({"rank": "x"}, "整数"),
    ],
)
def test_invalid_form_shows_its_error(hr, world, changes, words):
    response = hr.post(URL, table((world.chief, changes), (world.clerk, {})))
    assert response.status_code == 422
    assert words in response.content.decode()


def test_without_management_form_is_422(hr):
    assert hr.post(URL, {}).status_code == 422


def test_a_row_of_another_municipality_is_422(hr, world):
    foreign = Position.objects.create(municipality=world.other_city, name="外")
    response = hr.post(URL, table((world.chief, {"uuid": foreign.uuid, "name": "乗取"}), (world.clerk, {})))
    assert response.status_code == 422
    foreign.refresh_from_db()
    assert foreign.name == "外"


def test_a_stale_version_is_409(hr, world):
    data = table((world.chief, {"line_role": "first"}), (world.clerk, {}))
    Position.objects.filter(pk=world.chief.pk).update(version=3)
    data["form-0-version"] = 1
    assert hr.post(URL, data).status_code == 409


def test_a_name_taken_in_the_meantime_is_409(hr, world):
    data = table((world.chief, {}), (world.clerk, {}), new=("主査", "none", "0"))
    Position.objects.create(municipality=world.city, name="主査", rank=9)
    assert hr.post(URL, data).status_code == 409
