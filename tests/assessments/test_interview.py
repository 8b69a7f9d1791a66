"""面談シート: one A4 page, own, line and 人事; everybody else's view is logged (P04, P14)."""

import datetime
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from assessments.interview_page import CUT, listed, shortened
from assessments.models import Draft, Sheet, Statement
from audit.models import Event
from lib.fiscal import first_day, fiscal_year
from tests import builders as b
from tests.assessments.sheets import in_state, last_year, steps_of, submitted

TODAY = timezone.localdate()
THIS_YEAR = first_day(fiscal_year(TODAY))


def url(staff):
    return reverse("assessments:interview", args=[staff.uuid])


def page(sign_in, name, staff):
    response = sign_in(name).get(url(staff))
    assert response.status_code == 200
    return response


def body(response):
    return response.content.decode().split("<main", 1)[1]


def levels(response):
    return {
        level.name: (level.last, level.own, level.final, level.change)
        for level in response.context["shown"].levels
    }


def test_levels_with_the_change_since_last_year(world, sign_in):
    last_year(world, step=2)
    steps = steps_of(world.sheet, 2, c0=3, c1=1)
    in_state(
        world.sheet, Sheet.State.CONFIRMED, world.kacho, steps=steps, final=steps_of(world.sheet, 2, c0=3)
    )
    shown = page(sign_in, "honnin", world.honnin)
    first, second = world.cells[0].full_name, world.cells[1].full_name
    assert levels(shown)[first] == (2, 3, 3, "＋1")
    # The confirmed step counts, not the own one.
    assert levels(shown)[second] == (2, 1, 2, "")
    assert "確定</small></h2>" in body(shown)
    assert '<th class="center" scope="col">令和7</th>' in body(shown)


def test_targets_and_next_steps(world, sign_in):
    position = b.make_position(world.city, "主任")
    b.make_profile(position, {"internal-it.2": 3})
    world.honnin.postings.update(position="主任")
    sheet = submitted(world.sheet, steps_of(world.sheet, 1, c1=2))
    Sheet.objects.filter(pk=sheet.pk).update(position="主任")
    shown = page(sign_in, "kacho", world.honnin)
    text = body(shown)
    assert [one.name for one in shown.context["shown"].next_steps] == [
        "庁内情報化｜企画立案", "システムの運用管理（初級）", "コミュニケーション",
    ]  # fmt: skip
    assert "企画立案の段階2" in text
    assert next(one for one in shown.context["shown"].levels if one.target).target == 3
    assert "提出、確定の前" in text


def test_entries_and_courses_of_this_year(world, sign_in):
    before = THIS_YEAR - datetime.timedelta(days=1)
    b.make_experience(world.honnin, "今年の調達", start=THIS_YEAR, category="procurement")
    b.make_experience(world.honnin, "日付のないもの")
    b.make_experience(world.honnin, "去年の調達", start=before)
    b.make_experience(world.honnin, "取り消したもの", start=THIS_YEAR, removed_at=timezone.now())
    b.make_experience(world.dourei, "同僚のもの", start=THIS_YEAR)
    b.make_certification(world.honnin, "今年の合格", start=THIS_YEAR)
    b.make_training(world.honnin, "申込みの研修", state="applied", start=TODAY + datetime.timedelta(days=400))
    b.make_training(world.honnin, "修了の研修", start=THIS_YEAR)
    b.make_training(world.honnin, "去年の研修", start=before)
    b.make_training(world.honnin, "見送りの研修", state="declined", start=THIS_YEAR)
    b.make_handover(world.honnin, "引継ぎのこと")
    Statement.objects.create(
        municipality=world.city, staff=world.honnin, interests="クラウドの調達", updated_at=timezone.now()
    )
    text = body(page(sign_in, "kacho", world.honnin))
    for there in ("調達：今年の調達", "その他：日付のないもの", "資格：今年の合格", "クラウドの調達"):
        assert there in text
    assert "申込みの研修" in text
    assert "申込み</li>" in text
    assert "修了</li>" in text
    for absent in ("去年", "取り消した", "同僚", "見送り", "引継ぎのこと"):
        assert absent not in text


def test_an_empty_record(world, sign_in):
    text = body(page(sign_in, "honnin", world.honnin))
    assert "提出した年度票は、まだありません。" in text
    assert "まだ書いていません。" in text
    assert "面談メモ（手書き）" in text


def test_more_than_fits_is_said(world, sign_in):
    for number in range(9):
        b.make_experience(world.honnin, f"調達{number}" + "あ" * 100, start=THIS_YEAR)
        b.make_training(world.honnin, f"研修{number}", start=THIS_YEAR)
    Statement.objects.create(
        municipality=world.city, staff=world.honnin, interests="学" * 2000, updated_at=timezone.now()
    )
    text = body(page(sign_in, "honnin", world.honnin))
    assert text.count("調達") == 4
    assert "業務経験の、ほか5件は履歴書にあります" in text
    assert ">ほか5件は履歴書にあります" in text
    assert f"学{CUT}（続きは履歴書にあります）" in text


def test_what_is_being_written_is_on_nobodys_sheet(world, sign_in):
    Draft.objects.create(
        municipality=world.city, sheet=world.sheet, cell=world.cells[0], step=4, evidence="下書き",
        updated_at=timezone.now(),
    )  # fmt: skip
    Sheet.objects.filter(pk=world.sheet.pk).update(state="drafting")
    last_year(world, step=2)
    for name in ("honnin", "kacho", "jinji"):
        shown = page(sign_in, name, world.honnin)
        assert set(levels(shown).values()) == {(None, 2, 2, "")}
        assert "下書き" not in body(shown)


def test_what_an_earlier_year_left_unconfirmed_is_not_for_the_line(world, sign_in):
    cycle = b.make_cycle(world.city, world.version, fiscal_year=2025, state="closed")
    submitted(b.make_sheet(world.honnin, cycle, world.kakari_dept), steps_of(world.sheet, 4))
    submitted(world.sheet, steps_of(world.sheet, 2))
    assert set(levels(page(sign_in, "kacho", world.honnin)).values()) == {(None, 2, None, "")}
    for name in ("honnin", "jinji"):
        assert set(levels(page(sign_in, name, world.honnin)).values()) == {(4, 2, None, "−2")}


@pytest.mark.parametrize("name", ["kakari", "kacho", "bucho", "jinji"])
def test_anothers_view_is_logged_and_ones_own_is_not(world, sign_in, name):
    page(sign_in, "honnin", world.honnin)
    assert not Event.objects.exists()
    page(sign_in, name, world.honnin)
    event = Event.objects.get(action="interview.view")
    assert (event.actor_uuid, event.subject_uuid) == (getattr(world, name).uuid, world.honnin.uuid)


@pytest.mark.parametrize("name", ["dourei", "betsuka", "kansa", "henshu", "sysadmin"])
def test_out_of_scope_is_as_nothing(world, sign_in, name):
    client = sign_in(name)
    fixed = {"X-Request-Id": "0123456789ab"}
    there = client.get(url(world.honnin), headers=fixed)
    missing = client.get(reverse("assessments:interview", args=[uuid.uuid4()]), headers=fixed)
    assert there.status_code == missing.status_code == 404
    assert there.content == missing.content
    assert not Event.objects.exclude(action="access.refused").exists()


def test_from_the_day_of_a_transfer(world, sign_in):
    world.honnin.postings.update(end=TODAY)
    b.make_posting(world.honnin, world.jinjika, start=TODAY)
    assert sign_in("kacho").get(url(world.honnin)).status_code == 404


def test_somebody_without_a_posting(world, sign_in):
    world.honnin.postings.all().delete()
    assert "所属の発令がありません" in body(page(sign_in, "jinji", world.honnin))


def test_wrong_method(world, sign_in):
    assert sign_in("honnin").post(url(world.honnin)).status_code == 405


@pytest.mark.parametrize("name", ["honnin", "kacho", "jinji"])
def test_queries_at_two_sizes(world, sign_in, name):
    def count():
        client = sign_in(name)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url(world.honnin)).status_code == 200
        return len(seen)

    in_state(world.sheet, Sheet.State.CONFIRMED, world.kacho)
    small = count()
    last_year(world)
    for number in range(20):
        b.make_experience(world.honnin, f"調達{number}", start=THIS_YEAR, cells=["internal-it.1"])
        b.make_training(world.honnin, f"研修{number}", start=THIS_YEAR)
        b.make_certification(world.honnin, f"資格{number}", start=THIS_YEAR)
    assert count() == small <= 15


@given(st.text(max_size=80), st.integers(2, 40))
def test_a_text_is_never_longer_and_never_silently_cut(words, most):
    short = shortened(words, most)
    line = " ".join(words.split())
    assert len(short) <= most
    assert short == line or (short.endswith(CUT) and line.startswith(short[: -len(CUT)]))


@given(st.lists(st.text(), max_size=12), st.integers(1, 6))
def test_every_line_is_shown_or_counted(lines, most):
    made = listed(lines, most)
    assert len(made.lines) <= most
    assert len(made.lines) + made.more == len(lines)
    assert list(made.lines) == lines[: len(made.lines)]
