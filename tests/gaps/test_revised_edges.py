"""What departments said in a year that moved, was taken back, copied, and looked at with a page that was open before."""

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.workflow.version_change import undo_version_change
from gaps.models import Measure, Need
from gaps.reports import snapshot
from gaps.trends import trend
from gaps.workflow import carry
from tests import builders as b
from tests.gaps.records import ANALYSIS, need, rule
from tests.gaps.test_revised import FLOW, cells_of, move
from tests.revised import everything, revise, split_one

pytestmark = pytest.mark.django_db


def undo(section, change):
    undo_version_change(
        change=change, version=section.cycle.version, by=b.actor_of(section.jinji), now=timezone.now()
    )
    section.cycle.refresh_from_db()


def test_the_next_year_knows_every_item(section):
    later = revise(section.version, split_one, by=section.henshu)
    move(section, later)
    assert carry.count(section.cycle, later, timezone.localdate()).unknown == 0


def test_a_need_changed_while_taken_back_comes_along_again(section):
    later = revise(section.version, split_one, by=section.henshu)
    undo(section, move(section, later))
    Need.objects.filter(cycle=section.cycle, cell__code=ANALYSIS).update(count=7, updated_at=timezone.now())
    move(section, later)
    assert cells_of(section)[FLOW][1] == 7


def test_the_preview_says_how_many_needs_follow(section):
    from assessments import revising
    from assessments.version_change import move_of

    later = revise(section.version, everything, by=section.henshu)
    said = revising.count(section.cycle, move_of(section.version, later))
    change = move(section, later)
    assert said["needs"] == change.counts["needs"]


def test_pages_after_a_measure_at_a_new_cell_and_undo(section, sign_in):
    later = revise(section.version, everything, by=section.henshu)
    change = move(section, later)
    Measure.objects.create(
        municipality=section.city,
        department=section.ka,
        cycle=section.cycle,
        cell=later.cells.get(code="communication.new"),
        created_at=timezone.now(),
        updated_at=timezone.now(),
        kind="expert",
        text="新しい方針",
        decided_status="none",
        decided_holders=0,
    )
    undo(section, change)
    for name in ("heatmap", "department", "trend", "four_way", "summary", "measures", "needs"):
        assert sign_in("kacho").get(reverse(f"gaps:{name}", args=[section.ka.uuid])).status_code == 200
    page = sign_in("kacho").get(reverse("gaps:measures", args=[section.ka.uuid])).content.decode()
    assert "新しい方針" in page


def test_a_form_that_was_open_wipes_nothing_and_loses_nothing(section, sign_in):
    rule(section.ka, section.cycle)
    client, url = sign_in("kacho"), reverse("gaps:needs", args=[section.ka.uuid])
    form = client.get(url).context["form"]
    sent = {
        f"need-{code}": count
        for code, count in Need.objects.filter(cycle=section.cycle).values_list("cell__code", "count")
    }
    sent |= {f"need-{ANALYSIS}": 9, "version": form.initial["version"]}
    move(section, revise(section.version, split_one, by=section.henshu))
    answer = client.post(url, sent)
    assert answer.status_code == 409 or cells_of(section)[FLOW][1] == 9, (
        answer.status_code,
        cells_of(section)[FLOW],
    )


def test_last_year_is_copied_through_the_revision(section, sign_in, last_cycle):
    Need.objects.all().delete()
    need(section.ka, last_cycle, {ANALYSIS: 3})
    move(section, revise(section.version, split_one, by=section.henshu))
    page = sign_in("kacho").get(reverse("gaps:needs", args=[section.ka.uuid]) + "?copy=1")
    assert page.context["form"].initial[f"need-{FLOW}"] == 3


def test_a_moved_year_in_the_past_counts_its_own_items_alone(section):
    later = revise(section.version, everything, by=section.henshu)
    move(section, later)
    new = b.make_cycle(section.city, later, fiscal_year=2027)
    need(section.ka, new, {"internal-it.flow": 1})
    picture = snapshot(
        municipality_id=section.city.pk,
        cycle=new,
        on=timezone.localdate(),
        path=section.ka.path,
        years=[section.cycle],
    )
    past, _ = trend(picture, [section.cycle], picture.coverage(section.ka.path, "課"))
    assert set(past.cells) <= set(later.cells.values_list("code", flat=True))


def test_pages_of_the_sheet_after_a_move_take_fifteen_queries(world, sign_in, django_assert_max_num_queries):
    from tests.assessments.sheets import last_year
    from tests.assessments.test_version_change import drafted
    from tests.assessments.test_version_change import move as move_year

    last_year(world, step=3)
    drafted(world.sheet)
    move_year(world, revise(world.version, everything, by=world.henshu))
    client = sign_in("honnin")
    for url in (
        f"/sheets/{world.sheet.uuid}/edit/",
        f"/sheets/{world.sheet.uuid}/submit/",
        "/",
        f"/resume/{world.honnin.uuid}/",
    ):
        client.get(url)
        with django_assert_max_num_queries(15):
            client.get(url, follow=False)
    client = sign_in("jinji")
    url = f"/cycles/{world.cycle.uuid}/version/?to={world.version.uuid}"
    client.get(url)
    with django_assert_max_num_queries(20):
        client.get(url)
