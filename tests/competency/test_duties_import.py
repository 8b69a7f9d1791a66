"""The catalogue of duties as a file: out, shown, and in again all or nothing (P17c)."""

import json

import pytest
import yaml
from django.urls import reverse
from django.utils import timezone

from access.actor import Role
from audit.models import Event
from competency.models import Duty
from competency.workflow import change_duty, values_of
from competency.workflow.duty_imports import catalogue_with_retired, file_duty
from tests import builders as b
from tests.competency.duty_records import has_duties, make_duty
from tests.competency.importing import apply, problems, told, upload
from tests.hostile import CELLS

FILE, IMPORT, LIST = (reverse(f"competency:duties_{name}") for name in ("file", "import", "import"))
POLICY, ANALYSIS = "security-policy.1", "internal-it.1"
HEADER = "符号,業務,種類,担い手の目安,業務の例,出典,項目コード,人数"


@pytest.fixture
def catalogue(world):
    """Return the world with two common duties, one of the city's own, and one of a department alone."""
    codes = [cell.code for cell in world.cells]
    world.plan = make_duty("計画", {codes[0]: 2}, code="plan", source="報告書")
    world.helpdesk = make_duty("問い合わせ", {codes[1]: 1, codes[0]: 1}, code="helpdesk", source="報告書")
    world.own = make_duty(
        "窓口の端末", {codes[0]: 1}, code="own-1", municipality=world.city, is_proposal=False
    )
    world.lone = make_duty("係だけの業務", code="lone", municipality=world.city, department=world.kakari_dept)
    world.codes = codes
    return world


def shape(client, **query):
    return yaml.safe_load(client.get(FILE, query).content)


def names(world):
    return [duty.name for duty in Duty.objects.catalogue_of(world.city.pk)]


@pytest.mark.parametrize("form", ["yaml", "json", "csv", "xlsx"])
def test_what_goes_out_comes_in_as_nothing_new(sign_in, catalogue, form):
    client = sign_in("jinji")
    answer = client.get(FILE, {"format": form})
    assert answer.status_code == 200
    page = upload(client, IMPORT, answer.content, f"duties.{form}", whole="on")
    assert page.status_code == 200, problems(page)
    assert page.context["plan"].is_empty
    assert page.context["plan"].same == 3
    assert page.context["signed"] == ""
    assert Event.objects.filter(action="duties.export", data={"rows": 3}).exists()


def test_dump_load_dump_is_the_same_in_another_municipality(sign_in, client, catalogue):
    city = sign_in("jinji")
    data = shape(city)
    data["duties"][0]["cells"][catalogue.codes[2]] = 5
    data["duties"].reverse()
    text = json.dumps(data, ensure_ascii=False)
    assert apply(city, IMPORT, upload(city, IMPORT, text, whole="on")).status_code == 302
    dumped = city.get(FILE).content
    b.make_grant(catalogue.yoso, Role.HR)
    neighbour = sign_in("yoso")
    page = upload(neighbour, IMPORT, dumped, whole="on")
    assert [code for code, _ in told(page)["新しい業務"]] == ["own-1"]
    assert apply(neighbour, IMPORT, page).status_code == 302
    assert neighbour.get(FILE).content == dumped
    # The common ones are as they were, for everybody else.
    assert [duty.version for duty in Duty.objects.filter(municipality__isnull=True)] == [1, 1]


def test_a_file_is_shown_before_it_is_taken(sign_in, catalogue):
    client = sign_in("jinji")
    plan = has_duties(catalogue.kakari_dept, 2026, catalogue.plan)
    text = (
        f"{HEADER}\n"
        f"plan,計画,共通業務,職員が従事すべき業務,,報告書,{catalogue.codes[0]},3\n"
        f"plan,,,,,,{catalogue.codes[1]},1\n"
        "new-1,𠮷野の業務,独自の業務,,例,,,\n"
    )
    page = upload(client, IMPORT, text, "duties.csv", whole="on")
    found = told(page)
    assert [code for code, _ in found["新しい業務"]] == ["new-1"]
    [(code, parts)] = found["変わる業務"]
    assert code == "plan"
    assert parts[0] == "担い手の目安：分類なし → 職員が従事すべき業務"
    assert [part.rpartition("：")[2] for part in parts[1:]] == ["2人 → 3人", "なし → 1人"]
    assert {code for code, _ in found["使わなくなる業務"]} == {"helpdesk", "own-1"}
    assert names(catalogue) == ["計画", "問い合わせ", "窓口の端末"]
    assert apply(client, IMPORT, page).status_code == 302
    assert names(catalogue) == ["計画", "𠮷野の業務"]
    copy = Duty.objects.get(municipality=catalogue.city, code="plan")
    assert (copy.based_on, copy.is_proposal) == (catalogue.plan, False)
    assert values_of(copy).demands == {catalogue.codes[0]: 3, catalogue.codes[1]: 1}
    assert plan.duties.get().duty == copy
    event = Event.objects.get(action="duties.import")
    assert event.data == {"rows": 2, "made": 1, "changed": 1, "retired": 2, "restored": 0}


def test_without_the_switch_nothing_is_taken_out(sign_in, catalogue):
    client = sign_in("jinji")
    text = json.dumps({"duties": [{"code": "n", "group": "own", "name": "新", "cells": {}}]})
    page = upload(client, IMPORT, text, "n.json")
    assert list(told(page)) == ["新しい業務"]
    apply(client, IMPORT, page)
    assert names(catalogue) == ["計画", "問い合わせ", "窓口の端末", "新"]


def test_a_duty_taken_out_comes_back(sign_in, catalogue):
    client = sign_in("jinji")
    data = shape(client)
    Duty.objects.filter(pk=catalogue.own.pk).update(retired=True)
    page = upload(client, IMPORT, json.dumps(data), "d.json")
    assert told(page) == {"もう一度使う業務": [("own-1", ())]}
    apply(client, IMPORT, page)
    assert "窓口の端末" in names(catalogue)


def test_the_same_click_twice_is_one_import(sign_in, catalogue):
    client = sign_in("jinji")
    page = upload(client, IMPORT, "duties: [{code: n, group: own, name: 新しい}]")
    apply(client, IMPORT, page)
    before = list(Duty.objects.values())
    assert apply(client, IMPORT, page).status_code == 302
    assert list(Duty.objects.values()) == before
    assert Event.objects.filter(action="duties.import").count() == 1


def test_what_somebody_changed_meanwhile_is_shown_first(sign_in, catalogue):
    client = sign_in("jinji")
    data = shape(client)
    data["duties"][2]["name"] = "端末"
    page = upload(client, IMPORT, json.dumps(data), "d.json")
    values = values_of(catalogue.own)
    change_duty(
        duty=catalogue.own, values=type(values)("ほかの人の名前", demands=values.demands), version=1,
        by=b.actor_of(catalogue.jinji), now=timezone.now(),
    )  # fmt: skip
    answer = apply(client, IMPORT, page)
    assert answer.status_code == 409
    assert told(answer)["変わる業務"] == [("own-1", ("業務：ほかの人の名前 → 端末",))]
    assert Duty.objects.get(pk=catalogue.own.pk).name == "ほかの人の名前"
    assert apply(client, IMPORT, answer).status_code == 302
    assert Duty.objects.get(pk=catalogue.own.pk).name == "端末"


@pytest.mark.parametrize("who", ["honnin", "kakari", "kacho", "henshu", "kansa", "sysadmin"])
def test_others_do_neither(sign_in, catalogue, who):
    client = sign_in(who)
    assert client.get(FILE).status_code == 403
    assert client.get(IMPORT).status_code == 403
    assert upload(client, IMPORT, "duties: []").status_code == 403


def test_what_one_person_was_shown_is_no_order_of_another(sign_in, catalogue):
    page = upload(sign_in("jinji"), IMPORT, "duties: [{code: n, group: own, name: 新しい}]")
    b.make_grant(catalogue.yoso, Role.HR)
    assert apply(sign_in("yoso"), IMPORT, page).status_code == 422
    assert not Duty.objects.filter(code="n").exists()


def test_a_bad_file_is_refused_whole_with_every_fault(sign_in, catalogue):
    client = sign_in("jinji")
    text = (
        "duties:\n"
        "- {code: n, group: own, name: 一, cells: {nowhere.1: 1}}\n"
        "- {code: n, group: 妙, name: 二}\n"
        "- {code: m, group: own, name: 3, cells: {}}\n"
        "- {code: o, group: own, name: 四, cells: [1]}\n"
    )
    page = upload(client, IMPORT, text)
    assert page.status_code == 422
    said = " ".join(problems(page)[1])
    for part in ("nowhere.1", "「n」が重複", "group は", "name は文字で", "cells に"):
        assert part in said, part
    assert not Duty.objects.filter(code="n").exists()
    page = upload(client, IMPORT, f"{HEADER}\nplan,計画,共通業務,,,,nowhere.1,2\n", "d.csv")
    assert problems(page)[0] == [(2, "項目コード")]


def test_a_code_of_a_single_department_is_not_taken(sign_in, catalogue):
    client = sign_in("jinji")
    page = upload(client, IMPORT, "duties: [{code: lone, group: own, name: 二つ目}]")
    assert page.status_code == 422
    page = upload(client, IMPORT, f"{HEADER}\nlone,二つ目,独自の業務,,,,,\n", "d.csv")
    assert page.status_code == 422


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("d.yaml", b""),
        ("d.yaml", b"\xff\xfe"),
        ("d.yaml", b"duties: &a [*a]"),
        ("d.yaml", b"[" * 5000),
        ("d.json", b'{"duties": 1'),
        ("d.json", b'{"duties": [1, null, "x", []]}'),
        ("d.yaml", b"a: " + b"x" * 1_000_001),
        ("d.csv", b""),
        ("d.xlsx", b"PK\x03\x04 broken"),
        ("d.csv", (HEADER + "\n" + "plan,a,own,,,,,\n" * 5001).encode()),
        ("d.json", json.dumps({"duties": [{"code": f"c{n}", "group": "own", "name": "x"} for n in range(201)]}).encode()),
    ],
)  # fmt: skip
def test_damaged_and_overlarge_files_are_refused(sign_in, catalogue, name, content):
    before = Duty.objects.count()
    page = upload(sign_in("jinji"), IMPORT, content, name)
    assert page.status_code == 422
    assert Duty.objects.count() == before


def test_hostile_text_is_kept_as_it_is_or_refused_and_shown_as_text(sign_in, catalogue):
    client = sign_in("jinji")
    rows = [
        {"code": f"c{at}", "group": "own", "name": cell, "examples": cell, "cells": {}}
        for at, cell in enumerate(CELLS)
        if 0 < len(cell.strip()) <= 80 and not set(cell) & {chr(13), chr(9)}
    ]
    page = upload(client, IMPORT, json.dumps({"duties": rows}), "d.json")
    assert page.status_code == 200, problems(page)
    assert "<script>alert(1)" not in page.content.decode()
    apply(client, IMPORT, page)
    stored = {duty.code: duty.name for duty in Duty.objects.filter(municipality=catalogue.city)}
    assert {row["code"]: row["name"].strip() for row in rows}.items() <= stored.items()
    for form in ("xlsx", "csv", "yaml"):
        out = client.get(FILE, {"format": form}).content
        assert upload(client, IMPORT, out, f"d.{form}", whole="on").context["plan"].is_empty, form


def test_an_unknown_form_is_refused(sign_in, catalogue):
    assert sign_in("jinji").get(FILE, {"format": "exe"}).status_code == 422


def test_the_queries_do_not_grow_with_the_catalogue(sign_in, catalogue, django_assert_max_num_queries):
    client = sign_in("jinji")
    counted = []
    for more in (1, 30):
        for number in range(more):
            make_duty(f"業務{more}-{number}", {catalogue.codes[0]: 1})
        rows = [file_duty(duty).code for duty in catalogue_with_retired(catalogue.city.pk)]
        data = shape(client)
        assert len(rows) == len(data["duties"])
        for each in data["duties"]:
            each["name"] = "別の" + each["name"]
        with django_assert_max_num_queries(15) as queries:
            upload(client, IMPORT, json.dumps(data), "d.json")
        counted.append(len(queries))
    assert counted[0] == counted[1]
