"""Many rows at once are the rows that one INSERT each would have made, and are refused like them."""

import re

import pytest
from django.db import DataError, IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from assessments.models import Confirmation, Rating, Revision, Sheet
from lib import bulk_load, tenant
from lib.bulk_load import load
from tests.assessments.sheets import submitted

postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has COPY")
COLUMNS = ["revision", "cell", "step", "evidence", "carried_from"]


@pytest.fixture
def revision(world):
    """A revision that is not handed in yet, and so takes ratings."""
    return Revision.objects.create(
        municipality=world.city, sheet=world.sheet, number=1, submitted_at=timezone.now(),
        submitted_by=world.honnin,
    )  # fmt: skip


@pytest.fixture(params=["best", "plain"])
def way(request, monkeypatch):
    """The way of the database, and the one that is left where a role may have no tables of its own."""
    if request.param == "plain":
        monkeypatch.setattr(bulk_load, "_may_stage", lambda connection: False)
    return request.param


def rows_of(world, revision, **first):
    rows = [[revision.pk, cell.pk, place % 5, f"根拠{place}", None] for place, cell in enumerate(world.cells)]
    for name, value in first.items():
        rows[0][COLUMNS.index(name)] = value
    return rows


@pytest.mark.parametrize("size", [1, 4, 50_000])
def test_rows_and_what_is_the_same_in_all_are_written(world, revision, way, monkeypatch, size):
    monkeypatch.setattr(bulk_load, "_BATCH", size)
    rows = rows_of(world, revision, carried_from=world.cells[1].pk)
    assert load(Rating, COLUMNS, iter(rows), {"municipality": world.city.pk}) == 6
    assert [list(row) for row in Rating.objects.order_by("cell__rank").values_list(*COLUMNS)] == rows
    assert set(Rating.objects.values_list("municipality_id", "review")) == {(world.city.pk, False)}


def test_moments_and_words_are_written_as_by_the_orm(world, revision, way):
    now = timezone.now()
    same = {
        "municipality": world.city.pk, "level": Confirmation.Level.FIRST, "confirmer": world.kakari.pk, "updated_at": now,
    }  # fmt: skip
    load(
        Confirmation, ["revision", "cell", "step"], [(revision.pk, cell.pk, 2) for cell in world.cells], same
    )
    one = Confirmation.objects.get(cell=world.cells[0])
    expected = Confirmation(
        pk=one.pk, revision=revision, cell=world.cells[0], step=2, municipality=world.city, level="first",
        confirmer=world.kakari, updated_at=now,
    )  # fmt: skip
    for field in Confirmation._meta.concrete_fields:
        assert getattr(one, field.attname) == getattr(expected, field.attname), field.name


def test_nothing_to_write_writes_nothing(world, way):
    assert load(Rating, COLUMNS, [], {"municipality": world.city.pk}) == 0


@pytest.mark.parametrize(
    "breach", [{"step": 5}, {"step": None}, {"cell": "second"}], ids=["check", "null", "twice"]
)
def test_keys_and_checks_hold_and_nothing_stays(world, revision, way, breach):
    wrong = {name: world.cells[1].pk if value == "second" else value for name, value in breach.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        load(Rating, COLUMNS, rows_of(world, revision, **wrong), {"municipality": world.city.pk})
    assert not Rating.objects.exists()
    # What was refused leaves nothing in the way of the next.
    assert load(Rating, COLUMNS, rows_of(world, revision), {"municipality": world.city.pk}) == 6


def test_the_guard_of_what_was_handed_in_holds(world, way):
    submitted(world.sheet)
    world.sheet.refresh_from_db()
    rows = [(world.sheet.current_revision_id, world.cells[0].pk, 1)]
    with pytest.raises(IntegrityError), transaction.atomic():
        load(Rating, ["revision", "cell", "step"], rows, {"municipality": world.city.pk})


def test_a_column_that_differs_in_each_row_has_to_be_named(world):
    with pytest.raises(ValueError, match="uuid is another one"):
        load(Sheet, ["staff"], [(world.honnin.pk,)], {"municipality": world.city.pk})


@postgres
def test_the_wall_holds(world, revision, way):
    row = rows_of(world, revision)[0]
    with tenant.as_tenant(world.city.pk), pytest.raises(ProgrammingError), transaction.atomic():
        load(Rating, COLUMNS, [row], {"municipality": world.foreign_sheet.municipality_id})
    with tenant.as_tenant(world.foreign_sheet.municipality_id), pytest.raises(IntegrityError):
        write_and_ask_the_keys(row, world.foreign_sheet.municipality_id)
    with tenant.as_tenant(world.city.pk):
        write_and_ask_the_keys(row, world.city.pk)


def write_and_ask_the_keys(row, municipality):
    with transaction.atomic(), connection.cursor() as cursor:
        load(Rating, COLUMNS, [row], {"municipality": municipality})
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@postgres
def test_a_role_without_tables_of_its_own_is_found(world):
    with connection.cursor() as cursor:
        assert bulk_load._may_stage(connection)
        cursor.execute("SELECT current_database()")
        (name,) = cursor.fetchone()
        cursor.execute(f'REVOKE TEMPORARY ON DATABASE "{name}" FROM PUBLIC')
    with tenant.as_tenant(world.city.pk):
        assert not bulk_load._may_stage(connection)


@postgres
def test_a_value_of_another_kind_is_refused(world, revision):
    with pytest.raises(DataError), transaction.atomic():
        load(
            Rating,
            COLUMNS,
            rows_of(world, revision, step="eins"),
            {"municipality": world.city.pk},
        )


def as_postgresql_reads(cell):
    """Return the value of a cell of COPY's text format."""
    signs = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\"}
    return None if cell == "\\N" else re.sub(r"\\(.)", lambda found: signs[found[1]], cell)


@given(st.one_of(st.none(), st.text(max_size=20), st.text("\\tnrN.\t\n\r", max_size=8)))
def test_a_cell_is_read_as_it_was_meant(value):
    cell = bulk_load._text(value)
    assert not set(cell) & set("\t\n\r")
    assert as_postgresql_reads(cell) == value


def test_hostile_texts_come_back(world, revision, way):
    texts = ["\\N", "\\.\n\\.", "\t\r\n\\t", "%s 𠮷 '\"", "", " "]
    rows = [[revision.pk, cell.pk, 1, text] for cell, text in zip(world.cells, texts, strict=True)]
    load(Rating, COLUMNS[:4], rows, {"municipality": world.city.pk})
    assert list(Rating.objects.order_by("cell__rank").values_list("evidence", flat=True)) == texts
