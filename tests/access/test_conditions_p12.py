"""P12: 「本人に見える」 is read by the person after 確定 alone, by the line and 人事 from the start, by nobody else."""

import pytest
from django.urls import reverse
from django.utils import timezone

from access.actor import Role
from assessments.models import Confirmation, Sheet
from tests import builders as b
from tests.access.conditions import browser, whole, words
from tests.assessments.sheets import confirmations, submitted

State = Sheet.State
VISIBLE, MEMO = "目に見える一言", "管理のための一言"
OWN_PAGES = ("assessments:home", "assessments:my_sheet", "assessments:my_resume", "assessments:viewers")
PAGES = ("assessments:resume", "assessments:interview", "assessments:handover_sheet")
BEFORE = (State.SUBMITTED, State.FIRST_CONFIRMED, State.SENT_BACK)


def commented(world, staff, state):
    """Return a sheet of somebody in a state, with a comment of each kind on every cell at both levels."""
    sheet = (
        world.sheet
        if staff == world.honnin
        else b.make_sheet(staff, world.cycle, staff.postings.get().department)
    )
    submitted(sheet)
    confirmations(sheet, world.kacho, "first", comment=VISIBLE)
    confirmations(sheet, world.bucho, "final", comment=VISIBLE)
    cells = Confirmation.objects.filter(revision_id=sheet.current_revision_id).order_by("cell_id")
    memo = cells.first().cell_id
    cells.filter(cell_id=memo).update(comment=MEMO, visibility="memo")
    done = state == State.CONFIRMED
    Sheet.objects.filter(pk=sheet.pk).update(state=state, confirmed_at=timezone.now() if done else None)
    sheet.refresh_from_db()
    return sheet


def read(client, sheet, pages=PAGES):
    """Return all that somebody can read about a sheet and its person."""
    asked = [("assessments:sheet", sheet.uuid), *((page, sheet.staff.uuid) for page in pages)]
    answers = [client.get(reverse(name, args=[key]), follow=True) for name, key in asked]
    answers += [client.get(reverse(name), follow=True) for name in OWN_PAGES]
    return "\n".join(words(whole(one)) for one in answers)


def exported(client, sheet):
    """Return the files of a record: the tables of the year, the résumé as a workbook, and the signed record."""
    form = {"cycle": sheet.cycle.uuid, "format": "xlsx", "reason": "確かめる"}
    answers = [
        client.post(reverse("assessments:export", args=[kind]), form) for kind in ("records", "records-wide")
    ]
    answers.append(
        client.post(reverse("assessments:resume_xlsx", args=[sheet.staff.uuid]), {"reason": "確かめる"})
    )
    answers.append(client.post(reverse("assessments:resume_json", args=[sheet.staff.uuid])))
    return "\n".join(words(whole(one)) for one in answers)


@pytest.mark.parametrize("state", BEFORE)
def test_p12_the_person_reads_no_comment_before_it_is_settled(world, state):
    sheet = commented(world, world.honnin, state)
    client = browser(world.honnin)
    text = read(client, sheet) + exported(client, sheet)
    assert VISIBLE not in text
    assert MEMO not in text


def test_p12_the_person_reads_it_after_it_is_settled_and_never_the_memo(world):
    sheet = commented(world, world.honnin, State.CONFIRMED)
    client = browser(world.honnin)
    assert VISIBLE in read(client, sheet)
    assert MEMO not in read(client, sheet) + exported(client, sheet)


# Whoever leads their own department, or is 人事, is still the person of their own sheet.
@pytest.mark.parametrize("who", ["kakari", "jinji", "hr who leads"])
@pytest.mark.parametrize(("state", "there"), [(State.SUBMITTED, False), (State.CONFIRMED, True)])
def test_p12_no_role_opens_a_comment_on_ones_own_sheet_early(world, who, state, there):
    if who == "hr who leads":
        b.make_grant(world.kakari, Role.HR)
    staff = getattr(world, who, world.kakari)
    sheet = commented(world, staff, state)
    client = browser(staff)
    text = read(client, sheet)
    assert (VISIBLE in text) is there
    assert MEMO not in text + exported(client, sheet)


def test_p12_the_line_and_hr_read_both_once_they_are_given(world):
    sheet = commented(world, world.honnin, State.CONFIRMED)
    for who in ("kakari", "kacho", "bucho", "jinji"):
        text = read(browser(getattr(world, who)), sheet)
        assert VISIBLE in text, who
        assert MEMO in text, who


def test_p12_nobody_else_reads_either(world):
    sheet = commented(world, world.honnin, State.CONFIRMED)
    # An auditor who leads another department, an editor who is システム管理 too.
    b.make_posting(world.kansa, world.jinjika, kind="additional", line_role="head")
    b.make_grant(world.henshu, Role.SYSADMIN)
    for who in ("dourei", "betsuka", "henshu", "kansa", "sysadmin", "yoso"):
        text = read(browser(getattr(world, who)), sheet)
        assert VISIBLE not in text, who
        assert MEMO not in text, who


@pytest.mark.parametrize("place", ["ka", "kakari_dept"])
def test_p12_somebody_reads_it_while_they_lead_and_not_before(world, place):
    sheet = commented(world, world.honnin, State.CONFIRMED)
    elsewhere = b.make_staff(world.city, "よその 上司")
    posting = b.make_posting(elsewhere, world.soumu, line_role="head")
    assert VISIBLE not in read(browser(elsewhere), sheet)
    posting.department = getattr(world, place)
    posting.save()
    assert VISIBLE in read(browser(elsewhere), sheet)
