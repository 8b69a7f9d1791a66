"""The file of common duties: read, refused with everything that is wrong, and loaded again and again."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.models import Event
from competency import duty_file
from competency.duty_file import DutyFileError, parse_duties
from competency.models import DepartmentDuty, Duty, DutyDemand
from competency.workflow import Loaded, load_duties
from tests import builders as b

SHIPPED = Path(duty_file.__file__).parent / "data" / "duties.yaml"
MATRIX = SHIPPED.parent / "lasdec-2012.yaml"
KNOWN = {"a.1", "b.1"}
GOOD = """
sources: {common: ある本}
duties:
  - {code: plan, group: common, name: 計画, cells: {a.1: 2}}
  - {code: net, group: single, suited: outsource, name: 網, examples: [配線, 保守], cells: {b.1: 1}}
"""


def errors(text):
    with pytest.raises(DutyFileError) as refusal:
        parse_duties(text, KNOWN)
    return refusal.value.errors


def load(text):
    return load_duties(duties=parse_duties(text, KNOWN), now=timezone.now())


def test_a_file_is_read():
    plan, net = parse_duties(GOOD, KNOWN)
    assert (plan.code, plan.group, plan.name, plan.source, plan.cells) == (
        "plan",
        "common",
        "計画",
        "ある本",
        {"a.1": 2},
    )
    assert (net.suited, net.examples, net.source) == ("outsource", "配線、保守", "")


def test_everything_wrong_is_said_at_once():
    found = errors(
        """
duties:
  - {code: plan, group: common, name: 計画, cells: {x.9: 2, a.1: 0}}
  - {code: plan, group: other, name: 網, cells: {}, colour: red}
  - {code: net, group: role, suited: nobody, cells: {a.1: true}}
"""
    )
    text = "\n".join(found)
    for sentence in (
        "「plan」：項目コード「x.9」は、読み込まれている体系にありません。",
        "「plan」：項目「a.1」の人数は1から99までの数で書いてください。",
        "code「plan」が重複しています。",
        "知らないキーがあります（colour）。",
        "group は common、role、single のどれか",
        "suited は staff、outsource のどれか",
        "name がありません。",
        "cells に項目コードと人数の組を1つ以上",
    ):
        assert sentence in text
    assert len(found) == 9


@pytest.mark.parametrize(
    "text", ["", "[]", "duties: []", "duties: 3", "duties: [1]", "{", "a: &x 1\nb: *x", "\0"]
)
def test_what_is_no_such_file_is_a_sentence(text):
    assert errors(text)


def test_the_widths_are_those_of_the_columns():
    widths = {name: Duty._meta.get_field(name).max_length for name in ("name", "examples", "source")}
    assert widths == {
        "name": duty_file.MAX_NAME,
        "examples": duty_file.MAX_EXAMPLES,
        "source": duty_file.MAX_SOURCE,
    }
    assert set(duty_file.GROUPS) | {"own"} == set(Duty.Group.values)
    assert set(duty_file.SUITED) | {""} == set(Duty.Suited.values)


@pytest.mark.django_db
def test_loading_again_changes_nothing_and_says_so():
    call_command("load_framework", str(MATRIX), stdout=io.StringIO())
    said = io.StringIO()
    call_command("load_duties", str(SHIPPED), stdout=said)
    call_command("load_duties", str(SHIPPED), stdout=said)
    assert said.getvalue().splitlines() == [
        "共通の業務 16件：追加16件。",
        "共通の業務 16件：変わりありません。",
    ]
    assert Duty.objects.filter(municipality__isnull=True, is_proposal=True).count() == 16
    assert Duty.objects.filter(group="common").count() == 6
    assert Duty.objects.filter(group="role").exclude(examples="").count() == 3
    assert not Duty.objects.filter(source="").exists()
    # Every one of the 17 is asked for by some duty, by no more people than a department of eight has halves.
    assert DutyDemand.objects.values("cell_code").distinct().count() == 17
    assert set(DutyDemand.objects.values_list("holders", flat=True)) == {1, 2, 3, 4}
    assert Event.objects.filter(action="duty.load").count() == 1


@pytest.mark.django_db
def test_rows_are_matched_by_code_and_what_is_gone_is_retired():
    assert load(GOOD) == Loaded(made=2)
    before = dict(Duty.objects.values_list("code", "pk"))
    changed = GOOD.replace("{a.1: 2}", "{a.1: 3, b.1: 1}").replace("code: net", "code: wires")
    assert load(changed) == Loaded(made=1, changed=1, retired=1)
    plan = Duty.objects.get(code="plan")
    assert (plan.pk, plan.version) == (before["plan"], 2)
    assert dict(plan.demands.values_list("cell_code", "holders")) == {"a.1": 3, "b.1": 1}
    assert Duty.objects.get(code="net").retired
    assert load(GOOD) == Loaded(made=0, changed=2, retired=1)
    assert dict(plan.demands.values_list("cell_code", "holders")) == {"a.1": 2}


@pytest.mark.django_db
def test_what_a_municipality_has_made_its_own_stays():
    load(GOOD)
    city = b.make_municipality()
    common = Duty.objects.get(code="plan")
    Duty.objects.create(
        municipality=city, based_on=common, code="plan", name="わが市の計画", is_proposal=False
    )
    load(GOOD.replace("name: 計画", "name: 新しい計画"))
    assert sorted(Duty.objects.values_list("name", flat=True)) == ["わが市の計画", "新しい計画", "網"]
    assert not DepartmentDuty.objects.exists()


@pytest.mark.django_db
def test_the_command_says_what_to_do(tmp_path):
    with pytest.raises(CommandError, match="先に load_framework"):
        call_command("load_duties", str(SHIPPED))
    call_command("load_framework", str(MATRIX), stdout=io.StringIO())
    with pytest.raises(CommandError, match="開けません"):
        call_command("load_duties", str(tmp_path / "nowhere.yaml"))
    bad = tmp_path / "bad.yaml"
    bad.write_bytes(b"\xff")
    with pytest.raises(CommandError, match="UTF-8"):
        call_command("load_duties", str(bad))
    bad.write_text(GOOD, "utf-8")
    with pytest.raises(CommandError, match="読み込まれている体系にありません"):
        call_command("load_duties", str(bad))
    assert not Duty.objects.exists()
