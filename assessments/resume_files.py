"""The résumé of one person as a file: PDF and Excel. Takes no request; the caller has the person in scope (P04)."""

import datetime
import io

from django.template.loader import render_to_string

from access.actor import Actor
from assessments import pdf
from assessments.entry_reads import named
from assessments.record_page import Line
from assessments.resume_context import resume_context
from assessments.resume_page import Resume, load_resume
from lib.tabular import Sheet, write_xlsx
from organization.models import Staff

PDF_NAME, XLSX_NAME = "スキル履歴書.pdf", "スキル履歴書.xlsx"
PDF_TYPE = "application/pdf"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def resume_pdf_of(actor: Actor, staff: Staff, now: datetime.datetime, *, reason: str = "") -> bytes:
    """Return the résumé as the actor may see it, as PDF; `now` is the local time printed on it, with who and why.

    Raises OSError or ImportError where PDF cannot be made (`pdf.available`).
    """
    ctx = {
        **resume_context(actor, load_resume(actor, staff), now, layout="print.html"),
        "actor": actor,
        "reason": reason,
    }
    return pdf.pdf_of(render_to_string("assessments/resume.html", ctx))


def resume_xlsx_of(actor: Actor, staff: Staff, now: datetime.datetime, *, reason: str = "") -> bytes:
    """Return the résumé as the actor may see it, as a workbook; `now` is the local time written in it, with who and why."""
    shown = load_resume(actor, staff)
    file = io.BytesIO()
    write_xlsx(file, [*_level_sheets(actor, shown, now, reason), *_entry_sheets(shown)])
    return file.getvalue()


def _level_sheets(actor: Actor, shown: Resume, now: datetime.datetime, reason: str) -> list[Sheet]:
    staff, sheet = shown.staff, shown.sheet
    person = [
        ("職員番号", staff.staff_number),
        ("氏名", staff.name),
        ("フリガナ", staff.kana),
        ("旧姓", staff.former_name),
        ("職員区分", staff.get_employment_display()),
        ("職位", shown.profile.position),
        ("所属", shown.profile.department),
        ("兼務など", "、".join(shown.profile.additional)),
        ("年度", str(sheet.cycle) if sheet else "記録はまだありません"),
        ("状態", sheet.get_state_display() if sheet else ""),
        ("出力した日時", now),
        ("出力した人", actor.name),
        *([("理由", reason)] if reason else []),
        ("使いみち", "人材育成、配置、引継ぎ。人事評価とは別のものです。"),
    ]
    tiles = [tile for group in shown.matrix for tile in group.tiles]
    now_rows = [
        (
            tile.cell.area.category.name, tile.cell.area.name, tile.cell.stage.name, tile.cell.label, tile.cell.code,
            tile.own, tile.final, tile.target.step if tile.target else None, tile.words,
        )
        for tile in tiles
    ]  # fmt: skip
    years = [
        f"{label}{'' if confirmed else '（確定前）'}{'（取込み）' if imported else ''}"
        for label, confirmed, imported in shown.years
    ]
    return [
        Sheet("本人", ["項目", "内容"], person, [16, 60]),
        Sheet(
            "いまの到達度",
            [
                "分類",
                "区分",
                "段階",
                "項目",
                "項目コード",
                "自己到達度",
                "確認到達度",
                "目標",
                "到達度の意味",
            ],
            now_rows,
            [14, 30, 8, 30, 24, 12, 12, 8, 22],
        ),
        Sheet(
            "年度ごと",
            ["項目", *years],
            [(row.name, *(year.step for year in row.years)) for row in shown.rows],
            [44, *(14 for _ in years)],
        ),
    ]


def _entry_sheets(shown: Resume) -> list[Sheet]:
    record = shown.record
    works = [
        (
            one.start, one.end, one.title, one.get_category_display(), one.role, one.size, one.result, one.text,
            _cells(line),
        )
        for line in record.experiences
        for one in [line.detail]
    ]  # fmt: skip
    passed = [
        (
            one.start, one.title, one.registered_on, one.registration_number, one.renew_by, one.text, _cells(line),
        )
        for line in record.certificates
        for one in [line.detail]
    ]  # fmt: skip
    courses = [
        (
            one.start, one.end, one.title, line.by, one.get_form_display(), one.hours, one.fee,
            one.get_state_display(), one.result, one.text, _cells(line),
        )
        for line in [*record.applications, *record.courses]
        for one in [line.detail]
    ]  # fmt: skip
    places = [
        (
            place.since,
            place.line.entry.end if place.line else place.until,
            place.department,
            "本人の記録（発令にないもの）" if place.line else place.kind or "本務",
            place.position,
            place.line.entry.text if place.line else "",
        )
        for place in shown.places
    ]
    notes = [
        (
            one.title, one.text, one.successor.name if one.successor else "", "はい" if one.is_done else "いいえ",
            one.updated_at, _cells(line),
        )
        for line in record.memos
        for one in [line.detail]
    ]  # fmt: skip
    elsewhere = [
        (one.issuer, one.issued_on, step.fiscal_year, step.cell_name, step.step, step.confirmed_on)
        for one in record.foreign
        for step in one.steps
    ]
    return [
        Sheet(
            "業務経験",
            ["はじめ", "終わり", "名称", "区分", "役割", "規模", "結果", "内容", "示す項目"],
            works,
            [12, 12, 36, 14, 18, 24, 36, 50, 40],
        ),
        Sheet(
            "資格",
            ["合格日", "名称", "登録日", "登録番号", "更新期限", "内容", "示す項目"],
            passed,
            [12, 36, 12, 18, 12, 40, 40],
        ),
        Sheet(
            "研修",
            [
                "はじめ",
                "終わり",
                "名称",
                "実施",
                "形",
                "時間数",
                "費用（円）",
                "状態",
                "結果",
                "内容",
                "示す項目",
            ],
            courses,
            [12, 12, 36, 24, 16, 10, 12, 12, 30, 40, 40],
        ),
        Sheet(
            "所属の履歴",
            ["はじめ", "終わり", "所属", "発令種別", "職位", "内容"],
            places,
            [12, 12, 44, 26, 14, 40],
        ),
        Sheet(
            "引継ぎ",
            ["名称", "内容", "引き継ぐ人", "引継ぎを終えた", "更新日時", "示す項目"],
            notes,
            [36, 60, 16, 16, 18, 40],
        ),
        Sheet(
            "ほかの団体の到達度",
            ["発行元", "発行日", "年度", "項目", "確定した到達度", "確定日"],
            elsewhere,
            [20, 12, 8, 40, 16, 12],
        ),
    ]


def _cells(line: Line) -> str:
    """Return the names of the items that an entry shows."""
    return "、".join(named(line.shown.cells, line.shown.names))
