"""A kept scenario: saved, changed, shared, thrown away, and who sees it (P18)."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from access.refusals import Forbidden, Invalid, NotVisible
from audit.models import Event
from gaps.models import Scenario, ScenarioMove, ScenarioStep
from gaps.workflow import (
    MoveValues,
    ScenarioValues,
    StaleScenario,
    change_scenario,
    delete_scenario,
)
from organization.models import Posting
from organization.models.position import LineRole
from tests import builders as b
from tests.gaps.records import POLICY, confirmed
from tests.gaps.scenarios import COMPARE, LIST, NEW, at, keep, leaving, new, sent


def test_kept_changed_and_thrown_away(sign_in, section, day):
    client = sign_in("kacho")
    form = sent(day, leave=[section.kakari], do="save", name="４月の案", note="内示の前", shared="on")
    form |= {f"reason-{section.kakari.uuid}": "retirement", "new-2": "on", f"step-2-{POLICY}": "2"}
    answer = client.post(new(section.ka), form)
    stored = Scenario.objects.get()
    assert answer["Location"] == at(stored)
    assert (stored.name, stored.on, stored.shared, stored.author) == ("４月の案", day, True, section.kacho)
    moves = list(stored.moves.values_list("kind", "staff_id", "reason", "label"))
    assert moves == [
        ("leave", section.kakari.pk, "retirement", ""), ("join", None, "", "新規採用・配属 2人目"),
    ]  # fmt: skip
    assert list(ScenarioStep.objects.values_list("cell_code", "step")) == [(POLICY, 2)]
    event = Event.objects.get(action="scenario.save")
    assert event.data == {"leaving": 1, "joining": 1, "shared": True}
    assert event.subject_uuid is None
    # The same click again.
    assert client.post(new(section.ka), form)["Location"] == at(stored)
    assert Scenario.objects.count() == 1
    page = client.get(at(stored))
    assert page.context["sentence"].startswith("1人が抜けて1人が入ると、")
    assert [(row.person.name, row.reason) for row in page.context["leavers"] if row.checked] == [
        ("𠮷田 由紀子", "retirement")
    ]
    # Tried on the page of the scenario: nothing changes.
    client.post(at(stored), sent(day, leave=[section.dourei], version="1"))
    assert ScenarioMove.objects.filter(staff=section.kakari).exists()
    changed = client.post(
        at(stored), sent(day, leave=[section.dourei], do="save", name="別の案", version="1")
    )
    assert changed.status_code == 302
    stored.refresh_from_db()
    assert (stored.name, stored.shared, stored.version) == ("別の案", False, 2)
    assert list(stored.moves.values_list("staff_id", flat=True)) == [section.dourei.pk]
    assert client.post(at(stored), {"do": "delete", "version": "2"})["Location"] == reverse(LIST)
    assert not Scenario.objects.exists()
    assert not ScenarioMove.objects.exists()
    assert list(Event.objects.filter(action__startswith="scenario").values_list("action", flat=True)) == [
        "scenario.save", "scenario.change", "scenario.delete",
    ]  # fmt: skip


def test_an_old_version_comes_back_with_both(sign_in, section, day):
    stored = keep(section.ka, day, leaving(section.kakari), by=section.kacho)
    client = sign_in("kacho")
    client.post(at(stored), sent(day, leave=[section.kakari], do="save", name="先に", version="1"))
    late = client.post(at(stored), sent(day, leave=[section.dourei], do="save", name="後から", version="1"))
    text = late.content.decode()
    assert late.status_code == 409
    assert 'value="後から"' in text
    assert "保存されている内容：「先に」" in text
    assert [row.person.name for row in late.context["leavers"] if row.checked] == ["小林 健"]
    version = late.context["form"]["version"].value()
    again = client.post(
        at(stored), sent(day, leave=[section.dourei], do="save", name="後から", version=version)
    )
    assert again.status_code == 302
    assert client.post(at(stored), {"do": "delete", "version": "1"}).status_code == 409
    assert client.post(at(stored), {"do": "delete", "version": "x"}).status_code == 422
    assert Scenario.objects.get().name == "後から"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "案の名前を入力してください"),
        ({"name": "長" * 61}, "60"),
        ({"note": "長" * 401}, "400"),
        ({"leave": []}, "抜ける人か入る人を、1人以上選んでください。"),
    ],
)
def test_what_cannot_be_kept_is_said(sign_in, section, day, change, message):
    form = sent(day, leave=[section.kakari], do="save", name="案") | change
    answer = sign_in("kacho").post(new(section.ka), form)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not Scenario.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"),
    [("honnin", 403), ("henshu", 403), ("kansa", 403), ("sysadmin", 403), ("kakari", 404), ("jinji", 404)],
)
def test_a_scenario_of_ones_own_is_nobody_elses(sign_in, section, day, who, status):
    stored = keep(section.ka, day, leaving(section.dourei), by=section.kacho)
    client = sign_in(who)
    assert client.get(at(stored)).status_code == status
    assert client.post(at(stored), {"do": "delete", "version": "1"}).status_code == status
    assert Scenario.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("honnin", 403), ("henshu", 403), ("betsuka", 403)])
def test_who_may_not_try(sign_in, section, who, status):
    assert sign_in(who).get(new(section.kakari_dept)).status_code == status
    assert sign_in(who).get(reverse(LIST)).status_code == status


def test_a_department_that_is_not_led(sign_in, section, day):
    client = sign_in("kakari")
    assert client.get(new(section.jinjika)).status_code == 404
    assert client.get(f"{reverse(NEW)}?department=x").status_code == 404
    b.make_posting(section.kakari, section.soumu, kind="additional")
    assert client.get(new(section.soumu)).status_code == 403
    assert client.post(new(section.soumu), sent(day)).status_code == 403
    assert sign_in("jinji").get(new(section.foreign_department)).status_code == 404


def test_shared_with_hr_and_the_line_but_never_with_whom_it_moves(sign_in, section, day):
    stored = keep(section.kakari_dept, day, leaving(section.kakari), by=section.kacho, shared=True)
    page = sign_in("jinji").get(at(stored))
    assert page.status_code == 200
    assert "作った髙橋 誠一さんと、この所属を所管する上司と、人事だけが見ます" in page.content.decode()
    assert sign_in("bucho").get(at(stored)).status_code == 200
    concerned = sign_in("kakari")
    assert concerned.get(at(stored)).status_code == 404
    assert stored.name not in concerned.get(reverse(LIST)).content.decode()
    # Others may copy it, not change it.
    desk = sign_in("jinji")
    form = sent(day, leave=[section.kakari], do="save", name="写し", version="1")
    assert desk.post(at(stored), form).status_code == 403
    assert desk.post(at(stored), {"do": "delete", "version": "1"}).status_code == 403
    assert desk.post(new(section.kakari_dept), form).status_code == 302
    assert Scenario.objects.get(name="写し").author == section.jinji


def test_a_former_head_no_longer_sees_their_own(sign_in, section, day, today):
    stored = keep(section.ka, day, leaving(section.dourei), by=section.kacho)
    Posting.objects.filter(staff=section.kacho).update(end=today)
    b.make_posting(section.kacho, section.jinjika, start=today, line_role=LineRole.HEAD)
    client = sign_in("kacho")
    assert client.get(at(stored)).status_code == 404
    assert stored.name not in client.get(reverse(LIST)).content.decode()


def test_somebody_out_of_sight_is_neither_named_nor_counted(sign_in, section, day):
    confirmed(section.betsuka, section.cycle, {POLICY: 3})
    coming = MoveValues("join", section.betsuka.pk)
    stored = keep(section.ka, day, leaving(section.dourei), coming, by=section.jinji, shared=True)
    other = keep(section.ka, day, leaving(section.dourei), by=section.jinji, shared=True, name="もう一つ")
    assert "森 健太" in sign_in("jinji").get(at(stored)).content.decode()
    client = sign_in("kacho")
    page = client.get(at(stored))
    text = page.content.decode()
    assert "森 健太" not in text
    assert str(section.betsuka.uuid) not in text
    assert "いまは見られない職員がいます" in text
    assert page.context["result"]["matrix"][0].tiles[0].count == "1"
    compared = client.get(reverse(COMPARE), {"s": [str(stored.uuid), str(other.uuid)]}).content.decode()
    assert "森 健太" not in compared
    assert "いまは見られない職員" in compared


def test_somebody_who_has_gone_is_out_of_the_sum(sign_in, section, day, today):
    stored = keep(section.kakari_dept, day, leaving(section.dourei), by=section.kacho)
    Posting.objects.filter(staff=section.dourei).update(end=today)
    b.make_posting(section.dourei, section.kiban, start=today)
    text = sign_in("kacho").get(at(stored)).content.decode()
    assert "すでにいない職員：小林 健" in text
    Posting.objects.filter(staff=section.dourei, start=today).delete()
    b.make_posting(section.dourei, section.jinjika, start=today)
    text = sign_in("kacho").get(at(stored)).content.decode()
    assert "小林 健" not in text
    assert "いまは見られない職員" in text


def test_the_workflow_asks_for_itself(section, day):
    with pytest.raises(Forbidden):
        keep(section.ka, day, leaving(section.dourei), by=section.kakari)
    with pytest.raises(NotVisible):
        keep(section.foreign_department, day, leaving(section.dourei), by=section.jinji)
    for move in (
        leaving(section.betsuka),
        leaving(section.yoso),
        MoveValues("join", section.betsuka.pk),
        MoveValues("join", section.yoso.pk),
    ):
        with pytest.raises(NotVisible):
            keep(section.ka, day, move, by=section.kacho)
    for moves in (
        [MoveValues("leave", None, "transfer", "だれか")],
        [MoveValues("leave", section.dourei.pk)],
        [MoveValues("leave", section.dourei.pk, "holiday")],
        [MoveValues("join", section.dourei.pk, "transfer")],
        [MoveValues("join")],
        [MoveValues("join", label="人", steps={POLICY: 5})],
        [MoveValues("sideways", section.dourei.pk)],
        [leaving(section.dourei), MoveValues("join", section.dourei.pk)],
        [MoveValues("join", label="人")] * 4,
    ):
        with pytest.raises(Invalid):
            keep(section.ka, day, *moves, by=section.kacho)
    with pytest.raises(Invalid):
        keep(section.ka, day, leaving(section.dourei), by=section.kacho, name=" ")
    assert not Scenario.objects.exists()


def test_the_same_key_keeps_one(section, day):
    key = uuid.uuid4()
    first = keep(section.ka, day, leaving(section.dourei), by=section.kacho, key=key)
    assert keep(section.ka, day, leaving(section.kakari), by=section.kacho, key=key) == first
    with pytest.raises(Invalid):
        keep(section.kakari_dept, day, leaving(section.dourei), by=section.kacho, key=key)


def test_only_whoever_made_it_changes_it(section, day):
    stored = keep(section.ka, day, leaving(section.dourei), by=section.kacho, shared=True)
    values, now = ScenarioValues("案", day, moves=(leaving(section.dourei),)), timezone.now()
    for who in (section.jinji, section.bucho):
        with pytest.raises(Forbidden):
            change_scenario(scenario=stored, values=values, version=1, by=b.actor_of(who), now=now)
        with pytest.raises(Forbidden):
            delete_scenario(scenario=stored, version=1, by=b.actor_of(who), now=now)
    by = b.actor_of(section.kacho)
    assert change_scenario(scenario=stored, values=values, version=1, by=by, now=now).version == 2
    with pytest.raises(StaleScenario):
        change_scenario(scenario=stored, values=values, version=1, by=by, now=now)
    delete_scenario(scenario=stored, version=2, by=by, now=now)
    with pytest.raises(NotVisible):
        delete_scenario(scenario=stored, version=2, by=by, now=now)
