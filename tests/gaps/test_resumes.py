"""スキル履歴書 of a department in one file: the order, what is in it, one failure, and rights that change meanwhile."""

import io
import zipfile

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments import pdf
from audit.models import Event
from gaps import resume_bundle
from lib.tabular import read_table
from organization import jobs
from organization.models import Job, Posting
from tests import builders as b


@pytest.fixture(autouse=True)
def _made(monkeypatch, settings, tmp_path):
    settings.FILES_DIR = tmp_path
    monkeypatch.setattr(pdf, "available", lambda: True)
    monkeypatch.setattr(
        resume_bundle, "resume_pdf_of", lambda actor, staff, now, **more: b"%PDF " + str(staff.pk).encode()
    )


def url(place):
    return reverse("gaps:resumes", args=[place.uuid])


def asked(client, place, **sent):
    answer = client.post(url(place), sent)
    assert answer.status_code == 302, answer.content.decode()
    return Job.objects.latest("pk")


def run(job):
    jobs.run(job.uuid)
    job.refresh_from_db()
    return job


def fetch(client, job):
    return client.get(reverse("organization:job_file", args=[job.uuid]))


def package(answer):
    content = b"".join(answer.streaming_content)
    return zipfile.ZipFile(io.BytesIO(content))


def test_one_pdf_a_person_with_a_list_inside(world, sign_in):
    client = sign_in("kacho")
    assert "6人分を、1人1つのPDFにして" in client.get(url(world.ka)).content.decode()
    job = run(asked(client, world.ka))
    assert (job.state, job.message) == (Job.State.DONE, "6人中6人分を作りました。")
    inside = package(fetch(client, job))
    assert inside.namelist() == [*(f"{number:03}.pdf" for number in range(1, 7)), "一覧.csv"]
    table = read_table(inside.read("一覧.csv"), "一覧.csv")
    assert table.header == ["ファイル", "職員番号", "氏名", "フリガナ", "結果"]
    names = {row.cells[2]: row.cells[0] for row in table.rows}
    assert set(names) == {"山﨑 美咲", "小林 健", "𠮷田 由紀子", "髙橋 誠一", "石井 大輔", "松本 圭"}
    assert inside.read(names["山﨑 美咲"]) == b"%PDF " + str(world.honnin.pk).encode()
    event = Event.objects.get(action="export.resumes")
    assert event.object_uuid == world.ka.uuid
    assert (event.data["rows"], event.data["role"], event.data["department"]) == (6, "M", "010100")
    assert Event.objects.get(action="resumes.ask").data["rows"] == 6


def test_human_resources_say_why(world, sign_in):
    client = sign_in("jinji")
    refused = client.post(url(world.ka), {})
    assert refused.status_code == 422
    assert not Job.objects.exists()
    run(asked(client, world.ka, reason="配置の資料"))
    event = Event.objects.get(action="export.resumes")
    assert (event.data["reason"], event.data["role"]) == ("配置の資料", "H")
    # The reason stands in the trail alone.
    assert "reason" not in Job.objects.get().params


def test_only_the_line_and_human_resources(world, sign_in):
    assert sign_in("honnin").get(url(world.kakari_dept)).status_code == 403
    assert sign_in("honnin").post(url(world.kakari_dept)).status_code == 403
    assert sign_in("kakari").get(url(world.ka)).status_code in (403, 404)
    assert sign_in("kacho").post(url(world.jinjika)).status_code == 404
    assert sign_in("kansa").post(url(world.ka)).status_code == 403


def test_one_persons_failure_is_listed_and_loses_nobody_else(world, sign_in, monkeypatch, caplog):
    def breaks(actor, staff, now, **more):
        if staff == world.honnin:
            raise ValueError("山﨑 美咲 の秘密")
        return b"%PDF"

    monkeypatch.setattr(resume_bundle, "resume_pdf_of", breaks)
    client = sign_in("kacho")
    job = run(asked(client, world.ka))
    assert job.message == "6人中5人分を作りました。作れなかった1人は、ZIPの中の「一覧.csv」に書いてあります。"
    inside = package(fetch(client, job))
    listed = {row.cells[2]: row.cells for row in read_table(inside.read("一覧.csv"), "一覧.csv").rows}
    assert listed["山﨑 美咲"][4] == "作成できませんでした"
    assert listed["山﨑 美咲"][0] == ""
    assert len(inside.namelist()) == 6
    assert "秘密" not in caplog.text


def test_nobody_could_be_made(world, sign_in, monkeypatch):
    monkeypatch.setattr(resume_bundle, "resume_pdf_of", lambda *given, **more: 1 / 0)
    job = run(asked(sign_in("kacho"), world.ka))
    assert (job.state, job.message) == (Job.State.FAILED, resume_bundle.NONE_MADE)
    assert not Event.objects.filter(action="export.resumes").exists()


def test_who_moved_away_between_the_order_and_the_work_is_not_in_it(world, sign_in):
    client = sign_in("kacho")
    job = asked(client, world.ka)
    moved(world.honnin, world.jinjika)
    assert run(job).message == "5人中5人分を作りました。"


def test_who_moved_away_between_the_work_and_the_fetch_keeps_the_file_shut(world, sign_in):
    client = sign_in("kacho")
    job = run(asked(client, world.ka))
    moved(world.honnin, world.jinjika)
    refused = fetch(client, job)
    assert refused.status_code == 403
    assert "もう一度作成を頼むと" in refused.content.decode()


def test_a_head_who_left_the_department_gets_nothing(world, sign_in):
    client = sign_in("kacho")
    job, late = run(asked(client, world.ka)), asked(client, world.kiban)
    moved(world.kacho, world.soumu)
    assert fetch(client, job).status_code == 403
    assert run(late).message == jobs.NO_RIGHT


def test_without_weasyprint_the_page_says_how_to_print(world, sign_in, monkeypatch):
    monkeypatch.setattr(pdf, "available", lambda: False)
    client = sign_in("kacho")
    assert "Ctrl+P" in client.get(url(world.ka)).content.decode()
    assert client.post(url(world.ka)).status_code == 409
    assert not Job.objects.exists()


def test_too_many_orders_at_once(world, sign_in, monkeypatch):
    monkeypatch.setattr(jobs, "AT_ONCE", 1)
    client = sign_in("kacho")
    first = asked(client, world.ka)
    assert asked(client, world.ka) == first
    refused = client.post(url(world.kiban))
    assert refused.status_code == 409
    assert "同時に" in refused.content.decode()


def test_few_queries(world, sign_in, django_assert_max_num_queries):
    client = sign_in("kacho")
    with django_assert_max_num_queries(15):
        client.get(url(world.ka))


def moved(staff, place):
    today = timezone.localdate()
    Posting.objects.filter(staff=staff).update(end=today)
    b.make_posting(staff, place, start=today)
