"""期待像: 人事 sets target steps of a 職位, copies those of another, and two save at once (P17c)."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from access.refusals import Forbidden, Invalid, NotVisible
from audit.models import Event
from competency.models import Profile
from competency.workflow import StaleProfile, load_profile, save_profile
from tests import builders as b

POLICY, ANALYSIS, TALKING = "security-policy.1", "internal-it.1", "communication.1"
LIST = reverse("competency:profiles")


def url(position, query=""):
    return reverse("competency:profile", args=[position.uuid]) + query


@pytest.fixture
def shunin(world):
    return b.make_position(world.city, "主任", rank=2)


def sent(world, version=0, **steps):
    """Return the form with a step for every cell, 0 unless named by code (dots as double underscores)."""
    named = {name.replace("__", ".").replace("_", "-"): step for name, step in steps.items()}
    return {"version": str(version)} | {
        f"target-{cell.code}": str(named.get(cell.code, 0)) for cell in world.cells
    }


def test_it_works(world, sign_in, shunin):
    client = sign_in("jinji")
    assert client.get(url(shunin)).status_code == 200
    answer = client.post(url(shunin), sent(world, security_policy__1=3, communication__1=2))
    assert (answer.status_code, answer["Location"]) == (302, LIST)
    assert load_profile(shunin) == ({POLICY: 3, TALKING: 2}, 1)
    event = Event.objects.get(action="profile.change")
    assert (event.object_uuid, event.data) == (shunin.uuid, {"cells": 2})
    answer = client.post(url(shunin), sent(world, 1, communication__1=4))
    assert answer.status_code == 302
    assert load_profile(shunin) == ({TALKING: 4}, 2)
    page = client.get(url(shunin)).content.decode()
    assert '<option value="4" selected>4 教えられる</option>' in page


def test_the_list_counts_the_cells_and_shows_retired_ones_apart(world, sign_in, shunin):
    b.make_profile(shunin, {POLICY: 3, TALKING: 2, "gone.1": 2})
    b.make_profile(b.make_position(world.city, "旧職", retired=True), {POLICY: 1})
    b.make_position(world.city, "部長", rank=1)
    page = sign_in("jinji").get(LIST)
    assert [(one.name, one.aimed) for one in page.context["positions"]] == [("部長", 0), ("主任", 2)]
    assert [(one.name, one.aimed) for one in page.context["retired"]] == [("旧職", 1)]
    text = page.content.decode()
    assert "2／6項目" in text
    assert "まだ決めていません" in text
    assert "評価ではありません" in text


def test_without_positions_the_way_to_the_table_is_shown(world, sign_in):
    text = sign_in("jinji").get(LIST).content.decode()
    assert f'<a href="{reverse("organization:positions")}">職位の表</a>に職位を入れると' in text


def test_the_targets_of_another_position_are_filled_in_and_nothing_is_written(world, sign_in, shunin):
    kakaricho = b.make_position(world.city, "係長")
    b.make_profile(kakaricho, {POLICY: 4})
    client = sign_in("jinji")
    assert f'<option value="{kakaricho.uuid}">係長</option>' in client.get(url(shunin)).content.decode()
    page = client.get(url(shunin, f"?copy={kakaricho.uuid}"))
    assert page.context["form"][f"target-{POLICY}"].value() == 4
    assert page.context["form"]["version"].value() == 0
    assert "「係長」の目標を入れました" in page.content.decode()
    assert not Profile.objects.filter(position=shunin).exists()


def test_only_a_position_of_ours_with_targets_can_be_copied(world, sign_in, shunin):
    foreign = b.make_position(world.other_city, "係長")
    b.make_profile(foreign, {POLICY: 4})
    client = sign_in("jinji")
    for copy in (foreign.uuid, uuid.uuid4(), "x", "", b.make_position(world.city, "空").uuid):
        assert client.get(url(shunin, f"?copy={copy}")).status_code == 404


@pytest.mark.parametrize("step", ["5", "-1", "x", ""])
def test_what_is_wrong_is_said_and_the_rest_is_kept(world, sign_in, shunin, step):
    form = sent(world, communication__1=2) | {f"target-{POLICY}": step}
    answer = sign_in("jinji").post(url(shunin), form)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "一覧から段階を選んでください。" in text
    assert f'href="#id_target-{POLICY}"' in text
    assert answer.context["form"][f"target-{TALKING}"].value() == "2"
    assert not Profile.objects.exists()


@pytest.mark.parametrize("version", ["", "x", "-1"])
def test_a_version_no_form_of_ours_sends(world, sign_in, shunin, version):
    assert sign_in("jinji").post(url(shunin), sent(world) | {"version": version}).status_code == 422


def test_of_two_who_save_the_second_sees_both(world, sign_in, shunin):
    client = sign_in("jinji")
    client.post(url(shunin), sent(world, security_policy__1=3, communication__1=2))
    answer = client.post(url(shunin), sent(world, security_policy__1=1, communication__1=2))
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "保存されている目標：3 独力でできる" in text
    assert text.count("保存されている目標：") == 1
    assert answer.context["form"][f"target-{POLICY}"].value() == "1"
    assert load_profile(shunin) == ({POLICY: 3, TALKING: 2}, 1)
    version = answer.context["form"]["version"].value()
    again = client.post(url(shunin), sent(world, version, security_policy__1=1, communication__1=2))
    assert again.status_code == 302
    assert load_profile(shunin) == ({POLICY: 1, TALKING: 2}, 2)


def test_a_second_click_is_no_conflict_and_nothing_is_nothing(world, sign_in, shunin):
    client = sign_in("jinji")
    assert client.post(url(shunin), sent(world)).status_code == 302
    assert not Profile.objects.exists()
    for _ in range(2):
        assert client.post(url(shunin), sent(world, security_policy__1=3)).status_code == 302
    assert Event.objects.filter(action="profile.change").count() == 1


def test_cells_of_another_version_keep_their_targets(world, sign_in, shunin):
    b.make_profile(shunin, {"gone.1": 2, POLICY: 1})
    sign_in("jinji").post(url(shunin), sent(world, 1, security_policy__1=2))
    assert load_profile(shunin) == ({"gone.1": 2, POLICY: 2}, 2)


@pytest.mark.parametrize("who", ["honnin", "kakari", "kacho", "bucho", "henshu", "kansa", "sysadmin"])
def test_nobody_else_does(world, sign_in, shunin, who):
    client = sign_in(who)
    assert client.get(LIST).status_code == 403
    assert client.get(url(shunin)).status_code == 403
    assert client.post(url(shunin), sent(world, security_policy__1=3)).status_code == 403
    assert not Profile.objects.exists()


def test_another_municipality_and_a_wrong_method(world, sign_in):
    foreign = b.make_position(world.other_city, "主任")
    client = sign_in("jinji")
    assert client.get(url(foreign)).status_code == 404
    assert client.post(url(foreign), sent(world)).status_code == 404
    assert client.get(reverse("competency:profile", args=[uuid.uuid4()])).status_code == 404
    assert client.put(url(foreign)).status_code == 405
    assert client.post(LIST).status_code == 405


def test_the_workflow_refuses_by_itself(world, shunin):
    now, jinji = timezone.now(), b.actor_of(world.jinji)
    foreign = b.make_position(world.other_city, "主任")
    common = {"version": 0, "now": now}
    with pytest.raises(NotVisible):
        save_profile(position=foreign, targets={POLICY: 1}, by=jinji, **common)
    with pytest.raises(Forbidden):
        save_profile(position=shunin, targets={POLICY: 1}, by=b.actor_of(world.kacho), **common)
    for targets in ({POLICY: 5}, {POLICY: -1}, {"gone.1": 1}):
        with pytest.raises(Invalid):
            save_profile(position=shunin, targets=targets, by=jinji, **common)
    assert save_profile(position=shunin, targets={POLICY: 1}, by=jinji, **common)
    assert not save_profile(position=shunin, targets={POLICY: 1}, by=jinji, **common)
    with pytest.raises(StaleProfile) as refusal:
        save_profile(position=shunin, targets={POLICY: 2}, by=jinji, **common)
    assert (refusal.value.stored, refusal.value.version) == ({POLICY: 1}, 1)
    with pytest.raises(StaleProfile):
        save_profile(position=shunin, targets={POLICY: 2}, by=jinji, version=7, now=now)


def test_without_a_published_matrix_there_is_a_sentence(sign_in, world, monkeypatch):
    monkeypatch.setattr("competency.lookups.versions_of", lambda request: [])
    position = b.make_position(world.city)
    assert "公開された体系がまだないため" in sign_in("jinji").get(url(position)).content.decode()


@pytest.mark.parametrize("size", [1, 30])
def test_queries(world, sign_in, django_assert_max_num_queries, size):
    made = [b.make_position(world.city, f"職位{number}") for number in range(size)]
    for position in made:
        b.make_profile(position, {POLICY: 2, TALKING: 3})
    client = sign_in("jinji")
    with django_assert_max_num_queries(12):
        client.get(LIST)
    with django_assert_max_num_queries(12):
        client.get(url(made[0]))
