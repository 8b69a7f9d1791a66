"""Which courses lead to a step that is wanted, and which step is wanted next."""

import datetime

from hypothesis import given
from hypothesis import strategies as st

from assessments.course_reads import courses_leading_to, wanted_steps
from tests import builders as b

DAY = datetime.date(2026, 10, 1)
POLICY, IT = "security-policy.1", "internal-it.1"
STEPS = st.dictionaries(st.sampled_from(["a.1", "b.1", "c.1"]), st.integers(0, 4))


def test_courses_are_found_by_cell_the_nearest_step_and_date_first(db, django_assert_num_queries):
    city = b.make_municipality()
    high = b.make_course(city, "監査の実務", cells={POLICY: 4})
    late = b.make_course(city, "規程の作り方2", cells={POLICY: 3}, starts_on=datetime.date(2026, 12, 1))
    early = b.make_course(city, "規程の作り方1", cells={POLICY: 3, IT: 1}, starts_on=DAY)
    with django_assert_num_queries(1):
        found = courses_leading_to(city.pk, {POLICY: 3, IT: 2}, DAY)
        assert {course.provider.name for course in found[POLICY]} == {"市町村アカデミー"}
    assert found == {POLICY: [early, late, high]}


def test_a_course_that_takes_no_more_applications_is_not_shown(db):
    city = b.make_municipality()
    yesterday = DAY - datetime.timedelta(days=1)
    b.make_course(
        city, "締切が過ぎた", cells={POLICY: 3}, apply_by=yesterday, starts_on=datetime.date(2026, 12, 1)
    )
    b.make_course(city, "始まった", cells={POLICY: 3}, starts_on=yesterday)
    b.make_course(city, "案内しない", cells={POLICY: 3}, retired=True)
    b.make_course(b.make_municipality(code="011011", name="よその市"), cells={POLICY: 3})
    last_day = b.make_course(city, "きょうまで", cells={POLICY: 3}, apply_by=DAY)
    any_time = b.make_course(city, "いつでも", cells={POLICY: 3})
    assert courses_leading_to(city.pk, {POLICY: 3}, DAY) == {POLICY: [any_time, last_day]}


def test_nothing_wanted_asks_nothing(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert courses_leading_to(1, {}, DAY) == {}


@given(steps=STEPS, targets=STEPS)
def test_the_step_that_is_wanted_is_the_next_one_below_the_target(steps, targets):
    below = {code: step for code, step in targets.items() if steps.get(code, 0) < step}
    assert wanted_steps(steps, targets) == {code: steps.get(code, 0) + 1 for code in below}
    every = wanted_steps(steps, targets, next_too=True)
    assert below.keys() <= every.keys() == {c for c in steps.keys() | targets.keys() if steps.get(c, 0) < 4}
    assert all(1 <= step <= 4 for step in every.values())
