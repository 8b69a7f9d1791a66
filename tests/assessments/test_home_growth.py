"""What the home page gives back: the next steps, what changed, what the team lacks nearby, what others did."""

import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.models import Cycle
from tests import builders as b
from tests.assessments.homes import URL, draft, home, last_year_of
from tests.assessments.sheets import in_state, steps_of, submitted
from tests.gaps.records import confirmed, need


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
    # The first visitor of a process reads the cells of the version for all.
    count()
    small = count()
    grow(12)
    assert count() == small <= 15
