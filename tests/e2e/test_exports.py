"""人事 takes out what is needed, keeps the question for next year, and is asked about characters that an old system lacks."""

import io
import re

import openpyxl
import pytest

from assessments.models import SavedExport
from lib.tabular_read import read_table
from organization import jobs
from organization.models import Job
from tests import builders as b
from tests.assessments.exporting import hand_in_two
from tests.assessments.sheets import submitted
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import downloaded, expect, look_on, reach, sign_in_as, told, with_password

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office(world, settings):
    """Three people have handed in, one of them with a character that CP932 lacks; the queue waits for a worker."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.IMMEDIATE_TASKS = False
    hand_in_two(world)
    submitted(b.make_sheet(world.kacho, world.cycle, world.ka), evidence="𠮷田さんと作成")
    with_password(world.jinji, world.kacho)
    return world


def test_a_question_is_kept_and_asked_again(office, live, axe):
    sign_in_as(live, "jinji")
    live.get_by_role("navigation", name="主なメニュー").get_by_role("link", name="出力").click()
    look_on(live, axe, DESKTOP)
    live.shot("exports-list")
    live.get_by_role("link", name="記録（明細）").click()
    look_on(live, axe, PHONE)
    live.set_viewport_size(DESKTOP)
    live.get_by_label("所属", exact=False).first.select_option(label="　デジタル推進課")
    live.get_by_label("Excel", exact=True).check()
    live.get_by_label("所属ごとにシートを分ける").check()
    live.get_by_label("この条件を保存する名前").fill("人事給与への受渡し")
    live.seen.expect("422")
    # Without a reason there is no file, and everything that was chosen stays.
    live.get_by_role("button", name="ファイルを作る").click()
    expect(live.get_by_role("alert")).to_contain_text("理由を入力してください")
    expect(live.get_by_label("所属ごとにシートを分ける")).to_be_checked()
    look_on(live, axe, DESKTOP)
    live.get_by_role("textbox", name=re.compile("^理由")).fill("令和9年度の研修計画の資料")
    name, content = downloaded(live, live.get_by_role("button", name="ファイルを作る"))
    assert name == "スキル記録_明細_令和8年度_デジタル推進課.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == [office.ka.name, office.kakari_dept.name, office.kiban.name, "この出力について"]

    live.go("/exports/")
    row = live.get_by_role("row", name=re.compile("人事給与への受渡し"))
    expect(row).to_contain_text("デジタル推進課、Excel、所属ごとのシート")
    look_on(live, axe, PHONE)
    live.set_viewport_size(DESKTOP)
    row.get_by_role("link", name="今年度でもう一度").click()
    expect(live.locator("main")).to_contain_text("保存した条件を入れました。")
    expect(live.get_by_label("Excel", exact=True)).to_be_checked()
    live.get_by_role("textbox", name=re.compile("^理由")).fill("年に1度の受渡し")
    downloaded(live, live.get_by_role("button", name="ファイルを作る"))
    assert SavedExport.objects.get().last_run_at is not None

    live.go("/exports/")
    live.get_by_role("link", name="名前を変える、消す").click()
    look_on(live, axe, PHONE)
    live.get_by_role("textbox", name=re.compile("^名前")).fill("給与への受渡し")
    live.get_by_role("button", name="名前を変える").click()
    expect(told(live)).to_contain_text("名前を変えました。")
    live.get_by_role("link", name="名前を変える、消す").click()
    live.get_by_role("button", name="この条件を消す").click()
    expect(told(live)).to_contain_text("保存した条件「給与への受渡し」を消しました。")


def test_an_old_system_is_asked_about_before_anything_is_sent(office, live, axe):
    sign_in_as(live, "jinji")
    live.go("/exports/records/")
    live.get_by_label("CSV（CP932", exact=False).check()
    live.get_by_role("textbox", name=re.compile("^理由")).fill("人事給与への受渡し")
    live.seen.expect("422")
    reach(live, live.get_by_role("button", name="ファイルを作る"))
    live.keyboard.press("Enter")
    expect(live.get_by_role("heading", name="CP932で書けない文字があります")).to_be_visible()
    expect(live.get_by_role("row", name=re.compile("髙橋 誠一"))).to_contain_text("根拠")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.set_viewport_size(DESKTOP)
    name, _ = downloaded(live, live.get_by_role("button", name="置き換えて出し、一覧を付ける"))
    assert name == "スキル記録_明細_令和8年度.zip"
    name, content = downloaded(live, live.get_by_role("button", name="UTF-8のCSVで出す"))
    assert "𠮷田さんと作成" in {row.cells[20] for row in read_table(content, name).rows}


def test_many_rows_are_ordered_and_fetched(office, live, axe, settings):
    settings.EXPORT_AT_ONCE_ROWS = 10
    sign_in_as(live, "kacho")
    live.go("/exports/records/")
    live.get_by_role("button", name="ファイルを作る").click()
    expect(live.get_by_role("heading", level=1)).to_have_text("記録（明細）　令和8年度")
    look_on(live, axe, PHONE)
    live.set_viewport_size(DESKTOP)
    jobs.run(Job.objects.get().uuid)
    live.get_by_role("link", name="最新のようすを見る").click()
    expect(live.locator("main")).to_contain_text("18行を書き出しました。")
    name, content = downloaded(live, live.get_by_role("link", name=re.compile("ファイルを受け取る")))
    assert name == "出力.csv"
    assert len(read_table(content, name).rows) == 18
