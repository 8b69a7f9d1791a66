"""The drill of upgrades goes red for a row that is lost or changed, a definition that differs, a page that breaks."""

import sqlite3
from contextlib import closing

import pytest

from tests.drills import upgrade as drill
from tests.upgrades.releases import ENGINES, Database, releases

ROW = {"id": 1, "name": "見本 花子", "step": 2}


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({}, "is gone"),
        ({"staff": {}}, "is gone"),
        ({"staff": {(1,): {**ROW, "step": 3}}}, "another step"),
        ({"staff": {(1,): {**ROW, "step": None, "name": ""}}}, "another name, step"),
    ],
)
def test_a_row_that_is_not_as_it_was_is_found(now, said):
    (found,) = drill.changes({"staff": {(1,): ROW}}, now)
    assert found.endswith(said)


def test_what_is_new_and_what_was_changed_on_purpose_is_no_loss(monkeypatch):
    before = {"staff": {(1,): ROW}}
    more = {"staff": {(1,): {**ROW, "kana": ""}, (2,): ROW}, "office": {(1,): {}}}
    assert drill.changes(before, more) == []
    later = {"staff": {(1,): {**ROW, "step": 4}}}
    monkeypatch.setitem(drill.CHANGED, ("staff", "step"), "five steps became four")
    assert drill.changes(before, later) == []


def test_a_definition_that_differs_is_found():
    assert drill.unlike(["table a", "index b"], ["table a", "index c"]) == [
        "missing: index b",
        "too much: index c",
    ]


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory):
    """The oldest release on SQLite, brought to today after a kill."""
    folder = tmp_path_factory.mktemp("upgrade")
    url = f"sqlite:///{folder}/kept.sqlite3"
    release = releases()[0]
    release.load(url)
    before = Database(url).rows()
    assert drill.killed(url, drill.SECONDS_OF_MIGRATE, 1) in (0, 1)
    return release, url, before, folder


def test_an_upgrade_that_was_killed_loses_nothing_and_a_lost_row_shows(upgraded):
    release, url, before, folder = upgraded
    database = Database(url)
    assert drill.changes(before, database.rows()) == []
    schema = database.schema()
    assert drill.complaints(release, url, schema, folder) == []
    # Opening the pages has signed people in.
    before = database.rows()
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("DELETE FROM gaps_need WHERE id = (SELECT min(id) FROM gaps_need)")
        connection.execute(
            "UPDATE gaps_measure SET version = version + 1 WHERE id = (SELECT max(id) FROM gaps_measure)"
        )
        connection.execute("CREATE INDEX of_nobody ON gaps_need (id)")
    assert sorted(line.split()[0] for line in drill.changes(before, database.rows())) == [
        "gaps_measure", "gaps_need",
    ]  # fmt: skip
    assert any("of_nobody" in line for line in drill.complaints(release, url, schema, folder))


def test_every_release_is_kept_for_both_engines_with_as_many_rows_as_it_says(tmp_path):
    for release in releases():
        assert all(len(release.text(engine)) > 100_000 for engine in ENGINES)
        url = f"sqlite:///{tmp_path}/{release.name}.sqlite3"
        release.load(url)
        rows = {table: len(found) for table, found in Database(url).rows().items() if found}
        assert rows == release.rows["sqlite"]


def test_a_sum_of_differences_falls_short():
    assert all(
        not drill.FIGURES[name].keeps(1)
        for name in ("upgrade.changed", "upgrade.wrong", "upgrade.interrupted")
    )
    assert not drill.FIGURES["upgrade.downtime"].keeps(61)
