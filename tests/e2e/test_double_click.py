"""A double click sends a form once: what counts once, a code, would be refused at the second."""

import time

import pytest
from django.utils import timezone

from organization.backends import StaffBackend
from organization.workflow import issue_codes
from tests import builders as b
from tests.e2e.journeys import expect, with_password

pytestmark = pytest.mark.django_db(transaction=True)


def posts(live):
    """Return the list that will hold the path of every form that is sent."""
    sent = []
    live.page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    return sent


@pytest.fixture
def slow(monkeypatch):
    """Let the server think for a second before it answers a sign-in, as it does on a busy morning."""
    right = StaffBackend.authenticate

    def later(*args, **kwargs):
        time.sleep(1)
        return right(*args, **kwargs)

    monkeypatch.setattr(StaffBackend, "authenticate", later)


def twice(live, button):
    """Click as a hand does: again after a sixth of a second, wherever the page is by then."""
    box = live.get_by_role("button", name=button).bounding_box()
    at = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    live.page.mouse.click(*at)
    live.page.wait_for_timeout(160)
    live.page.mouse.click(*at)


def test_a_one_time_code_opens_with_a_double_click(world, live, slow):
    (slip,) = issue_codes(people=[world.honnin], by=b.actor_of(world.jinji), now=timezone.now())
    sent = posts(live)
    live.go("/login/")
    live.get_by_label("ログイン名").fill("honnin")
    live.get_by_label("パスワード", exact=True).fill(slip.code)
    twice(live, "ログインする")
    expect(live.get_by_role("heading", level=1)).to_have_text("パスワードを決めてください")
    assert len(sent) == 1


def test_a_form_that_was_refused_is_sent_again_at_once(world, live):
    with_password(world.honnin)
    live.seen.expect("422")
    live.go("/login/")
    live.get_by_label("ログイン名").fill("honnin")
    live.get_by_label("パスワード", exact=True).fill("a-wrong-password")
    live.get_by_role("button", name="ログインする").click()
    live.get_by_label("パスワード", exact=True).fill(b.PASSWORD)
    live.get_by_role("button", name="ログインする").click()
    expect(live.locator(".user-menu")).to_be_visible()
