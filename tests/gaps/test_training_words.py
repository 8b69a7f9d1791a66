"""What the page of the training proposal says: to bad questions, to useless places, and where there is nothing to propose."""

import pytest

from tests import builders as b
from tests.gaps.records import ANALYSIS, POLICY, confirmed, need
from tests.gaps.training_pages import lines, posted, url


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"places": "0"}, "1から99までの数を入れてください。"),
        ({"places": "三"}, "1から99までの数を入れてください。"),
        ({"places": "3", "most": "10"}, "1から9までの数を入れてください。"),
        ({"budget": "100000"}, "1枠の費用も入れてください。"),
        ({"places": ""}, "研修枠の数か、予算と1枠の費用を入れてください。"),
        ({"budget": "9999999999", "price": "1"}, "0から2,000,000,000までの数を入れてください。"),
    ],
)
def test_a_question_that_is_none(sign_in, office, asked, told):
    page = sign_in("kacho").get(url(office.ka, **asked))
    assert page.status_code == 422
    assert told in page.content.decode()
    assert page.context["plan"] is None


def test_a_budget_bounds_the_places(sign_in, office):
    client = sign_in("kacho")
    page = client.get(url(office.ka, budget="120,000円", price="５００００"))
    assert len(lines(page)) == 2
    assert len(lines(client.get(url(office.ka, budget="120000", price="50000", places="1")))) == 1
    poor = client.get(url(office.ka, budget="1", price="50000"))
    assert poor.context["sentence"] == "この予算では、1枠もとれません。"
    assert poor.context["plan"] is None


def test_more_places_than_there_is_use_for(sign_in, office):
    page = sign_in("kacho").get(url(office.ka, places=9))
    assert page.context["sentence"].endswith("残りの5枠を使っても、充足状況はこれ以上変わりません。")
    assert "不在が1項目" in page.context["sentence"]


def test_a_share_a_person(sign_in, office):
    page = sign_in("kacho").get(url(office.ka, places=9, most=1))
    people = [who for _, who in lines(page)]
    assert len(people) == len(set(people))


def test_places_that_change_nothing(sign_in, office):
    need(office.kiban, office.cycle, {POLICY: 9})
    third = b.make_staff(office.city, "三木 葵")
    b.make_posting(third, office.kiban)
    for person, step in ((office.henshu, 3), (office.sysadmin, 3), (third, 2)):
        confirmed(person, office.cycle, {POLICY: step})
    page = sign_in("kacho").get(url(office.kiban, places=1))
    assert page.context["sentence"].startswith("1枠では、充足状況が変わる項目がありません。")
    assert page.context["plan"] is None


def test_text_instead_of_an_empty_chart(sign_in, world):
    client = sign_in("kacho")
    assert client.get(url(world.ka, places=3)).context["obstacle"].startswith("必要人数が未設定です。")
    need(world.ka, world.cycle, {POLICY: 1})
    assert (
        client.get(url(world.ka, places=3)).context["obstacle"]
        == "育成で届く人がいません（2段階以内の人がいない）。"
    )
    confirmed(world.kakari, world.cycle, {POLICY: 3})
    confirmed(world.kacho, world.cycle, {POLICY: 3})
    page = client.get(url(world.ka, places=3))
    assert page.context["obstacle"] == "足りない項目はありません。"
    assert page.context["chart"] is None
    need(world.kiban, world.cycle, {cell.code: 0 for cell in world.cells})
    assert client.get(url(world.kiban)).context["obstacle"] == "今年度は、どの項目も対象外です。"
    empty = b.make_department(world.city, "空の係", parent=world.ka)
    assert client.get(url(empty, places=3)).context["obstacle"] == "この日に数える職員がいません。"


def test_everybody_near_is_in_training_already(sign_in, world):
    confirmed(world.honnin, world.cycle, {POLICY: 2})
    need(world.ka, world.cycle, {POLICY: 1})
    client = sign_in("kacho")
    page = client.get(url(world.ka, places=1))
    client.post(url(world.ka), posted(page))
    page = client.get(url(world.ka, places=1))
    assert page.context["obstacle"] == "育成で届く人は、もう全員が育成中です。"


def test_a_department_of_one(sign_in, world):
    alone = b.make_department(world.city, "一人係", parent=world.ka)
    person = b.make_staff(world.city, "一人 静")
    b.make_posting(person, alone)
    confirmed(person, world.cycle, {POLICY: 2, ANALYSIS: 3})
    need(alone, world.cycle, {POLICY: 1, ANALYSIS: 1})
    page = sign_in("kacho").get(url(alone, places=3))
    assert page.context["sentence"].startswith(
        "1枠で、不在が1項目なくなります。不在だった1項目は、1人体制になります。"
    )
