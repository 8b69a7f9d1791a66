"""Search of people and their cards (P01)."""

import datetime

import pytest
from django.utils import timezone

from access.actor import Role
from organization.models import Position, Posting
from tests import builders as b

BACKEND = "organization.backends.StaffBackend"


def page(client, staff, url="/people/", **query):
    client.force_login(staff, backend=BACKEND)
    return client.get(url, query).content.decode()


def test_each_sees_their_scope(client, world):
    assert world.betsuka.name in page(client, world.jinji)
    kacho = page(client, world.kacho)
    assert world.honnin.name in kacho
    assert world.betsuka.name not in kacho
    honnin = page(client, world.honnin)
    assert "1人</h2>" in honnin
    assert world.yoso.name not in page(client, world.jinji)


@pytest.mark.parametrize("words", ["山﨑", "みさき", "ミサキ", "山﨑 美咲"])
def test_found_by_name_and_reading(client, world, words):
    world.honnin.kana = "ヤマザキ ミサキ"
    world.honnin.save(update_fields=["kana", "search"])
    text = page(client, world.jinji, q=words)
    assert world.honnin.name in text
    assert world.dourei.name not in text


def test_found_by_number(client, world):
    assert world.dourei.name in page(client, world.jinji, q=world.dourei.staff_number)


def test_nobody_found_says_what_to_do(client, world):
    assert "もう一度さがしてください" in page(client, world.jinji, q="いないひと")


def test_leavers_only_on_request(client, world):
    world.dourei.left_on = timezone.localdate()
    world.dourei.save(update_fields=["left_on"])
    assert world.dourei.name not in page(client, world.jinji)
    assert world.dourei.name in page(client, world.jinji, left="1")


def test_found_by_department_and_all_below(client, world):
    text = page(client, world.jinji, department=str(world.ka.uuid))
    assert world.honnin.name in text
    assert world.betsuka.name not in text


def test_a_department_out_of_sight_narrows_nothing(client, world):
    assert "見られる" not in page(client, world.kacho, department=str(world.jinjika.uuid))
    text = page(client, world.kacho, department=str(world.jinjika.uuid))
    assert world.betsuka.name not in text
    assert world.jinjika.name not in text


def test_department_and_position_are_of_the_same_posting(client, world):
    b.make_posting(world.honnin, world.kiban, kind="additional", position="主査")
    Position.objects.create(municipality=world.city, name="主査")
    here = {"position": "主査"}
    assert world.honnin.name in page(client, world.jinji, department=str(world.kiban.uuid), **here)
    assert world.honnin.name not in page(client, world.jinji, department=str(world.kakari_dept.uuid), **here)


def test_found_by_employment(client, world):
    world.honnin.employment = "fiscal_year"
    world.honnin.save(update_fields=["employment"])
    text = page(client, world.jinji, employment="fiscal_year")
    assert world.honnin.name in text
    assert world.dourei.name not in text


@pytest.mark.parametrize(
    ("state", "there"),
    [("", "在籍 休職"), ("in", "在籍 休職"), ("leave", "休職"), ("left", "退職"), ("all", "在籍 休職 退職")],
)
def test_found_by_state(client, world, state, there):
    today = timezone.localdate()
    b.make_leave(world.dourei)
    world.betsuka.left_on = today
    world.betsuka.save(update_fields=["left_on"])
    Posting.objects.filter(staff=world.betsuka).update(end=today)
    text = page(client, world.jinji, state=state) if state else page(client, world.jinji)
    names = {"在籍": world.honnin.name, "休職": world.dourei.name, "退職": world.betsuka.name}
    assert {word for word, name in names.items() if name in text} == set(there.split())


def test_leavers_are_found_by_where_they_were(client, world):
    today = timezone.localdate()
    world.betsuka.left_on = today
    world.betsuka.save(update_fields=["left_on"])
    Posting.objects.filter(staff=world.betsuka).update(end=today)
    assert world.betsuka.name in page(client, world.jinji, state="left", department=str(world.jinjika.uuid))
    assert world.betsuka.name not in page(client, world.jinji, state="left", department=str(world.ka.uuid))


def test_every_posting_is_shown(client, world):
    b.make_posting(world.honnin, world.kiban, kind="additional", position="主査")
    text = page(client, world.jinji, q=world.honnin.name)
    assert "兼務：基盤係　主査" in text
    assert world.kakari_dept.name in text


@pytest.mark.parametrize(
    "asked", [{"state": "nonsense"}, {"employment": "x"}, {"department": "x"}, {"page": "x"}]
)
def test_what_is_no_choice_asks_nothing(client, world, asked):
    assert world.honnin.name in page(client, world.jinji, **asked)


@pytest.mark.parametrize("who", ["kacho", "kansa", "honnin"])
def test_only_hr_chooses_people(client, world, who):
    assert 'name="person"' in page(client, world.jinji)
    assert 'name="person"' not in page(client, getattr(world, who))


@pytest.mark.parametrize("people", [3, 45])
def test_the_list_costs_the_same_at_any_size(client, world, django_assert_max_num_queries, people):
    for number in range(people):
        staff = b.make_staff(world.city, f"多田 {number}")
        b.make_posting(staff, world.kakari_dept)
        b.make_posting(staff, world.kiban, kind="additional")
    for who in (world.jinji, world.kacho):
        client.force_login(who, backend=BACKEND)
        with django_assert_max_num_queries(13):
            client.get("/people/", {"q": "多田", "department": str(world.ka.uuid), "position": "主査"})


def test_card_has_postings_and_leaves(client, world):
    b.make_posting(world.honnin, world.kiban, kind="additional", end=datetime.date(2025, 4, 1))
    b.make_posting(world.honnin, world.kiban, start=datetime.date(2099, 4, 1), kind="concurrent")
    b.make_leave(world.honnin, start=datetime.date(2024, 4, 1), end=datetime.date(2025, 4, 1))
    text = page(client, world.jinji, f"/people/{world.honnin.uuid}/")
    assert "兼務" in text
    assert "2025年3月31日" in text
    assert "育休" in text
    assert "これから" in text


def test_the_head_sees_the_card_but_not_the_edits(client, world):
    text = page(client, world.kacho, f"/people/{world.honnin.uuid}/")
    assert "発令を登録する" not in text
    assert "スキル履歴書を見る" in text


def test_the_auditor_sees_the_card_without_the_record(client, world):
    text = page(client, world.kansa, f"/people/{world.honnin.uuid}/")
    assert world.honnin.name in text
    assert "スキル履歴書を見る" not in text


def test_out_of_scope_is_404(client, world):
    client.force_login(world.kacho, backend=BACKEND)
    assert client.get(f"/people/{world.betsuka.uuid}/").status_code == 404


@pytest.mark.parametrize("url", ["/people/", "/accounts/"])
def test_control_characters_in_the_search_are_left_out(client, world, url):
    b.make_grant(world.jinji, Role.SYSADMIN)
    assert world.honnin.name in page(client, world.jinji, url, q=f"{world.honnin.name[0]}\x00")
