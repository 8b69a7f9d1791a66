"""What was taken away is gone at the next request: in long work that waits, files that are ready, previews, plans, caches."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.actor import Role
from assessments import pdf
from gaps import resume_bundle
from organization import jobs
from organization.models import Grant, Job, Posting, Staff
from tests import builders as b
from tests.assessments.exporting import hand_in_two, posted, url
from tests.organization.files import checked, row

BACKEND = "organization.backends.StaffBackend"
NOTHING_NEW = {"If-None-Match": "*", "If-Modified-Since": "Fri, 31 Dec 2099 23:59:59 GMT"}


@pytest.fixture(autouse=True)
def _long_work(settings, tmp_path, monkeypatch):
    settings.FILES_DIR = tmp_path
    settings.EXPORT_AT_ONCE_ROWS = 1
    monkeypatch.setattr(pdf, "available", lambda: True)
    monkeypatch.setattr(
        resume_bundle, "resume_pdf_of", lambda actor, staff, now, **more: f"%PDF {staff.name}".encode()
    )


def signed_in(staff):
    client = Client()
    client.force_login(staff, backend=BACKEND)
    return client


def withdraw(staff, role):
    Grant.objects.filter(staff=staff, role=role.value).update(withdrawn_at=timezone.now())


def move(staff, department, **kwargs):
    """Transfer somebody today, for whom the former line has no eyes from now on."""
    today = timezone.localdate()
    Posting.objects.filter(staff=staff, end=None).update(end=today)
    b.make_posting(staff, department, start=today, **kwargs)


def leave(staff):
    Staff.objects.filter(pk=staff.pk).update(left_on=timezone.localdate())


def disable(staff):
    Staff.objects.filter(pk=staff.pk).update(is_active=False)


def ordered_export(client, world):
    assert client.post(url("records"), posted(world)).status_code == 302
    return Job.objects.latest("pk")


def ordered_bundle(client, place):
    assert client.post(reverse("gaps:resumes", args=[place.uuid]), {"reason": "面談"}).status_code == 302
    return Job.objects.latest("pk")


def run(job):
    Job.objects.filter(pk=job.pk).update(state="waiting", started_at=None, beat_at=None, finished_at=None)
    jobs.run(job.uuid)
    job.refresh_from_db()
    return job


def names_in(job, world):
    """Return which of the two who handed in a sheet are in the file of an export."""
    content = jobs.path_of(job.uuid).read_bytes().decode("utf-8-sig")
    return [who for who in ("honnin", "dourei") if getattr(world, who).name in content]


def fetch(client, job, **headers):
    return client.get(reverse("organization:job_file", args=[job.uuid]), headers=headers)


TAKEN = {
    "grant": lambda world: withdraw(world.jinji, Role.HR),
    "left": lambda world: leave(world.jinji),
    "disabled": lambda world: disable(world.jinji),
    "auditor": lambda world: b.make_grant(world.jinji, Role.AUDITOR),
}


@pytest.mark.parametrize("kind", ["export", "bundle"])
@pytest.mark.parametrize("what", sorted(TAKEN))
def test_a_job_queued_before_the_withdrawal_makes_nothing(world, what, kind):
    client = signed_in(hand_in_two(world).jinji)
    job = ordered_export(client, world) if kind == "export" else ordered_bundle(client, world.ka)
    TAKEN[what](world)
    run(job)
    if kind == "export" and what in ("grant", "auditor"):
        # Everybody may export their own: of the others nothing is inside.
        assert job.state == Job.State.DONE
        assert not names_in(job, world)
        return
    assert (job.state, job.message) == (Job.State.FAILED, jobs.NO_RIGHT)
    assert not jobs.path_of(job.uuid).exists()


@pytest.mark.parametrize("kind", ["export", "bundle"])
def test_a_job_of_the_line_queued_before_the_transfer_of_its_owner_makes_nothing(world, kind):
    client = signed_in(hand_in_two(world).kacho)
    job = ordered_export(client, world) if kind == "export" else ordered_bundle(client, world.ka)
    move(world.kacho, world.soumu)
    run(job)
    if kind == "export":
        assert not names_in(job, world)
    else:
        assert (job.state, job.message) == (Job.State.FAILED, jobs.NO_RIGHT)
        assert not jobs.path_of(job.uuid).exists()


def test_a_person_who_moved_while_the_job_waited_is_not_in_the_file(world):
    client = signed_in(hand_in_two(world).kacho)
    export, bundle = ordered_export(client, world), ordered_bundle(client, world.ka)
    move(world.honnin, world.jinjika)
    assert run(export).state == run(bundle).state == Job.State.DONE
    assert names_in(export, world) == ["dourei"]
    packed = zipfile.ZipFile(io.BytesIO(jobs.path_of(bundle.uuid).read_bytes()))
    inside = b"".join(packed.read(name) for name in packed.namelist()).decode()
    assert world.honnin.name not in inside
    assert world.dourei.name in inside


@pytest.mark.parametrize("kind", ["export", "bundle"])
@pytest.mark.parametrize("what", ["person moved", "owner moved", "owner left"])
def test_a_file_ready_for_download_is_not_handed_out_after(world, what, kind):
    client = signed_in(hand_in_two(world).kacho)
    job = run(ordered_export(client, world) if kind == "export" else ordered_bundle(client, world.ka))
    before = fetch(client, job)
    assert before.status_code == 200
    b"".join(before.streaming_content)
    if what == "person moved":
        move(world.honnin, world.jinjika)
    elif what == "owner moved":
        move(world.kacho, world.soumu)
    else:
        leave(world.kacho)
    expected = 302 if what == "owner left" else 403
    assert fetch(client, job, **NOTHING_NEW).status_code == fetch(client, job).status_code == expected


@pytest.mark.parametrize("name", ["organization:person", "assessments:resume", "assessments:resume_xlsx"])
def test_no_answer_says_that_nothing_has_changed_after_a_transfer(world, name):
    """A page of a person carries nothing by which a browser could ask for its copy, and whoever asks gets 404."""
    client, address = signed_in(world.kacho), reverse(name, args=[world.honnin.uuid])
    first = client.get(address)
    assert first.status_code == 200
    assert not {"ETag", "Last-Modified"} & set(first.headers)
    assert "no-store" in first["Cache-Control"]
    assert client.get(address, headers=NOTHING_NEW).status_code == 200
    move(world.honnin, world.jinjika)
    assert client.get(address, headers=NOTHING_NEW).status_code == 404


def test_a_file_of_an_entry_after_a_transfer(world, targets):
    client, address = signed_in(world.kacho), reverse("assessments:file", args=[targets["file"][0].uuid])
    assert client.get(address, headers=NOTHING_NEW).status_code == 200
    move(world.honnin, world.jinjika)
    assert client.get(address, headers=NOTHING_NEW).status_code == 404


@pytest.mark.parametrize("what", ["grant", "auditor"])
def test_a_preview_of_an_import_after_the_withdrawal(world, what):
    batch = checked(world, row("0009001", "髙橋 新", "010101"))
    client = signed_in(world.jinji)
    page = reverse("organization:import_preview", args=[batch.uuid])
    assert client.get(page).status_code == 200
    TAKEN[what](world)
    people, before = Staff.objects.count(), batch.state
    assert client.get(page).status_code == 403
    for name in ("import_apply", "import_discard", "import_check"):
        answer = client.post(
            reverse(f"organization:{name}", args=[batch.uuid]),
            {"version": batch.version, "key": str(batch.uuid)},
        )
        assert answer.status_code == 403, name
    batch.refresh_from_db()
    assert batch.state == before
    assert Staff.objects.count() == people


def test_a_signed_plan_after_the_transfer_of_the_head(world):
    from competency.models import DutyAssignment
    from tests.gaps.assigned import make_duty, make_plan

    make_plan(world.ka, [make_duty("情報化の企画", code="planning")])
    client, address = signed_in(world.kacho), reverse("gaps:assignments_import", args=[world.ka.uuid])
    content = "業務,氏名,担当\r\n情報化の企画,山﨑　美咲,主".encode()
    page = client.post(address, {"file": SimpleUploadedFile("bunsho.csv", content)})
    signed = page.context["signed"]
    assert signed
    move(world.kacho, world.soumu)
    assert client.post(address, {"plan": signed}).status_code == 404
    assert not DutyAssignment.objects.exists()


def test_a_role_that_begins_again_opens_at_the_next_request(world):
    """The other way round: nothing is remembered either."""
    client, page = signed_in(world.betsuka), reverse("assessments:resume", args=[world.honnin.uuid])
    assert client.get(page).status_code == 404
    grant = b.make_grant(world.betsuka, Role.HR)
    assert client.get(page).status_code == 200
    Grant.objects.filter(pk=grant.pk).update(withdrawn_at=timezone.now())
    assert client.get(page).status_code == 404


def test_a_token_outlives_the_role_of_its_issuer_and_ends_at_the_next_request(world):
    """A token is the municipality's, not its issuer's (P20t): it ends by its day and by being revoked."""
    token, secret = b.make_token(world.jinji)
    bearer = {"Authorization": f"Bearer {secret}"}
    client, address = Client(), reverse("assessments:api_kinds")
    assert client.get(address, headers=bearer).status_code == 200
    withdraw(world.jinji, Role.HR)
    assert client.get(address, headers=bearer).status_code == 200
    type(token).objects.filter(pk=token.pk).update(expires_at=timezone.now())
    assert client.get(address, headers={**bearer, **NOTHING_NEW}).status_code == 401
