"""Damaged files: nothing crashes, nothing is taken in half, no line goes unmentioned.

The suite tries a few; `scripts/fuzz_files` tries as many as asked for (FUZZ_FILES) and prints the figures.
"""

import csv
import hashlib
import io
import os
import sys
import uuid
import zipfile
from collections import Counter
from xml.etree import ElementTree

import pytest
from django.db import transaction

from access.refusals import Refusal
from assessments.models import Confirmation, Cycle, Entry, EntryCell, Rating, Revision, Sheet
from organization.import_preview import unpack
from organization.models import ComingChange, Department, ImportBatch, Leave, Position, Posting, Staff
from organization.workflow import apply_import, upload_import
from tests import builders as b
from tests.assessments.past import entries_options, ratings_options
from tests.damage import damaged
from tests.organization.files import NOW
from tests.organization.rosters import HEADER

FILES = int(os.environ.get("FUZZ_FILES", "160"))
WATCHED = (
    Department, Staff, Posting, Leave, Position, ComingChange,
    Cycle, Sheet, Revision, Rating, Confirmation, Entry, EntryCell,
)  # fmt: skip
State = ImportBatch.State


def roster_table(world):
    """Return a roster in which everything happens: new, moved, renamed, away, back, left, unchanged."""
    rows = [
        [world.honnin.staff_number, "山﨑 美咲", "", "", "正規", "010102", "", "主査", "", "本務", "令和8年4月1日", "", ""],
        [world.dourei.staff_number, "小林 健一", "コバヤシ", "", "", "010101", "", "", "", "兼務", "R8.4.1", "2027/3/31", ""],
        [world.betsuka.staff_number, "森 健太", "", "", "", "020100", "", "", "", "育休", "2026/5/1", "", ""],
        [world.henshu.staff_number, "石井 大輔", "", "", "", "", "", "", "", "退職", "2026-04-01", "", ""],
        ["0090001", "髙橋 新", "タカハシ シン", "", "会計年度任用", "010100", "", "事務員", "", "本務", "R8.4.1", "R9.3.31", ""],
        ["0090002", "見本, \"太郎\"", "ミホン", "例", "", "020000", "総務部", "係長", "係長級", "本務", "R8.4.1", "", ""],
    ]  # fmt: skip
    return HEADER.split(","), rows


def organization_table(world):
    """Return an organisation with a new department, a renamed one and one that ends."""
    rows = [
        ["010000", "政策経営部", "", "令和2年4月1日", ""],
        ["010100", "デジタル戦略課", "010000", "2020/4/1", ""],
        ["010103", "データ係", "010100", "令和8年4月1日", ""],
        ["030000", "市民部", "", "R8.4.1", ""],
        ["030100", "市民課", "030000", "2026-04-01", "2027-03-31"],
    ]
    return ["所属コード", "所属名", "上位所属コード", "開始日", "終了日"], rows


def ratings_table(world):
    """Return a past year, a line a person with a column a cell; somebody has blanks."""
    people = (world.honnin, world.dourei, world.betsuka, world.henshu, world.kakari, world.kacho)
    rows = [
        [one.staff_number, one.name, *(str((at + cell) % 5) for cell in range(len(world.cells)))]
        for at, one in enumerate(people)
    ]
    rows[3][3:] = [""] * len(rows[3][3:])
    return ["職員番号", "氏名", *(cell.code for cell in world.cells)], rows


def entries_table(world):
    """Return past 業務経験: with and without an end, with a cell, with words that need quotes."""
    code = world.cells[0].code
    rows = [
        [world.honnin.staff_number, world.honnin.name, "番号制度の導入", "令和2年4月1日", "2022/3/31", code],
        [world.honnin.staff_number, world.honnin.name, '窓口の"改善", その2', "R4.4.1", "", ""],
        [world.dourei.staff_number, world.dourei.name, "税の電算、更改", "2021-04-01", "2023-03-31", ""],
        [
            world.betsuka.staff_number,
            world.betsuka.name,
            "𠮷野支所の統合",
            "平成30年10月1日",
            "R2.3.31",
            code,
        ],
        [world.henshu.staff_number, "", "情報公開", "2019/4/1", "2020/3/31", ""],
    ]
    return ["職員番号", "氏名", "名称", "はじめ", "終わり", "示す項目"], rows


TABLES = {
    "roster": roster_table,
    "organization": organization_table,
    "ratings": ratings_table,
    "entries": entries_table,
}
# What the upload keeps of the choices on its page.
OPTIONS = {"ratings": ratings_options, "entries": entries_options}


def upload(kind, name, content, world):
    """Return the batch of a file that 人事 chose."""
    options = OPTIONS[kind](world) if kind in OPTIONS else None
    return upload_import(
        by=b.actor_of(world.jinji), kind=kind, file_name=name, content=content, now=NOW, options=options
    )


def state_of_things() -> str:
    """Return a print of everything that an import may change."""
    found = hashlib.sha256()
    for model in WATCHED:
        for row in model.objects.order_by("pk").values_list():
            found.update(repr(row).encode())
    return found.hexdigest()


def lines_of(content: bytes) -> set[int]:
    """Return the numbers of the lines that hold something, the header left out, read without the product."""
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            sheet = ElementTree.fromstring(package.read("xl/worksheets/sheet1.xml"))
        space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
        found, number = [], 0
        for row in sheet.iter(f"{space}row"):
            number = int(row.get("r", number + 1))
            if any("".join(cell.itertext()).strip() for cell in row.iter(f"{space}c")):
                found.append(number)
        return set(found[1:])
    for encoding in ("utf-8-sig", "cp932"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    reader = csv.reader(io.StringIO(text.rstrip("\x1a"), newline=""))
    found, start = [], 1
    for cells in reader:
        # Controls are left out of every cell (lib.text): a line of nothing else is blank.
        if any(char.isprintable() and not char.isspace() for cell in cells for char in cell):
            found.append(start)
        start = reader.line_num + 1
    return set(found[1:])


def try_one(kind: str, number: int, world, table) -> str:
    """Bring a damaged file in, and return what became of it; everything is as before at the end."""
    name, content = damaged(kind, number, *table)
    where = (kind, number, name)
    before = state_of_things()
    with transaction.atomic():
        batch = upload(kind, name, content, world)
        assert state_of_things() == before, f"{where}: looking at the file changed something"
        preview = unpack(batch.preview)
        if batch.state == State.REFUSED:
            assert preview.problems, f"{where}: refused without a reason"
            assert all(problem.message for problem in preview.problems), where
            became = "refused"
        else:
            assert batch.state == State.PREVIEWED, where
            told = {o.line for o in preview.outcomes} | {p.line for p in preview.warnings}
            assert lines_of(content) <= told, (
                f"{where}: lines {sorted(lines_of(content) - told)} are not mentioned"
            )
            became = bring_in(kind, name, content, batch, world, before, where)
        transaction.set_rollback(True)
    return became


def bring_in(kind, name, content, batch, world, before, where) -> str:
    """Apply what was shown: all of it, so that the same file again changes nothing, or nothing at all."""
    try:
        with transaction.atomic():
            batch = apply_import(
                by=b.actor_of(world.jinji), batch=batch, key=uuid.uuid4(), version=batch.version, now=NOW
            )
    except Refusal as refusal:
        assert state_of_things() == before, f"{where}: refused, and yet something changed"
        return f"refused at the end ({refusal.message[:20]})"
    assert batch.state == State.APPLIED, where
    again = upload(kind, name, content, world)
    assert again.state == State.PREVIEWED, f"{where}: the same file is refused once it was taken in"
    left = set(again.counts["kinds"]) - {"unchanged", "empty"}
    assert not left, f"{where}: taken in, and yet {left} are left"
    return "taken in"


def say(kind: str, count: int, became: Counter, faults: list[str]) -> None:
    """Print the figures, for whoever runs it with -s."""
    words = ", ".join(f"{word} {times}" for word, times in became.most_common())
    sys.stdout.write(f"\nfiles.damaged.{kind} {len(faults)} faults of {count} files ({words})\n")


@pytest.mark.parametrize("kind", TABLES)
def test_damaged_files_are_refused_whole_or_taken_in_whole(kind, world):
    table = TABLES[kind](world)
    share = FILES // len(TABLES)
    became, faults = Counter(), []
    for number in range(share):
        try:
            became[try_one(kind, number, world, table)] += 1
        except Exception as fault:
            faults.append(f"file {number}: {type(fault).__name__}: {fault}")
    say(kind, share, became, faults)
    assert faults == []
    assert became["refused"] > share / 4
    assert became["taken in"] > share / 20


@pytest.mark.parametrize("kind", TABLES)
def test_the_sound_file_is_taken_in(kind, world):
    header, rows = TABLES[kind](world)
    content = "\n".join(
        ",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in [header, *rows]
    )
    before = state_of_things()
    batch = upload(kind, "a.csv", content.encode(), world)
    assert unpack(batch.preview).problems == []
    assert lines_of(content.encode()) == set(range(2, len(rows) + 2))
    assert bring_in(kind, "a.csv", content.encode(), batch, world, before, kind) == "taken in"
    assert state_of_things() != before
