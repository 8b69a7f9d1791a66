"""Large files: checked and applied outside the request; left, found again, stopped in the midst, never half written."""

import datetime
import io
import uuid

import pytest
from django.core.management import call_command
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from access.actor import Role
from access.refusals import Conflict
from audit.models import Event, Receipt
from lib.tabular import Sheet, write_xlsx
from organization import jobs
from organization.import_preview import unpack
from organization.models import Grant, HeaderMapping, ImportBatch, Job, Posting, Staff
from organization.workflow import (
    check_import_again,
    discard_import,
    import_jobs,
    order_apply,
    order_check,
    rosters,
    take_import,
)
from tests import builders as b
from tests.assessments.test_at_once import at_once
from tests.organization.files import imported, row, upload
from tests.organization.rosters import HEADER, roster

BACKEND = "organization.backends.StaffBackend"
State = ImportBatch.State
NEW = row("0009001", "髙橋 新", "010101")
LATER = datetime.timedelta(minutes=11)


@pytest.fixture(autouse=True)
def _everything_is_large(settings):
    settings.IMPORT_AT_ONCE_BYTES = 10


@pytest.fixture
def hr(client, world):
    client.force_login(world.jinji, backend=BACKEND)
    return client


def taken(world, *rows, **kwargs):
    return take_import(
        by=b.actor_of(world.jinji), kind="roster", file_name="meibo.csv", content=roster(*rows, **kwargs),
        now=timezone.now(), options={},
    )  # fmt: skip


def previewed(world, *rows):
    batch = taken(world, *rows)
    worked(batch)
    return batch


def ordered(world, batch, key=None):
    return order_apply(
        by=b.actor_of(world.jinji), batch=batch, key=key or uuid.uuid4(), version=batch.version,
        now=timezone.now(),
    )  # fmt: skip


def worked(batch):
    """Let a worker do the order of a batch; return the job, with the batch fresh."""
    job = Job.objects.get(imports_of(batch), state=Job.State.WAITING)
    jobs.run(job.uuid)
    job.refresh_from_db()
    batch.refresh_from_db()
    return job


def imports_of(batch):
    return Q(params__import=str(batch.uuid))


def killed(batch):
    """Let the worker of a batch vanish without a word, eleven minutes ago."""
    then = timezone.now() - LATER
    Job.objects.filter(imports_of(batch)).exclude(state__in=Job.ENDED).update(
        state=Job.State.RUNNING, started_at=then, beat_at=then
    )


def shown(hr, batch):
    response = hr.get(reverse("organization:import_preview", args=[batch.uuid]))
    return response, response.content.decode()


def act(hr, batch, name, **fields):
    batch.refresh_from_db()
    return hr.post(
        reverse(f"organization:import_{name}", args=[batch.uuid]), {"version": batch.version, **fields}
    )


def is_new(number="0009001"):
    return Staff.objects.filter(staff_number=number).exists()


def test_from_the_file_to_the_roster(world, hr):
    response = hr.post("/imports/", upload(roster(NEW)))
    batch = ImportBatch.objects.get()
    assert response["Location"] == f"/imports/{batch.uuid}/"
    assert (batch.state, batch.preview) == (State.CHECKING, None)
    response, text = shown(hr, batch)
    assert response["Refresh"]
    assert "順番待ち" in text
    job = worked(batch)
    assert (job.state, job.message) == (Job.State.DONE, "1行を確かめました。")
    assert (batch.state, batch.counts["kinds"]) == (State.PREVIEWED, {"new": 1})
    response, text = shown(hr, batch)
    assert "Refresh" not in response
    assert "1行を確かめました。まだ取り込んでいません。" in text
    assert act(hr, batch, "apply", key=uuid.uuid4())["Location"] == f"/imports/{batch.uuid}/"
    response, text = shown(hr, batch)
    assert response["Refresh"]
    assert "取り込んでいます" in text
    assert not is_new()
    job = worked(batch)
    assert (job.state, job.message) == (Job.State.DONE, "1行を取り込みました。")
    assert (batch.state, batch.content, batch.job) == (State.APPLIED, None, None)
    assert is_new()
    actions = list(
        Event.objects.filter(object_uuid=batch.uuid).order_by("pk").values_list("action", flat=True)
    )
    assert actions == ["import.upload", "import.check", "import.apply"]


def test_the_result_is_the_one_of_the_request(world, settings):
    rows = [NEW, row(world.honnin.staff_number, "", "020100")]
    large = previewed(world, *rows)
    settings.IMPORT_AT_ONCE_BYTES = 10_000
    small = taken(world, *rows)
    assert (small.state, small.counts, small.mapping) == (large.state, large.counts, large.mapping)
    assert unpack(small.preview) == unpack(large.preview)


def test_problems_are_on_the_same_page(world, hr):
    batch = previewed(world, row("0009001", "森 一", "999999"))
    assert batch.state == State.REFUSED
    assert "組織にない" in shown(hr, batch)[1]


def test_what_is_no_table_keeps_no_bytes(world, hr):
    hr.post("/imports/", upload(b'"' + b"x" * 30))
    batch = ImportBatch.objects.get()
    worked(batch)
    assert (batch.state, batch.content) == (State.REFUSED, None)
    assert "付け方" in shown(hr, batch)[1]


def test_a_workbook_counts_as_what_it_unpacks_to(settings):
    book = io.BytesIO()
    lines = [row(f"{n:07d}", "髙橋 新", "010101").split(",") for n in range(400)]
    write_xlsx(book, [Sheet("名簿", HEADER.split(","), lines)])
    packed = book.getvalue()
    settings.IMPORT_AT_ONCE_BYTES = len(packed) + 1
    assert import_jobs.is_large(packed)
    settings.IMPORT_AT_ONCE_BYTES = 400_000
    assert not import_jobs.is_large(packed)
    settings.IMPORT_AT_ONCE_BYTES = 10
    assert not import_jobs.is_large(b"PK\x03\x04" + b"\0" * 40)


def test_a_colleague_sees_the_progress_and_no_order_of_others(world, client):
    batch = taken(world, NEW)
    colleague = b.make_staff(world.city, "同僚 一")
    b.make_posting(colleague, world.jinjika)
    b.make_grant(colleague, Role.HR)
    Job.objects.update(
        state="running", started_at=timezone.now(), beat_at=timezone.now(), done=1, total=import_jobs.STEPS
    )
    client.force_login(colleague, backend=BACKEND)
    assert "3段階中1段階が済みました。" in shown(client, batch)[1]
    assert client.get(reverse("organization:job", args=[Job.objects.get().uuid])).status_code == 404


def test_the_refresh_can_be_stopped_and_the_owner_finds_the_page_from_the_orders(world, hr):
    batch = taken(world, NEW)
    url = reverse("organization:import_preview", args=[batch.uuid])
    assert "Refresh" not in hr.get(url, {"still": "1"})
    worked(batch)
    assert (
        f'href="{url}"' in hr.get(reverse("organization:job", args=[Job.objects.get().uuid])).content.decode()
    )


def test_a_killed_check_is_offered_again(world, hr):
    batch = taken(world, NEW)
    killed(batch)
    response, text = shown(hr, batch)
    assert "Refresh" not in response
    assert "確認の途中で処理が止まりました" in text
    assert Job.objects.get().state == Job.State.FAILED
    assert act(hr, batch, "check").status_code == 302
    worked(batch)
    assert batch.state == State.PREVIEWED


def test_two_clicks_on_check_again_are_one_order(world, hr):
    batch = taken(world, NEW)
    killed(batch)
    shown(hr, batch)
    version = batch.version
    for _ in range(2):
        hr.post(reverse("organization:import_check", args=[batch.uuid]), {"version": version})
    assert Job.objects.filter(state=Job.State.WAITING).count() == 1


def test_a_file_given_up_while_it_waited_is_not_checked(world, hr):
    batch = taken(world, NEW)
    assert act(hr, batch, "discard").status_code == 302
    job = worked(batch)
    assert job.state == Job.State.FAILED
    assert (batch.state, batch.content) == (State.DISCARDED, None)


def test_two_clicks_find_one_order_and_apply_once(world, hr):
    batch, key = previewed(world, NEW), uuid.uuid4()
    version = batch.version
    url = reverse("organization:import_apply", args=[batch.uuid])
    for each in (key, key, uuid.uuid4()):
        assert hr.post(url, {"version": version, "key": each}).status_code == 302
    assert Job.objects.filter(kind="import-apply").count() == 1
    worked(batch)
    assert hr.post(url, {"version": version, "key": key}).status_code == 302
    assert Job.objects.filter(kind="import-apply").count() == 1
    assert Receipt.objects.filter(action="import.apply").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_and_the_worker_of_the_queue(world, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.IMMEDIATE_TASKS = False
    call = {"startup_delay": False, "interval": 0, "reload": False, "verbosity": 0, "batch": True}
    batch, key = taken(world, NEW), uuid.uuid4()
    call_command("db_worker", **call)
    batch.refresh_from_db()
    assert batch.state == State.PREVIEWED
    found = at_once(*[lambda: ordered(world, batch, key).job_id] * 2)
    assert found == [Job.objects.get(kind="import-apply").pk] * 2
    call_command("db_worker", **call)
    batch.refresh_from_db()
    assert (batch.state, is_new()) == (State.APPLIED, True)


def test_the_list_says_that_it_is_being_applied(world, hr):
    batch = previewed(world, NEW)
    assert "確認待ち" in hr.get("/imports/").content.decode()
    ordered(world, batch)
    text = hr.get("/imports/").content.decode()
    assert "取り込んでいます" in text
    assert "確認待ち" not in text


def test_nothing_else_can_be_done_with_it_meanwhile(world, hr):
    batch = ordered(world, previewed(world, NEW))
    by, now = b.actor_of(world.jinji), timezone.now()
    with pytest.raises(Conflict, match="いま取り込んでいる"):
        discard_import(by=by, batch=batch, version=batch.version, now=now)
    with pytest.raises(Conflict, match="いま取り込んでいる"):
        check_import_again(batch=batch, version=batch.version, now=now)
    with pytest.raises(Conflict, match="いま取り込んでいる"):
        order_check(by=by, batch=batch, version=batch.version, now=now)
    assert act(hr, batch, "discard").status_code == 409
    batch.refresh_from_db()
    assert batch.state == State.PREVIEWED
    # No worker has taken the order for a day.
    later = now + datetime.timedelta(hours=25)
    assert discard_import(by=by, batch=batch, version=batch.version, now=later).state == State.DISCARDED


def test_a_stale_version_orders_nothing(world):
    batch = previewed(world, NEW)
    with pytest.raises(Conflict):
        order_apply(
            by=b.actor_of(world.jinji), batch=batch, key=uuid.uuid4(), version=batch.version - 1,
            now=timezone.now(),
        )  # fmt: skip
    assert not Job.objects.filter(kind="import-apply").exists()


def test_a_worker_stopped_in_the_midst_leaves_nothing_half(world, hr, monkeypatch):
    batch = ordered(world, previewed(world, NEW))
    whole = rosters._ids

    def stop(*args):
        assert is_new()
        raise SystemExit(1)

    monkeypatch.setattr(rosters, "_ids", stop)
    with pytest.raises(SystemExit):
        worked(batch)
    assert not is_new()
    batch.refresh_from_db()
    assert batch.state == State.PREVIEWED
    text = shown(hr, batch)[1]
    assert "取込みの途中で処理が止まりました。1行も取り込んでいません。" in text
    monkeypatch.setattr(rosters, "_ids", whole)
    act(hr, batch, "apply", key=uuid.uuid4())
    worked(batch)
    assert (batch.state, is_new()) == (State.APPLIED, True)


def test_a_killed_worker_frees_the_batch(world, hr):
    batch = ordered(world, previewed(world, NEW))
    killed(batch)
    text = shown(hr, batch)[1]
    assert "1行も取り込んでいません" in text
    assert "取り込む</button>" in text
    assert act(hr, batch, "discard").status_code == 302


def test_a_worker_that_comes_back_after_it_was_given_up_writes_nothing(world, monkeypatch):
    batch = ordered(world, previewed(world, NEW))
    whole = rosters._ids

    def slow(*args):
        Job.objects.filter(pk=batch.job_id).update(
            state=Job.State.FAILED, finished_at=timezone.now(), message=jobs.STOPPED
        )
        return whole(*args)

    monkeypatch.setattr(rosters, "_ids", slow)
    worked(batch)
    assert (batch.state, is_new()) == (State.PREVIEWED, False)


def test_an_error_of_ours_is_a_sentence_and_frees_the_batch(world, hr, monkeypatch):
    batch = ordered(world, previewed(world, NEW))

    def fail(*args):
        raise ValueError("髙橋 新")

    monkeypatch.setattr(rosters, "_ids", fail)
    assert worked(batch).message == jobs.BROKEN
    assert "取込みの途中で誤りが起きました" in shown(hr, batch)[1]
    assert not is_new()


def test_a_change_in_between_shows_a_fresh_preview_with_a_sentence(world, hr):
    batch = ordered(world, previewed(world, row(world.honnin.staff_number, "", "020100")))
    imported(world, row(world.honnin.staff_number, "", "020000", start="令和8年3月1日"))
    job = worked(batch)
    assert job.state == Job.State.FAILED
    assert not Posting.objects.filter(staff=world.honnin, department=world.jinjika).exists()
    text = shown(hr, batch)[1]
    assert "確認した後で、職員か所属が変わりました。" in text
    act(hr, batch, "apply", key=uuid.uuid4())
    worked(batch)
    assert batch.state == State.APPLIED


@pytest.mark.parametrize("step", ["check", "apply"])
def test_a_role_taken_away_before_the_work_begins(world, step):
    batch = taken(world, NEW) if step == "check" else ordered(world, previewed(world, NEW))
    Grant.objects.filter(staff=world.jinji).delete()
    job = worked(batch)
    assert (job.state, job.message) == (Job.State.FAILED, jobs.NO_RIGHT)
    assert batch.state == (State.CHECKING if step == "check" else State.PREVIEWED)
    assert not is_new()


def test_columns_chosen_by_hand_are_checked_by_the_worker_and_kept(world, hr):
    header = "ばんごう,なまえ,ばしょ,いつから,氏名"
    batch = taken(world, "0009001,森 一,010101,R8.4.1,備考です", header=header)
    worked(batch)
    assert batch.state == State.REFUSED
    columns = {"職員番号": "ばんごう", "氏名": "なまえ", "所属コード": "ばしょ", "発令日": "いつから"}
    fresh = order_check(
        by=b.actor_of(world.jinji), batch=batch, version=batch.version, columns=columns, now=timezone.now()
    )
    assert fresh.state == State.CHECKING
    assert hr.get(reverse("organization:import_map", args=[batch.uuid])).status_code == 302
    worked(batch)
    assert (batch.state, batch.mapping) == (State.PREVIEWED, columns)
    assert HeaderMapping.objects.get(municipality=world.city).columns["氏名"] == ""


def test_too_many_orders_keep_no_file(world, hr):
    for number in range(jobs.AT_ONCE):
        taken(world, row(f"000900{number}", "森 一", "010101"))
    assert hr.post("/imports/", upload(roster(NEW))).status_code == 409
    assert ImportBatch.objects.count() == jobs.AT_ONCE


def test_the_progress_asks_few_questions(world, hr, django_assert_max_num_queries):
    batch = taken(world, NEW)
    with django_assert_max_num_queries(12):
        shown(hr, batch)
