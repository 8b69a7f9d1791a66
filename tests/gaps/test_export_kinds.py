"""Every kind of export that stands in the settings: its columns, its count, whose rows it holds."""

import pytest
from django.utils import timezone

from assessments.export_kind import Wish, export_kinds
from assessments.models import Certification, Sheet, Training
from lib import fiscal
from tests import builders as b
from tests.assessments.sheets import in_state, steps_of

KINDS = [
    "records", "records-wide", "coverage", "measures", "training-plan", "certifications", "trainings", "progress",
    "unsubmitted",
]  # fmt: skip


@pytest.fixture
def filled(world, now):
    """honnin has a confirmed sheet, a 資格 and a 研修 of the year; dourei has not begun."""
    in_state(world.sheet, Sheet.State.CONFIRMED, confirmer=world.kacho, steps=steps_of(world.sheet, 3))
    b.make_sheet(world.dourei, world.cycle, world.kakari_dept)
    day = fiscal.first_day(world.cycle.fiscal_year)
    common = {
        "municipality": world.city, "staff": world.honnin, "start": day, "created_at": now, "updated_at": now,
        "created_by": world.honnin, "updated_by": world.honnin,
    }  # fmt: skip
    Certification.objects.create(kind="certification", title="ITパスポート試験", **common)
    Training.objects.create(kind="training", title="ネットワーク研修", fee=12000, **common)
    return world


@pytest.fixture
def now():
    return timezone.now()


def table_of(world, name, who, **wish):
    return export_kinds()[name].table(b.actor_of(who), Wish(world.cycle, **wish))


def test_the_registry_holds_every_kind():
    assert list(export_kinds()) == KINDS


@pytest.mark.parametrize("name", KINDS)
def test_a_table_counts_what_it_yields_and_may_be_read_twice(filled, name):
    table = table_of(filled, name, filled.jinji)
    rows = list(table.rows())
    assert len(rows) == table.count()
    assert list(table.rows()) == rows
    assert all(len(row) == len(table.columns) for row in rows)
    assert table.header[table.place] == "所属名"
    if name != "measures":
        assert rows


@pytest.mark.parametrize("who", ["jinji", "kacho", "kakari", "bucho"])
@pytest.mark.parametrize("narrowed", [False, True])
def test_the_count_of_coverage_is_that_of_its_rows(filled, who, narrowed, django_assert_max_num_queries):
    department = filled.kakari_dept if narrowed else None
    table = table_of(filled, "coverage", getattr(filled, who), department=department)
    with django_assert_max_num_queries(2):
        count = table.count()
    assert count == len(list(table.rows())) > 0


@pytest.mark.parametrize("name", ["records", "records-wide", "certifications", "trainings"])
def test_one_sees_only_whom_one_may(filled, name):
    number = lambda table: {row[table.header.index("職員番号")] for row in table.rows()}  # noqa: E731
    assert filled.honnin.staff_number in number(table_of(filled, name, filled.kacho))
    assert number(table_of(filled, name, filled.betsuka)) == set()
    assert number(table_of(filled, name, filled.jinji, department=filled.jinjika)) == set()


@pytest.mark.parametrize("name", ["coverage", "measures", "training-plan"])
def test_what_is_about_departments_is_for_hr_and_the_line(world, name):
    allowed = export_kinds()[name].allowed
    people = {"jinji": True, "kacho": True, "honnin": False, "kansa": False, "sysadmin": False}
    assert {who: allowed(b.actor_of(getattr(world, who))) for who in people} == people


def test_a_state_narrows(filled):
    table = table_of(filled, "records", filled.jinji, state=Sheet.State.SUBMITTED)
    assert (table.count(), list(table.rows())) == (0, [])
    table = table_of(filled, "trainings", filled.jinji, state=Training.State.APPLIED)
    assert list(table.rows()) == []
