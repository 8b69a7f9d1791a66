"""The year of a department, end to end and in one go, with the sample files of the documentation and a picture of each step."""

import io
import re
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from django.utils import timezone

from lib.dates import format_wareki
from tests.e2e.journeys import (
    become,
    choose_password,
    downloaded,
    empty_city,
    expect,
    on_the_slip,
    prepare_the_year,
    sign_in_as,
    told,
    upload,
)

pytestmark = pytest.mark.django_db(transaction=True)

SAMPLES = Path(__file__).parents[2] / "docs" / "samples"
CELL = "業務分析"
EVIDENCE = "転入の手続きの流れを図にし、入力の回数を三回から一回に減らした。"
PASSWORDS = {"濵田 翔": "朝焼けに染まる坂道", "德永 早苗": "川沿いの並木道を", "宮﨑 徹": "山の端に月が出る"}


def test_roster_sheet_confirmation_gap_report_and_excel(db, live):
    empty_city()
    slips = _people_come_in(live)
    for name, (username, code) in slips.items():
        become(live, username, code)
        choose_password(live, PASSWORDS[name] * 2)
        expect(told(live)).to_contain_text("パスワードを変更しました。")

    become(live, slips["濵田 翔"][0], PASSWORDS["濵田 翔"] * 2)
    live.shot("year-06-home")
    _fill_in(live)

    become(live, slips["德永 早苗"][0], PASSWORDS["德永 早苗"] * 2)
    live.get_by_role("link", name="確認待ち 1件へ").click()
    live.get_by_role("link", name="濵田 翔").first.click()
    for row in live.locator("fieldset.skill-row").all():
        own = "3" if CELL in row.inner_text() else "2"
        row.locator(f"input[name^='step-'][value='{own}']").check()
    live.shot("year-10-first-confirmation")
    live.get_by_role("button", name="一次確認する").click()
    expect(told(live)).to_contain_text("一次確認しました。")

    become(live, slips["宮﨑 徹"][0], PASSWORDS["宮﨑 徹"] * 2)
    tile = _report_before(live)
    expect(tile).to_contain_text("不在")
    live.go("/review/")
    live.get_by_role("link", name="濵田 翔").first.click()
    live.get_by_role("button", name="本人と一次確認が同じ項目をまとめて確認（17項目）").click()
    live.shot("year-12-confirmation")
    live.get_by_role("button", name="確定する").click()
    expect(told(live)).to_contain_text("濵田 翔さんの年度票を確定しました。")
    live.get_by_role("navigation", name="主なメニュー").get_by_role("link", name="スキルギャップ").click()
    live.locator("main").get_by_role("link", name="情報政策課").first.click()
    expect(tile).to_contain_text("一人依存")
    expect(tile).to_contain_text("濵田")
    expect(tile.locator(".count")).to_have_text(re.compile(r"^1\s*／\s*1"))
    live.shot("year-13-gap-report")
    coverage = _rows(live, live.get_by_role("link", name="Excelに出す"))
    ours = [row for row in coverage if row["所属コード"] == "030200" and row["項目"] == CELL]
    assert [(row["必要人数"], row["できる人数"], row["充足状況"]) for row in ours] == [(1, 1, "一人依存")]

    become(live, "jinji")
    live.get_by_role("navigation", name="主なメニュー").get_by_role("link", name="出力").click()
    live.get_by_role("link", name="記録（明細）").click()
    live.get_by_label("Excel").check()
    live.get_by_role("textbox", name=re.compile("^理由")).fill("研修計画の資料")
    live.shot("year-14-export")
    records = _rows(live, live.get_by_role("button", name="ファイルを作る"))
    assert {(row["職員番号"], row["氏名"], row["状態"]) for row in records} == {
        ("0012033", "濵田 翔", "確定")
    }
    analysis = next(row for row in records if row["項目"] == CELL)
    assert (analysis["自己到達度"], analysis["確認到達度"], analysis["根拠"]) == (3, 3, EVIDENCE)


def _people_come_in(live):
    """As 人事: the two files, the slips, the year. Returns {name: (sign-in name, code)} of three people."""
    sign_in_as(live, "jinji")
    upload(live, "組織", SAMPLES / "organization.csv")
    live.shot("year-01-organisation")
    live.get_by_role("button", name="取り込む", exact=True).click()
    expect(told(live)).to_contain_text("取り込みました。")
    upload(live, "職員名簿", SAMPLES / "roster-cp932.csv")
    live.shot("year-02-roster-preview")
    live.get_by_role("button", name="取り込む", exact=True).click()
    expect(told(live)).to_contain_text("取り込みました。")
    live.shot("year-03-roster-applied")
    live.get_by_role("link", name="初回ログインの番号を出す").click()
    live.get_by_label("情報政策課").check()
    live.get_by_role("button", name="番号を出す").click()
    slips = {name: on_the_slip(live, name) for name in PASSWORDS}
    live.shot("year-04-slips")
    today = timezone.localdate()
    prepare_the_year(live, [format_wareki(today + timedelta(days=days)) for days in (30, 60)])
    live.get_by_role("button", name="受付を始める").click()
    expect(told(live)).to_contain_text("受付を始めました。")
    live.shot("year-05-open")
    return slips


def _fill_in(live):
    """As the person: every cell, one of them with a higher step and its evidence, and the submission."""
    live.get_by_role("link", name="記入を始める").click()
    for row in live.locator("fieldset.skill-row").all():
        raised = CELL in row.inner_text()
        row.locator(f"input[name^='step-'][value='{3 if raised else 2}']").check()
        if raised:
            row.get_by_role("textbox").fill(EVIDENCE)
    expect(live.locator("[data-status]")).to_have_text(re.compile("自動で保存しました"))
    expect(live.locator("[data-done]")).to_have_text("17")
    live.shot("year-07-sheet")
    live.get_by_role("button", name="確認して提出へ進む").click()
    expect(live.locator("main")).to_contain_text(EVIDENCE)
    live.shot("year-08-last-look")
    live.get_by_role("button", name="提出する").click()
    expect(told(live)).to_contain_text("提出しました。")
    live.shot("year-09-submitted")


def _report_before(live):
    """As 所属長: one person needed for the cell; returns its tile, where nobody confirmed stands yet."""
    live.get_by_role("navigation", name="主なメニュー").get_by_role("link", name="スキルギャップ").click()
    live.locator("main").get_by_role("link", name="情報政策課").first.click()
    live.get_by_role("link", name="必要人数を決める").click()
    live.get_by_role("textbox", name=re.compile(f"{CELL}の必要人数")).fill("1")
    live.get_by_role("button", name="必要人数を保存する").click()
    expect(told(live)).to_contain_text("必要人数を保存しました。")
    live.shot("year-11-gap-report-before")
    return live.locator(".tile").filter(has_text=CELL)


def _rows(live, control):
    """Download an Excel file and return its rows as mappings by the names of the columns; a list."""
    name, content = downloaded(live, control)
    assert name.endswith(".xlsx")
    header, *rows = openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]
