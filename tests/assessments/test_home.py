"""Home says one thing to do, for every role and state."""

import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.models import Cycle, Draft, Remark, Revision, Sheet, TransferWish
from lib.fiscal import fiscal_year
from tests import builders as b
from tests.assessments.forms import all_steps, posted
from tests.assessments.sheets import confirmations, in_state, steps_of, submitted
from tests.gaps.records import confirmed, need

URL = "/"


def text(response):
    return response.content.decode()


def home(sign_in, name="honnin"):
    response = sign_in(name).get(URL)
    assert response.status_code == 200
    page = text(response)
    assert page.count('class="button primary') <= 1
    return page


def url(name, sheet):
    return reverse(f"assessments:{name}", args=[sheet.uuid])


def draft(sheet, *ranks, step=2, evidence=""):
    for cell in sheet.cycle.framework_version.cells.filter(rank__in=ranks):
        Draft.objects.create(
            municipality=sheet.municipality,
            sheet=sheet,
            cell=cell,
            step=step,
            evidence=evidence,
            updated_at=timezone.now(),
        )
    Sheet.objects.filter(pk=sheet.pk).update(state=Sheet.State.DRAFTING)


def last_year_of(world, step=2):
    cycle = b.make_cycle(world.city, world.version, fiscal_year=2025, state=Cycle.State.CLOSED)
    return submitted(b.make_sheet(world.honnin, cycle, world.kakari_dept), steps_of(world.sheet, step))


def wished(staff):
    """Write this year's 異動希望, so that the home page need not say that it may be written."""
    TransferWish.objects.create(
        municipality=staff.municipality, staff=staff, fiscal_year=fiscal_year(timezone.localdate()), wish="stay",
        updated_at=timezone.now(),
    )  # fmt: skip


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


def section_of(page, heading):
    """Return the text of the section with this heading, "" where it is not there."""
    return page.split(f"{heading}</h2>", 1)[1].split("</section>", 1)[0] if heading in page else ""


NEAR = "課に足りないもののうち、あなたに近いもの"


def lacks(world, place, **needs):
    """Write 必要人数 of a department; cells by rank, as c0=2."""
    need(place, world.cycle, {world.cells[int(key[1:])].code: count for key, count in needs.items()})


def test_the_next_step_of_each_category_with_its_wording_and_a_course(world, sign_in):
    submitted(world.sheet, steps_of(world.sheet, 2, c0=4, c1=4, c2=1, c5=4))
    b.make_course(world.city, "企画の基礎", cells={"internal-it.2": 2})
    b.make_course(world.city, "関係のない研修", cells={"communication.1": 4})
    shown = section_of(home(sign_in), "次に伸ばすなら")
    assert "庁内情報化｜企画立案" in shown
    assert "企画立案の段階2" in shown
    assert "企画の基礎" in shown
    assert "システムの運用管理（初級）" in shown
    assert "関係のない研修" not in shown
    # Somebody who can do all of a 分類 is not asked for more.
    assert "コミュニケーション" not in shown


def test_a_target_decides_the_next_step(world, sign_in):
    b.make_profile(b.make_position(world.city, "主任"), {"security-policy.1": 3})
    world.honnin.postings.update(position="主任")
    draft(world.sheet, 0, step=1)
    draft(world.sheet, 1, 2, step=2)
    shown = section_of(home(sign_in), "次に伸ばすなら")
    assert "セキュリティポリシー｜策定管理" in shown
    assert "目標は3です（職位：主任）。" in shown


def test_what_changed_since_last_year(world, sign_in):
    last_year_of(world, step=2)
    draft(world.sheet, 0, step=3, evidence="ある")
    draft(world.sheet, 1, step=1)
    b.make_experience(world.honnin, "今年の調達", start=datetime.date(2026, 6, 1))
    b.make_experience(world.honnin, "昔の調達", start=datetime.date(2024, 6, 1))
    shown = section_of(home(sign_in), "昨年から変わったこと")
    assert "上がった項目 1" in shown
    assert f"{world.cells[0].full_name}（2→3）" in shown
    assert f"{world.cells[1].full_name}（2→1）" in shown
    assert "業務経験 1件" in shown


def test_what_the_team_lacks_nearby_is_words_without_names_or_numbers(world, sign_in):
    lacks(world, world.kakari_dept, c0=2, c1=1, c2=0, c3=1)
    confirmed(world.kakari, world.cycle, {"security-policy.1": 3})
    submitted(world.sheet, steps_of(world.sheet, 2, c3=1))
    shown = section_of(home(sign_in), NEAR)
    assert "不在</span> <b>庁内情報化｜業務分析" in shown
    assert "一人依存</span> <b>セキュリティポリシー｜策定管理" in shown
    # 対象外, and one at step 1.
    assert "企画立案" not in shown
    assert "システムの運用管理" not in shown
    assert "𠮷田" not in shown
    assert not re.search(r"[0-9]+人", shown)


def test_the_department_above_speaks_for_a_unit_that_said_nothing(world, sign_in):
    lacks(world, world.ka, c0=2)
    lacks(world, world.kiban, c1=2)
    submitted(world.sheet, steps_of(world.sheet, 2))
    shown = section_of(home(sign_in), NEAR)
    assert "デジタル推進課に足りない" in shown
    assert "策定管理" in shown
    assert "業務分析" not in shown


def test_nobody_said_what_is_needed(world, sign_in):
    submitted(world.sheet, steps_of(world.sheet, 2))
    lacks(world, world.jinjika, c0=2)
    assert NEAR not in home(sign_in)


@pytest.mark.parametrize(
    ("days", "said"),
    [(61, ""), (60, "更新期限まであと60日です"), (0, "更新期限は今日です"), (-1, "更新期限を過ぎています")],
)
def test_a_registration_that_runs_out(world, sign_in, days, said):
    today = timezone.localdate()
    b.make_certification(
        world.honnin, "登録セキスペ", registered_on=datetime.date(2024, 4, 1),
        renew_by=today + datetime.timedelta(days=days),
    )  # fmt: skip
    news = section_of(home(sign_in), "お知らせ")
    assert ("登録セキスペ" in news) == bool(said)
    assert said in news


def test_what_others_did_with_ones_record(world, sign_in):
    b.make_experience(world.honnin, "代わりの記録", created_by=world.jinji, updated_by=world.jinji)
    b.make_experience(world.honnin, "自分の記録")
    b.make_training(world.honnin, "決まった研修", state="accepted", updated_by=world.jinji)
    b.make_training(world.honnin, "見送りの研修", state="declined", updated_by=world.jinji)
    b.make_training(world.honnin, "待っている研修", state="applied")
    b.make_experience(world.dourei, "同僚の記録", updated_by=world.jinji)
    news = section_of(home(sign_in), "お知らせ")
    assert "大橋 香織さんが、あなたに代わって「代わりの記録」を書きました" in news
    assert "決まった研修：受講が決まりました" in news
    assert "見送りの研修：今回は見送りになりました" in news
    for absent in ("自分の記録", "待っている研修", "同僚の記録", "「決まった研修」"):
        assert absent not in news


def test_a_posting_to_come_a_leave_and_the_end(world, sign_in):
    today = timezone.localdate()
    b.make_posting(world.honnin, world.jinjika, kind="additional", start=today + datetime.timedelta(days=9))
    b.make_leave(world.honnin)
    world.honnin.left_on = today + datetime.timedelta(days=30)
    world.honnin.save(update_fields=["left_on"])
    news = section_of(home(sign_in), "お知らせ")
    assert "人事課への兼務の発令が登録されています" in news
    assert "育休の期間です" in news
    assert "退職の予定が登録されています" in news


def test_without_a_posting_and_without_a_sheet(world, sign_in):
    world.dourei.postings.all().delete()
    page = home(sign_in, "dourei")
    assert NEAR not in page
    world.honnin.postings.all().delete()
    submitted(world.sheet, steps_of(world.sheet, 2))
    page = home(sign_in)
    assert "次に伸ばすなら" in page
    assert NEAR not in page


@pytest.mark.parametrize("name", ["honnin", "kakari", "jinji"])
@pytest.mark.parametrize("state", ["drafting", "submitted", "sent_back", "confirmed"])
def test_queries_with_everything_to_show(world, sign_in, name, state):
    staff = getattr(world, name)
    place = world.jinjika if name == "jinji" else world.kakari_dept
    sheet = world.sheet if name == "honnin" else b.make_sheet(staff, world.cycle, place)

    def count():
        client = sign_in(name)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(URL).status_code == 200
        return len(seen)

    def grow(times):
        for number in range(times):
            b.make_experience(staff, f"調達{number}", updated_by=world.sysadmin, cells=["internal-it.1"])
            b.make_training(staff, f"研修{number}", state="accepted", updated_by=world.jinji)
            b.make_course(world.city, f"講座{number}", cells={"internal-it.1": 3})

    in_state(sheet, state, world.kacho)
    lacks(world, place, c0=2, c1=2)
    b.make_cycle(world.city, world.version, fiscal_year=2025, state=Cycle.State.CLOSED)
    grow(1)
    small = count()
    grow(12)
    assert count() == small <= 15
