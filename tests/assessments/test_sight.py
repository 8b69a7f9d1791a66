"""Who sees whom, over random histories of postings: whoever any posting of today brings below them, and nobody else."""

import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.models import Sheet
from organization.models import Posting, Staff
from organization.models.position import LineRole
from tests import builders as b

DEPARTMENTS = ("kakari_dept", "kiban", "ka", "bu", "soumu", "jinjika")
histories = st.lists(
    st.tuples(
        st.sampled_from(DEPARTMENTS),
        st.sampled_from(["additional", "concurrent", "seconded", "main"]),
        st.integers(0, 9),
        st.integers(1, 5),
    ),
    max_size=6,
    unique_by=lambda one: one[:3],
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories, today=st.integers(0, 12), place=st.sampled_from(DEPARTMENTS))
def test_a_superior_sees_whom_any_posting_of_today_brings_below_them(world, history, today, place):
    first = datetime.date(2026, 4, 1)
    Posting.objects.filter(staff__in=[world.honnin, world.kacho]).delete()
    b.make_posting(world.kacho, getattr(world, place), line_role=LineRole.HEAD)
    for department, kind, start, days in history:
        begin = first + datetime.timedelta(days=start)
        b.make_posting(
            world.honnin, getattr(world, department), kind=kind, start=begin,
            end=begin + datetime.timedelta(days=days),
        )  # fmt: skip
    day = first + datetime.timedelta(days=today)
    actor = b.actor_of(world.kacho, day)
    expected = any(
        start <= today < start + days
        and getattr(world, department).path.startswith(getattr(world, place).path)
        for department, _, start, days in history
    )
    assert Staff.objects.visible_to(actor).filter(pk=world.honnin.pk).exists() == expected
    assert Staff.objects.with_records_visible_to(actor).filter(pk=world.honnin.pk).exists() == expected
    assert Sheet.objects.visible_to(actor).filter(pk=world.sheet.pk).exists() == expected
