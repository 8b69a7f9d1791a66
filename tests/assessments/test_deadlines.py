"""締切: which date counts for whom, asked one by one, for many at once, and on the pages."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from assessments.deadlines import (
    Deadlines,
    YearDeadlines,
    deadlines_for,
    deadlines_of,
    deadlines_on,
    with_deadlines,
)
from assessments.models import Extension, Sheet
from lib.paths import child_path
from organization.models import Posting
from tests import builders as b
from tests.assessments.sheets import in_state

BACKEND = "organization.backends.StaffBackend"
LATE = datetime.date(2027, 1, 20)
LATER = datetime.date(2027, 2, 26)
PATHS = [child_path("", 1), child_path(child_path("", 1), 2), child_path("", 3)]


def extend(cycle, department, submit_by=LATE, confirm_by=LATER):
    return Extension.objects.create(
        municipality=cycle.municipality, cycle=cycle, department=department, submit_by=submit_by,
        confirm_by=confirm_by, created_at=timezone.now(),
    )  # fmt: skip


def due(sheet, on=None):
    found = with_deadlines(Sheet.objects.filter(pk=sheet.pk), on or timezone.localdate())
    return deadlines_on(found.select_related("cycle").get())


def test_without_an_extension_the_year_counts(world, django_assert_num_queries):
    year = Deadlines(world.cycle.submit_by, world.cycle.confirm_by)
    with django_assert_num_queries(1):
        assert deadlines_for(world.cycle, world.kakari_dept.path) == year
    assert due(world.sheet) == year
    assert not year.extended


def test_the_nearest_extension_above_counts(world):
    extend(world.cycle, world.bu, LATER, LATER)
    extend(world.cycle, world.ka)
    extend(world.cycle, world.jinjika, LATER, LATER)
    assert due(world.sheet) == Deadlines(LATE, LATER, extended=True)
    assert deadlines_for(world.cycle, world.kiban.path) == Deadlines(LATE, LATER, extended=True)
    assert deadlines_for(world.cycle, world.bu.path) == Deadlines(LATER, LATER, extended=True)
    assert not deadlines_for(world.cycle, world.soumu.path).extended


def test_a_transferred_person_has_the_deadlines_of_where_they_are_today(world):
    extend(world.cycle, world.jinjika)
    assert not due(world.sheet).extended
    today = timezone.localdate()
    Posting.objects.filter(staff=world.honnin).update(end=today)
    b.make_posting(world.honnin, world.jinjika, start=today)
    assert due(world.sheet).extended
    assert not due(world.sheet, today - datetime.timedelta(days=1)).extended


def test_without_a_posting_the_place_of_the_sheet_counts(world):
    extend(world.cycle, world.ka)
    Posting.objects.filter(staff=world.honnin).delete()
    assert due(world.sheet).extended


def test_a_year_moved_beyond_an_extension_counts(world):
    extend(world.cycle, world.ka)
    world.cycle.submit_by = world.cycle.confirm_by = datetime.date(2027, 3, 10)
    world.cycle.save(update_fields=["submit_by", "confirm_by"])
    year = Deadlines(world.cycle.submit_by, world.cycle.confirm_by)
    assert due(world.sheet) == deadlines_for(world.cycle, world.ka.path) == year


def test_an_extension_of_another_year_says_nothing(world):
    extend(b.make_cycle(world.city, world.version, fiscal_year=2025), world.ka)
    assert not due(world.sheet).extended


@given(
    longer=st.dictionaries(
        st.sampled_from(PATHS), st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=3
    ),
    path=st.sampled_from([*PATHS, None]),
)
def test_nobody_has_less_time_than_the_year_gives(longer, path):
    year = Deadlines(datetime.date(2026, 12, 11), datetime.date(2027, 1, 29))
    day = datetime.timedelta(days=1)
    start = year.submit_by - 20 * day
    found = YearDeadlines(
        year,
        {at: Deadlines(start + one * day, start + (one + two) * day) for at, (one, two) in longer.items()},
    ).at(path)
    assert found.submit_by >= year.submit_by
    assert found.confirm_by >= year.confirm_by
    assert found.submit_by <= found.confirm_by
    assert found.extended == (found != year)


@pytest.mark.parametrize("people", [1, 12])
def test_many_are_asked_by_one_query(world, django_assert_num_queries, people):
    extend(world.cycle, world.kiban)
    for number in range(people):
        staff = b.make_staff(world.city, f"職員 {number}")
        b.make_posting(staff, world.kiban)
        b.make_sheet(staff, world.cycle, world.kiban)
    of_year = deadlines_of(world.cycle)
    with django_assert_num_queries(1):
        found = list(
            with_deadlines(Sheet.objects.filter(cycle=world.cycle), timezone.localdate()).select_related(
                "cycle"
            )
        )
        assert {deadlines_on(sheet).extended for sheet in found} == {True, False}
        assert all(
            deadlines_on(sheet) == of_year.at(sheet.main_path or sheet.department_path) for sheet in found
        )


def test_the_person_reads_the_longer_deadline(client, world):
    client.force_login(world.honnin, backend=BACKEND)
    extend(world.cycle, world.ka)
    for name, target in (
        ("home", []),
        ("sheet_edit", [world.sheet.uuid]),
        ("sheet_submit", [world.sheet.uuid]),
    ):
        page = client.get(reverse(f"assessments:{name}", args=target)).content.decode()
        assert "締切 1月20日（水）" in page, name
        assert "12月11日" not in page, name


def test_the_line_reads_the_longer_deadline(client, world):
    client.force_login(world.kakari, backend=BACKEND)
    in_state(world.sheet, Sheet.State.SUBMITTED)
    url = reverse("assessments:sheet", args=[world.sheet.uuid])
    assert "確認の締切 1月29日" in client.get(url).content.decode()
    extend(world.cycle, world.ka)
    assert "確認の締切 2月26日（延長）" in client.get(url).content.decode()
    assert "確認の締切 2月26日（延長）" in client.get(reverse("assessments:review")).content.decode()
