"""Search of people and their cards (P01)."""

import datetime

import pytest
from django.utils import timezone

from access.actor import Role
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
