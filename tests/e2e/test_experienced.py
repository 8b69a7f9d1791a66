"""経験者さがし in a browser: by keyboard, at a desk and on a phone, with who moved away."""

import datetime

import pytest

from tests import builders as b
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import expect, look_on, sign_in_as, with_password
from tests.gaps.records import POLICY, confirmed
from tests.gaps.test_cell import moved

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office(world):
    """One who can, one who did, one who moved."""
    confirmed(world.kakari, world.cycle, {POLICY: 4})
    b.make_experience(
        world.honnin, "窓口のＢＰＲ", category="bpr", role="主担当", start=datetime.date(2026, 6, 1)
    )
    world.past = b.make_cycle(world.city, world.version, fiscal_year=2024, state="closed")
    moved(world, "谷口 五郎", 3, to=world.jinjika)
    with_password(world.kacho)
    return world


def test_from_the_people_page_to_who_can_and_who_once_could(office, live, axe):
    sign_in_as(live, "kacho")
    live.go("/people/")
    live.get_by_role("link", name="経験者をさがす").click()
    expect(live.get_by_role("heading", level=1)).to_have_text("経験者さがし")
    live.get_by_label("項目", exact=True).select_option(POLICY)
    live.get_by_role("button", name="さがす").click()
    expect(live.get_by_role("link", name="𠮷田 由紀子")).to_be_visible()
    gone = live.locator("section").filter(has=live.get_by_role("heading", name="異動した人"))
    expect(gone).to_contain_text("谷口 五郎")
    expect(gone.get_by_role("link")).to_have_count(0)
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.set_viewport_size(DESKTOP)
    live.shot("experienced")


def test_by_words_with_the_keyboard(office, live):
    sign_in_as(live, "kacho")
    live.go("/people/experienced/")
    words = live.get_by_label("業務経験の言葉")
    words.fill("bpr")
    words.press("Enter")
    expect(live.get_by_role("link", name="山﨑 美咲")).to_be_visible()
    expect(words).to_have_value("bpr")
    live.get_by_role("link", name="山﨑 美咲").click()
    expect(live.get_by_role("heading", level=1)).to_have_text("スキル履歴書")
