"""What waits for the line, and how far its department has come."""

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.comparison import Steps, change_words
from assessments.models import Cycle, Sheet
from assessments.review_list import progress_sentence
from tests import builders as b
from tests.assessments.sheets import confirmations, in_state, last_year, steps_of, submitted

State = Sheet.State
REVIEW = "/review/"


# --- what changed, in words


def test_differences_in_words():
    assert Steps(3, 3).unchanged
    assert not Steps(3).unchanged
    assert not Steps(3, 2).unchanged
    assert Steps(3, 3).far_apart() == []
    assert Steps(4, 2).far_apart() == ["昨年の確認より2段階上がっています。"]
    assert Steps(0, 3, 2).far_apart() == [
        "昨年の確認より3段階下がっています。",
        "一次確認は本人より2段階高くなっています。",
    ]
    assert Steps(3, None, 1).far_apart() == ["一次確認は本人より2段階低くなっています。"]
    assert [change_words(change) for change in (None, 0, 2, -1)] == ["", "", "昨年から＋2", "昨年から−1"]


# --- /review/


def test_the_list_says_what_waits_and_what_changed(sign_in, world):
    last_year(world)
    submitted(world.sheet, steps_of(world.sheet, 2, c0=4, c1=3))
    in_state(b.make_sheet(world.dourei, world.cycle, world.kakari_dept), State.DRAFTING)
    client = sign_in("kakari")
    page = client.get(REVIEW)
    text = page.content.decode()
    (row,) = page.context["rows"]
    assert (row.sheet, row.act, row.changed, row.far_apart) == (world.sheet, "first", 2, 1)
    assert "あなたの確認を待っている年度票が1件あります" in text
    assert "2人のうち1人が提出し、0人が確定しました。" in text
    assert '<span class="count">1<' in text
    # Of a draft only the state is to be seen (P05, P33).
    assert "小林 健" in text
    assert "下書きの文章" not in text
    assert reverse("assessments:sheet", args=[Sheet.objects.get(staff=world.dourei).uuid]) not in text


def test_without_an_earlier_year_it_says_so(sign_in, world):
    submitted(world.sheet)
    page = sign_in("kakari").get(REVIEW)
    assert page.context["rows"][0].changed is None
    assert "昨年の記録なし" in page.content.decode()


def test_the_head_sees_how_far_the_section_chief_went(sign_in, world):
    last_year(world)
    submitted(world.sheet)
    confirmations(world.sheet, world.kakari, "first", steps_of(world.sheet, 0))
    Sheet.objects.filter(pk=world.sheet.pk).update(state=State.FIRST_CONFIRMED)
    (row,) = sign_in("kacho").get(REVIEW).context["rows"]
    assert (row.act, row.changed, row.far_apart) == ("final", 0, 6)


def test_nothing_waits(sign_in, world):
    text = sign_in("kacho").get(REVIEW).content.decode()
    assert "いま確認を待っている年度票はありません" in text
    assert "1人のうち0人が提出し" in text


def test_without_an_open_year(sign_in, world):
    Cycle.objects.update(state="closed", closed_at=timezone.now())
    assert "受付中の年度がありません" in sign_in("kacho").get(REVIEW).content.decode()


def test_hr_sees_what_waits_for_hr_alone(sign_in, world):
    submitted(world.sheet)
    submitted(b.make_sheet(world.bucho, world.cycle, world.bu))
    page = sign_in("jinji").get(REVIEW)
    assert [row.sheet.staff for row in page.context["rows"]] == [world.bucho]
    assert "提出の進み" not in page.content.decode()


@pytest.mark.parametrize("who", ["honnin", "henshu", "kansa", "sysadmin"])
def test_others_have_no_such_page(sign_in, world, who):
    assert sign_in(who).get(REVIEW).status_code == 403


def test_the_list_takes_no_post(sign_in, world):
    assert sign_in("kacho").post(REVIEW).status_code == 405


def test_a_long_list_is_cut_and_says_so(sign_in, world, monkeypatch):
    monkeypatch.setattr("assessments.views.review.SHOWN", 1)
    submitted(world.sheet)
    submitted(b.make_sheet(world.dourei, world.cycle, world.kakari_dept))
    assert "残りの1件" in sign_in("kakari").get(REVIEW).content.decode()


@pytest.mark.parametrize("who", ["kakari", "kacho", "jinji"])
@pytest.mark.parametrize("people", [2, 30])
def test_the_list_costs_the_same_at_any_size(sign_in, world, django_assert_max_num_queries, who, people):
    for number in range(people):
        staff = b.make_staff(world.city, f"職員 {number}")
        b.make_posting(staff, world.kakari_dept if who != "jinji" else world.jinjika)
        last_year(world, staff)
        sheet = submitted(b.make_sheet(staff, world.cycle, world.kakari_dept))
        if who == "kacho":
            Sheet.objects.filter(pk=sheet.pk).update(state=State.FIRST_CONFIRMED)
    client = sign_in(who)
    with django_assert_max_num_queries(15):
        assert len(client.get(REVIEW).context["rows"]) == people


def test_how_far_in_a_sentence():
    none = dict.fromkeys(State.values, 0)
    assert progress_sentence(none) == "年度票のある職員はまだいません。"
    assert progress_sentence({**none, "confirmed": 3}) == "3人全員が確定しました。"
    counts = {**none, "confirmed": 1, "first_confirmed": 1, "submitted": 1, "drafting": 2}
    assert progress_sentence(counts) == "5人のうち3人が提出し、1人が確定しました。"
