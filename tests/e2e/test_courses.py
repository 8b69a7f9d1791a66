"""Somebody applies for a course, 人事 decides on the plan, and the plan says what it costs; by the form alone."""

import datetime
import re

import pytest
from django.utils import timezone

from assessments.models import Training
from tests import builders as b
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import expect, leave, look_on, reach, sign_in_as, told, with_password

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def school(world):
    """One course that begins in three days and takes applications."""
    soon = timezone.localdate() + datetime.timedelta(days=3)
    world.course = b.make_course(
        world.city, "規程の作り方", cells={"security-policy.1": 3}, starts_on=soon, fee=12_000
    )
    with_password(world.honnin, world.jinji)
    return world


def test_from_the_catalogue_to_the_plan(school, live, axe):
    sign_in_as(live, "honnin")
    live.get_by_role("navigation", name="主なメニュー").get_by_role("link", name="研修").click()
    expect(live.get_by_role("heading", level=1)).to_have_text("研修")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.set_viewport_size(DESKTOP)
    live.get_by_role("link", name="規程の作り方").click()
    look_on(live, axe, PHONE)
    live.set_viewport_size(DESKTOP)
    reach(live, live.get_by_role("button", name="申し込む"))
    live.keyboard.press("Enter")
    expect(told(live)).to_contain_text("「規程の作り方」に申し込みました。")
    expect(live.get_by_role("button", name="申込みを取り下げる")).to_be_visible()
    leave(live)

    sign_in_as(live, "jinji")
    # The 年度 of the course may be the next one in the last days of March.
    live.go(f"/training/plan/?year={_year(school.course.starts_on)}")
    expect(live.locator(".answer")).to_contain_text("合わせて12,000円です。")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.set_viewport_size(DESKTOP)
    live.get_by_role("combobox", name="山﨑 美咲の「規程の作り方」").select_option("受講決定")
    live.get_by_role("button", name="選んだとおりに決める").click()
    expect(told(live)).to_contain_text("1件の状態を変えました。")
    expect(live.get_by_role("row", name=re.compile("山﨑 美咲"))).to_contain_text("受講決定")
    assert Training.objects.get().state == Training.State.ACCEPTED
    live.seen.expect("422")
    live.get_by_role("button", name="CSVに出す").click()
    expect(live.locator("main")).to_contain_text("理由を入力してください")
    leave(live)

    sign_in_as(live, "honnin")
    live.go(f"/training/courses/{school.course.uuid}/")
    expect(live.locator("main")).to_contain_text("受講決定")


def test_the_register_is_replaced_by_a_file(school, live, axe):
    b.make_qualification("AP")
    sign_in_as(live, "jinji")
    live.go("/qualifications/")
    look_on(live, axe, PHONE)
    live.set_viewport_size(DESKTOP)
    live.get_by_role("link", name="CSVで登録表を置き換える").click()
    file = {"name": "shikaku.csv", "mimeType": "text/csv", "buffer": "符号,名称\nG1,𠮷の検定\n".encode()}
    live.locator("input[type=file]").set_input_files(file)
    live.get_by_role("button", name="内容を確かめる").click()
    look_on(live, axe, DESKTOP)
    live.get_by_role("button", name="この内容に置き換える").click()
    expect(told(live)).to_contain_text("登録表を、ファイルの1件に置き換えました。")
    expect(live.get_by_role("rowheader", name="𠮷の検定")).to_be_visible()


def _year(day):
    return day.year if day.month >= 4 else day.year - 1
