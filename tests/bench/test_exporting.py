"""What `make bench` takes out and brings in is the same on both sides."""

import csv
import io
from types import SimpleNamespace

import pytest
from django.db import connection, transaction

from assessments.models import Rating
from bench import exporting, loading
from bench.data import build_city, load_lasdec
from bench.measures import Bench
from bench.multitude import multiply
from lib.bulk_load import load

PEOPLE, CELLS = 8, 17
# 職員番号, 項目コード, both steps and 根拠: what is no word for a code.
SAME = (5, 16, 17, 18, 20)


@pytest.fixture
def city(db):
    city = build_city(load_lasdec(), number=1, people=PEOPLE)
    multiply(city, 3)
    return city


def asked(city):
    return city.municipality.pk, city.cycle.fiscal_year - 1


def test_the_yardstick_has_the_rows_of_the_export_in_their_order(city):
    sink = io.BytesIO()
    rows = exporting.streamed(*asked(city), sink)
    assert rows == exporting.counted(connection.connection, *asked(city)) == 3 * PEOPLE * CELLS
    ours = list(csv.reader(io.StringIO(sink.getvalue().decode("utf-8-sig"), newline="")))[1:]
    with connection.cursor() as cursor:
        cursor.execute(exporting._records(*asked(city)))
        theirs = [["" if cell is None else str(cell) for cell in row] for row in cursor.fetchall()]
    assert [[row[place] for place in SAME] for row in ours] == [
        [row[place] for place in SAME] for row in theirs
    ]


def test_the_way_without_copy_writes_the_same(city):
    found = []
    for by_copy in (True, False):
        sink = io.BytesIO()
        exporting.streamed(*asked(city), sink, by_copy=by_copy)
        found.append(sink.getvalue())
    assert found[0] == found[1]


def test_copies_are_people_of_their_own_with_sheets_that_stand(city):
    year = asked(city)[1]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT staff_id), count(DISTINCT current_revision_id), min(state), max(state) "
            "FROM assessments_sheet WHERE fiscal_year = %s",
            [year],
        )
        assert cursor.fetchone() == (3 * PEOPLE, 3 * PEOPLE, 3 * PEOPLE, "confirmed", "confirmed")
    # The guards are there again.
    with pytest.raises(Exception, match="immutable"), transaction.atomic():
        Rating.objects.filter(revision__sheet__fiscal_year=year).update(step=0)


def test_both_sides_of_the_load_write_the_same_rows_and_take_them_back(city):
    revisions = loading._revisions(city, PEOPLE)
    rows = [(revision, cell.pk, 3, "=1") for revision in revisions for cell in city.cells]
    here = Rating.objects.filter(revision__in=revisions)
    found = []

    def noted(act):
        act()
        found.append(
            sorted(here.values_list("municipality", "revision", "cell", "step", "evidence", "review"))
        )

    same = {"municipality": city.municipality.pk}
    columns = ["revision", "cell", "step", "evidence"]
    loading._taken_back(lambda: noted(lambda: load(Rating, columns, rows, same)))()
    loading._taken_back(lambda: noted(loading._bare(city.municipality.pk, rows)))()
    assert found[0] == found[1]
    assert len(found[0]) == PEOPLE * CELLS
    assert not here.exists()


def test_the_figure_of_the_load_names_its_rows(city, monkeypatch):
    monkeypatch.setattr(Bench, "city", lambda self, people: city)
    monkeypatch.setattr(Bench, "settle", lambda self: None)
    (figure,) = loading.loading(Bench(SimpleNamespace(), short=True))
    assert figure.behind.startswith(f"{PEOPLE * CELLS} rows")
    assert figure.value > 0
