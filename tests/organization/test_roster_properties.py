"""Rules of the planner that hold whatever the files are."""

import datetime
import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from organization.roster import Kind, Line, plan_roster
from organization.roster.lines import EMPLOYMENTS, KINDS, LINE_ROLES
from tests.organization.rosters import PLACES, TODAY, applied, known


def plan(lines, state=None):
    return plan_roster(lines, state or known(), today=TODAY)


def kinds(made):
    return [outcome.kinds for outcome in made.outcomes]


days = st.dates(datetime.date(2023, 1, 1), datetime.date(2026, 12, 31))
words = st.sampled_from(["", "主事", "係長", "課長", "参事"])


@st.composite
def any_line(draw) -> Line:
    start = draw(days)
    kind = draw(st.sampled_from(["本務"] * 4 + list(KINDS)))
    end = draw(st.none() | st.integers(1, 500).map(lambda n: start + datetime.timedelta(days=n)))
    if kind == "事務取扱" and end is None:
        end = start + datetime.timedelta(days=30)
    number = draw(st.sampled_from(["0001", "0002", "0003"]))
    return Line(
        line=draw(st.integers(2, 99)),
        number=number,
        kind=KINDS[kind],
        start=start,
        end=end,
        name=draw(st.sampled_from([f"見本 {number}"] * 4 + [""])),
        employment=draw(st.sampled_from(["", *EMPLOYMENTS.values()])),
        department=draw(st.sampled_from([*PLACES][:3] * 4 + ["", *PLACES])),
        position=draw(words),
        line_role=draw(st.sampled_from(["", *LINE_ROLES.values()])),
    )


def consistent(person):
    """Say whether a person's rows keep what the database and the rules ask."""
    rows = [*person.postings, *person.leaves]
    assert all(row.end is None or row.start < row.end for row in rows)
    mains = sorted((p for p in person.postings if p.kind == "main"), key=lambda p: p.start)
    assert all(a.end is not None and a.end <= b.start for a, b in itertools.pairwise(mains))
    leaves = sorted(person.leaves, key=lambda leave: leave.start)
    assert all(a.end is not None and a.end <= b.start for a, b in itertools.pairwise(leaves))
    if person.left_on is not None:
        assert all(row.end is not None and row.end <= person.left_on for row in rows)
    assert len({(p.department, p.kind, p.start) for p in person.postings}) == len(person.postings)


@settings(max_examples=150)
@given(st.lists(st.lists(any_line(), min_size=1, max_size=3), min_size=1, max_size=6))
def test_files_one_after_another_keep_the_rules_and_settle_at_once(files):
    """Whatever is imported in whatever order: rows stay consistent, and the same file again changes nothing."""
    state = known()
    for lines in files:
        made = plan(lines, state)
        if made.problems:
            continue
        state = applied(state, made)
        for person in state.people.values():
            consistent(person)
        again = plan(lines, state)
        assert again.problems == []
        assert again.writes == []
        assert again.coming == []
        assert set(kinds(again)) <= {(Kind.UNCHANGED,)}


@given(st.lists(any_line(), max_size=8))
def test_every_line_is_answered_or_refused(lines):
    made = plan(lines)
    if made.problems:
        assert all(problem.line and problem.message.endswith("。") for problem in made.problems)
    else:
        assert [outcome.line for outcome in made.outcomes] == [x.line for x in lines]
        assert all(outcome.kinds for outcome in made.outcomes)


@given(st.lists(any_line(), max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter(lines, random):
    shuffled = random.sample(lines, len(lines))
    one, other = plan(lines), plan(shuffled)
    assert bool(one.problems) == bool(other.problems)
    if not one.problems:
        assert {n: (p.name, p.left_on) for n, p in one.after.items()} == {
            n: (p.name, p.left_on) for n, p in other.after.items()
        }
