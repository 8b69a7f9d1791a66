"""Drafts of the municipality: made from a version or a file, their own words, thrown away."""

import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from access.actor import Role
from access.refusals import Conflict, NotVisible
from audit.models import Event
from competency.exports import framework_file_of
from competency.framework_shape import dumps
from competency.interchange import package, read
from competency.models import Framework, FrameworkVersion, VersionComment
from competency.workflow.drafts import delete_draft, start_draft
from tests import builders as b
from tests.competency.desk import a_draft, act, origins, url

LIST, NEW, UPLOAD = (reverse(f"competency:{name}") for name in ("drafts", "draft_new", "draft_upload"))


def wanted(world, **changes):
    """Return what the form of a new draft sends."""
    return {"key": uuid.uuid4(), "base": world.version.uuid, "name": "2026", "framework_name": ""} | changes


def test_a_draft_of_the_common_framework_is_a_copy_of_the_municipality(sign_in, world):
    client = sign_in("henshu")
    assert client.get(NEW).status_code == 200
    answer = client.post(NEW, wanted(world, framework_name="みほん市の体系"))
    draft = FrameworkVersion.objects.get(state="draft")
    assert (answer.status_code, answer["Location"]) == (302, url("draft", draft))
    assert (draft.framework.municipality, draft.framework.code, draft.framework.name) == (
        world.city, "lasdec", "みほん市の体系",
    )  # fmt: skip
    assert (draft.based_on, draft.base_code, draft.base_version) == (world.version, "lasdec", "2012")
    assert origins(draft) == {one.code: {one.code: "carry"} for one in world.cells}
    mine, theirs = framework_file_of(draft), framework_file_of(world.version)
    assert (mine.categories, mine.stages, mine.source) == (theirs.categories, theirs.stages, theirs.source)
    assert Event.objects.get(action="draft.start").object_uuid == draft.uuid
    assert url("draft", draft) in client.get(LIST).content.decode()


def test_who_confirmed_a_place_comes_along(world):
    own = b.make_version(name="市の版", municipality=world.city, publish=False)
    at = timezone.now()
    own.cells.filter(code="communication.1").update(
        placement_confirmed=True, placement_confirmed_by=world.henshu, placement_confirmed_at=at, in_use=False
    )
    FrameworkVersion.objects.filter(pk=own.pk).update(state="published", published_at=at)
    own.refresh_from_db()
    copy = a_draft(world, base=own).cells.get(code="communication.1")
    assert (copy.placement_confirmed_by, copy.placement_confirmed_at, copy.in_use) == (
        world.henshu,
        at,
        False,
    )


def test_the_same_click_twice_makes_one(sign_in, world):
    client, data = sign_in("henshu"), wanted(world)
    assert client.post(NEW, data)["Location"] == client.post(NEW, data)["Location"]
    assert FrameworkVersion.objects.filter(state="draft").count() == 1


@pytest.mark.parametrize("name", ["", "2012", "2026", "長" * 41])
def test_a_name_that_is_empty_taken_or_too_long_is_refused_beside_its_field(sign_in, world, name):
    a_draft(world)
    answer = sign_in("henshu").post(NEW, wanted(world, name=name))
    assert answer.status_code == 422
    assert answer.context["form"].errors["name"]
    assert FrameworkVersion.objects.filter(state="draft").count() == 1


def test_another_municipalitys_version_or_draft_is_no_base(sign_in, world):
    theirs = b.make_version(name="よその版", municipality=world.other_city)
    draft = b.make_version(name="下書き", municipality=world.city, publish=False)
    for base in (theirs, draft):
        assert sign_in("henshu").post(NEW, wanted(world, base=base.uuid)).status_code == 422
        with pytest.raises(NotVisible):
            start_draft(base=base, name="新版", key=uuid.uuid4(), **act(world))
    assert not Framework.objects.filter(municipality=world.city, versions__name="新版").exists()


@pytest.mark.parametrize("who", ["honnin", "kacho", "jinji", "kansa", "sysadmin"])
def test_nobody_else_sees_a_draft_or_makes_one(sign_in, world, who):
    draft, client = a_draft(world), sign_in(who)
    assert client.get(url("draft", draft)).status_code == 404
    assert client.post(url("draft_act", draft), {"act": ""}).status_code == 404
    assert [client.get(page).status_code for page in (LIST, NEW, UPLOAD)] == [403] * 3
    assert client.post(NEW, wanted(world)).status_code == 403
    compare = reverse("competency:framework_compare")
    assert client.get(f"{compare}?a={world.version.uuid}&b={draft.uuid}").status_code == 404


def test_the_editor_of_another_municipality_sees_nothing(client, world):
    b.make_grant(world.yoso, Role.EDITOR)
    client.force_login(world.yoso, backend="organization.backends.StaffBackend")
    draft = a_draft(world)
    nothing = client.get(reverse("competency:draft", args=[uuid.uuid4()]))
    assert client.get(url("draft", draft)).status_code == nothing.status_code == 404
    assert str(draft.uuid) not in client.get(LIST).content.decode()


def test_a_published_version_is_shown_as_such_and_not_changed(sign_in, world):
    client = sign_in("henshu")
    for version in (world.version, b.make_version(name="市の版", municipality=world.city)):
        shown = reverse("competency:version", args=[version.uuid])
        assert client.get(url("draft", version))["Location"] == shown
        for page in ("draft_act", "draft_settings", "draft_delete", "draft_origins", "draft_cell_new"):
            assert client.post(url(page, version)).status_code == 409, page


def file_of(world, **changes):
    """Return the version of the world as an upload, with these parts of the text changed."""
    text = dumps(framework_file_of(world.version)).replace('"2012"', '"ファイルの版"')
    for old, new in changes.get("parts", []):
        text = text.replace(old, new)
    return SimpleUploadedFile("matrix.json", text.encode(changes.get("encoding", "utf-8")))


def test_a_file_becomes_a_draft(sign_in, world):
    client, key = sign_in("henshu"), uuid.uuid4()
    answer = client.post(UPLOAD, {"key": key, "file": file_of(world)})
    draft = FrameworkVersion.objects.get(state="draft")
    assert answer["Location"] == url("draft", draft)
    assert client.post(UPLOAD, {"key": key, "file": file_of(world)})["Location"] == url("draft", draft)
    assert (draft.name, draft.framework.municipality, draft.cells.count()) == ("ファイルの版", world.city, 6)
    page = client.get(url("draft", draft)).content.decode()
    assert "セキュリティポリシー" in page


def test_a_bad_file_is_refused_whole_with_every_fault(sign_in, world):
    parts = [('"上級"', '"超級"'), ('"internal-it.1"', '"internal-it.2"'), ('"lasdec"', '"LASDEC!"')]
    answer = sign_in("henshu").post(UPLOAD, {"key": uuid.uuid4(), "file": file_of(world, parts=parts)})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "LASDEC!" in text
    assert "重複しています" in text
    assert not FrameworkVersion.objects.filter(state="draft").exists()


@pytest.mark.parametrize("encoding", ["utf-16", "cp932"])
def test_a_file_that_is_not_utf8_says_so(sign_in, world, encoding):
    file = file_of(world, encoding=encoding)
    answer = sign_in("henshu").post(UPLOAD, {"key": uuid.uuid4(), "file": file})
    assert answer.status_code == 422
    assert "UTF-8" in answer.content.decode()


def test_a_file_never_writes_over_a_draft_of_that_name(sign_in, world):
    draft = a_draft(world, name="ファイルの版")
    draft.cells.update(example="机の上で書いたもの")
    answer = sign_in("henshu").post(UPLOAD, {"key": uuid.uuid4(), "file": file_of(world)})
    assert answer.status_code == 422
    assert "もうあります" in answer.content.decode()
    assert set(draft.cells.values_list("example", flat=True)) == {"机の上で書いたもの"}


def settings_of(client, draft, **changes):
    """Return what the page of the settings would send, with these changes."""
    form = client.get(url("draft_settings", draft)).context["form"]
    return {name: form[name].value() or "" for name in form.fields} | changes


def test_what_a_draft_says_of_itself(sign_in, world):
    client, draft = sign_in("henshu"), a_draft(world)
    data = settings_of(client, draft, name="令和8年度版", source="市の資料", note="分けた", stage_0="入門")
    assert client.post(url("draft_settings", draft), data).status_code == 302
    draft.refresh_from_db()
    assert (draft.name, draft.source, draft.note) == ("令和8年度版", "市の資料", "分けた")
    assert draft.stages.first().name == "入門"
    assert draft.cells.get(code="system-operations.1").label == "システムの運用管理（入門）"
    same = settings_of(client, draft, stage_1="入門")
    assert client.post(url("draft_settings", draft), same).status_code == 422
    assert (
        client.post(url("draft_settings", draft), settings_of(client, draft, name="2012")).status_code == 422
    )


def test_of_two_who_save_the_settings_the_second_sees_both(sign_in, world):
    client, draft = sign_in("henshu"), a_draft(world)
    mine = settings_of(client, draft, note="わたしの説明")
    client.post(url("draft_settings", draft), settings_of(client, draft, note="ほかの人の説明"))
    answer = client.post(url("draft_settings", draft), mine)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "わたしの説明" in text
    assert "ほかの人の説明" in text
    draft.refresh_from_db()
    assert draft.note == "ほかの人の説明"
    again = {name: answer.context["form"][name].value() or "" for name in answer.context["form"].fields}
    assert client.post(url("draft_settings", draft), again).status_code == 302
    draft.refresh_from_db()
    assert draft.note == "わたしの説明"


def test_a_draft_is_thrown_away_with_all_of_it_after_asking(sign_in, world):
    client, draft = sign_in("henshu"), a_draft(world)
    VersionComment.objects.create(
        municipality=world.city, version=draft, text="確かめる", author=world.henshu, at=timezone.now()
    )
    assert "6項目と、コメント1件" in client.get(url("draft_delete", draft)).content.decode()
    assert client.post(url("draft_delete", draft))["Location"] == LIST
    assert not FrameworkVersion.objects.filter(pk=draft.pk).exists()
    assert not Framework.objects.filter(municipality=world.city).exists()
    assert world.version.cells.count() == 6
    assert client.post(url("draft_delete", draft)).status_code == 404
    assert Event.objects.filter(action="draft.delete").count() == 1


def test_a_published_version_is_never_thrown_away(world):
    version = b.make_version(name="市の版", municipality=world.city)
    with pytest.raises(Conflict):
        delete_draft(version=version, **act(world))
    with pytest.raises(NotVisible):
        delete_draft(version=world.version, **act(world))


def test_a_case_package_becomes_a_draft_and_what_it_could_not_bring_is_told(sign_in, world):
    whole = framework_file_of(b.make_version(name="CASEの版", municipality=world.other_city))
    told = package(whole, changed=timezone.now(), creator="よその市")
    # Another tool adds members of its own.
    told["CFItems"][0]["unknownMember"] = "x"
    file = SimpleUploadedFile("case.json", json.dumps(told).encode())
    answer = sign_in("henshu").post(UPLOAD, {"key": uuid.uuid4(), "file": file}, follow=True)
    draft = FrameworkVersion.objects.get(state="draft")
    assert answer.redirect_chain[-1][0] == url("draft", draft)
    assert [mark.wording for _, _, mark in framework_file_of(draft).marks()] == [
        mark.wording for _, _, mark in whole.marks()
    ]
    notes = read(json.dumps(told))[1]
    assert all(line in answer.content.decode() for line in notes)


def test_a_broken_case_package_is_refused_whole(sign_in, world):
    told = package(framework_file_of(world.version), changed=timezone.now(), creator="よその市")
    told["CFDocument"] = None
    file = SimpleUploadedFile("case.json", json.dumps(told).encode())
    answer = sign_in("henshu").post(UPLOAD, {"key": uuid.uuid4(), "file": file})
    assert answer.status_code == 422
    assert answer.context["problems"]
    assert not FrameworkVersion.objects.filter(state="draft").exists()
