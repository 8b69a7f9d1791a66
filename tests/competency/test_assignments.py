"""事務分掌 as values, by property, and its workflow without a page."""

import uuid

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from access.refusals import Conflict, Forbidden, Invalid, NotVisible
from audit.models import Event
from competency.assignment_board import catalogue_for, earlier_shares, load_board, people_of
from competency.assignments import (
    DEPUTY,
    MAIN,
    Board,
    DutyLine,
    Kind,
    Person,
    changes,
    copied,
    plan_import,
    replaced,
    without_duty,
    without_main,
)
from competency.models import DepartmentDuty, DutyAssignment, DutyPlan
from competency.workflow import (
    AssignmentsMoved,
    StaleAssignments,
    import_assignments,
    read_wanted,
    save_assignments,
)
from organization.models import Posting
from tests import builders as b
from tests.gaps.assigned import assign, make_duty, make_plan, shares_of

DUTIES = [
    DutyLine(at, uuid.UUID(int=at), f"d{at}", f"業務{at}", at, outsourced=at == 4) for at in range(1, 5)
]
PEOPLE = [Person(at, uuid.UUID(int=at), str(at), f"人{at}", on_leave=at == 5) for at in range(1, 6)]
shares = st.dictionaries(
    st.tuples(st.integers(1, 4), st.integers(1, 7)), st.sampled_from([MAIN, DEPUTY]), max_size=20
)


@given(shares, shares)
def test_changes_lead_from_one_state_to_the_other(before, after):
    state = dict(before)
    for each in changes(before, after):
        assert state.pop((each.duty_id, each.staff_id), "") == each.before
        if each.after:
            state[each.duty_id, each.staff_id] = each.after
    assert state == after
    assert all(each.kind is Kind.UNCHANGED for each in changes(after, after))


@given(shares, shares, st.sets(st.integers(1, 4)))
def test_a_file_has_the_last_word_on_its_duties_among_those_posted(stored, wanted, named):
    people = {person.id for person in PEOPLE}
    wanted = {pair: role for pair, role in wanted.items() if pair[0] in named and pair[1] in people}
    after = replaced(stored, wanted, duties=named, people=people)
    for pair in {*stored, *after}:
        if pair[0] in named and pair[1] in people:
            assert after.get(pair) == wanted.get(pair)
        else:
            assert after.get(pair) == stored.get(pair)


@given(shares, shares, st.sets(st.sampled_from(DUTIES)))
def test_taking_a_file_a_second_time_does_nothing(stored, wanted, named):
    ids = {duty.id for duty in named}
    wanted = {pair: role for pair, role in wanted.items() if pair[0] in ids and pair[1] <= len(PEOPLE)}
    first = plan_import(Board(1, tuple(DUTIES[:2]), stored, tuple(PEOPLE)), named, wanted)
    board = Board(2, (*DUTIES[:2], *first.added), first.after, tuple(PEOPLE))
    assert plan_import(board, named, wanted).is_empty


def test_a_plan_that_differs_anywhere_has_another_fingerprint():
    board = Board(1, tuple(DUTIES[:2]), {(1, 1): MAIN}, tuple(PEOPLE))
    plans = [
        plan_import(board, DUTIES[:1], {(1, 1): MAIN}),
        plan_import(board, DUTIES[:1], {(1, 1): DEPUTY}),
        plan_import(board, DUTIES[:1], {(1, 2): MAIN}),
        plan_import(board, DUTIES[:3], {(1, 1): MAIN}),
        plan_import(Board(2, board.duties, board.shares, board.people), DUTIES[:1], {(1, 1): MAIN}),
    ]
    assert len({plan.fingerprint for plan in plans}) == len(plans)


def test_who_lacks_what():
    stored = {(1, 1): MAIN, (2, 2): DEPUTY}
    assert [duty.id for duty in without_main(stored, DUTIES)] == [2, 3]
    assert [person.id for person in without_duty(stored, PEOPLE)] == [3, 4]


def test_a_copy_follows_a_duty_that_the_municipality_took_over():
    mine = DutyLine(11, uuid.UUID(int=11), "d1", "業務1", root=1)
    assert copied({(1, 1): MAIN, (1, 9): MAIN, (2, 1): DEPUTY}, [mine], {1, 2}) == {(11, 1): MAIN}


# --- reads


@pytest.fixture
def section(world):
    world.planning = make_duty("企画", code="planning")
    world.running = make_duty("運用", code="running")
    world.open_data = make_duty("オープンデータ", code="open-data")
    world.plan = make_plan(world.ka, [world.planning, world.running])
    return world


def test_the_board_holds_who_is_posted_below_and_who_has_left(section):
    w = section
    b.make_posting(w.dourei, w.kiban, kind="additional")
    b.make_leave(w.dourei)
    assign(w.plan, w.planning, w.honnin)
    assign(w.plan, w.running, w.betsuka, DEPUTY)
    board = load_board(w.ka, 2026, timezone.localdate())
    people = [person.name for person in board.people]
    assert people[:2] == ["髙橋 誠一", "𠮷田 由紀子"]
    assert sorted(people) == sorted(
        s.name for s in (w.kacho, w.kakari, w.honnin, w.dourei, w.henshu, w.sysadmin)
    )
    assert [person.name for person in board.people if person.on_leave] == ["小林 健"]
    assert [person.name for person in board.left] == ["森 健太"]
    assert board.shares == {(w.planning.pk, w.honnin.pk): MAIN, (w.running.pk, w.betsuka.pk): DEPUTY}
    assert [duty.name for duty in board.duties] == ["企画", "運用"]
    assert load_board(w.ka, 2025, timezone.localdate()).version == 0


def test_who_has_left_the_service_is_not_posted(section):
    type(section.honnin).objects.filter(pk=section.honnin.pk).update(left_on=timezone.localdate())
    names = [person.name for person in people_of(section.ka, timezone.localdate())]
    assert section.honnin.name not in names


def test_the_newest_earlier_year_with_anybody(section):
    make_plan(section.ka, [section.planning], fiscal_year=2025)
    old = make_plan(section.ka, [section.planning], fiscal_year=2024)
    assert earlier_shares(section.ka, 2026) == (None, {})
    assign(old, section.planning, section.honnin)
    assign(section.plan, section.planning, section.dourei)
    assert earlier_shares(section.ka, 2026) == (2024, {(section.planning.pk, section.honnin.pk): MAIN})


def test_what_may_be_taken_up(section):
    own = make_duty("窓口", section.city, department=section.ka, code="own")
    make_duty("窓口2", section.city, department=section.jinjika, code="own2")
    make_duty("古い業務", section.city, retired=True)
    make_duty("よその業務", section.other_city)
    copy = make_duty("運用（みほん市）", section.city, based_on=section.running)
    names = [duty.name for duty in catalogue_for(section.ka)]
    assert sorted(names) == sorted(["企画", "オープンデータ", own.name, copy.name])


# --- saving


def save(w, shares, *, by=None, plan=None, version=None):
    plan = plan or w.plan
    return save_assignments(
        plan=plan, shares=shares, version=plan.version if version is None else version,
        by=b.actor_of(by or w.kacho), now=timezone.now(),
    )  # fmt: skip


def test_saving_writes_what_differs_and_counts_it(section):
    w = section
    planning, running = w.planning.pk, w.running.pk
    assert save(w, {(planning, w.honnin.pk): MAIN, (running, w.honnin.pk): DEPUTY}) is True
    kept = DutyAssignment.objects.get(department_duty__duty=w.planning).pk
    assert save(w, {(planning, w.honnin.pk): MAIN}, version=2) is True
    assert (
        save(w, {(planning, w.honnin.pk): DEPUTY, (running, w.dourei.pk): MAIN, (planning, w.kacho.pk): MAIN},
             version=3)
        is True
    )  # fmt: skip
    assert shares_of(w.ka) == {
        ("企画", w.honnin.name): DEPUTY, ("運用", w.dourei.name): MAIN, ("企画", w.kacho.name): MAIN,
    }  # fmt: skip
    assert DutyAssignment.objects.filter(pk=kept, role=DEPUTY).exists()
    assert DutyPlan.objects.get().version == 4
    events = Event.objects.filter(action="assignments.change").order_by("pk")
    assert [event.data for event in events] == [
        {"year": 2026, "new": 2, "changed": 0, "removed": 0},
        {"year": 2026, "new": 0, "changed": 0, "removed": 1},
        {"year": 2026, "new": 2, "changed": 1, "removed": 0},
    ]
    assert events[0].object_uuid == w.ka.uuid


def test_saving_what_is_stored_is_no_conflict(section):
    wanted = {(section.planning.pk, section.honnin.pk): MAIN}
    assert save(section, wanted) is True
    assert save(section, wanted) is False
    assert DutyPlan.objects.get().version == 2


def test_a_stale_version_writes_nothing(section):
    save(section, {(section.planning.pk, section.honnin.pk): MAIN})
    with pytest.raises(StaleAssignments) as refusal:
        save(section, {(section.planning.pk, section.dourei.pk): MAIN})
    assert refusal.value.board.shares == {(section.planning.pk, section.honnin.pk): MAIN}
    assert refusal.value.detail == {"version": 2}
    assert shares_of(section.ka) == {("企画", section.honnin.name): MAIN}


def test_the_workflow_asks_for_itself(section):
    wanted = {(section.planning.pk, section.honnin.pk): MAIN}
    for who in (section.kakari, section.honnin, section.kansa, section.henshu):
        with pytest.raises(Forbidden):
            save(section, wanted, by=who)
    with pytest.raises(NotVisible):
        save(section, wanted, by=section.yoso)
    with pytest.raises(Conflict, match="在籍していない"):
        save(section, {(section.planning.pk, section.betsuka.pk): MAIN})
    with pytest.raises(Invalid):
        save(section, {(section.open_data.pk, section.honnin.pk): MAIN})
    with pytest.raises(Invalid):
        save(section, {(section.planning.pk, section.honnin.pk): "boss"})
    assert not DutyAssignment.objects.exists()
    assert DutyPlan.objects.get().version == 1


def test_who_has_left_keeps_the_row_and_gets_no_other(section):
    w = section
    assign(w.plan, w.planning, w.betsuka)
    assert save(w, {(w.planning.pk, w.betsuka.pk): MAIN, (w.running.pk, w.kacho.pk): MAIN}) is True
    with pytest.raises(Conflict):
        save(w, {(w.planning.pk, w.betsuka.pk): DEPUTY}, version=2)
    assert save(w, {(w.running.pk, w.kacho.pk): MAIN}, version=2) is True
    assert shares_of(w.ka) == {("運用", w.kacho.name): MAIN}


# --- taking a file


def take(w, wanted, *, by=None, department=None, shown=None, year=2026):
    department, actor = department or w.ka, b.actor_of(by or w.kacho)
    if shown is None:
        board = load_board(department, year, actor.today)
        shown = read_wanted(department, board, wanted).fingerprint
    return import_assignments(
        department=department, fiscal_year=year, wanted=wanted, shown=shown, by=actor, now=timezone.now()
    )


def test_a_file_takes_up_a_duty_and_leaves_the_others(section):
    w = section
    assign(w.plan, w.running, w.kacho)
    assign(w.plan, w.planning, w.kakari)
    assign(w.plan, w.planning, w.betsuka)
    wanted = {w.planning.uuid: {w.honnin.uuid: MAIN}, w.open_data.uuid: {w.honnin.uuid: DEPUTY}}
    assert take(w, wanted) is True
    assert shares_of(w.ka) == {
        ("運用", w.kacho.name): MAIN, ("企画", w.honnin.name): MAIN, ("企画", w.betsuka.name): MAIN,
        ("オープンデータ", w.honnin.name): DEPUTY,
    }  # fmt: skip
    event = Event.objects.get(action="assignments.import")
    assert event.data == {"year": 2026, "new": 2, "changed": 0, "removed": 1, "added": 1}
    assert take(w, wanted) is False
    assert DutyPlan.objects.get().version == 2


def test_a_file_makes_the_plan_where_there_is_none(section):
    w = section
    assert take(w, {w.open_data.uuid: {w.honnin.uuid: MAIN}}, department=w.kakari_dept) is True
    assert shares_of(w.kakari_dept) == {("オープンデータ", w.honnin.name): MAIN}
    assert DutyPlan.objects.get(department=w.kakari_dept).version == 1


def test_what_was_not_shown_is_not_taken(section):
    w = section
    wanted = {w.planning.uuid: {w.honnin.uuid: MAIN}}
    shown = read_wanted(w.ka, load_board(w.ka, 2026, timezone.localdate()), wanted).fingerprint
    save(w, {(w.running.pk, w.kacho.pk): MAIN})
    with pytest.raises(AssignmentsMoved):
        take(w, wanted, shown=shown)
    assert shares_of(w.ka) == {("運用", w.kacho.name): MAIN}


def test_somebody_transferred_meanwhile_is_not_given_a_duty(section):
    w = section
    wanted = {w.planning.uuid: {w.honnin.uuid: MAIN}, w.open_data.uuid: {w.kacho.uuid: MAIN}}
    shown = read_wanted(w.ka, load_board(w.ka, 2026, timezone.localdate()), wanted).fingerprint
    Posting.objects.filter(staff=w.honnin).update(end=timezone.localdate())
    with pytest.raises(AssignmentsMoved):
        take(w, wanted, shown=shown)
    assert not DutyAssignment.objects.exists()
    assert DepartmentDuty.objects.count() == 2


def test_a_duty_of_nobody_we_know_is_not_taken_up(section):
    with pytest.raises(AssignmentsMoved):
        take(section, {uuid.uuid4(): {section.honnin.uuid: MAIN}})
    foreign = make_duty("よその業務", section.other_city)
    with pytest.raises(AssignmentsMoved):
        take(section, {foreign.uuid: {section.honnin.uuid: MAIN}})


def test_importing_asks_for_itself(section):
    wanted = {section.planning.uuid: {section.honnin.uuid: MAIN}}
    for who in (section.kakari, section.honnin, section.kansa):
        with pytest.raises(Forbidden):
            take(section, wanted, by=who)
    with pytest.raises(NotVisible):
        take(section, wanted, by=section.yoso, shown="x")
    assert take(section, wanted, by=section.jinji) is True
