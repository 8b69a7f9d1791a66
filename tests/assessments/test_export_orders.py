"""Files of many rows as orders: made later, with the reason, and fetched by those alone who still may."""

import io
import zipfile

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Cycle
from audit.models import Event
from lib.tabular_read import read_table
from organization import jobs
from organization.models import Grant, Job, Posting
from tests import builders as b
from tests.assessments.exporting import body, book_of, hand_in_two, posted, text, url
from tests.assessments.sheets import submitted


@pytest.fixture
def filled(world):
    return hand_in_two(world)


@pytest.fixture
def ordered(filled, settings, tmp_path):
    """Everything of more than five rows is an order, made when a test says so."""
    settings.FILES_DIR = tmp_path
    settings.EXPORT_AT_ONCE_ROWS = 5
    return filled


def order(client, world, kind="records", **changes):
    answer = client.post(url(kind), posted(world, **changes))
    assert answer.status_code == 302, text(answer)
    return Job.objects.latest("pk")


def run(job):
    Job.objects.filter(pk=job.pk).update(state="waiting", started_at=None, beat_at=None, finished_at=None)
    jobs.run(job.uuid)
    job.refresh_from_db()
    return job


def fetch(client, job):
    return client.get(reverse("organization:job_file", args=[job.uuid]))


@pytest.mark.parametrize(
    ("form", "name"), [("csv", "出力.csv"), ("xlsx", "出力.xlsx"), ("cp932", "出力.csv")]
)
def test_a_long_file_is_an_order(ordered, sign_in, form, name):
    client = sign_in("jinji")
    job = run(order(client, ordered, format=form))
    assert (job.state, job.message, job.file_name) == (Job.State.DONE, "12行を書き出しました。", name)
    assert "研修計画の資料" not in str(job.params)
    assert job.title == "記録（明細）　令和8年度"
    assert len(read_table(body(fetch(client, job)), name).rows) == 12
    events = {event.action: event for event in Event.objects.all()}
    assert events["exports.ask"].data["rows"] == 12
    made = events["export.records"].data
    assert (made["rows"], made["reason"], made["job"], made["format"]) == (
        12,
        "研修計画の資料",
        str(job.uuid),
        form,
    )
    assert events["job.fetch"].object_uuid == job.uuid


def test_a_long_workbook_says_who_and_why(ordered, sign_in):
    client = sign_in("jinji")
    job = run(order(client, ordered, format="xlsx", split="on"))
    book = book_of(fetch(client, job))
    assert len(book.worksheets) == 3
    facts = {row[0].value: row[1].value for row in book.worksheets[-1].iter_rows()}
    assert (facts["理由"], facts["出力した人"]) == ("研修計画の資料", ordered.jinji.name)


def test_a_long_file_with_replaced_characters_comes_with_their_list(ordered, sign_in):
    submitted(b.make_sheet(ordered.kacho, ordered.cycle, ordered.ka), evidence="𠮷")
    client = sign_in("jinji")
    assert client.post(url("records"), posted(ordered, format="cp932")).status_code == 422
    job = run(order(client, ordered, format="cp932", unencodable="replace"))
    assert job.file_name == "出力.zip"
    package = zipfile.ZipFile(io.BytesIO(body(fetch(client, job))))
    assert package.namelist()[1] == "置き換えた文字の一覧.csv"


def test_a_character_that_came_in_meanwhile_is_never_lost(ordered, sign_in):
    job = order(sign_in("jinji"), ordered, format="cp932")
    submitted(b.make_sheet(ordered.kacho, ordered.cycle, ordered.ka), evidence="𠮷")
    job = run(job)
    assert job.state == Job.State.FAILED
    assert "CP932で書けない文字" in job.message


def test_the_same_order_twice_is_one_job(ordered, sign_in, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.IMMEDIATE_TASKS = False
    client = sign_in("jinji")
    assert order(client, ordered) == order(client, ordered)
    assert Job.objects.count() == 1


@pytest.mark.parametrize("change", ["person", "post", "closed", "role"])
def test_who_lost_a_right_meanwhile_gets_no_file(ordered, sign_in, change):
    who = "jinji" if change == "role" else "kacho"
    client = sign_in(who)
    job = run(order(client, ordered))
    assert len(body(fetch(client, job)).splitlines()) == 13
    today = timezone.localdate()
    if change == "person":
        Posting.objects.filter(staff=ordered.honnin).update(end=today)
        b.make_posting(ordered.honnin, ordered.jinjika, start=today)
    elif change == "post":
        Posting.objects.filter(staff=ordered.kacho).update(line_role="none")
    elif change == "closed":
        Cycle.objects.filter(pk=ordered.cycle.pk).update(state="closed", closed_at=timezone.now())
    else:
        Grant.objects.filter(staff=ordered.jinji).update(withdrawn_at=timezone.now())
    assert fetch(client, job).status_code == 403
    assert Event.objects.filter(action="job.fetch").count() == 1


def test_who_lost_the_right_before_it_was_made_gets_none(ordered, sign_in):
    job = order(sign_in("kacho"), ordered, kind="records")
    Job.objects.filter(pk=job.pk).update(params={**job.params, "kind": "none"})
    assert run(job).message == jobs.NO_RIGHT
