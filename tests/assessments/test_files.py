"""Files with an entry: taken by content, reached by the right to the entry, never shown inside a page."""

from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone

from access.refusals import Conflict, Forbidden
from assessments.files import path_of
from assessments.models import Attachment, Entry
from assessments.workflow.files import MOST, add_file, remove_file
from audit.models import Event
from organization.models import Posting
from tests import builders as b
from tests.assessments.uploads import JPEG, PDF, PNG, PROGRAM, upload

NOW = timezone.now()


@pytest.fixture
def entry(world):
    return b.make_training(world.honnin, "ポリシーの研修")


def add(client, entry, file=None, label="修了証"):
    form = {"label": label} | ({"file": file} if file else {})
    return client.post(reverse("assessments:file_add", args=[entry.uuid]), form)


def get(client, file):
    return client.get(reverse("assessments:file", args=[file.uuid]))


def stored() -> set[Path]:
    return {path for path in Path(settings.FILES_DIR).rglob("*") if path.is_file()}


def by(world, name="honnin"):
    return b.actor_of(getattr(world, name))


@pytest.mark.parametrize(
    ("content", "kind", "name"),
    [
        (PNG, "image/png", "tenpu.png"),
        (PDF, "application/pdf", "tenpu.pdf"),
        (JPEG, "image/jpeg", "tenpu.jpg"),
    ],
)
def test_kept_and_handed_out_as_a_file_of_no_name(entry, sign_in, content, kind, name):
    client = sign_in("honnin")
    response = add(client, entry, upload(content, "山﨑美咲.bin", "text/html"))
    assert response.status_code == 302, response.content.decode()
    file = Attachment.objects.get()
    assert (file.label, file.content_type, file.size) == ("修了証", kind, len(content))
    answer = get(client, file)
    assert answer.content == content
    assert answer["Content-Type"] == kind
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "'self'" not in answer["Content-Security-Policy"]
    assert not Event.objects.filter(action="file.view").exists()
    event = Event.objects.get(action="file.add")
    assert event.subject_uuid == entry.staff.uuid
    assert "修了証" not in str(event.data)


def test_the_name_on_the_disk_is_ours_and_outside_what_is_served(entry, sign_in):
    before = stored()
    add(sign_in("honnin"), entry, upload())
    (path,) = stored() - before
    assert path.name == Attachment.objects.get().uuid.hex
    assert not path.is_relative_to(settings.STATIC_ROOT)
    assert path.read_bytes() == PNG


@pytest.mark.parametrize(
    ("file", "status", "sentence"),
    [
        (lambda: upload(b""), 422, "ファイルが空です"),
        (lambda: upload(PROGRAM, "修了証.png"), 422, "PDF、PNG、JPEGのファイルだけです"),
        (lambda: upload(b"<html><script>alert(1)</script>", "a.pdf", "application/pdf"), 422, "だけです"),
        (lambda: upload(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.png"), 422, "だけです"),
        (lambda: upload(PDF + PROGRAM, "a.pdf"), 422, "別の内容が付いています"),
        (lambda: upload(PNG[:-4]), 422, "途中で終わっています"),
        (lambda: upload(PNG + bytes(settings.ATTACHMENT_MAX_BYTES)), 413, "5MBまでのファイル"),
        (lambda: None, 422, "ファイルを選んでください"),
    ],
)
def test_what_is_refused_says_what_to_do_and_leaves_nothing(entry, sign_in, file, status, sentence):
    before = stored()
    response = add(sign_in("honnin"), entry, file(), label="合格証書の写し")
    page = response.content.decode()
    assert response.status_code == status
    assert sentence in page
    assert 'value="合格証書の写し"' in page
    assert not Attachment.objects.exists()
    assert stored() == before


def test_a_label_is_asked_for_and_cleaned(entry, sign_in):
    client = sign_in("honnin")
    assert "何のファイルかを入力してください" in add(client, entry, upload(), label=" \x00 ").content.decode()
    add(client, entry, upload(), label="<b>修了証</b>\x07")
    assert Attachment.objects.get().label == "<b>修了証</b>"


def test_only_five_and_the_same_bytes_once(world, entry):
    before = stored()
    for number in range(MOST):
        add_file(entry=entry, label=f"{number}", content=PDF + b"\n" * number, by=by(world), now=NOW)
    again = add_file(entry=entry, label="もう一度", content=PDF, by=by(world), now=NOW)
    assert again.label == "0"
    with pytest.raises(Conflict, match="5つまで"):
        add_file(entry=entry, label="6", content=PNG, by=by(world), now=NOW)
    assert len(stored() - before) == MOST == Attachment.objects.count()
    remove_file(file=again, by=by(world), now=NOW)
    add_file(entry=entry, label="6", content=PNG, by=by(world), now=NOW)


def test_too_many_is_a_sentence_on_the_page(world, entry, sign_in):
    for number in range(MOST):
        add_file(entry=entry, label=f"{number}", content=PDF + b"\n" * number, by=by(world), now=NOW)
    response = add(sign_in("honnin"), entry, upload())
    assert response.status_code == 409
    assert "5つまで" in response.content.decode()


def test_a_transaction_that_fails_leaves_no_bytes(world, entry, monkeypatch):
    before = stored()

    def broken(**kwargs):
        raise DatabaseError

    monkeypatch.setattr("assessments.workflow.files.record", broken)
    with pytest.raises(DatabaseError):
        add_file(entry=entry, label="x", content=PNG, by=by(world), now=NOW)
    assert stored() == before
    assert not Attachment.objects.exists()


def test_bytes_that_do_not_reach_the_disk_leave_no_row(world, entry, monkeypatch):
    before = stored()
    monkeypatch.setattr("lib.files.os.fsync", lambda handle: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        add_file(entry=entry, label="x", content=PNG, by=by(world), now=NOW)
    assert stored() == before
    assert not Attachment.objects.exists()


def test_a_disk_that_refuses_is_a_sentence_and_no_500(entry, sign_in, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("assessments.files.write_whole", full)
    answer = add(sign_in("honnin"), entry, upload(PDF, "a.pdf"))
    assert answer.status_code == 503
    assert "ファイルを保存できませんでした" in answer.content.decode()
    assert "修了証" in answer.content.decode()
    assert not Attachment.objects.exists()


def test_the_line_and_hr_open_it_and_that_is_logged(world, entry, sign_in):
    file = add_file(entry=entry, label="x", content=PNG, by=by(world), now=NOW)
    for name, role in (("kakari", "M"), ("jinji", "H")):
        assert get(sign_in(name), file).status_code == 200
        event = Event.objects.filter(action="file.view").latest("pk")
        assert (event.subject_uuid, event.object_uuid) == (world.honnin.uuid, file.uuid)
        assert event.data == {"role": role}
    for name in ("dourei", "betsuka", "kansa", "henshu", "sysadmin", "yoso"):
        assert get(sign_in(name), file).status_code == 404
    assert Event.objects.filter(action="file.view").count() == 2


def test_the_former_superior_gets_404_from_the_day(world, entry, sign_in):
    file = add_file(entry=entry, label="x", content=PNG, by=by(world), now=NOW)
    Posting.objects.filter(staff=world.honnin).update(end=timezone.localdate())
    b.make_posting(world.honnin, world.jinjika, start=timezone.localdate())
    assert get(sign_in("kakari"), file).status_code == 404
    assert get(sign_in("honnin"), file).status_code == 200


def test_the_line_adds_nothing_and_hr_does_on_behalf(world, entry, sign_in):
    assert add(sign_in("kakari"), entry, upload()).status_code == 403
    assert add(sign_in("jinji"), entry, upload()).status_code == 302
    file = Attachment.objects.get()
    assert file.added_by == world.jinji
    assert Entry.objects.get().updated_by == world.jinji
    with pytest.raises(Forbidden):
        remove_file(file=file, by=by(world, "kakari"), now=NOW)


def test_removed_is_gone_from_view_and_its_bytes_stay(world, entry, sign_in):
    file = add_file(entry=entry, label="x", content=PNG, by=by(world), now=NOW)
    client, url = sign_in("honnin"), reverse("assessments:file_remove", args=[file.uuid])
    assert "取り消す" in client.get(url).content.decode()
    assert client.post(url).status_code == 302
    assert client.post(url).status_code == 404
    assert get(client, file).status_code == 404
    assert path_of(file.uuid).exists()
    assert Event.objects.filter(action="file.remove").count() == 1


def test_a_file_of_a_removed_entry_and_one_lost_on_the_disk_are_404(world, entry, sign_in):
    file = add_file(entry=entry, label="x", content=PNG, by=by(world), now=NOW)
    path_of(file.uuid).unlink()
    assert get(sign_in("honnin"), file).status_code == 404
    Entry.objects.update(removed_at=NOW)
    with pytest.raises(Conflict, match="取り消されています"):
        add_file(entry=entry, label="x", content=PNG, by=by(world), now=NOW)
    assert add(sign_in("honnin"), entry, upload()).status_code == 404


def test_handing_out_costs_few_queries(world, entry, sign_in, django_assert_max_num_queries):
    file = add_file(entry=entry, label="x", content=PNG, by=by(world), now=NOW)
    client = sign_in("kakari")
    with django_assert_max_num_queries(6):
        get(client, file)
