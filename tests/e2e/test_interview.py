"""面談シート on paper: one page of A4, for an empty record and for one that holds more than fits."""

import datetime

import pytest
from django.core.management import call_command
from django.utils import timezone
from pypdf import PdfReader

from assessments.models import Statement
from competency.models import DutyDemand, FrameworkVersion
from tests import builders as b
from tests.assessments.sheets import in_state
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import FRAMEWORK, expect, look_on, sign_in_as, with_password

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city(db):
    """One person with the whole matrix of seventeen cells, two years and a superior."""
    call_command("load_framework", FRAMEWORK)
    version = FrameworkVersion.objects.latest("published_at")
    town = b.make_municipality()
    place = b.make_department(town, "デジタル推進課情報システム最適化推進担当")
    honnin = b.make_staff(town, "勅使河原 𠮷之介", username="honnin", kana="テシガワラ ヨシノスケ")
    kacho = b.make_staff(town, "髙橋 誠一", username="kacho")
    b.make_posting(honnin, place, position="主任")
    b.make_posting(kacho, place, line_role="head")
    with_password(honnin, kacho)
    return honnin, kacho, version, place


def full(honnin, kacho, version, place):
    """Write as much as a record takes into everything that the sheet prints."""
    codes = [cell.code for cell in version.cells.all()]
    b.make_assignment(honnin, place, codes, name="全庁の情報システムの標準化と共通化の推進に関する業務の総括")
    assert DutyDemand.objects.count() == len(codes)
    this_year = b.make_cycle(honnin.municipality, version)
    last_year = b.make_cycle(honnin.municipality, version, fiscal_year=2025, state="closed")
    for cycle, step in ((last_year, 1), (this_year, 2)):
        sheet = b.make_sheet(honnin, cycle, place)
        in_state(sheet, "confirmed", kacho, dict.fromkeys(version.cells.values_list("pk", flat=True), step))
    day = timezone.localdate()
    for number in range(30):
        title = f"第{number}号 " + "基幹業務システムの標準化移行に伴う調達と契約の事務" * 4
        b.make_experience(honnin, title[:120], start=day, category="standardization")
        b.make_certification(honnin, title[:120], start=day)
        b.make_training(honnin, title[:120], start=day)
        b.make_training(honnin, title[:120], start=day + datetime.timedelta(days=30), state="applied")
    Statement.objects.create(
        municipality=honnin.municipality,
        staff=honnin,
        interests="調達の進め方を学びたい。" * 160,
        updated_at=timezone.now(),
    )


def pages(live, path):
    live.page.pdf(path=path, prefer_css_page_size=True)
    return PdfReader(path).pages


def test_an_empty_record_is_one_page(city, live, axe, tmp_path):
    sign_in_as(live, "honnin")
    live.go(f"/resume/{city[0].uuid}/interview/")
    assert len(pages(live, tmp_path / "empty.pdf")) == 1
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)


@pytest.mark.parametrize("name", ["honnin", "kacho"])
def test_the_fullest_record_is_one_page_and_says_what_is_left_out(city, live, axe, tmp_path, name):
    full(*city)
    sign_in_as(live, name)
    live.go(f"/resume/{city[0].uuid}/")
    live.get_by_role("link", name="面談シート").click()
    expect(live.get_by_role("heading", level=1)).to_have_text("面談シート　勅使河原 𠮷之介")
    (sheet,) = pages(live, tmp_path / "full.pdf")
    words = sheet.extract_text().replace("\n", "")
    for said in (
        "ほか26件は履歴書にあります",
        "ほか56件は履歴書にあります",
        "面談した日",
        "続きは履歴書にあります",
    ):
        assert said in words
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.shot(f"interview-{name}")
