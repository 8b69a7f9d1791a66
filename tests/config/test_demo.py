"""The sample municipality: complete on any day of the year, only into an empty database, quick."""

import datetime
import io
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.actor import Role
from assessments.models import (
    Certification,
    Cycle,
    Entry,
    Extension,
    Proxy,
    RatingEvidence,
    SavedExport,
    Sheet,
    Statement,
    Target,
    Training,
    TransferWish,
)
from audit.models import Event
from audit.presenters import details_of
from competency.models import (
    Cell,
    CellOrigin,
    Course,
    DepartmentDuty,
    DutyAssignment,
    FrameworkVersion,
    Profile,
)
from config.demo import decisions, story
from config.demo.build import Demo
from gaps.models import ExternalCover, Measure, Scenario
from lib import localgov
from organization.models import ApiToken, Department, Leave, Posting, Staff
from tests import builders as b

LASDEC = Path(settings.BASE_DIR) / "competency" / "data" / "lasdec-2012.yaml"
SURVEYS = [str(LASDEC.with_name(name)) for name in ("survey-2019.yaml", "staffing-2018.yaml")]
CROSSWALKS = [
    str(LASDEC.with_name(name))
    for name in ("crosswalk-q3-1.yaml", "tags-digital-jinzai.yaml", "tags-dss-2024.yaml")
]


@pytest.fixture
def version(db):
    call_command("load_framework", str(LASDEC), stdout=io.StringIO())
    call_command("load_duties", str(LASDEC.with_name("duties.yaml")), stdout=io.StringIO())
    call_command("load_catalogue", stdout=io.StringIO())
    call_command("load_survey", *SURVEYS, stdout=io.StringIO())
    call_command("load_crosswalk", *CROSSWALKS, stdout=io.StringIO())
    return FrameworkVersion.objects.published().get()


def test_without_the_framework_it_says_what_to_do(db):
    with pytest.raises(CommandError, match="load_framework"):
        call_command("demo", stdout=io.StringIO())


DAYS = [(2026, 11, 24), (2027, 4, 1), (2027, 4, 20), (2028, 2, 29), (2028, 3, 31), (2030, 9, 1)]


@pytest.mark.parametrize("day", DAYS)
def test_stands_on_any_day(version, day):
    """Four years, the current one half done, whatever day it is built on."""
    today = datetime.date(*day)
    demo = Demo(version, today)
    city = demo.build()
    current = story.CURRENT + demo.shift
    assert list(Cycle.objects.order_by("fiscal_year").values_list("fiscal_year", "state")) == [
        *((current - back, "closed") for back in (3, 2, 1)),
        (current, "open"),
    ]
    states = Counter(Sheet.objects.filter(fiscal_year=current).values_list("state", flat=True))
    assert states["drafting"] == 1
    assert states["first_confirmed"] == 1
    assert states["sent_back"] == 1
    assert states["submitted"] == 4
    assert Course.objects.filter(municipality=city, retired=False).count() == 12
    applied = Counter(Training.objects.filter(course__isnull=False).values_list("state", flat=True))
    assert applied == {"applied": 3, "accepted": 2, "declined": 1, "finished": 1}
    assert states["confirmed"] > 10
    honnin = Sheet.objects.get(staff__username="honnin", fiscal_year=current)
    assert honnin.drafts.count() == 9
    assert Sheet.objects.get(staff__username="shinjin", fiscal_year=current).state == "not_started"
    assert Staff.objects.filter(municipality=city, left_on__isnull=False).count() == 1
    assert Cycle.objects.get(fiscal_year=current).submit_by > today
    _no_entry_lies_ahead_of(today)


def _no_entry_lies_ahead_of(today):
    ahead = Entry.objects.filter(start__gt=today).exclude(kind="handover")
    # What somebody has applied for is to come.
    assert not ahead.exclude(training__state__in=["applied", "accepted", "declined"]).exists()
    for one in Certification.objects.select_related("qualification"):
        assert one.start is None or one.qualification.is_held_on(one.start), one.title
        assert one.registered_on is None or one.registered_on >= one.start


def test_it_is_whole_and_goes_into_an_empty_database_alone(version, settings, tmp_path):
    """One build for all that only looks at it: it takes seconds."""
    # What other tests have left among the files is no part of it.
    settings.FILES_DIR = tmp_path
    out = io.StringIO()
    call_command("demo", stdout=out)
    assert story.PASSWORD in out.getvalue()
    _whatever_it_has_written_reads_in_japanese_on_the_page_of_its_event()
    _is_what_the_interface_document_promises()
    _people_keep_records_and_their_ratings_rest_on_them()
    _the_desk_of_hr_has_something_to_show()
    _a_draft_of_the_next_version_lies_on_the_desk()
    _a_second_run_is_refused_and_changes_nothing()
    _every_account_signs_in_with_its_role()
    _who_once_worked_in_the_department_is_found(version)
    # And every figure of the sample's reports bears a recount.
    said = io.StringIO()
    try:
        call_command("verify", stdout=said)
    except CommandError:
        pytest.fail(said.getvalue())


def _whatever_it_has_written_reads_in_japanese_on_the_page_of_its_event():
    raw = {name for event in Event.objects.all() for name, _ in details_of(event.data) if name.isascii()}
    assert raw == set()


def _a_second_run_is_refused_and_changes_nothing():
    before = Staff.objects.count()
    with pytest.raises(CommandError, match="空のデータベース"):
        call_command("demo", stdout=io.StringIO())
    assert Staff.objects.count() == before


def _is_what_the_interface_document_promises():
    assert localgov.is_valid(story.CODE)
    digital = Department.objects.get(code="010100")
    shift = Cycle.objects.get(state="open").fiscal_year - story.CURRENT
    today = datetime.date.today()  # noqa: DTZ011 - the postings of the sample have no end before next year
    people = Staff.objects.posted_in_or_below([digital.path], today)
    assert people.count() == 8
    assert people.filter(employment="fiscal_year").count() == 1
    assert digital.children.count() == 2
    assert any("髙" in name for name in Staff.objects.values_list("name", flat=True))
    assert any("𠮷" in name for name in Staff.objects.values_list("name", flat=True))
    assert any("﨑" in name for name in Staff.objects.values_list("name", flat=True))
    assert Posting.objects.filter(kind="additional").count() == 1
    assert ExternalCover.objects.count() == 1
    assert (
        DepartmentDuty.objects.filter(plan__department=digital, plan__fiscal_year=2026 + shift).count() == 7
    )
    assert DutyAssignment.objects.of_year(digital.municipality_id, 2026 + shift).exists()
    assert Profile.objects.count() == len(decisions.PROFILES)
    assert Measure.objects.open().filter(department=digital).count() == 8
    assert Measure.objects.overdue_on(today).count() == 1
    assert Scenario.objects.filter(shared=True).count() == 1
    assert Target.objects.filter(sheet__fiscal_year=2026 + shift).exists()
    assert Leave.objects.filter(kind="childcare").count() == 1


ROLES = {
    "honnin": Role.SELF, "shinjin": Role.SELF, "kakari": Role.LINE, "kacho": Role.LINE,
    "jinji": Role.HR, "henshu": Role.EDITOR, "kansa": Role.AUDITOR, "sysadmin": Role.SYSADMIN,
}  # fmt: skip


def _every_account_signs_in_with_its_role():
    for username, role in ROLES.items():
        response = Client().post("/login/", {"username": username, "password": story.PASSWORD})
        assert response.status_code == 302, username
        assert role in b.actor_of(Staff.objects.get(username=username)).roles, username


def _who_once_worked_in_the_department_is_found(version):
    client = Client()
    client.post("/login/", {"username": "kacho", "password": story.PASSWORD})
    digital = Department.objects.get(code="010100")
    cell = Cell.objects.get(version=version, code="security-policy.management")
    page = client.get(reverse("gaps:cell", args=[digital.uuid, cell.uuid])).content.decode()
    assert "岩﨑 健司" in page


def test_without_the_duties_it_says_what_to_do(db):
    call_command("load_framework", str(LASDEC), stdout=io.StringIO())
    with pytest.raises(CommandError, match="load_duties"):
        call_command("demo", stdout=io.StringIO())


def test_without_the_catalogue_it_says_what_to_do(db):
    call_command("load_framework", str(LASDEC), stdout=io.StringIO())
    call_command("load_duties", str(LASDEC.with_name("duties.yaml")), stdout=io.StringIO())
    with pytest.raises(CommandError, match="load_catalogue"):
        call_command("demo", stdout=io.StringIO())


def test_without_the_surveys_it_says_what_to_do(db):
    call_command("load_framework", str(LASDEC), stdout=io.StringIO())
    call_command("load_duties", str(LASDEC.with_name("duties.yaml")), stdout=io.StringIO())
    call_command("load_catalogue", stdout=io.StringIO())
    with pytest.raises(CommandError, match="load_survey"):
        call_command("demo", stdout=io.StringIO())


def test_without_the_crosswalk_it_says_what_to_do(db):
    call_command("load_framework", str(LASDEC), stdout=io.StringIO())
    call_command("load_duties", str(LASDEC.with_name("duties.yaml")), stdout=io.StringIO())
    call_command("load_catalogue", stdout=io.StringIO())
    call_command("load_survey", *SURVEYS, stdout=io.StringIO())
    with pytest.raises(CommandError, match="load_crosswalk"):
        call_command("demo", stdout=io.StringIO())


def _people_keep_records_and_their_ratings_rest_on_them():
    kakari = Staff.objects.get(username="kakari")
    assert set(Entry.objects.filter(staff=kakari).values_list("kind", flat=True)) == set(Entry.Kind)
    resting = RatingEvidence.objects.filter(revision__sheet__staff=kakari, revision__sheet__state="confirmed")
    assert resting.values("revision__sheet__fiscal_year").distinct().count() == 4
    # A registration that must be renewed within sixty days, and an examination that is no longer held.
    today = timezone.localdate()
    renewed = Certification.objects.exclude(renew_by=None).get()
    assert today < renewed.renew_by <= today + datetime.timedelta(days=60)
    assert Certification.objects.filter(
        staff=kakari, qualification__valid_to__lt=renewed.registered_on
    ).exists()
    assert Entry.objects.filter(staff__username="shinjin").count() == 1
    assert TransferWish.objects.count() == 1
    assert Statement.objects.count() == 3
    # Whoever left has left a note behind.
    assert Entry.objects.filter(staff__left_on__isnull=False, kind="handover").exists()
    for model in (Entry, RatingEvidence):
        assert not model.objects.exclude(municipality=kakari.municipality).exists()
    assert not Entry.objects.filter(created_at__gt=timezone.now() + datetime.timedelta(days=1)).exists()


def _the_desk_of_hr_has_something_to_show():
    assert Extension.objects.get(cycle__state="open").department.code == story.LONGER["department"]
    proxy = Proxy.objects.get()
    assert (proxy.consent, proxy.sheet.state) == ("waiting", "submitted")
    assert ApiToken.objects.get().scopes == story.TOKEN["scopes"]
    assert SavedExport.objects.get().owner.username == "jinji"


def _a_draft_of_the_next_version_lies_on_the_desk():
    draft = FrameworkVersion.objects.get(state=FrameworkVersion.State.DRAFT)
    assert (draft.based_on.name, draft.framework.municipality.name) == ("2012", "みほん市")
    split = CellOrigin.objects.filter(cell__version=draft, code="regional-it.survey")
    assert [origin.rule for origin in split] == ["review", "review"]
    assert Cell.objects.filter(version=draft, placement_confirmed=True).count() == 3
    assert draft.comments.count() == 1
