"""The long form as finished lines is the file that its rows make, byte for byte, by COPY and without."""

import pytest
from django.db import connection
from django.utils import timezone

from assessments import export_lines
from assessments.export_files import CP932, CSV, csv_pieces, export_of, write
from assessments.export_kind import Wish, export_kinds
from assessments.exports import LONG_HEADER, exportable, long_rows
from assessments.models import Cycle, Rating, Sheet
from lib import tenant
from lib.cp932 import CannotEncode
from lib.csv_parts import CsvParts
from lib.tabular_write import write_csv
from tests import builders as b
from tests.assessments.sheets import confirmations, in_state, steps_of, submitted

EVIDENCE = [
    "", "=1+1", "'=1+1", "\t=cmd", "＝1", "　@x", "0012", "-5", "-5です", 'かぎ「"」', "a,b", "改行\nあり", "\r\n", "\\.", "\\N",
    "NULL", "NUL\x01=1", "\x85", "𠮷田さんと", "〜まで", "か\u3099", "・", "①②", "%s %(a)s", " ", "x" * 400,
]  # fmt: skip
WAYS = ["read", *(["copied"] if connection.vendor == "postgresql" else [])]


@pytest.fixture
def hostile(world):
    """A person for every hostile text, with it as evidence, name and 所属名 or 職位; in every state that has rows, and others."""
    world.city.name = 'みほん,"市"'
    world.city.save(update_fields=["name"])
    states = [Sheet.State.CONFIRMED, Sheet.State.SUBMITTED, Sheet.State.FIRST_CONFIRMED]
    for place, text in enumerate(EVIDENCE):
        name = text.replace("\n", "")[:40] or "空 欄"
        staff = b.make_staff(world.city, name, kana=text.replace("\n", "")[:20])
        department = b.make_department(world.city, name, parent=world.bu)
        b.make_posting(staff, department)
        sheet = b.make_sheet(staff, world.cycle, department)
        submitted(sheet, evidence=text)
        sheet.refresh_from_db()
        steps = steps_of(sheet, place % 5)
        if states[place % 3] == Sheet.State.CONFIRMED:
            confirmations(sheet, world.kacho, "final", dict(list(steps.items())[place % 2 :]))
            now = timezone.now()
            Sheet.objects.filter(pk=sheet.pk).update(
                state="confirmed", confirmed_at=now, without_confirmer=place % 2 == 0, position=name
            )
    in_state(b.make_sheet(world.kakari, world.cycle, world.kakari_dept), Sheet.State.DRAFTING)
    return world


def lines_of(world, encoding, *, replace=False, cycle=None):
    cycle = cycle or world.cycle
    return list(export_lines.long_lines(exportable(None, cycle), cycle, CsvParts(encoding, replace=replace)))


def rows_of(world, cycle=None):
    cycle = cycle or world.cycle
    return long_rows(exportable(None, cycle), cycle)


@pytest.fixture(params=WAYS)
def way(request, monkeypatch):
    """Each way of reading the ratings that the database knows."""
    if request.param == "read":
        monkeypatch.setattr("assessments.export_lines.can_copy", lambda rows: False)
    return request.param


@pytest.mark.parametrize("chunk", [1, 3, 5000])
@pytest.mark.parametrize(("encoding", "replace"), [("utf-8-sig", False), ("utf-8", False), ("cp932", True)])
def test_both_ways_make_the_file_of_the_rows(hostile, way, monkeypatch, encoding, replace, chunk):
    monkeypatch.setattr("assessments.export_lines._PEOPLE", chunk)
    expected = b"".join(write_csv(LONG_HEADER, rows_of(hostile), encoding=encoding, replace=replace))
    pieces = lines_of(hostile, encoding, replace=replace)
    assert b"".join(piece for piece, _ in pieces) == expected
    assert sum(rows for _, rows in pieces) == len(EVIDENCE) * 6 == Rating.objects.count()


def test_what_cp932_cannot_carry_stops_both_ways(hostile, way):
    with pytest.raises(CannotEncode):
        lines_of(hostile, "cp932")
    # Nothing is left half done on the connection.
    assert lines_of(hostile, "utf-8")


def test_a_framework_of_many_cells_holds_fewer_people(hostile, way, monkeypatch):
    monkeypatch.setattr("assessments.export_lines._ROWS", 14)
    pieces = lines_of(hostile, "utf-8-sig")
    assert max(rows for _, rows in pieces) == 12
    assert b"".join(piece for piece, _ in pieces) == b"".join(write_csv(LONG_HEADER, rows_of(hostile)))


def test_a_year_without_rows_is_its_header(hostile, way):
    empty = Cycle.objects.get(pk=hostile.foreign_cycle.pk)
    assert b"".join(piece for piece, _ in lines_of(hostile, "utf-8-sig", cycle=empty)) == b"".join(
        write_csv(LONG_HEADER, [])
    )


def test_the_municipality_itself_gets_the_same_file(hostile, way):
    expected = b"".join(write_csv(LONG_HEADER, rows_of(hostile)))
    wish = Wish(Cycle.objects.select_related("municipality").get(pk=hostile.cycle.pk))
    with tenant.as_tenant(hostile.city.pk):
        table = export_kinds()["records"].table(b.actor_of(hostile.jinji), wish)
        assert b"".join(piece for piece, _ in csv_pieces(table, "utf-8-sig")) == expected


@pytest.mark.parametrize("who", ["honnin", "dourei", "kacho", "betsuka", "jinji"])
def test_nobody_gets_a_line_more_than_their_rows(hostile, way, who):
    in_state(hostile.sheet, Sheet.State.CONFIRMED, confirmer=hostile.kacho)
    submitted(b.make_sheet(hostile.dourei, hostile.cycle, hostile.kiban))
    table = export_kinds()["records"].table(b.actor_of(getattr(hostile, who)), Wish(hostile.cycle))
    pieces = list(csv_pieces(table, "utf-8-sig"))
    assert b"".join(piece for piece, _ in pieces) == b"".join(write_csv(table.header, table.rows()))
    assert sum(rows for _, rows in pieces) == table.count()


@pytest.mark.parametrize(("form", "replace"), [(CSV, False), (CP932, True)])
def test_the_export_takes_the_lines(hostile, way, form, replace):
    export = export_of(
        "records", export_kinds()["records"], None, Wish(hostile.cycle), format=form, replace=replace
    )
    written = write(export)
    with written.file:
        assert written.rows == len(EVIDENCE) * 6
        content = written.file.read()
    if form == CSV:
        assert content == b"".join(write_csv(LONG_HEADER, rows_of(hostile)))


@pytest.mark.parametrize("people", [2, 30])
def test_lines_cost_the_same_at_any_size(world, way, django_assert_num_queries, people):
    for number in range(people):
        staff = b.make_staff(world.city, f"職員 {number}")
        in_state(b.make_sheet(staff, world.cycle, world.kiban), Sheet.State.CONFIRMED, confirmer=world.kacho)
    cycle = Cycle.objects.select_related("municipality").get(pk=world.cycle.pk)
    # A COPY in a transaction of the test has a savepoint around it.
    with django_assert_num_queries(5 if way == "read" else 9):
        pieces = list(export_lines.long_lines(exportable(None, cycle), cycle, CsvParts("utf-8")))
    assert sum(rows for _, rows in pieces) == people * 6
