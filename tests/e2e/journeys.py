"""Steps that every journey takes: sign in through the form, sign out through the menu, look at the page as everybody."""

import re
import uuid
from pathlib import Path

from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from access.actor import Role
from assessments.models import Sheet
from assessments.sheet_form import read
from assessments.workflow.sheets import save_drafts, submit
from tests import builders as b
from tests.assessments.forms import posted
from tests.e2e.test_pages import look

FRAMEWORK = "competency/data/lasdec-2012.yaml"
DUTIES = "competency/data/duties.yaml"
CROSSWALKS = [
    f"competency/data/{name}.yaml" for name in ("crosswalk-q3-1", "tags-digital-jinzai", "tags-dss-2024")
]
SURVEYS = ["competency/data/survey-2019.yaml", "competency/data/staffing-2018.yaml"]
PASSWORD = "mihon-shi-2026-demo"

RINGED = """element => {
  const style = getComputedStyle(element);
  return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
}"""


def empty_city():
    """Return an empty municipality: one person of 人事, `jinji`, who may sign in, the matrix, the duties."""
    call_command("load_framework", FRAMEWORK)
    call_command("load_duties", DUTIES)
    call_command("load_catalogue")
    call_command("load_survey", *SURVEYS)
    call_command("load_crosswalk", *CROSSWALKS)
    city = b.make_municipality()
    jinji = b.make_staff(city, "大橋 香織", username="jinji", staff_number="0030001")
    b.make_grant(jinji, Role.HR)
    with_password(jinji)
    return city


def upload(live, kind, file):
    """Choose a file on the page of imports, 組織 or 職員名簿, and have it checked."""
    live.go("/imports/")
    live.get_by_label(kind, exact=True).check()
    live.locator("input[type=file]").set_input_files(file)
    live.get_by_role("button", name="内容を確かめる").click()


def prepare_the_year(live, dates):
    """From anywhere as 人事: prepare this year with 提出の締切 and 確認の締切; ends on the page of the year."""
    live.get_by_role("navigation", name="主なメニュー").get_by_role("link", name="年度と締切").click()
    live.get_by_role("link", name="年度を準備する").click()
    for label, text in zip(("提出の締切", "確認の締切"), dates, strict=True):
        live.get_by_role("textbox", name=re.compile(f"^{label}")).fill(text)
    live.get_by_role("button", name="準備する").click()


def on_the_slip(live, name):
    """Return (sign-in name, code) from somebody's printed slip."""
    slip = live.locator(".slip").filter(has_text=name)
    return tuple(slip.locator("dd").nth(at).inner_text() for at in (1, 2))


def choose_password(live, password):
    """Fill in and send the page of the first password."""
    live.get_by_label("新しいパスワード", exact=True).fill(password)
    live.get_by_label("新しいパスワード（もう一度）").fill(password)
    live.get_by_role("button", name=re.compile("変更|決める")).last.click()


def with_password(*people):
    """Give people the password of the tests, so that they can sign in through the form."""
    for staff in people:
        staff.set_password(PASSWORD)
        staff.save(update_fields=["password"])


def sign_in_as(live, username, password=PASSWORD):
    """Sign in through the form, with nothing but the keyboard's Enter."""
    live.go("/login/")
    live.get_by_label("ログイン名").fill(username)
    live.get_by_label("パスワード", exact=True).fill(password)
    live.get_by_role("button", name="ログインする").click()
    expect(live.page).not_to_have_url(re.compile("/login/"))


def leave(live):
    """Sign out through the menu of the person."""
    live.locator(".user-menu summary").click()
    live.get_by_role("button", name="ログアウト").click()
    expect(live.page).to_have_url(re.compile("/login/"))


def become(live, username, password=PASSWORD):
    """Give the browser to somebody else."""
    leave(live)
    sign_in_as(live, username, password)


def cell(live, name):
    """Return the fieldset of one cell on the sheet, by the name that the screen gives it."""
    return live.get_by_role("group", name=re.compile(re.escape(name)))


def choose(live, name, step):
    """Choose a step for one cell."""
    cell(live, name).locator(f"input[type=radio][name^='step-'][value='{step}']").check()


def comment_on(live, name, text, visibility):
    """Write a comment on one cell, 本人に見える or 管理メモ."""
    row = cell(live, name)
    if not row.get_by_role("textbox").is_visible():
        row.locator("summary").click()
    row.get_by_role("textbox").fill(text)
    row.get_by_label(visibility).check()


def told(live):
    """Return the message that the last act gave."""
    return live.locator(".messages")


def downloaded(live, control):
    """Click what starts a download, and return the name and the bytes of the file."""
    with live.expect_download() as download:
        control.click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def reach(live, target, most=80):
    """Go to a control with the Tab key alone, and see where one is: a ring stands around it."""
    for _ in range(most):
        live.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            assert target.evaluate(RINGED), "no sign of where the focus is"
            return
    raise AssertionError(f"{target} is not reached by {most} times Tab")


def look_on(live, axe, viewport):
    """Look at the page at a size, and go back to the present one."""
    before = live.page.viewport_size
    live.set_viewport_size(viewport)
    look(live, axe)
    live.set_viewport_size(before)


def hand_in(sheet, evidence, step=2, **exceptions):
    """Fill in and submit a sheet as its person would: a step for every cell, others by rank as c0=3, with evidence."""
    cells = list(sheet.cycle.framework_version.cells.order_by("rank"))
    changes = {f"c{cell.rank}": (exceptions.get(f"c{cell.rank}", step), evidence) for cell in cells}
    answers = read(posted(sheet, **changes), {cell.code for cell in cells}).answers
    by, now = b.actor_of(sheet.staff), timezone.now()
    save_drafts(sheet=sheet, answers=answers, by=by, now=now)
    fresh = Sheet.objects.select_related("cycle", "staff").get(pk=sheet.pk)
    return submit(sheet=fresh, version=fresh.version, key=uuid.uuid4(), by=by, now=now)
