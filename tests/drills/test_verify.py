"""The drill of `verify` tells what it must, and goes red where a check is taken away, is blind or cries wolf."""

import sqlite3
from contextlib import closing

import pytest
from django.db import connection

from lib.soundness import Check, all_checks
from tests.drills import verify
from tests.drills.corruptions import world
from tests.drills.corruptions.plant import Plant
from tests.drills.databases import Sqlite


def without(name: str) -> list[Check]:
    return [check for check in all_checks() if check.name != name]


def test_every_kind_is_told_and_a_check_that_is_taken_away_is_missed(db, tmp_path, settings, monkeypatch):
    settings.FILES_DIR = tmp_path / "files"
    rows = world.build(tmp_path)
    # Within the transaction of a test PostgreSQL still has to look at the keys of these rows, and alters no table before.
    connection.check_constraints()
    assert verify.sentences() == []
    kinds, missed = verify.unnoticed(rows, whole=False)
    assert kinds >= 100
    assert missed == []
    assert verify.sentences() == []
    left = without("sheets.whole")
    monkeypatch.setattr(verify, "all_checks", lambda: left)
    monkeypatch.setattr(
        verify, "_PLANTS", [plant for plant in verify._PLANTS if plant.check.startswith("sheets.")]
    )
    _, missed = verify.unnoticed(rows, whole=False)
    assert missed
    assert all("(sheets.whole)" in one for one in missed)


def test_every_check_has_a_kind_of_its_own():
    # Slips of the program, which no row holds, are planted for reports.recount by tests/config/test_verify.py.
    assert {check.name for check in all_checks()} == {plant.check for plant in verify._PLANTS}


def test_kinds_have_names_of_their_own():
    names = [plant.kind for plant in verify.plants()]
    assert len(set(names)) == len(names)


def test_a_kind_that_plants_nothing_is_no_kind(db, tmp_path, settings, monkeypatch):
    settings.FILES_DIR = tmp_path
    nothing = Plant(
        "nothing", "sheets.year", ("UPDATE assessments_sheet SET fiscal_year = 1999 WHERE id = 0",)
    )
    monkeypatch.setattr(verify, "_PLANTS", (nothing,))
    with pytest.raises(AssertionError, match="planted nothing"):
        verify.unnoticed({}, whole=False)


@pytest.mark.django_db
def test_a_check_that_cries_wolf_is_found(monkeypatch):
    wolf = Check("wolf", "狼", "state", lambda scope: ["狼がいます。"])
    monkeypatch.setattr(verify, "all_checks", lambda: [wolf])
    assert verify.sentences() == ["狼がいます。"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="pages are SQLite's")
def test_a_damaged_page_is_told_and_a_whole_copy_is_not(tmp_path, monkeypatch):
    path = Sqlite(tmp_path).make("filled").removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as file:
        file.executemany(
            "INSERT INTO assessments_rating (municipality_id, revision_id, cell_id, step, evidence, review) "
            "VALUES (1, ?, 1, 1, '', 0)",
            [(number,) for number in range(500)],
        )
        file.commit()
    monkeypatch.setitem(connection.settings_dict, "NAME", path)
    assert not verify.damaged_page_told(tmp_path / "whole.sqlite3", damage=False)
    assert verify.damaged_page_told(tmp_path / "damaged.sqlite3")


@pytest.mark.django_db
def test_a_run_in_which_nobody_writes_is_refused(monkeypatch):
    class Idle:
        def __enter__(self):
            return lambda: 0

        def __exit__(self, *failure):
            return None

    monkeypatch.setattr(verify, "writing", Idle)
    monkeypatch.setattr(verify.time, "sleep", lambda seconds: None)
    with pytest.raises(AssertionError, match="nobody writes"):
        verify.while_writing(1, verify=lambda: "")


@pytest.mark.django_db
def test_a_large_city_that_is_not_sound_gives_no_seconds(monkeypatch):
    monkeypatch.setattr(verify, "_verified", lambda: "[sheets.year] assessments_sheet 1: 違います。")
    with pytest.raises(AssertionError, match="not sound"):
        verify.timed()
