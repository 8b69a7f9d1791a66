"""The arithmetic of coverage, by property (design, 2)."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaps.coverage import (
    JUDGED,
    CellCoverage,
    Person,
    Rule,
    Status,
    department_coverage,
    inherited,
    short_names,
    status,
    worst,
)

PEOPLE = st.integers(0, 60)
AREAS = [SimpleNamespace(code=code, name=code) for code in ("policy", "operations")]
CELLS = [
    SimpleNamespace(
        code=f"cell-{i}", task=f"項目{i}", label=f"項目{i}", full_name=f"項目{i}", area=AREAS[i // 2]
    )
    for i in range(4)
]
CODES = [cell.code for cell in CELLS]
STEPS = st.dictionaries(st.sampled_from(CODES), st.integers(0, 4))


@st.composite
def people(draw):
    """Some people; those with a confirmed year have steps, and each may have a newer one of their own."""
    made = []
    for number in range(draw(st.integers(0, 8))):
        confirmed = draw(st.none() | STEPS)
        own = draw(st.none() | STEPS)
        made.append(
            Person(
                id=number,
                name=f"名前{number} 一郎",
                short=f"名前{number}",
                is_fiscal_year=draw(st.booleans()),
                on_leave=draw(st.booleans()),
                year=None if confirmed is None else draw(st.sampled_from([2024, 2025, 2026])),
                steps=confirmed or {},
                self_year=None if own is None else 2026,
                self_steps=own or {},
            )
        )
    return made


NEEDS = st.none() | st.dictionaries(st.sampled_from(CODES), st.integers(0, 9))
RULES = st.builds(Rule, fiscal_year_staff=st.booleans(), external=st.booleans())


@pytest.mark.parametrize(
    ("needed", "holders", "expected"),
    [
        (0, 0, Status.OUT),
        (0, 7, Status.OUT),
        (1, 0, Status.NONE),
        (5, 0, Status.NONE),
        (1, 1, Status.SINGLE),
        (2, 1, Status.SINGLE),
        (9, 1, Status.SINGLE),
        (1, 2, Status.OK),
        (2, 2, Status.OK),
        (3, 2, Status.SHORT),
        (3, 3, Status.OK),
        (3, 30, Status.OK),
    ],
)
def test_the_rule_at_its_edges(needed, holders, expected):
    assert status(needed, holders) is expected


@pytest.mark.parametrize(("needed", "holders"), [(-1, 0), (0, -1)])
def test_nobody_is_counted_below_zero(needed, holders):
    with pytest.raises(ValueError, match="from 0"):
        status(needed, holders)


@given(PEOPLE, PEOPLE)
def test_one_more_holder_is_never_worse(needed, holders):
    assert status(needed, holders + 1).severity <= status(needed, holders).severity


@given(st.integers(1, 60), PEOPLE)
def test_one_more_needed_is_never_better(needed, holders):
    assert status(needed + 1, holders).severity >= status(needed, holders).severity


@given(st.integers(1, 60), PEOPLE)
def test_covered_is_exactly_enough_and_two(needed, holders):
    assert (status(needed, holders) is Status.OK) == (holders >= needed and holders >= 2)


def test_order_of_severity():
    order = [Status.NONE, Status.SINGLE, Status.SHORT, Status.OK]
    assert sorted(JUDGED, key=lambda one: -one.severity) == order
    assert worst([Status.OK, Status.SINGLE, Status.SHORT]) is Status.SINGLE
    assert worst([Status.OUT, Status.OK]) is Status.OK
    assert worst([Status.OUT, Status.UNSET]) is Status.UNSET
    assert worst([]) is Status.UNSET
    assert [one.is_gap for one in order] == [True, True, True, False]


@given(people(), NEEDS, RULES, st.booleans())
def test_every_cell_falls_into_one_state_and_the_states_add_up(staff, needs, rule, include_self):
    report = department_coverage("課", 2026, CELLS, staff, needs=needs, rule=rule, include_self=include_self)
    assert sum(report.count(one) for one in Status) == len(CELLS)
    assert len(report.judged) == sum(bool(needed) for needed in (needs or {}).values())
    areas = report.areas()
    assert sum(area.needed for area in areas) == len(report.judged)
    assert sum(area.covered for area in areas) == report.count(Status.OK)
    assert worst(area.worst for area in areas) is report.worst
    assert [cell.status.severity for cell in report.priority()] == sorted(
        (cell.status.severity for cell in report.priority()), reverse=True
    )
    assert {cell.status.is_gap for cell in report.priority()} <= {True}


@given(people(), NEEDS, RULES)
def test_everyone_stands_in_one_place(staff, needs, rule):
    report = department_coverage("課", 2026, CELLS, staff, needs=needs, rule=rule)
    assert sorted(person.id for person in report.everyone) == [person.id for person in staff]
    assert report.confirmed + report.earlier + report.unrated == report.size
    for cell in report.cells:
        counted = {person.id for person in report.people}
        assert {person.id for person in cell.holders} <= counted
        assert not {person.id for person in cell.fiscal_year + cell.on_leave} & counted
        rated = [person for person in report.people if cell.cell.code in person.steps]
        assert cell.unrated == report.size - len(rated)


@given(people(), NEEDS, RULES)
def test_the_switch_adds_the_self_only_and_no_one_else(staff, needs, rule):
    apart = department_coverage("課", 2026, CELLS, staff, needs=needs, rule=rule)
    with_them = department_coverage("課", 2026, CELLS, staff, needs=needs, rule=rule, include_self=True)
    for before, after in zip(apart.cells, with_them.cells, strict=True):
        assert before.self_only == after.self_only
        assert not set(map(id, before.holders)) & set(map(id, before.self_only))
        assert {p.id for p in after.holders} == {p.id for p in before.holders + before.self_only}
        assert after.status.severity <= before.status.severity


@given(people(), NEEDS, people())
def test_a_joining_person_never_makes_a_cell_worse(staff, needs, joining):
    more = [
        Person(id=100 + one.id, name=one.name, steps=one.steps, year=one.year, on_leave=one.on_leave)
        for one in joining
    ]
    before = department_coverage("課", 2026, CELLS, staff, needs=needs)
    after = department_coverage("課", 2026, CELLS, [*staff, *more], needs=needs)
    for old, new in zip(before.cells, after.cells, strict=True):
        assert new.count >= old.count
        assert new.status.severity <= old.status.severity


def test_who_counts_and_who_stands_apart():
    can = {"cell-0": 3}
    staff = [
        Person(id=1, name="正規", steps=can, year=2026),
        Person(id=2, name="会計年度", steps=can, year=2026, is_fiscal_year=True),
        Person(id=3, name="育休", steps=can, year=2026, on_leave=True),
        Person(
            id=4, name="自己のみ", steps={"cell-0": 2}, year=2025, self_year=2026, self_steps={"cell-0": 4}
        ),
        Person(id=5, name="未評価"),
    ]
    external = {"cell-0": 2}

    def first(**rule):
        report = department_coverage(
            "課", 2026, CELLS, staff, needs={"cell-0": 3}, external=external, rule=Rule(**rule)
        )
        return report.cells[0]

    cell = first()
    assert [p.id for p in cell.holders] == [1]
    assert ([p.id for p in cell.fiscal_year], [p.id for p in cell.on_leave]) == ([2], [3])
    assert ([p.id for p in cell.self_only], [p.id for p in cell.nearest]) == ([4], [4])
    assert (cell.count, cell.external, cell.unrated, cell.missing) == (1, 2, 1, 2)
    assert cell.status is Status.SINGLE
    assert first(fiscal_year_staff=True).count == 2
    assert first(external=True).count == 3
    assert first(fiscal_year_staff=True, external=True).status is Status.OK


def test_a_department_of_one_says_so_and_never_leaves_it():
    alone = [Person(id=1, name="山田 太郎", steps={"cell-0": 4, "cell-1": 1}, year=2026)]
    report = department_coverage("課", 2026, CELLS, alone, needs={"cell-0": 1, "cell-1": 1, "cell-2": 0})
    words = [cell.word for cell in report.cells]
    assert words == ["1人体制", "不在", "対象外", "必要人数が未設定"]
    assert report.cells[0].status is Status.SINGLE
    pair = [*alone, Person(id=2, name="鈴木 花子", year=2026, steps={"cell-0": 0})]
    assert department_coverage("課", 2026, CELLS, pair, needs={"cell-0": 1}).cells[0].word == "一人依存"


def test_absent_with_people_not_rated_says_how_many():
    staff = [
        Person(id=1, name="A", steps={"cell-0": 1}, year=2026),
        Person(id=2, name="B"),
        Person(id=3, name="C"),
    ]
    cell = department_coverage("課", 2026, CELLS, staff, needs={"cell-0": 1}).cells[0]
    assert cell.word + cell.word_note == "不在（未評価2人）"
    assert CellCoverage(cell=CELLS[0], needed=1).word_note == ""


def test_the_pillar_is_whoever_alone_carries_most():
    staff = [
        Person(id=1, name="𠮷田", steps=dict.fromkeys(CODES[:3], 3), year=2026),
        Person(id=2, name="髙橋", steps={"cell-3": 3}, year=2026),
    ]
    report = department_coverage("課", 2026, CELLS, staff, needs=dict.fromkeys(CODES, 1))
    person, count = report.pillar()
    assert (person.id, count) == (1, 3)
    assert department_coverage("課", 2026, CELLS, staff[1:], needs={"cell-3": 1}).pillar() is None


TREE = {"": ["1", "2"], "1": ["11", "12"], "2": []}
ROWS = st.dictionaries(
    st.sampled_from(["1", "2", "11", "12"]), st.dictionaries(st.sampled_from(CODES), st.integers(0, 9))
)


@given(ROWS)
def test_needs_are_ones_own_else_the_sum_of_the_children(own):
    for path in ("11", "12", "2"):
        assert inherited(path, own, TREE) == (own.get(path) or None)
    if own.get("1"):
        assert inherited("1", own, TREE) == own["1"]
    else:
        below = [own[path] for path in ("11", "12") if own.get(path)]
        expected = {code: sum(rows.get(code, 0) for rows in below) for rows in below for code in rows}
        assert inherited("1", own, TREE) == (expected or None)
    total = inherited("", own, TREE)
    parts = [part for part in (inherited("1", own, TREE), inherited("2", own, TREE)) if part]
    assert sum((total or {}).values()) == sum(sum(part.values()) for part in parts)


def test_nothing_said_anywhere_is_not_zero():
    assert inherited("1", {}, TREE) is None
    assert inherited("1", {"11": {}}, TREE) is None
    assert inherited("1", {"11": {"cell-0": 0}}, TREE) == {"cell-0": 0}
    report = department_coverage("課", 2026, CELLS, [], needs=None)
    assert {cell.status for cell in report.cells} == {Status.UNSET}


def test_family_names_unless_two_share_one():
    assert short_names(["髙橋 誠一", "𠮷田　由紀子", "髙橋 一", "ひとつ"]) == [
        "髙橋 誠一",
        "𠮷田",
        "髙橋 一",
        "ひとつ",
    ]
