"""研修: the courses that fit the person, and all of them, filtered (signed in)."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.course_page import when
from assessments.course_reads import courses_leading_to, matching
from assessments.models import Training
from competency.models import Course
from tests import builders as b

LIST = reverse("assessments:courses")
POLICY, ANALYSIS, PLANNING = "security-policy.1", "internal-it.1", "internal-it.2"


@pytest.fixture
def school(world):
    """Return the world with courses of its own, one of another municipality, and a target for `honnin`."""
    today = timezone.localdate()
    soon = today + datetime.timedelta(days=30)
    world.policy = b.make_course(world.city, "規程の作り方", cells={POLICY: 3}, starts_on=soon, fee=12_000)
    world.analysis = b.make_course(world.city, "業務分析の基礎", cells={ANALYSIS: 2}, form="elearning")
    world.ojt = b.make_course(world.city, "予算要求の資料を作る", cells={PLANNING: 3}, form="ojt", fee=0)
    past = today - datetime.timedelta(days=40)
    world.past = b.make_course(world.city, "終わった講座", cells={POLICY: 4}, starts_on=past)
    world.retired = b.make_course(world.city, "案内しない講座", cells={POLICY: 3}, retired=True)
    b.make_course(world.other_city, "よその講座", cells={POLICY: 3})
    return world


def names(page):
    return [line.course.name for line in page.context["lines"]]


def fits(page):
    return [(fit.line.course.name, fit.cell.code, fit.is_target) for fit in page.context["fitting"]]


def answers(world, steps):
    """Give `honnin` a confirmed sheet of last year with these steps."""
    from assessments.models import Rating, Revision, Sheet

    cycle = b.make_cycle(world.city, world.version, fiscal_year=world.cycle.fiscal_year - 1, state="closed")
    sheet = b.make_sheet(world.honnin, cycle, world.kakari_dept)
    revision = Revision.objects.create(
        municipality=world.city, sheet=sheet, number=1, submitted_at=timezone.now(), submitted_by=world.honnin
    )
    cells = {cell.code: cell for cell in world.cells}
    Rating.objects.bulk_create(
        Rating(municipality=world.city, revision=revision, cell=cells[code], step=step)
        for code, step in steps.items()
    )
    now = timezone.now()
    Sheet.objects.filter(pk=sheet.pk).update(state="submitted", current_revision=revision, submitted_at=now)


@pytest.mark.parametrize("who", ["honnin", "kacho", "jinji", "henshu", "kansa", "sysadmin"])
def test_everybody_finds_the_courses_that_take_applications(sign_in, school, who):
    page = sign_in(who).get(LIST)
    assert page.status_code == 200
    shown = ["規程の作り方", "予算要求の資料を作る", "業務分析の基礎"]
    assert names(page) == shown + (["案内しない講座"] if who == "jinji" else [])
    text = page.content.decode()
    assert "12,000円" in text
    assert "無料" in text
    assert ("講座を加える" in text) == (who == "jinji")
    assert ("研修計画を見る" in text) == (who in ("kacho", "jinji"))


def test_what_fits_comes_from_targets_first_and_then_from_the_next_step(sign_in, school):
    answers(school, {POLICY: 2, ANALYSIS: 3, PLANNING: 2})
    posting = school.honnin.postings.get()
    posting.position = "主任"
    posting.save(update_fields=["position"])
    b.make_profile(b.make_position(school.city, "主任"), {PLANNING: 3})
    page = sign_in("honnin").get(LIST)
    assert fits(page) == [("予算要求の資料を作る", PLANNING, True), ("規程の作り方", POLICY, False)]
    told = page.content.decode()
    assert "いま 2 支援があればできる → 次 3 独力でできる" in told


def test_who_has_no_steps_yet_is_shown_no_courses_that_fit(sign_in, school):
    assert fits(sign_in("dourei").get(LIST)) == []


def test_what_one_applied_for_is_listed_apart_and_no_longer_proposed(sign_in, school):
    answers(school, {POLICY: 2})
    client = sign_in("honnin")
    assert fits(client.get(LIST)) == [("規程の作り方", POLICY, False)]
    b.make_training(school.honnin, "規程の作り方", course=school.policy, state=Training.State.ACCEPTED)
    page = client.get(LIST)
    assert fits(page) == []
    assert [one.title for one in page.context["mine"]] == ["規程の作り方"]
    assert "受講決定" in page.content.decode()


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({"q": "ｷﾞｮｳﾑ 分析"}, []),
        ({"q": "業務 ぶんせき"}, []),
        ({"q": "業務分析"}, ["業務分析の基礎"]),
        ({"q": "市町村アカデミー 規程"}, ["規程の作り方"]),
        ({"cell": PLANNING}, ["予算要求の資料を作る"]),
        ({"form": "elearning"}, ["業務分析の基礎"]),
        ({"provider": "academy", "form": "ojt"}, ["予算要求の資料を作る"]),
        ({"category": "category-1"}, ["規程の作り方", "予算要求の資料を作る", "業務分析の基礎"]),
        ({"category": "category-3"}, []),
        ({"past": "on", "cell": POLICY}, ["終わった講座", "規程の作り方"]),
        ({"cell": "nowhere", "form": "x", "provider": "y", "page": "9"}, None),
    ],
)
def test_it_is_filtered(sign_in, school, asked, shown):
    page = sign_in("honnin").get(LIST, asked)
    everything = ["規程の作り方", "予算要求の資料を作る", "業務分析の基礎"]
    assert names(page) == (everything if shown is None else shown)
    assert page.context["fitting"] == []


def test_nothing_found_says_what_to_do(sign_in, school):
    assert "あてはまる講座はありません" in sign_in("honnin").get(LIST, {"q": "ない"}).content.decode()


@pytest.mark.parametrize("who", ["honnin", "kacho", "jinji"])
def test_the_queries_do_not_grow(sign_in, school, django_assert_max_num_queries, who):
    client = sign_in(who)
    with django_assert_max_num_queries(15) as few:
        client.get(LIST)
    for number in range(45):
        b.make_course(school.city, f"講座{number}", cells={POLICY: 3, PLANNING: 2})
    with django_assert_max_num_queries(15) as many:
        page = client.get(LIST)
    assert len(few) == len(many)
    assert page.context["page_obj"].paginator.num_pages == 3


def test_what_is_loaded_matches_what_the_database_finds(school):
    today = timezone.localdate()
    b.make_course(school.city, "締切が近い", cells={POLICY: 4, ANALYSIS: 1}, apply_by=today)
    b.make_course(school.city, "締切が過ぎた", cells={POLICY: 4}, apply_by=today - datetime.timedelta(days=1))
    courses = Course.objects.filter(municipality=school.city).prefetch_related("cells").order_by("name")
    for wanted in ({POLICY: 3}, {POLICY: 4, ANALYSIS: 2}, {POLICY: 1, ANALYSIS: 1, PLANNING: 4}, {}):
        asked = courses_leading_to(school.city.pk, wanted, today)
        found = matching(courses, wanted, today)
        assert {code: set(row) for code, row in found.items()} == {c: set(row) for c, row in asked.items()}
    open_now = {course.pk for course in courses if course.is_open_on(today)}
    assert open_now == set(courses.open_on(today).values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        (None, None, "いつでも"),
        (datetime.date(2027, 1, 20), None, "令和9年1月20日（水）"),
        (datetime.date(2027, 1, 20), datetime.date(2027, 1, 20), "令和9年1月20日（水）"),
        (datetime.date(2027, 1, 20), datetime.date(2027, 1, 22), "令和9年1月20日（水）から1月22日（金）"),
        (
            datetime.date(2026, 12, 28),
            datetime.date(2027, 1, 8),
            "令和8年12月28日（月）から令和9年1月8日（金）",
        ),
    ],
)
def test_a_period_is_told_briefly(start, end, told):
    assert when(start, end) == told
