"""対応方針 of a department: the gaps with what is decided about each, and what carries over."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from gaps.models import Measure
from organization.models import Posting
from tests import builders as b
from tests.gaps.measure_forms import body, edit, listed, new, sent
from tests.gaps.records import ANALYSIS, PLANNING, POLICY, TALKING, measure

TODAY = timezone.localdate()
YESTERDAY = TODAY - datetime.timedelta(days=1)
LATER = TODAY + datetime.timedelta(days=90)


def test_it_works(sign_in, section):
    measure(section.ka, section.cycle, POLICY, text="改定を2人で行う", owner=section.kakari, due=LATER)
    page = sign_in("kacho").get(listed(section.ka))
    text = body(page)
    assert page.status_code == 200
    shown = [(row.gap.cell.code, line and line.text) for row, line in page.context["section"].rows]
    # Worst first: two cells that nobody can do, one that one person can, one that lacks somebody.
    assert shown[-2:] == [(POLICY, "改定を2人で行う"), (TALKING, None)]
    assert {code for code, _ in shown[:-2]} == {PLANNING, "system-operations.2"}
    assert "足りない4項目のうち1項目は方針が決まっています。" in text
    assert text.count("未決定") == 3
    assert f'href="{new(section.ka, PLANNING)}"' in text
    assert "𠮷田 由紀子" in text
    assert text.count("button primary") == 1


def test_several_measures_of_one_gap_stand_in_several_rows(sign_in, section):
    first = measure(section.ka, section.cycle, POLICY)
    second = measure(
        section.ka,
        section.cycle,
        POLICY,
        section.honnin,
        kind="train",
        text="研修",
        reason="近い",
        cost=50_000,
    )
    page = sign_in("kacho").get(listed(section.ka))
    lines = [line for row, line in page.context["section"].rows if row.gap.cell.code == POLICY]
    assert [line.measure.pk for line in lines] == [first.pk, second.pk]
    assert lines[1].notes == ("山﨑 美咲（「独力でできる」まで）", "理由：近い", "費用 50,000円")


def test_what_was_stopped_decides_nothing_and_what_was_done_does(sign_in, section):
    measure(section.ka, section.cycle, POLICY, state="stopped", result="予算がつかなかった")
    measure(section.ka, section.cycle, PLANNING, state="done", result="1人来た")
    page = sign_in("kacho").get(listed(section.ka))
    decided = {row.gap.cell.code for row, line in page.context["section"].rows if line}
    assert decided == {PLANNING}
    text = body(page)
    assert "予算がつかなかった" in text
    assert "1人来た" in text


def test_open_ones_carry_over_and_say_what_became_of_the_gap(sign_in, section, last_cycle):
    kept = measure(
        section.ka, last_cycle, POLICY, decided_status="none", decided_holders=0, due=YESTERDAY, text="続ける"
    )
    gone = measure(section.ka, last_cycle, ANALYSIS, decided_status="single", decided_holders=1)
    old = timezone.now() - datetime.timedelta(days=800)
    measure(section.ka, last_cycle, TALKING, state="done", closed_at=old, text="むかしの方針")
    page = sign_in("kacho").get(listed(section.ka))
    followed = [(row.line.measure.pk, row.outcome.label) for row in page.context["followed"]]
    assert followed == [(kept.pk, "改善"), (gone.pk, "解消")]
    (line,) = [line for row, line in page.context["section"].rows if line]
    assert (line.text, line.overdue, line.notes) == ("続ける", True, ("令和7年度から続いています",))
    assert "過ぎています" in body(page)
    assert "むかしの方針" not in body(page)


def test_a_measure_of_this_year_is_followed_once_its_gap_is_gone(sign_in, section):
    measure(section.ka, section.cycle, POLICY)
    done = measure(section.ka, section.cycle, ANALYSIS, decided_status="short", decided_holders=1)
    page = sign_in("kacho").get(listed(section.ka))
    assert [row.line.measure.pk for row in page.context["followed"]] == [done.pk]


def test_another_version_of_the_matrix_may_lack_the_cell(sign_in, section):
    version = b.make_version(code="older", name="旧", publish=False)
    version.cells.filter(code=POLICY).update(code="gone.1")
    cycle = b.make_cycle(section.city, version, fiscal_year=2025, state="closed")
    one = measure(section.ka, cycle, "gone.1")
    client = sign_in("kacho")
    assert "いまの体系にない項目" in body(client.get(listed(section.ka)))
    page = client.get(edit(one))
    assert page.status_code == 200
    assert "いまの体系にない項目" in body(page)
    assert client.post(edit(one), sent(version="1", state="done")).status_code == 302


def test_nothing_is_lacking_and_nothing_is_set(sign_in, world):
    text = body(sign_in("kacho").get(listed(world.ka)))
    assert "必要人数が未設定" in text
    assert "必要人数を決める" in text


def test_what_the_departments_below_decided_is_theirs(sign_in, section):
    measure(section.kakari_dept, section.cycle, POLICY, text="係の方針")
    assert "係の方針" not in body(sign_in("kacho").get(listed(section.ka)))
    assert "係の方針" in body(sign_in("kacho").get(listed(section.kakari_dept)))


def test_who_leads_below_the_head_sees_and_does_not_decide(sign_in, section):
    one = measure(section.kakari_dept, section.cycle, POLICY, text="県に頼む")
    text = body(sign_in("kakari").get(listed(section.kakari_dept)))
    assert "県に頼む" in text
    assert edit(one) not in text
    assert "/measures/new/" not in text
    assert "button primary" not in text


@pytest.mark.parametrize("who", ["honnin", "henshu", "kansa"])
def test_who_sees_no_names_is_sent_to_the_report(sign_in, section, who):
    one = measure(section.kakari_dept, section.cycle, POLICY)
    client = sign_in(who)
    answer = client.get(listed(section.kakari_dept))
    assert (answer.status_code, answer["Location"]) == (
        302,
        reverse("gaps:department", args=[section.kakari_dept.uuid]),
    )
    assert client.get(edit(one)).status_code == 404


def test_a_stranger_finds_nothing(sign_in, section):
    one = measure(section.ka, section.cycle, POLICY)
    client = sign_in("betsuka")
    for address in (listed(section.ka), new(section.ka), edit(one)):
        assert client.get(address).status_code == 404
    assert client.post(edit(one), sent(version="1")).status_code == 404
    assert sign_in("jinji").get(listed(section.foreign_department)).status_code == 404
    assert sign_in("kacho").post(listed(section.ka)).status_code == 405


def test_a_former_head_no_longer_sees_them(sign_in, section):
    one = measure(section.ka, section.cycle, POLICY)
    client = sign_in("kacho")
    assert client.get(edit(one)).status_code == 200
    Posting.objects.filter(staff=section.kacho).update(end=TODAY)
    assert client.get(edit(one)).status_code == 404
    assert client.get(listed(section.ka)).status_code == 404


def test_as_many_queries_for_few_as_for_many(sign_in, section, django_assert_max_num_queries):
    client = sign_in("kacho")
    measure(section.ka, section.cycle, POLICY, section.honnin, kind="train", owner=section.kakari)
    with django_assert_max_num_queries(15) as few:
        client.get(listed(section.ka))
    with django_assert_max_num_queries(15) as one_form:
        client.get(new(section.ka))
    one = Measure.objects.get()
    with django_assert_max_num_queries(15) as one_edit:
        client.get(edit(one))
    for number in range(20):
        staff = b.make_staff(section.city, f"職員 {number}")
        b.make_posting(staff, section.kakari_dept)
        measure(section.ka, section.cycle, POLICY, staff, section.dourei, kind="train", owner=staff)
    for before, address in ((few, listed(section.ka)), (one_form, new(section.ka)), (one_edit, edit(one))):
        with django_assert_max_num_queries(15) as many:
            client.get(address)
        assert len(many) == len(before)
