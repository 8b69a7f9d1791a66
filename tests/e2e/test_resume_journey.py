"""The record stays with the person: kept, shown as evidence, printed, and seen by the new superior from midnight on."""

import datetime
import io
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from pypdf import PdfReader

from assessments.models import Entry, RatingEvidence, Sheet
from lib.dates import format_wareki
from organization.models import Posting
from organization.models.position import LineRole
from tests import builders as b
from tests.assessments.sheets import in_state
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import become, cell, choose, look_on, sign_in_as, told, with_password

pytestmark = pytest.mark.django_db(transaction=True)

SECOND = datetime.timedelta(seconds=1)
EXPERIENCE, CERTIFICATE, COURSE = "窓口予約の導入", "ITパスポート試験", "業務改革の進め方"


@pytest.fixture
def moving(world):
    """People with passwords; 人事課 has a 所属長 of its own; last year is there to compare with."""
    world.newhead = b.make_staff(world.city, "村上 隆司", username="newhead")
    b.make_posting(world.newhead, world.jinjika, line_role=LineRole.HEAD)
    with_password(world.honnin, world.kacho, world.newhead, world.jinji)
    return world


@pytest.fixture
def clock(monkeypatch):
    """Stop the clock of the server, which is a thread of this process."""

    def stop(instant):
        monkeypatch.setattr(timezone, "now", lambda: instant)

    return stop


def keep(live, kind, title, **fields):
    """Add one entry from the résumé, with the words of the page."""
    live.go("/resume/")
    live.get_by_role("link", name=f"{kind}を足す").first.click()
    live.locator("[name=title]").fill(title)
    for name, value in fields.items():
        live.locator(f"[name={name}]").fill(value)
    live.get_by_role("button", name="記録する").click()
    expect(live.get_by_role("main")).to_contain_text(title)


def test_the_record_goes_along_with_the_person(moving, live, axe, clock):
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    midnight = datetime.datetime.combine(tomorrow, datetime.time(), timezone.get_current_timezone())
    clock(midnight - datetime.timedelta(minutes=40))

    # The person keeps an experience, a certificate and a training.
    sign_in_as(live, "honnin")
    keep(live, "業務経験", EXPERIENCE, start="R7.11", role="担当", size="手続8件")
    keep(live, "資格", CERTIFICATE, start="R4.6")
    keep(live, "研修", COURSE, provider="J-LIS", start="R7.6", hours="6")
    assert Entry.objects.filter(staff=moving.honnin).count() == 3

    # And shows with them what a step of three rests on.
    live.go(f"/sheets/{moving.sheet.uuid}/edit/")
    for each in moving.cells:
        choose(live, each.label, 2)
    target = moving.cells[1]
    choose(live, target.label, 3)
    cell(live, target.label).get_by_role("button", name=re.compile("根拠にする記録を選ぶ")).click()
    for title in (EXPERIENCE, CERTIFICATE, COURSE):
        live.get_by_label(re.compile(title)).check()
    look_on(live, axe, PHONE)
    live.get_by_role("button", name="保存して記入に戻る").click()
    live.go(f"/sheets/{moving.sheet.uuid}/submit/")
    live.get_by_role("button", name=re.compile("提出する")).click()
    expect(told(live)).to_contain_text("提出しました")
    frozen = RatingEvidence.objects.filter(revision__sheet=moving.sheet, cell=target)
    assert set(frozen.values_list("title", flat=True)) == {EXPERIENCE, CERTIFICATE, COURSE}

    # On paper: A4, one page or two, with what was kept on it.
    live.go("/resume/")
    look_on(live, axe, DESKTOP)
    paper = PdfReader(io.BytesIO(live.page.pdf(prefer_css_page_size=True)))
    assert 1 <= len(paper.pages) <= 2
    assert {tuple(round(float(side)) for side in page.mediabox[2:]) for page in paper.pages} <= {
        (595, 842),
        (594, 842),
        (595, 841),
    }
    printed = re.sub(r"\s", "", "".join(page.extract_text() for page in paper.pages))
    for words in (EXPERIENCE, CERTIFICATE, COURSE, "山﨑美咲"):
        assert words in printed, words

    # The superior of today has it beside the step.
    become(live, "kacho")
    resume, sheet = f"/resume/{moving.honnin.uuid}/", f"/sheets/{moving.sheet.uuid}/"
    assert live.go(resume).status == 200
    assert live.go(sheet).status == 200
    expect(live.get_by_role("main")).to_contain_text(EXPERIENCE)

    # 人事 enters the transfer, with its date.
    become(live, "jinji")
    live.go(f"/people/{moving.honnin.uuid}/posting/")
    live.locator("[name=kind]").select_option(label="本務")
    live.locator("[name=department]").select_option(str(moving.jinjika.uuid))
    live.locator("[name=start]").fill(format_wareki(tomorrow))
    live.get_by_role("button", name="登録する").click()
    expect(told(live)).to_be_visible()
    posting = Posting.objects.get(staff=moving.honnin, end=None, kind="main")
    assert (posting.department, posting.start) == (moving.jinjika, tomorrow)

    # A second before midnight nothing has changed, for either of them.
    clock(midnight - SECOND)
    become(live, "kacho")
    assert live.go(resume).status == 200
    live.seen.expect("404")

    # At midnight the open session of the former superior finds nothing any more, however they come.
    live.go(sheet)
    clock(midnight)
    for path in (resume, sheet, f"/people/{moving.honnin.uuid}/"):
        assert live.go(path).status == 404, path
    live.go("/review/")
    expect(live.get_by_role("main")).not_to_contain_text(moving.honnin.name)

    # And the new one finds the record, and what waits for the confirmation.
    become(live, "newhead")
    live.go("/review/")
    live.get_by_role("link", name=moving.honnin.name).first.click()
    main = live.get_by_role("main")
    expect(main).to_contain_text(EXPERIENCE)
    expect(live.get_by_role("button", name="確定する")).to_be_visible()
    look_on(live, axe, PHONE)
    assert live.go(resume).status == 200
    for words in (EXPERIENCE, CERTIFICATE, COURSE):
        expect(main).to_contain_text(words)
    assert Sheet.objects.get(pk=moving.sheet.pk).state == "submitted"


def test_the_former_line_said_it_and_the_new_one_does_not_read_it(moving, live, axe, clock):
    """A sheet on its way: 一次確認 made with a comment, then the person moves."""
    from assessments.models import Confirmation

    sheet = in_state(moving.sheet, Sheet.State.FIRST_CONFIRMED, moving.kakari)
    now = timezone.now()
    Confirmation.objects.filter(revision_id=sheet.current_revision_id).update(comment="前の係長の言葉")
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    Posting.objects.filter(staff=moving.honnin, kind="main").update(end=tomorrow)
    b.make_posting(moving.honnin, moving.jinjika, start=tomorrow)
    midnight = datetime.datetime.combine(tomorrow, datetime.time(), timezone.get_current_timezone())
    clock(max(now, midnight - SECOND))
    sign_in_as(live, "kacho")
    live.go(f"/sheets/{sheet.uuid}/")
    expect(live.get_by_role("main")).to_contain_text("前の係長の言葉")
    live.go("/review/")
    expect(live.get_by_role("main")).to_contain_text("に異動する人の確認が残っています")
    look_on(live, axe, PHONE)
    clock(midnight)
    become(live, "newhead")
    live.go(f"/sheets/{sheet.uuid}/")
    main = live.get_by_role("main")
    expect(main).to_contain_text("一次確認")
    expect(main).not_to_contain_text("前の係長の言葉")
