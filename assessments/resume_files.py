"""The résumé of one person as a file: PDF and Excel. Takes no request; the caller has the person in scope (P04)."""

import datetime
import io
from collections.abc import Iterable

from django.template.loader import render_to_string

from access.actor import Actor
from assessments import pdf
from assessments.entry_reads import Shown, cell_names, entries_of, named
from assessments.models import Entry
from assessments.resume_context import resume_context
from assessments.resume_page import Resume, load_resume
from lib.tabular import Sheet, write_xlsx
from organization.models import Staff

PDF_NAME, XLSX_NAME = "スキル履歴書.pdf", "スキル履歴書.xlsx"
PDF_TYPE = "application/pdf"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def resume_pdf_of(actor: Actor, staff: Staff, now: datetime.datetime) -> bytes:
    """Return the résumé as the actor may see it, as PDF; `now` is the local time printed on it.

    Raises OSError or ImportError where PDF cannot be made (`pdf.available`).
    """
    ctx = {
        **resume_context(actor, load_resume(actor, staff), now, layout="print.html"),
        "actor": actor,
    }
    return pdf.pdf_of(render_to_string("assessments/resume.html", ctx))


def resume_xlsx_of(actor: Actor, staff: Staff, now: datetime.datetime) -> bytes:
    """Return the résumé as the actor may see it, as a workbook; `now` is the local time written in it."""
    shown = load_resume(actor, staff)
    entries = entries_of(staff.pk)
    names = cell_names(code for each in entries for code in each.cells)
    file = io.BytesIO()
    write_xlsx(file, [*_level_sheets(actor, shown, now), *_entry_sheets(shown, entries, names)])
    return file.getvalue()


def _level_sheets(actor: Actor, shown: Resume, now: datetime.datetime) -> list[Sheet]:
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
    years = [f"{label}{'' if confirmed else '（確定前）'}" for label, confirmed in shown.years]
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


def _entry_sheets(shown: Resume, entries: Iterable[Shown], names: dict[str, str]) -> list[Sheet]:
    of: dict[str, list[Shown]] = {kind: [] for kind in Entry.Kind}
    for each in entries:
        of[each.entry.kind].append(each)

    def cells(each: Shown) -> str:
        return "、".join(named(each.cells, names))

    works = [
        (
            one.start, one.end, one.title, one.get_category_display(), one.role, one.size, one.result, one.text, cells(each),
        )
        for each in of[Entry.Kind.EXPERIENCE]
        for one in [each.detail]
    ]  # fmt: skip
    passed = [
        (
            one.start, one.title, one.registered_on, one.registration_number, one.renew_by, one.text, cells(each),
        )
        for each in of[Entry.Kind.CERTIFICATION]
        for one in [each.detail]
    ]  # fmt: skip
    courses = [
        (
            one.start, one.end, one.title, one.provider, one.get_form_display(), one.hours, one.fee,
            one.get_state_display(), one.result, one.text, cells(each),
        )
        for each in of[Entry.Kind.TRAINING]
        for one in [each.detail]
    ]  # fmt: skip
    places = [
        (place.since, place.until, place.department, place.kind or "本務", place.position)
        for place in shown.places
    ]
    places += [
        (each.entry.start, each.entry.end, each.entry.title, "発令にないもの", each.detail.role)
        for each in of[Entry.Kind.CAREER]
    ]
    notes = [
        (
            one.title, one.text, one.successor.name if one.successor else "", "はい" if one.is_done else "いいえ",
            one.updated_at, cells(each),
        )
        for each in of[Entry.Kind.HANDOVER]
        for one in [each.detail]
    ]  # fmt: skip
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
        Sheet("所属の履歴", ["はじめ", "終わり", "所属", "発令種別", "職位"], places, [12, 12, 44, 16, 14]),
        Sheet(
            "引継ぎ",
            ["名称", "内容", "引き継ぐ人", "引継ぎを終えた", "更新日時", "示す項目"],
            notes,
            [36, 60, 16, 16, 18, 40],
        ),
    ]
