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
from organization.import_preview import unpack
from organization.models import ComingChange, Department, ImportBatch, Leave, Position, Posting, Staff
from organization.workflow import apply_import, upload_import
from tests import builders as b
from tests.damage import damaged
from tests.organization.files import NOW
from tests.organization.rosters import HEADER

FILES = int(os.environ.get("FUZZ_FILES", "160"))
WATCHED = (Department, Staff, Posting, Leave, Position, ComingChange)
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


TABLES = {"roster": roster_table, "organization": organization_table}


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
    by, before = b.actor_of(world.jinji), state_of_things()
    with transaction.atomic():
        batch = upload_import(by=by, kind=kind, file_name=name, content=content, now=NOW)
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
            became = bring_in(kind, name, content, batch, by, before, where)
        transaction.set_rollback(True)
    return became


def bring_in(kind, name, content, batch, by, before, where) -> str:
    """Apply what was shown: all of it, so that the same file again changes nothing, or nothing at all."""
    try:
        with transaction.atomic():
            batch = apply_import(by=by, batch=batch, key=uuid.uuid4(), version=batch.version, now=NOW)
    except Refusal as refusal:
        assert state_of_things() == before, f"{where}: refused, and yet something changed"
        return f"refused at the end ({refusal.message[:20]})"
    assert batch.state == State.APPLIED, where
    again = upload_import(by=by, kind=kind, file_name=name, content=content, now=NOW)
    assert again.state == State.PREVIEWED, f"{where}: the same file is refused once it was taken in"
    left = set(again.counts["kinds"]) - {"unchanged"}
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
    by, before = b.actor_of(world.jinji), state_of_things()
    batch = upload_import(by=by, kind=kind, file_name="a.csv", content=content.encode(), now=NOW)
    assert unpack(batch.preview).problems == []
    assert lines_of(content.encode()) == set(range(2, len(rows) + 2))
    assert bring_in(kind, "a.csv", content.encode(), batch, by, before, kind) == "taken in"
    assert state_of_things() != before
