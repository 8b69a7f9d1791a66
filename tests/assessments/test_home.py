"""Home says one thing to do, for every role and state."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Cycle, Remark, Revision, Sheet
from tests import builders as b
from tests.assessments.forms import all_steps, posted
from tests.assessments.homes import URL, draft, home, last_year_of, url, wished
from tests.assessments.sheets import confirmations, in_state, steps_of, submitted


def test_not_started(world, sign_in):
    wished(world.honnin)
    page = home(sign_in)
    assert "山﨑さん、今年度の記入を始めましょう" in page
    assert f'href="{url("sheet_edit", world.sheet)}"' in page
    assert "お知らせはありません" in page
    assert "記入すると、ここに自分の段階が表で出ます" in page


def test_drafting(world, sign_in):
    draft(world.sheet, 0, 1)
    page = home(sign_in)
    assert "山﨑さん、あと4項目で提出できます" in page
    assert f'href="{url("sheet_edit", world.sheet)}#cell-{world.cells[2].code}"' in page
    assert "概念化能力</span><span>2／3　記入中" in page
    assert f"次は「{world.cells[2].full_name}」" in page


def test_own_matrix_beside_last_year(world, sign_in):
    last_year_of(world, step=2)
    draft(world.sheet, 0, step=3, evidence="RPA研修")
    page = home(sign_in)
    assert "昨年から＋1" in page
    assert page.count("昨年 2") == len(world.cells) - 1
    assert "RPA研修" not in page


def test_all_there(world, sign_in):
    draft(world.sheet, *range(6))
    page = home(sign_in)
    assert "山﨑さん、6項目がそろいました" in page
    assert f'href="{url("sheet_submit", world.sheet)}"' in page


def test_evidence_missing(world, sign_in):
    draft(world.sheet, *range(6), step=3)
    page = home(sign_in)
    assert "あと6か所直すと提出できます" in page
    assert f'href="{url("sheet_edit", world.sheet)}?check=1#cell-{world.cells[0].code}"' in page
    assert "根拠を書く項目が6件あります" in page


def test_submitted(world, sign_in):
    submitted(world.sheet)
    page = home(sign_in)
    assert "提出しました。係長級の一次確認を待っています。" in page
    assert f'href="{url("sheet", world.sheet)}"' in page
    Sheet.objects.filter(pk=world.sheet.pk).update(state=Sheet.State.FIRST_CONFIRMED)
    assert "所属長の確定を待っています。" in home(sign_in)


def test_sent_back(world, sign_in):
    submitted(world.sheet)
    Sheet.objects.filter(pk=world.sheet.pk).update(state=Sheet.State.SENT_BACK)
    Remark.objects.create(
        municipality=world.city,
        revision=world.sheet.current_revision,
        kind=Remark.Kind.SENT_BACK,
        text="根拠を書き足してください",
        author=world.kakari,
        at=timezone.now(),
    )
    page = home(sign_in)
    assert "山﨑さん、差戻しがあります" in page
    assert "根拠を書き足してください" in page
    assert f"{world.kakari.name}から" in page


def test_confirmed(world, sign_in):
    submitted(world.sheet, steps_of(world.sheet, 3))
    confirmations(world.sheet, world.kacho, "final", steps_of(world.sheet, 2))
    Sheet.objects.filter(pk=world.sheet.pk).update(state=Sheet.State.CONFIRMED, confirmed_at=timezone.now())
    for visibility in ("person", "memo"):
        Remark.objects.create(
            municipality=world.city,
            revision=world.sheet.current_revision,
            kind=Remark.Kind.CONFIRMED,
            text=f"{visibility}への言葉",
            visibility=visibility,
            author=world.kacho,
            at=timezone.now(),
        )
    page = home(sign_in)
    assert "年度票が確定しました" in page
    assert "支援があればできる" in page
    assert "personへの言葉" in page
    assert "memoへの言葉" not in page


def test_a_correction_is_told_with_its_reason(world, sign_in):
    in_state(world.sheet, Sheet.State.CONFIRMED, world.kacho)
    revision = Revision.objects.create(
        municipality=world.city,
        sheet=world.sheet,
        number=2,
        kind=Revision.Kind.CORRECTION,
        reason="入力を取り違えていたため",
        submitted_at=timezone.now(),
        submitted_by=world.jinji,
    )
    Sheet.objects.filter(pk=world.sheet.pk).update(current_revision=revision)
    assert "人事が訂正しました：入力を取り違えていたため" in home(sign_in)


def test_no_sheet_at_all(world, sign_in):
    page = home(sign_in, "dourei")
    assert "小林さん、いま記入する年度票はありません" in page
    assert 'class="button primary' not in page


def test_the_year_was_closed_before_submitting(world, sign_in):
    draft(world.sheet, 0)
    Cycle.objects.filter(pk=world.cycle.pk).update(state=Cycle.State.CLOSED, closed_at=timezone.now())
    page = home(sign_in)
    assert "の受付は終わりました" in page
    assert f'href="{url("sheet", world.sheet)}"' in page


def test_before_the_first_day(world, sign_in):
    later = timezone.localdate() + datetime.timedelta(days=3)
    Cycle.objects.filter(pk=world.cycle.pk).update(starts_on=later, submit_by=later, confirm_by=later)
    page = home(sign_in)
    assert f"の記入は、{later.month}月{later.day}日に始まります" in page
    assert 'class="button primary' not in page


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (-3, "提出の締切を3日過ぎています"),
        (0, "提出の締切は今日です"),
        (7, "提出の締切まであと7日です"),
        (8, ""),
    ],
)
def test_the_deadline_is_a_notice_in_its_last_week(world, sign_in, days, said):
    wished(world.honnin)
    day = timezone.localdate() + datetime.timedelta(days=days)
    Cycle.objects.filter(pk=world.cycle.pk).update(
        starts_on=day - datetime.timedelta(days=30), submit_by=day, confirm_by=day
    )
    page = home(sign_in)
    assert (said or "お知らせはありません") in page


def test_the_line_is_led_to_what_waits(world, sign_in):
    submitted(world.sheet)
    page = home(sign_in, "kakari")
    assert "𠮷田さん、確認待ちが1件あります" in page
    assert f'href="{reverse("assessments:review")}"' in page


def test_ones_own_sheet_comes_before_what_waits(world, sign_in):
    submitted(world.sheet)
    b.make_sheet(world.kakari, world.cycle, world.kakari_dept)
    page = home(sign_in, "kakari")
    assert "𠮷田さん、今年度の記入を始めましょう" in page
    assert "確認待ち 1件へ" in page


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("jinji", "年度と締切を見る"),
        ("sysadmin", "アカウントを見る"),
        ("kansa", "操作の記録を見る"),
        ("henshu", "体系を見る"),
    ],
)
def test_roles_find_their_work(world, sign_in, name, label):
    assert label in home(sign_in, name)
    assert label not in home(sign_in, "honnin")


def test_of_two_open_years_the_newest(world, sign_in):
    older = b.make_cycle(world.city, world.version, fiscal_year=2025)
    b.make_sheet(world.honnin, older, world.kakari_dept)
    assert "令和8年度（2026年度）の記入" in home(sign_in)


def test_wrong_method(world, sign_in):
    assert sign_in("honnin").post(URL).status_code == 405


@pytest.mark.parametrize("years", [1, 5])
@pytest.mark.parametrize("name", ["honnin", "kakari"])
def test_queries(world, sign_in, django_assert_max_num_queries, years, name):
    staff = getattr(world, name)
    sheets = [world.sheet if name == "honnin" else b.make_sheet(staff, world.cycle, world.kakari_dept)]
    for year in range(2026 - years, 2026):
        cycle = b.make_cycle(world.city, world.version, fiscal_year=year, state=Cycle.State.CLOSED)
        in_state(b.make_sheet(staff, cycle, world.kakari_dept), Sheet.State.CONFIRMED, world.kacho)
    in_state(sheets[0], Sheet.State.CONFIRMED, world.kacho)
    client = sign_in(name)
    with django_assert_max_num_queries(15):
        client.get(URL)


def test_a_withdrawn_sheet_is_being_written_again(world, sign_in):
    client = sign_in("honnin")
    client.post(url("sheet_edit", world.sheet), posted(world.sheet, **all_steps(world.sheet, 2)))
    sheet = Sheet.objects.get(pk=world.sheet.pk)
    key = "0f8fad5b-d9cb-469f-a165-70867728950e"
    client.post(url("sheet_submit", sheet), {"version": sheet.version, "key": key})
    sheet.refresh_from_db()
    client.post(url("sheet_withdraw", sheet), {"version": sheet.version, "key": key})
    assert "6項目がそろいました" in home(sign_in)


# --- what it gives back
