"""所属長 orders everybody's résumé, leaves, comes back, and gets the file; prints, PDF and Excel of one person."""

import io
import re
import zipfile

import pytest
from django.utils import timezone

from assessments import pdf
from gaps import resume_bundle
from organization import jobs
from organization.models import Job
from tests import builders as b
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.journeys import downloaded, expect, look_on, reach, sign_in_as, with_password

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office(world, settings, monkeypatch):
    """The queue waits for a worker, as in production; a PDF takes no second."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.IMMEDIATE_TASKS = False
    monkeypatch.setattr(pdf, "available", lambda: True)
    monkeypatch.setattr(resume_bundle, "resume_pdf_of", lambda actor, staff, now, **more: b"%PDF")
    b.make_handover(world.honnin, "資料の場所", text="共有フォルダ")
    with_password(world.kacho, world.honnin)
    return world


def test_a_department_in_one_file_left_and_found_again(office, live, axe):
    sign_in_as(live, "kacho")
    live.go(f"/departments/{office.ka.uuid}/resumes/")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.set_viewport_size(DESKTOP)
    reach(live, live.get_by_role("button", name="6人分の作成を頼む"))
    live.keyboard.press("Enter")
    expect(live.get_by_role("heading", level=1)).to_have_text("デジタル推進課のスキル履歴書")
    expect(live.get_by_role("heading", name="順番待ち")).to_be_visible()

    job = Job.objects.get()
    now = timezone.now()
    Job.objects.filter(pk=job.pk).update(state="running", started_at=now, beat_at=now, done=2, total=6)
    # Without a script and without a click the page asks again.
    expect(live.get_by_text("6件中2件が済みました。")).to_be_visible(timeout=10_000)
    live.get_by_role("link", name="3秒ごとの自動更新を止める").click()
    expect(live.get_by_role("progressbar")).to_be_visible()
    look_on(live, axe, DESKTOP)
    live.shot("job")
    look_on(live, axe, PHONE)
    live.set_viewport_size(DESKTOP)

    live.go("/")
    Job.objects.filter(pk=job.pk).update(state="waiting", started_at=None, beat_at=None, done=0, total=0)
    jobs.run(job.uuid)
    live.locator(".user-menu summary").click()
    live.get_by_role("link", name="作成の依頼").click()
    look_on(live, axe, DESKTOP)
    live.get_by_role("link", name="デジタル推進課のスキル履歴書").click()
    expect(live.get_by_text("6人中6人分を作りました。")).to_be_visible()
    look_on(live, axe, PHONE)
    live.set_viewport_size(DESKTOP)
    name, content = downloaded(live, live.get_by_role("link", name=re.compile("^ファイルを受け取る")))
    assert name == "スキル履歴書.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as inside:
        assert "一覧.csv" in inside.namelist()
        assert len(inside.namelist()) == 7


def test_one_persons_paper(office, live, axe):
    sign_in_as(live, "honnin")
    live.go(f"/resume/{office.honnin.uuid}/handover/")
    expect(live.get_by_role("heading", level=1)).to_have_text("山﨑 美咲の引継ぎシート")
    look_on(live, axe, DESKTOP)
    look_on(live, axe, PHONE)
    live.set_viewport_size(DESKTOP)
    live.shot("handover")
    live.go("/resume/")
    name, content = downloaded(live, live.get_by_role("link", name="Excelで出す"))
    assert name == "スキル履歴書.xlsx"
    assert zipfile.is_zipfile(io.BytesIO(content))
