"""Reports over a revision of the matrix: who can, what is needed, what is decided and the years, through the change."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.workflow.version_change import change_version, undo_version_change
from gaps.models import CountingRule, Measure, Need
from gaps.recount import breaches
from gaps.reports import snapshot
from tests import builders as b
from tests.gaps.records import ANALYSIS, PLANNING, POLICY, RUNNING, TALKING, confirmed, measure, need
from tests.revised import everything, revise, split_one

TODAY = timezone.localdate()
FLOW, DATA, PLAN, ALL = "internal-it.flow", "internal-it.data", "internal-it.plan", "system-operations.all"


def move(section, later):
    """Move the year and return the change."""
    change = change_version(
        cycle=section.cycle, later=later, version=section.cycle.version, key=uuid.uuid4(),
        by=b.actor_of(section.jinji), now=timezone.now(),
    )  # fmt: skip
    section.cycle.refresh_from_db()
    return change


def cells_of(section, **options):
    """Return (できる人, 必要人数) by cell code of the 課."""
    picture = snapshot(
        municipality_id=section.city.pk, cycle=section.cycle, on=TODAY, path=section.ka.path, **options
    )
    report = picture.coverage(section.ka.path, "課")
    return {cell.cell.code: (cell.count, cell.needed) for cell in report.cells}


@pytest.fixture
def revised(section):
    """The section a moment after its year was moved to a version that does everything a revision can."""
    section.before = cells_of(section)
    section.measure = measure(section.ka, section.cycle, ANALYSIS, text="県の研修に出す")
    section.change = move(section, revise(section.version, everything, by=section.henshu))
    return section


@pytest.mark.parametrize("options", [{}, {"holders_only": True}])
def test_who_can_follows_the_cells(revised, options):
    assert revised.before[ANALYSIS][0] == 3
    found = {code: holders for code, (holders, _) in cells_of(revised, **options).items()}
    assert found == {POLICY: 0, FLOW: 3, DATA: 3, PLAN: 0, ALL: 0, "communication.new": 0}


def test_what_is_needed_follows_too(revised):
    found = {code: needed for code, (_, needed) in cells_of(revised).items()}
    assert found == {POLICY: 2, FLOW: 2, DATA: 2, PLAN: 1, ALL: 1, "communication.new": None}


def test_the_recount_agrees(revised):
    assert not list(breaches(revised.city, TODAY))
    CountingRule.objects.filter(cycle=revised.cycle).update(count_fiscal_year_staff=True)
    assert not list(breaches(revised.city, TODAY))


def test_a_planted_fault_is_found(revised, monkeypatch):
    from competency import lineage

    monkeypatch.setattr(lineage.Path, "holds", lambda self, held: list(held))
    assert any("問合せ" in each for each in breaches(revised.city, TODAY))


def test_an_open_measure_stands_at_what_took_over(revised, sign_in):
    revised.measure.refresh_from_db()
    assert revised.measure.cell.code == FLOW
    page = sign_in("kacho").get(reverse("gaps:measures", args=[revised.ka.uuid])).content.decode()
    assert "県の研修に出す" in page


def test_taken_back_everything_is_as_before(revised):
    undo_version_change(
        change=revised.change, version=revised.cycle.version, by=b.actor_of(revised.jinji), now=timezone.now()
    )
    revised.cycle.refresh_from_db()
    assert cells_of(revised) == revised.before
    assert Measure.objects.get().cell.code == ANALYSIS
    assert not list(breaches(revised.city, TODAY))


def test_moved_again_no_need_is_made_twice(revised):
    wanted = cells_of(revised)
    undo_version_change(
        change=revised.change, version=revised.cycle.version, by=b.actor_of(revised.jinji), now=timezone.now()
    )
    revised.cycle.refresh_from_db()
    move(revised, revised.change.later)
    assert cells_of(revised) == wanted
    assert Need.objects.filter(cell__code=FLOW).count() == 1


@pytest.mark.parametrize(
    "name", ["heatmap", "department", "trend", "four_way", "summary", "measures", "needs"]
)
def test_every_page_of_the_department_opens(revised, sign_in, name):
    assert sign_in("kacho").get(reverse(f"gaps:{name}", args=[revised.ka.uuid])).status_code == 200


def test_managers_see_which_steps_to_look_at_again(revised, sign_in):
    client = sign_in("kacho")
    heat = client.get(reverse("gaps:heatmap", args=[revised.ka.uuid])).content.decode()
    assert "見直し" in heat.split("</thead>")[-1]
    cell = revised.change.later.cells.get(code=FLOW)
    page = client.get(reverse("gaps:cell", args=[revised.ka.uuid, cell.uuid]))
    assert page.status_code == 200
    assert "改定前の項目の値" in page.content.decode()


def test_somebody_is_found_by_the_new_cell(revised, sign_in):
    client = sign_in("kacho")
    page = client.get(reverse("gaps:experienced"), {"cell": DATA, "step": 3}).content.decode()
    assert revised.dourei.name in page
    page = client.get(reverse("gaps:experienced"), {"cell": POLICY, "step": 3}).content.decode()
    assert revised.kakari.name not in page.split("さがした結果")[-1].split("<form")[0] or "いません" in page


def test_whoever_moved_away_is_still_an_experienced_one(revised, sign_in):
    cell = revised.change.later.cells.get(code=FLOW)
    mover = b.make_staff(revised.city, "異動 次郎", kana="イドウ ジロウ")
    posting = b.make_posting(mover, revised.ka)
    confirmed(
        mover, b.make_cycle(revised.city, revised.version, fiscal_year=2024, state="closed"), {ANALYSIS: 4}
    )
    posting.end = TODAY
    posting.save()
    b.make_posting(mover, revised.bu, start=TODAY)
    page = sign_in("kacho").get(reverse("gaps:cell", args=[revised.ka.uuid, cell.uuid])).content.decode()
    assert "異動 次郎" in page


def test_the_years_run_through_with_a_visible_joint(section, last_cycle, sign_in):
    confirmed(section.kakari, last_cycle, {POLICY: 3, ANALYSIS: 3, RUNNING: 3})
    confirmed(section.honnin, last_cycle, {POLICY: 3})
    need(
        section.ka,
        last_cycle,
        {POLICY: 2, ANALYSIS: 1, PLANNING: 1, RUNNING: 1, "system-operations.2": 1, TALKING: 1},
    )
    move(section, revise(section.version, everything, by=section.henshu))
    page = sign_in("kacho").get(reverse("gaps:trend", args=[section.ka.uuid]))
    html = page.content.decode()
    assert "令和7年度と令和8年度の間で、体系が版「2026」に変わりました" in html
    assert html.count('class="joint"') > 2
    rows = {row.cell.code: row.marks for part in page.context["parts"] for row in part.rows}
    assert [(mark.word, mark.text, mark.earlier) for mark in rows[FLOW]] == [
        ("一人依存", "1／1", True), ("充足", "3／2", False),
    ]  # fmt: skip
    # Of two that were joined the worse one is shown.
    assert rows[ALL][0].word == "不在"
    assert rows["communication.new"][0].word == "項目なし"


def test_a_year_in_a_revised_version_is_counted_by_person(section, sign_in):
    """Three years: the oldest and its ratings in 2012, the middle one in 2025, the newest in 2026."""
    middle = revise(section.version, split_one, by=section.henshu, name="2025")
    newest = revise(middle, lambda area, marks: marks, by=section.henshu, name="2026")
    oldest = b.make_cycle(section.city, section.version, fiscal_year=2024, state="closed")
    confirmed(section.honnin, oldest, {ANALYSIS: 4})
    past = b.make_cycle(section.city, middle, fiscal_year=2025, state="closed")
    need(section.ka, past, {FLOW: 1, DATA: 2})
    move(section, newest)
    page = sign_in("kacho").get(reverse("gaps:trend", args=[section.ka.uuid]))
    rows = {row.cell.code: row.marks for part in page.context["parts"] for row in part.rows}
    assert (rows[FLOW][0].word, rows[FLOW][0].text) == ("一人依存", "1／1")
    assert (rows[DATA][0].word, rows[DATA][0].text) == ("一人依存", "1／2")


def test_as_many_queries_as_without_a_revision(revised, sign_in, django_assert_max_num_queries):
    client = sign_in("kacho")
    for name in ("heatmap", "trend", "department"):
        url = reverse(f"gaps:{name}", args=[revised.ka.uuid])
        client.get(url)
        with django_assert_max_num_queries(15):
            client.get(url)
