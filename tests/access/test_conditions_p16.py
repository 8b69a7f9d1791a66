"""P16: editors and auditors meet no count under five, nor one that follows by difference; staff of a small unit meet words.

Everything that one of them can open about the departments is read in two worlds that differ in who can do what. Where
they may not know the difference, no byte differs, whatever they put together; where they may, something does.
"""

import re

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from access.actor import Role
from tests import builders as b
from tests.access.conditions import browser, whole, words
from tests.gaps.records import POLICY, confirmed, need
from tests.routes import URLS

PAGES = sorted(
    name
    for name in URLS
    if name.startswith("gaps:") and set(URLS[name].pattern.converters) == {"department_uuid"}
)
# What differs between two answers to the same question: tokens, and when a workbook was made.
_PASSING = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"|<dcterms:\w+[^>]*>[^<]*<')
NEEDED = 4


@pytest.fixture
def units(world, monkeypatch):
    """Put people in two 係 of デジタル推進課: nine in 情報政策係 (large), four in 基盤係 (small)."""
    # Pages say when they were printed.
    stopped = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: stopped)
    world.large = [world.honnin, world.dourei, world.kakari]
    world.small = [world.henshu, world.sysadmin]
    for people, place, more in ((world.large, world.kakari_dept, 6), (world.small, world.kiban, 2)):
        for at in range(more):
            people.append(b.make_staff(world.city, f"{place.name} {at}"))
            b.make_posting(people[-1], place)
    for place in (world.ka, world.kakari_dept, world.kiban):
        need(place, world.cycle, {POLICY: NEEDED})
    return world


def told(world, who, *, large, small, other_way=False, pages=PAGES):
    """Return {(page, place): text} of what somebody opens where so many of each unit can do POLICY."""
    with transaction.atomic():
        for people, holders in ((world.large, large), (world.small, small)):
            for at, staff in enumerate(reversed(people) if other_way else people):
                confirmed(staff, world.cycle, {POLICY: 3 if at < holders else 1})
        client = browser(getattr(world, who))
        asked = {("gaps:departments", ""): reverse("gaps:departments")}
        for place in ("ka", "kakari_dept", "kiban"):
            asked |= {(name, place): reverse(name, args=[getattr(world, place).uuid]) for name in pages}
        answers = {key: client.get(url) for key, url in asked.items()}
        found = {
            key: _PASSING.sub("", words(whole(one))) for key, one in answers.items() if one.status_code == 200
        }
        transaction.set_rollback(True)
    return found


def differing(one, other):
    """Return the pages that are not the same."""
    assert one.keys() == other.keys()
    return {key for key in one if one[key] != other[key]}


@pytest.mark.parametrize("who", ["kansa", "editor elsewhere"])
def test_p16_no_number_under_five_and_none_by_difference_for_who_sees_figures(units, who):
    """None of four or three of four in the small unit: the 課 above has 6 or 9, which is one band."""
    if who == "editor elsewhere":
        b.make_grant(units.betsuka, Role.EDITOR)
        who = "betsuka"
    none, some = (told(units, who, large=6, small=small) for small in (0, 3))
    assert {
        ("gaps:department", "kiban"),
        ("gaps:coverage_csv", "ka"),
        ("gaps:four_way_xlsx", "ka"),
    } <= none.keys()
    assert differing(none, some) == set()
    # From four to five in the large unit a band begins: the pages do follow the numbers.
    few, five = (told(units, who, large=large, small=0) for large in (4, 5))
    assert {("gaps:department", "ka"), ("gaps:coverage_xlsx", "ka")} <= differing(few, five)
    named = {
        name for page in none.values() for name in (units.honnin.name, units.kakari.name) if name in page
    }
    assert named == set()


@pytest.mark.parametrize("role", [Role.EDITOR, Role.AUDITOR])
def test_p16_no_number_under_five_of_ones_own_unit_either_for_who_sees_figures_of_all(units, role):
    """Four of their own unit, told exactly, and 5人未満 of the 課 above would say that nobody else can."""
    b.make_grant(units.dourei, role)
    three, four = (told(units, "dourei", large=large, small=0) for large in (3, 4))
    assert ("gaps:department", "kakari_dept") in four
    assert differing(three, four) == set()


def test_p16_staff_of_a_large_unit_read_counts_and_no_name(units):
    three, four, others = (
        told(units, "dourei", large=large, small=0, other_way=way)
        for large, way in ((3, False), (4, False), (4, True))
    )
    assert {place for _, place in four} <= {"", "kakari_dept"}
    assert ("gaps:department", "kakari_dept") in differing(three, four)
    # Who they are makes no difference, and nobody is named but the reader.
    assert differing(four, others) == set()
    assert not any(units.honnin.name in page for page in four.values())


def test_p16_staff_of_a_small_unit_read_words_alone(units):
    """Two and three of four needed are both 不足; one is 一人依存, a word of its own."""
    one, two, three = (told(units, "sysadmin", large=0, small=small) for small in (1, 2, 3))
    assert {place for _, place in two} <= {"", "kiban"}
    assert differing(two, three) == set()
    assert ("gaps:department", "kiban") in differing(one, two)


@pytest.mark.parametrize("who", ["kacho", "jinji"])
def test_p16_the_line_and_hr_read_who(units, who):
    two, three, others = (
        told(
            units,
            who,
            large=0,
            small=small,
            other_way=way,
            pages=["gaps:department", "gaps:heatmap", "gaps:coverage_csv"],
        )
        for small, way in ((2, False), (3, False), (3, True))
    )
    assert {
        ("gaps:department", "kiban"),
        ("gaps:heatmap", "kiban"),
        ("gaps:coverage_csv", "ka"),
    } <= differing(two, three)
    assert ("gaps:heatmap", "kiban") in differing(three, others)


def test_p16_the_administrator_opens_no_page_of_a_department_that_is_not_theirs(units):
    b.make_grant(units.betsuka, Role.SYSADMIN)
    assert told(units, "betsuka", large=4, small=2) == {}
