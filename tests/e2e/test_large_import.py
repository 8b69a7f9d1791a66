"""人事 brings in a large roster, closes the page, comes back, applies it and lives through a worker that is killed."""

import datetime

import pytest
from django.utils import timezone

from organization import jobs
from organization.models import ImportBatch, Job, Staff
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import expect, look_on, reach, sign_in_as, upload, with_password
from tests.organization.files import row
from tests.organization.rosters import roster

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office(world, settings, tmp_path):
    """The queue waits for a worker, as in production; every file is a large one."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.IMMEDIATE_TASKS = False
    settings.IMPORT_AT_ONCE_BYTES = 10
    with_password(world.jinji)
    world.file = tmp_path / "meibo.csv"
    world.file.write_bytes(roster(*(row(f"80{n:04d}", f"見本 {n}", "010101") for n in range(30))))
    return world


def worked():
    """Let a worker do what waits."""
    jobs.run(Job.objects.get(state=Job.State.WAITING).uuid)


def running(**values):
    """Let a worker have begun with what waits."""
    now = timezone.now()
    Job.objects.filter(state=Job.State.WAITING).update(
        **{"state": "running", "started_at": now, "beat_at": now, **values}
    )


def waiting():
    """Take the beginning back, for the worker that is to do it."""
    Job.objects.filter(state="running").update(
        state="waiting", started_at=None, beat_at=None, done=0, total=0
    )


def test_a_large_roster_left_and_found_again(office, live, axe):
    sign_in_as(live, "jinji")
    upload(live, "職員名簿", office.file)
    expect(live.get_by_role("heading", name="順番待ち")).to_be_visible()
    running(done=1, total=3)
    # Without a script and without a click the page asks again.
    expect(live.get_by_text("3段階中1段階が済みました。")).to_be_visible(timeout=10_000)
    live.get_by_role("link", name="3秒ごとの自動更新を止める").click()
    expect(live.get_by_role("progressbar")).to_be_visible()
    look_on(live, axe, DESKTOP)
    live.shot("import-progress")
    look_on(live, axe, PHONE)
    live.set_viewport_size(DESKTOP)

    live.go("/")
    waiting()
    worked()
    live.go("/imports/")
    live.get_by_role("link", name="meibo.csv").click()
    expect(live.get_by_text("30行を確かめました。まだ取り込んでいません。")).to_be_visible()
    live.get_by_label("気になる点を確かめました").check()
    reach(live, live.get_by_role("button", name="取り込む", exact=True))
    live.keyboard.press("Enter")
    expect(live.get_by_role("heading", name="順番待ち")).to_be_visible()
    expect(live.get_by_role("button", name="取込みをやめる")).to_have_count(0)

    # The worker is killed without a word.
    gone = timezone.now() - datetime.timedelta(minutes=11)
    running(started_at=gone, beat_at=gone)
    expect(live.get_by_text("1行も取り込んでいません。もう一度、取り込んでください。")).to_be_visible(
        timeout=10_000
    )
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.set_viewport_size(DESKTOP)
    live.get_by_label("気になる点を確かめました").check()
    live.get_by_role("button", name="取り込む", exact=True).click()
    expect(live.get_by_role("heading", name="順番待ち")).to_be_visible()
    worked()
    expect(live.get_by_role("heading", name="次にすること")).to_be_visible(timeout=10_000)
    assert ImportBatch.objects.get().state == ImportBatch.State.APPLIED
    assert Staff.objects.filter(staff_number__startswith="80").count() == 30
