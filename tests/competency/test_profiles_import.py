"""期待像 as a file: out, shown, and in again all or nothing (P17c)."""

import json

import pytest
import yaml
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from access.actor import Role
from audit.models import Event
from competency.models import ProfileTarget
from competency.profile_file import (
    HEADER,
    MAX_POSITION,
    FileProfile,
    dump_profiles,
    parse_profile_table,
    parse_profiles,
    preview,
    profile_rows,
)
from competency.workflow import load_profile, save_profile
from lib.tabular import read_table, write_csv
from organization.models import Position
from tests import builders as b
from tests.competency.importing import apply, problems, told, upload

FILE, IMPORT = reverse("competency:profiles_file"), reverse("competency:profiles_import")
POLICY, ANALYSIS, TALKING = "security-policy.1", "internal-it.1", "communication.1"
CELLS = [POLICY, ANALYSIS, TALKING, "gone.1"]
NAMES = ["主任", "係長", "課長", "=1+1", "髙い職"]
PROFILES = st.lists(
    st.builds(
        FileProfile, st.sampled_from(NAMES), st.dictionaries(st.sampled_from(CELLS), st.integers(1, 4))
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda one: one.position,
)


@given(PROFILES)
def test_every_form_gives_back_what_was_written(profiles):
    shape = dump_profiles(profiles)
    assert parse_profiles(json.dumps(shape), CELLS, NAMES) == profiles
    assert (
        parse_profiles(yaml.safe_dump(shape, allow_unicode=True, sort_keys=False), CELLS, NAMES) == profiles
    )
    content = b"".join(write_csv(HEADER, profile_rows(profiles, {POLICY: "名前"})))
    assert parse_profile_table(read_table(content, "p.csv"), CELLS, NAMES) == profiles


@given(PROFILES, PROFILES)
def test_a_preview_accounts_for_every_position(before, after):
    stored = {one.position: one.targets for one in before}
    plan = preview(stored, after, {})
    named = [change.name for group in plan.groups for change in group.changes]
    assert len(named) == len(set(named))
    assert len(named) + plan.same == len(after)
    assert preview({one.position: one.targets for one in after}, after, {}).is_empty


def test_the_width_is_that_of_the_model():
    assert Position._meta.get_field("name").max_length == MAX_POSITION


@pytest.fixture
def table(world):
    """Return the world with three 職位, two of them with targets."""
    world.shunin = b.make_position(world.city, "主任", rank=2)
    world.kakaricho = b.make_position(world.city, "係長", rank=1)
    world.bucho_position = b.make_position(world.city, "部長", rank=0)
    b.make_profile(world.shunin, {POLICY: 3, TALKING: 2})
    b.make_profile(world.kakaricho, {POLICY: 4, "gone.1": 2})
    return world


@pytest.mark.parametrize("form", ["yaml", "json", "csv", "xlsx"])
def test_what_goes_out_comes_in_as_nothing_new(sign_in, table, form):
    client = sign_in("jinji")
    page = upload(client, IMPORT, client.get(FILE, {"format": form}).content, f"p.{form}")
    assert page.status_code == 200, problems(page)
    assert page.context["plan"].is_empty
    assert page.context["plan"].same == 3
    assert Event.objects.filter(action="profiles.export", data={"rows": 3}).exists()


def test_dump_load_dump_is_the_same(sign_in, table):
    client = sign_in("jinji")
    dumped = client.get(FILE).content
    ProfileTarget.objects.exclude(cell_code="gone.1").delete()
    page = upload(client, IMPORT, dumped)
    assert apply(client, IMPORT, page).status_code == 302
    assert client.get(FILE).content == dumped


def test_a_file_is_shown_before_it_is_taken(sign_in, table):
    client = sign_in("jinji")
    text = f"職位,項目コード,項目,目標\n主任,{POLICY},何か,2\n主任,{ANALYSIS},,1\n部長,{POLICY},,4\n係長,,,\n"
    page = upload(client, IMPORT, text, "p.csv")
    found = told(page)
    assert [name for name, _ in found["初めて決める職位"]] == ["部長"]
    [(name, parts)] = found["変わる職位"]
    assert name == "主任"
    assert [part.rpartition("：")[2] for part in parts] == ["3 → 2", "なし → 1", "2 → なし"]
    assert [name for name, _ in found["目標がなくなる職位"]] == ["係長"]
    assert load_profile(table.shunin) == ({POLICY: 3, TALKING: 2}, 1)
    assert apply(client, IMPORT, page).status_code == 302
    assert load_profile(table.shunin) == ({POLICY: 2, ANALYSIS: 1}, 2)
    assert load_profile(table.kakaricho)[0] == {}
    assert load_profile(table.bucho_position) == ({POLICY: 4}, 1)
    assert Event.objects.get(action="profiles.import").data == {"positions": 3, "cells": 6}


def test_the_same_click_twice_is_one_import(sign_in, table):
    client = sign_in("jinji")
    page = upload(client, IMPORT, f"profiles: [{{position: 部長, targets: {{{POLICY}: 1}}}}]")
    apply(client, IMPORT, page)
    assert apply(client, IMPORT, page).status_code == 302
    assert load_profile(table.bucho_position) == ({POLICY: 1}, 1)
    assert Event.objects.filter(action="profiles.import").count() == 1


def test_what_somebody_saved_meanwhile_is_shown_first(sign_in, table):
    client = sign_in("jinji")
    page = upload(client, IMPORT, f"profiles: [{{position: 主任, targets: {{{POLICY}: 1}}}}]")
    save_profile(
        position=table.shunin, targets={POLICY: 4}, version=1, by=b.actor_of(table.jinji), now=timezone.now()
    )
    answer = apply(client, IMPORT, page)
    assert answer.status_code == 409
    assert told(answer)["変わる職位"][0][1][0].endswith("：4 → 1")
    assert load_profile(table.shunin)[0][POLICY] == 4
    assert apply(client, IMPORT, answer).status_code == 302
    assert load_profile(table.shunin)[0] == {POLICY: 1}


def test_a_position_renamed_meanwhile_refuses_the_file(sign_in, table):
    client = sign_in("jinji")
    page = upload(client, IMPORT, f"profiles: [{{position: 主任, targets: {{{POLICY}: 1}}}}]")
    Position.objects.filter(pk=table.shunin.pk).update(name="主任級")
    answer = apply(client, IMPORT, page)
    assert answer.status_code == 409
    assert "職位の表に、この職位はありません" in answer.content.decode()
    assert load_profile(table.shunin)[1] == 1


def test_every_fault_is_said(sign_in, table):
    client = sign_in("jinji")
    text = (
        "職位,項目コード,目標\n"
        f"主任,{POLICY},5\n主任,{POLICY},2\n主任,nowhere.1,２\n,{POLICY},1\n社長,{POLICY},1\n係長,,\n係長,,\n"
    )
    page = upload(client, IMPORT, text, "p.csv")
    assert page.status_code == 422
    assert problems(page)[0] == [
        (2, "目標"), (3, "項目コード"), (4, "項目コード"), (4, "目標"), (5, "職位"), (6, "職位"), (8, "項目コード"),
    ]  # fmt: skip
    said = problems(upload(client, IMPORT, (
        "profiles:\n- {position: 主任, targets: {nowhere.1: 1}}\n- {position: 主任, targets: {}}\n"
        "- {position: 社長, targets: []}\n- {position: 係長, steps: 3}\n"
        f"- {{position: 部長, targets: {{{POLICY}: true, {TALKING}: 0}}}}\n"
    )))[1]  # fmt: skip
    for part in ("nowhere.1", "2回", "この職位はありません", "targets は", "知らないキー", POLICY, TALKING):
        assert any(part in sentence for sentence in said), part


@pytest.mark.parametrize("who", ["honnin", "kakari", "kacho", "henshu", "kansa", "sysadmin"])
def test_others_do_neither(sign_in, table, who):
    client = sign_in(who)
    assert client.get(FILE).status_code == 403
    assert client.get(IMPORT).status_code == 403
    assert upload(client, IMPORT, "profiles: []").status_code == 403


def test_another_municipality_has_its_own(sign_in, table):
    b.make_grant(table.yoso, Role.HR)
    client = sign_in("yoso")
    assert "主任" not in client.get(FILE).content.decode()
    page = upload(client, IMPORT, f"profiles: [{{position: 主任, targets: {{{POLICY}: 1}}}}]")
    assert page.status_code == 422


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.yaml", b""),
        ("p.json", b"[]"),
        ("p.yaml", b"profiles: 5"),
        ("p.yaml", b"\x00"),
        ("p.csv", "職位,項目コード\n主任,a\n".encode()),
        ("p.csv", ("職位,項目コード,目標\n" + "主任,a,1\n" * 5001).encode()),
        ("p.xlsx", b"not excel"),
    ],
)
def test_damaged_files_are_refused(sign_in, table, name, content):
    assert upload(sign_in("jinji"), IMPORT, content, name).status_code == 422


def test_the_queries_do_not_grow(sign_in, table, django_assert_max_num_queries):
    client = sign_in("jinji")
    counted = []
    for more in (1, 20):
        for number in range(more):
            b.make_profile(b.make_position(table.city, f"職位{more}-{number}"), {POLICY: 2})
        data = yaml.safe_load(client.get(FILE).content)
        for each in data["profiles"]:
            each["targets"] = {POLICY: 1}
        with django_assert_max_num_queries(15) as queries:
            upload(client, IMPORT, json.dumps(data), "p.json")
        counted.append(len(queries))
    assert counted[0] == counted[1]
